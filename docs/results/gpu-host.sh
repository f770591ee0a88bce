#!/bin/sh
# Measures the table of gpu-host.md: weights of codec deepjscc in fewer bits, over the whole waveform. From the root of the repository:
# docs/results/gpu-host.sh KODAK. About ten seconds a row on one core; PICTURES says which (all 24: `$(seq -w 1 24)`). HELIOGRAPH: the program. WORK: folder that
# keeps what was measured; with the same one an interrupted run goes on.
set -eu
kodak=$1
heliograph=${HELIOGRAPH:-cargo run --quiet --release --}
work=${WORK:-$(mktemp -d)}
mkdir -p "$work/pictures" "$work/shipped"
cp weights/deepjscc.safetensors "$work/shipped/"
for number in ${PICTURES:-01 07 13 19}; do
    cp "$kodak/kodim$number.png" "$work/pictures/"
done

# What small errors ruin stays as precise as it is shipped: the map out of the latents, and the last network.
kept="--tensor-type out_of=f16 --tensor-type into=f16 --tensor-type synthesis_fine=f16 --tensor-type linear=q8_0"
quantize() {
    mkdir -p "$work/$1"
    $heliograph quantize weights/deepjscc.safetensors --out "$work/$1/deepjscc.gguf" "$2" "$3" $4 --json > "$work/$1.json"
}
quantize q8_0 --type q8_0 ""
for type in q8_0 q6_k; do
    quantize "$type-kept" --type "$type" "$kept"
done
# In four bits these two cost 5 % of LPIPS with the dial at 1.
quantize q4_k-kept --type q4_k "$kept --tensor-type synthesis=q6_k --tensor-type analysis_fine=q8_0"
for name in shipped ${VARIANTS:-q8_0 q8_0-kept q6_k-kept q4_k-kept}; do
    $heliograph evaluate --out "$work/rows-$name" --model "$work/$name" --pictures "$work/pictures" --keep 0 --threads 1 \
        --snr-db 1,7,13 --cbr 1/24 --codecs deepjscc-0,deepjscc,deepjscc-1
    cp "$work/rows-$name/rows.csv" "docs/results/gpu-host/$name.csv"
done
# Codec latent, where FILES is a folder with codec.safetensors and painter.safetensors (bytes; in the history of weights/ up to 29 November 2026).
if [ -n "${FILES:-}" ]; then
    mkdir -p docs/results/gpu-host/latent "$work/latent-shipped"
    cp "$FILES/codec.safetensors" "$FILES/painter.safetensors" "$work/latent-shipped/"
    latent() {
        mkdir -p "$work/latent-$1"
        $heliograph quantize "$FILES/codec.safetensors" --out "$work/latent-$1/codec.gguf" --type "$2" $3
        hash=$(sha256sum "$work/latent-$1/codec.gguf" | cut -c1-8)
        $heliograph quantize "$FILES/painter.safetensors" --out "$work/latent-$1/painter.gguf" --type "$2" --metadata "codec=$hash"
    }
    for type in q8_0 q6_k q4_k; do latent $type $type ""; done
    latent q4_k-kept q4_k "--tensor-type g_=q8_0 --tensor-type linear=q8_0"
    for name in shipped q8_0 q6_k q4_k q4_k-kept; do
        $heliograph evaluate --out "$work/rows-latent-$name" --model "$work/latent-$name" --pictures "$work/pictures" --keep 0 --threads 1 \
            --snr-db 1,7,13 --cbr 1/24 --codecs latent-0,latent,latent-diffusion
        cp "$work/rows-latent-$name/rows.csv" "docs/results/gpu-host/latent/$name.csv"
    done
    docs/results/gpu-host.py docs/results/gpu-host/latent
fi
docs/results/gpu-host.py docs/results/gpu-host

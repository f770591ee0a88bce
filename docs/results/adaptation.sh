#!/bin/sh
# Measures docs/guide/adaptation.md: docs/results/adaptation.sh PHOTOS KODAK, with the folders of adaptation-photos.py and eight
# pictures of Kodak (kodim01, 04, 07, 10, 13, 16, 19, 22). 35 minutes on two cores. HELIOGRAPH: the program. WORK: folder for adapters and rows.
set -eu
photos=$1 kodak=$2
heliograph=${HELIOGRAPH:-cargo run --quiet --release --}
work=${WORK:-$(mktemp -d)}
while read -r name minutes; do
    $heliograph adapt --pictures "$photos/$name" --minutes "$minutes" --out "$work/$name.safetensors" --json
    $heliograph evaluate --out "$work/$name" --adapter "$work/$name.safetensors" --pictures "$kodak" --snr-db 7 --cbr 1/48 \
        --codecs deepjscc --keep 0 --json
done <<KINDS
textures 20
xrays 8
drawings 4
KINDS
$heliograph evaluate --out "$work/none" --pictures "$kodak" --snr-db 7 --cbr 1/48 --codecs deepjscc --keep 0 --json

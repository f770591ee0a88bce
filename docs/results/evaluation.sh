#!/bin/sh
# Measures what evaluation.md shows: docs/results/evaluation/*. About nine hours on one core with everything, two of them the photos.
# From the root of the repository, with the folder of the 24 Kodak pictures: docs/results/evaluation.sh KODAK [PHOTOS EFFICIENTNET]
# WORK: folder that keeps what was measured; with the same one an interrupted run goes on. HELIOGRAPH: the program.
# PHOTOS: 500 photos of the ImageNet sample, by semantic-photos.py; EFFICIENTNET: weights, by training/export_efficientnet.py.
set -eu
kodak=$1
heliograph=${HELIOGRAPH:-cargo run --quiet --release --}
work=${WORK:-$(mktemp -d)}
mkdir -p "$work/kodak"
# PICTURES: which of them.
for number in ${PICTURES:-$(seq -w 1 24)}; do
    cp "$kodak/kodim$number.png" "$work/kodak/"
done

# Runs one part, and keeps rows and settings; `heliograph plot` makes everything else of them again.
evaluate() {
    name=$1
    shift
    echo "$name" >&2
    $heliograph evaluate --out "$work/$name" "$@"
    mkdir -p "docs/results/evaluation/$name"
    cp "$work/$name/rows.csv" "$work/$name/run.json" "docs/results/evaluation/$name/"
    xz -9ef "docs/results/evaluation/$name/rows.csv"
}

learned=deepjscc-0,deepjscc,deepjscc-1
evaluate awgn --pictures "$work/kodak" --snr-db 0,1,4,7,10,13,20 --cbr 1/48,1/24,1/12,1/8 \
    --codecs softcast,restored,$learned,digital,digital-16qam-1/2
evaluate ideal --pictures "$work/kodak" --snr-db 0,1,4,7,10,13,20 --cbr 1/48,1/24 \
    --codecs softcast,deepjscc-0 --channels awgn,ideal-awgn --rows-from "$work/awgn"
evaluate tdl --pictures "$work/kodak" --snr-db 1,7,13,20 --cbr 1/24 \
    --codecs softcast,restored,$learned,digital,digital-16qam-1/2 --channels tdl-a,tdl-b,tdl-c
evaluate tdl-rates --pictures "$work/kodak" --snr-db 1,7,13,20 --cbr 1/48,1/8 \
    --codecs softcast,restored,$learned,digital,digital-16qam-1/2 --channels tdl-a,tdl-b,tdl-c
if [ $# -gt 1 ]; then
    evaluate semantic --pictures "$2" --semantic "$3" --snr-db 0,5,10,15 --cbr 1/48 \
        --codecs softcast,restored,$learned,digital --keep 0
    # Every fifth photo: codec latent takes 20 s of a core a photo.
    mkdir -p "$work/fifth"
    ls "$2" | awk 'NR % 5 == 1' | while read -r photo; do cp "$2/$photo" "$work/fifth/"; done
    evaluate semantic-latent --pictures "$work/fifth" --semantic "$3" --snr-db 0,5,10,15 --cbr 1/48 \
        --codecs latent-0,latent,latent-diffusion --keep 0
fi

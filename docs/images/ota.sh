#!/bin/sh
# Makes the pictures of docs/guide/over-the-air.md with the program, over the virtual radio: docs/images/ota.sh PROGRAM PHOTO DIR
# PROGRAM: a build with feature virtual-radio. At the end Pillow reduces the palettes (python3 with Pillow).
set -eu
program=$1 photo=$2 dir=$3
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# The air in between takes 20 dB and leaves a floor of -60 dBFS. Spectra are heard by the clock, so that the transmitter is never
# idle; pictures are received in lock-step (pace=free), where nothing is lost on a loaded machine.
ether() { echo "driver=heliograph,ether=ota-$$,id=$1"; }
quiet=gain_db=-20,noise_dbfs=-60

# spectrum NAME LINK [GAIN]: of a transmitter that sends all the time
spectrum() {
    "$program" transmit "$photo" --codec softcast --seed 1 --rounds 0 --radio "$(ether tx)" --frequency 100M >/dev/null 2>&1 &
    sender=$!
    sleep 2
    "$program" spectrum --radio "$(ether rx),$2" --frequency 100M --gain-db "${3:-0}" --out "$dir/ota-spectrum-$1.png" || true
    kill -INT "$sender"
    wait "$sender" || true
}

# constellation NAME LINK [GAIN]: of one picture
constellation() {
    "$program" receive --radio "$(ether rx),$2,pace=free" --frequency 100M --gain-db "${3:-0}" --pictures 1 --seconds 600 --painter linear \
        --out "$scratch/$1" &
    receiver=$!
    sleep 2
    "$program" transmit "$photo" --codec softcast --seed 1 --radio "$(ether tx),pace=free" --frequency 100M
    wait "$receiver" || true
    mv "$scratch/$1/constellation.png" "$dir/ota-constellation-$1.png"
}

spectrum good gain_db=-20,noise_dbfs=-50
spectrum echo "$quiet,multipath=0:0:0;7:-3:120"
spectrum clipping "$quiet" 39

# A narrow neighbour: another transmitter of the program, at a tenth of the rate, 300 kHz off the centre, 20 dB weaker.
"$program" transmit "$photo" --codec softcast --seed 2 --rounds 0 --radio "$(ether neighbour)" \
    --frequency 100.3M --sample-rate 200k --level-dbfs -32 >/dev/null 2>&1 &
neighbour=$!
sleep 2
"$program" spectrum --radio "$(ether rx),$quiet" --frequency 100M --out "$dir/ota-spectrum-neighbour.png" || true
kill -INT "$neighbour"
wait "$neighbour" || true

constellation good "gain_db=-20,noise_dbfs=-56"
constellation weak "gain_db=-20,noise_dbfs=-34"
constellation clipping "gain_db=-20,noise_dbfs=-56" 39

python3 - "$dir"/ota-*.png <<'EOF'
import sys
from PIL import Image

for path in sys.argv[1:]:
    picture = Image.open(path).convert("RGB")
    picture.quantize(96, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)
EOF

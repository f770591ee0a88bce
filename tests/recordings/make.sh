#!/usr/bin/env bash
# Makes the recordings of this folder anew (README.md): the program over the virtual radio, ci8, cut to what matters.
#
#     cargo build --release -p heliograph-cli --features virtual-radio
#     tests/recordings/make.sh target/release/heliograph
#
# Photo, picture numbers and noise have fixed seeds; when the transmission meets the noise is up to the two programs, so new
# recordings have other samples than the old ones, and the expected results are written with them. Look at the difference.
set -euo pipefail
program=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# name, size of the photo, link, further flags of the transmitter
record() {
  local name=$1 size=$2 link=$3
  shift 3
  python3 "$here/make.py" photo photo.ppm "$size"
  local ether="recordings-$$-$name"
  "$program" record "$name" --datatype ci8 --seconds 3 --frequency 433M \
    --radio "driver=heliograph,ether=$ether,id=lab,pace=free,noise_dbfs=-26,seed=11$link" &
  sleep 0.1
  "$program" transmit photo.ppm --codec softcast --cbr 1/24 --seed 5 --caption "$name: 日の出 {name}" --frequency 433M \
    --radio "driver=heliograph,ether=$ether,id=roof,pace=free" "$@" >sent
  wait $!
  rm -rf found && "$program" replay "$name.sigmf-meta" --out found >received
  python3 "$here/make.py" cut "$name" found "$here"
  rm -rf again && "$program" replay "$here/$name.sigmf-meta" --out again
  python3 "$here/make.py" expect "$name" again "$here"
}

record clean 96x64 ""
record offsets-and-echo 96x64 ",cfo_hz=20000,sfo_ppm=20,multipath=0:0:0;7:-6:90"
# Gaps come by chance: the first picture that one has hit is kept.
record gap 256x192 ",drops=1e-4:100:300" --rounds 100

#!/bin/sh
# Measures the codecs on Kodak over the whole waveform: writes docs/results/codec/*.json.xz. Over two hours on two cores.
# Run from the root of the repository with the folder of the 24 pictures: docs/results/codec.sh KODAK [vgg16.ckpt]
# ONLY="deepjscc-* allocation-*" measures those alone: what new weights of the default codec change (with vgg16.ckpt also vgg,
# of the pictures that deepjscc-96 and deepjscc-24 leave in $SAVED).
set -eu
kodak=$1
results=docs/results/codec
saved=${SAVED:-$(mktemp -d)}
measure=${CODEC_KODAK:-cargo run --quiet --release -p heliograph --example codec_kodak --}
four=kodim04,kodim07,kodim13,kodim19
eight=kodim01,kodim10,kodim16,kodim22,$four
all_rates=1/96,1/48,1/24,1/12
mkdir -p $results

is_asked_for() {
    [ -n "${ONLY:-}" ] || return 0
    set -f # patterns are of names, not of files
    asked=1
    for pattern in $ONLY; do
        case $1 in $pattern) asked=0 ;; esac
    done
    set +f
    return $asked
}

measure() {
    name=$1
    shift
    is_asked_for "$name" || return 0
    echo "$name" >&2
    $measure "$kodak" --threads 2 "$@" > $results/$name.partial
    python3 -c 'import json, sys; print(json.dumps(json.load(sys.stdin), separators=(",", ":"), ensure_ascii=False))' < $results/$name.partial > $results/$name.json
    rm $results/$name.partial
    xz -9ef $results/$name.json
}

# Best perception on all 24 pictures; the comparisons on fewer, until there is time for more.
measure latent --codec latent --cbrs $all_rates --snrs-db 1,4,7,10,13 --perceptions 1
measure softcast --codec softcast --cbrs $all_rates --snrs-db 1,4,7,10,13 --pictures $eight
measure best --codec latent --cbrs $all_rates --snrs-db 1,7,13 --perceptions 1 --pictures $eight
measure dials --codec latent --cbrs $all_rates --snrs-db 1,7,13 --perceptions 0,0.5 --pictures $eight
measure trade --codec latent --cbrs 1/24 --snrs-db 1,7,13 --perceptions 0.25,0.75 --pictures $eight
measure linear --codec latent --cbrs 1/96,1/48,1/24 --snrs-db 1,7,13 --perceptions 1 --painters linear --pictures $eight
for channel in tdl-a tdl-b tdl-c; do
    measure $channel --codec latent --channel $channel --cbrs 1/24 --snrs-db 10 --perceptions 0,1 --variances symbol,mean --pictures $eight
done
measure lost-10 --codec latent --drop-bursts 0.1 --cbrs 1/24 --snrs-db 10 --perceptions 0.5 --pictures $eight
measure lost-30 --codec latent --drop-bursts 0.3 --cbrs 1/24 --snrs-db 10 --perceptions 0.5 --pictures $eight
measure strong --codec latent --cbrs $all_rates --snrs-db 20 --perceptions 0,1 --pictures $four
measure painter --codec latent --cbrs 1/96,1/48,1/24 --snrs-db 1,7,13 --perceptions 1 --painters diffusion-1,diffusion-2,diffusion-4,diffusion-20 --pictures $eight
measure restored --codec restored --cbrs 1/96,1/48,1/24,1/12 --snrs-db 1,7,10,13 --perceptions 0.5 --pictures $eight
# codec.md: the default codec.
for rate in 96 48 24 12; do
    measure deepjscc-$rate --codec deepjscc --cbrs 1/$rate --snrs-db 1,4,7,10,13 --perceptions 0,0.5,1 --save "$saved"
    measure softcast-$rate --codec softcast --cbrs 1/$rate --snrs-db 1,4,7,10,13
done
measure deepjscc-16 --codec deepjscc --cbrs 1/16 --snrs-db 1,7,10 --perceptions 0
# The sender's choice for least distortion.
for rate in 96 48 24; do
    measure allocation-$rate --codec deepjscc --allocation distortion --cbrs 1/$rate --snrs-db 1,4,7,10,13 --perceptions 0,1
done
measure allocation-16 --codec deepjscc --allocation distortion --cbrs 1/16 --snrs-db 1,7,10 --perceptions 0
measure softcast-16 --codec softcast --cbrs 1/16 --snrs-db 1,7,10
measure deepjscc-ends --codec deepjscc --cbrs $all_rates --snrs-db 0,15 --perceptions 0.5
measure softcast-ends --codec softcast --cbrs $all_rates --snrs-db 0,15
measure deepjscc-strong --codec deepjscc --cbrs $all_rates --snrs-db 20 --perceptions 0,1
for channel in tdl-a tdl-b tdl-c; do
    measure deepjscc-$channel --codec deepjscc --channel $channel --cbrs 1/24 --snrs-db 10 --perceptions 0,1 --variances symbol,mean --pictures $eight
done
for loss in 10 30; do
    measure deepjscc-lost-$loss --codec deepjscc --drop-bursts 0.$loss --cbrs 1/24 --snrs-db 10 --perceptions 0.5 --pictures $eight
done
# The measure that training never saw: needs torch, and vgg16.ckpt (training/README.md).
if [ $# -gt 1 ] && is_asked_for vgg; then
    python3 docs/results/codec-vgg.py "$2" "$kodak" "$saved" 96,24 1,7,13 0.0,1.0 > $results/vgg.partial
    mv $results/vgg.partial $results/vgg.csv
fi

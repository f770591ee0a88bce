#!/bin/sh
# Measures the air interface: writes the JSON files of docs/results/air-interface/. About ten minutes on two cores.
# Run from the root of the repository; HELIOGRAPH names another program than the one that cargo builds.
set -eu
heliograph=${HELIOGRAPH:-cargo run --quiet --release --}
results=docs/results/air-interface
channels=$results/channels
mkdir -p $results

soak() {
    name=$1
    shift
    echo "$name" >&2
    $heliograph soak --seed 8 "$@" --out $results/$name.json > /dev/null
}

offsets="--cfo-hz-max 100000 --sfo-ppm-max 40"
short="--analog-symbols 1 --gap-samples 1000"

# Zero noise; random chunks and alignment are the default.
soak zero-noise --bursts 10000 --cfo-hz-max 100000

# Detection at 3 dB: short bursts, since only preamble, training and header matter to it.
soak detection-3db --bursts 20000 --snr-db 3 $offsets --caption-bytes 0 --analog-symbols 4 --gap-samples 1000

# False alarms.
soak noise --noise-only 100000000
soak noise-dc-20db --noise-only 100000000 --dc-db 20

# SNR estimate and loss of the latents.
for snr in 0 5 10 15 20 25; do
    soak awgn-$snr --bursts 1000 --snr-db $snr $offsets
done

# Header.
soak header--3 --bursts 20000 --snr-db -3 --cfo-hz-max 100000 --caption-bytes 0 $short
for snr in -5 -4.5 -4 -3.5 -2.5 -2 -1; do
    soak header-$snr --bursts 5000 --snr-db $snr --cfo-hz-max 100000 --caption-bytes 0 $short
done

# Caption.
soak caption-0 --bursts 10000 --snr-db 0 $short
for snr in -3 -2.5 -2 -1.5 -1 -0.5; do
    soak caption-$snr --bursts 2000 --snr-db $snr $short
done

# Reception over fading: short bursts, a fresh draw of the channel for each.
for profile in tdl-a-100ns tdl-b-300ns tdl-c-300ns; do
    for rate in 2 10; do
        soak reception-$profile-${rate}msps --bursts 4000 --channel $channels/$profile.toml --snr-db 10 \
            --sample-rate ${rate}e6 --cfo-hz-max 10000 --sfo-ppm-max 10 --caption-bytes 0 --analog-symbols 4 --gap-samples 1000
    done
done

# SNR estimate over fading and with converters that clip.
for channel in tdl-a-100ns tdl-b-300ns tdl-c-300ns eight-bits rails-6db rails-3db rails-0db; do
    for snr in 0 5 10 15 20 25; do
        soak snr-$channel-$snr --bursts 300 --channel $channels/$channel.toml --snr-db $snr --analog-symbols 16
    done
done

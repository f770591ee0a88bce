#!/usr/bin/env python3
"""Radios that run faster than the signal: what is sent beside it, what both filters leave, what they cost, what offset tuning gains.

    cargo build --release -p heliograph-cli --features virtual-radio
    python3 docs/results/radios/rates.py target/release/heliograph kodim04.png > docs/results/radios/rates.json     # needs numpy

Spectrum, error and cost over recordings, without noise; the links are rig scenarios of the virtual radio, an emulated HackRF at both ends, two photos each.
"""

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

BINS_PER_RATE = 1024
SECONDS = 5
RATES = ((2e6, None), (2e6, 2.4e6), (2e6, 8e6))
HACKRF = "emulate=hackrf"
SIGNAL, OFFSET = {"sample_rate_hz": 2e6}, {"lo_offset_hz": 150e3}
HALF = {"sample_rate_hz": 1e6, "radio_rate_hz": 2e6}
# Name, settings of both ends, noise for 15 dB on a carrier (dBFS over the radio's rate), gain of the transmitter.
LINKS = (
    ("2 MS/s", SIGNAL, -26, 0),
    ("2 MS/s, receiver's offset 150 kHz", SIGNAL | OFFSET, -26, 0),
    ("1 of 2 MS/s", HALF, -23, 0),
    ("1 of 2 MS/s, offset 550 kHz", HALF | {"lo_offset_hz": 550e3}, -23, 0),
    ("500 kS/s of 2 MS/s", {"sample_rate_hz": 5e5, "radio_rate_hz": 2e6}, -20, 0),
    ("2 MS/s, 6 dB too loud", SIGNAL, -40, 6),
    ("2 of 8 MS/s, 6 dB too loud", SIGNAL | {"radio_rate_hz": 8e6}, -40, 6),
)


def rate_words(signal_hz, radio_hz):
    return ["--sample-rate", f"{signal_hz:.0f}"] + (["--radio-rate", f"{radio_hz:.0f}"] if radio_hz else [])


def sent(program, photo, file, rates):
    words = ["--codec", "softcast", "--seed", "1", "--radio", f"file:{file}", "--frequency", "868.3M"]
    subprocess.run([program, "transmit", photo, *words, *rate_words(*rates)], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return np.fromfile(file.with_suffix(".sigmf-data"), np.complex64)


def decibels(value):
    return round(float(10 * np.log10(value)), 1)


def beside(samples, faster):
    """Power beyond 0.55 of the signal's rate against that within the band, mean and largest bin."""
    bins = int(BINS_PER_RATE * faster)
    pieces = samples[: len(samples) // bins * bins].reshape(-1, bins) * np.blackman(bins)
    density = np.mean(np.abs(np.fft.fft(pieces, axis=1)) ** 2, axis=0)
    place = np.abs(np.fft.fftfreq(bins)) * faster
    inside, outside = density[(place > 0.05) & (place < 0.35)].mean(), density[place > 0.55]
    return {"mean_db": decibels(outside.mean() / inside), "largest_db": decibels(outside.max() / inside)}


def heard(program, file, rates, folder):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    signal_hz, radio_hz = rates
    words = [program, "replay", file, "--json", "--out", folder, *rate_words(signal_hz, radio_hz)]
    lines = [json.loads(line) for line in subprocess.run(words, check=True, capture_output=True, text=True).stdout.splitlines()]
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    picture = next(line for line in lines if "evm_db" in line)
    return picture["evm_db"], after.ru_utime - before.ru_utime


def filters(program, photo, folder):
    found, plain = [], None
    for number, rates in enumerate(RATES):
        radio_hz = rates[1] or rates[0]
        samples = sent(program, photo, folder / f"{number}.sigmf-meta", rates)
        noise = np.random.default_rng(0).standard_normal((int(SECONDS * radio_hz), 2), np.float32) * 1e-3
        long = folder / f"{number}.cf32"
        np.concatenate([samples, noise.view(np.complex64)[:, 0]]).tofile(long)
        evm_db, seconds = heard(program, long, rates, folder / f"heard-{number}")
        plain = seconds if plain is None else plain
        found.append({"radio_rate_hz": radio_hz, "evm_db": round(evm_db, 1), "cpu_seconds_a_second": round((seconds - plain) / SECONDS, 2)})
        if rates[1] and rates[1] / rates[0] >= 2:
            rounded = np.round(samples.view(np.float32) * 128).clip(-128, 127).astype(np.float32) / 128
            found[-1] |= {"beyond_0.55": beside(samples, radio_hz / 2e6), "in_8_bits": beside(rounded.view(np.complex64), radio_hz / 2e6)}
    return found


def toml(values):
    return "\n".join(f"{name} = {value}" for name, value in values.items())


def links(program, folder):
    ends = [f'[{end}]\nradio = "driver=heliograph,ether=rates,id={end},pace=free"\nfrequency_hz = 868.3e6\nsample_rate_hz = 2e6' for end in ("transmitter", "receiver")]
    scenarios = []
    for number, (name, settings, noise_dbfs, gain_db) in enumerate(LINKS):
        sender = {key: value for key, value in settings.items() if "receiver" not in name or key != "lo_offset_hz"} | {"gain_db": gain_db}
        scenarios.append(
            f'[[scenario]]\nname = "{number}"\nphotos = 2\ncbr = "1/24"\ntransmitter_args = "{HACKRF}"\nreceiver_args = "{HACKRF},noise_dbfs={noise_dbfs}"\n'
            f"[scenario.transmitter]\n{toml(sender)}\n[scenario.receiver]\n{toml(settings)}\n[scenario.limits]\npictures_lost_max = 0"
        )
    rig = folder / "rig.toml"
    rig.write_text("\n".join(['name = "rates"', *ends, *scenarios]) + "\n")
    subprocess.run([program, "rig", "run", rig, "--out", folder / "rig"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    found = []
    for number, (name, *_) in enumerate(LINKS):
        received = folder / "rig" / str(number) / "received"
        pictures = [json.loads(file.read_text()) for file in sorted(received.glob("0*.json"))]
        found.append(
            {
                "link": name,
                "snr_db": [round(picture["snr_db_estimated"], 2) for picture in pictures],
                "bursts": sum(picture["bursts_received"] for picture in pictures),
                "bursts_clipped": sum(picture["bursts_clipped"] for picture in pictures),
            }
        )
    return found


def main(program, photo):
    program = Path(program).resolve()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps({"filters": filters(program, photo, Path(folder)), "links": links(program, Path(folder))}, indent=1))


if __name__ == "__main__":
    main(*sys.argv[1:])

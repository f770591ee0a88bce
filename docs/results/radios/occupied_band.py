#!/usr/bin/env python3
"""Band and level of what `heliograph transmit` sends, measured by a program that shares no code with Heliograph.

SoapySDR's Python bindings receive from the virtual radio; SciPy's Welch estimate and NumPy do the rest.

On Debian: apt-get install python3-soapysdr; pip install numpy scipy (in a venv with --system-site-packages).
The module for other programs: make -C hardware/virtual-radio install PREFIX=/tmp/soapy; then

    export SOAPY_SDR_PLUGIN_PATH=/tmp/soapy/lib/x86_64-linux-gnu/SoapySDR/modules0.8
    python3 docs/results/radios/occupied_band.py heliograph PHOTO... > docs/results/radios/occupied-band.json
"""

import json
import subprocess
import sys

import numpy as np
import scipy
import SoapySDR
from scipy.signal import welch

ETHER = "occupied-band"
FREQUENCY_HZ = 100e6
SETTINGS = [(2e6, -12.0), (5e6, -12.0), (2e6, -20.0)]
BINS = 4096
# The receiver has neither noise nor spurs of its own, so what is not silence is signal.
SILENCE = 1e-6
READ_SAMPLES = 8192
TIMEOUT_US = 20_000_000


def receive(program, photos, rate_hz, level_dbfs):
    """Everything between the first and the last sample of a transmission, and how many reads failed."""
    # Both in lock-step: nothing is lost however loaded the machine is.
    radio = SoapySDR.Device(f"driver=heliograph,ether={ETHER},id=python,pace=free")
    radio.setSampleRate(SoapySDR.SOAPY_SDR_RX, 0, rate_hz)
    radio.setFrequency(SoapySDR.SOAPY_SDR_RX, 0, FREQUENCY_HZ)
    stream = radio.setupStream(SoapySDR.SOAPY_SDR_RX, SoapySDR.SOAPY_SDR_CF32)
    radio.activateStream(stream)
    command = [program, "transmit", *photos, "--codec", "softcast", "--seed", "1", "--json"]
    command += ["--radio", f"driver=heliograph,ether={ETHER},id=tx,pace=free"]
    command += ["--frequency", str(FREQUENCY_HZ), "--sample-rate", str(rate_hz), "--level-dbfs", str(level_dbfs)]
    sender = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    buffer = np.empty(READ_SAMPLES, np.complex64)
    heard, errors = [], 0
    while sender.poll() is None:
        # The sender may end while this waits: an empty ether brings silence, so the read comes back.
        result = radio.readStream(stream, [buffer], READ_SAMPLES, timeoutUs=TIMEOUT_US)
        if result.ret <= 0:
            errors += 1
            continue
        piece = buffer[: result.ret]
        if np.any(np.abs(piece) > SILENCE):
            heard.append(piece.copy())
    radio.deactivateStream(stream)
    radio.closeStream(stream)
    said = [json.loads(line) for line in sender.stdout]
    return np.concatenate(heard), errors, said


def bandwidth(density, share):
    """Width that leaves out (1 - share) / 2 of the power at either end, in bins."""
    total = np.cumsum(density) / np.sum(density)
    places = np.interp([(1 - share) / 2, (1 + share) / 2], total, np.arange(density.size) + 1.0)
    return places[1] - places[0]


def decibels(value):
    return round(float(10 * np.log10(value)), 2)


def measure(samples, rate_hz):
    # Silence within the pieces that were kept (lead-in, end) is no part of the signal.
    loud = np.abs(samples) > SILENCE
    power = np.mean(np.abs(samples[loud]) ** 2)
    frequencies, density = welch(
        samples, fs=rate_hz, window="blackmanharris", nperseg=BINS, return_onesided=False, detrend=False
    )
    order = np.argsort(frequencies)
    offsets, density = frequencies[order] / rate_hz, density[order]
    spacing = 1 / 256
    around = lambda low, high: density[(np.abs(offsets) >= low * spacing) & (np.abs(offsets) <= high * spacing)]
    flat = around(5, 102)
    strong = offsets[density > np.mean(flat) / 4]
    return {
        "samples": int(np.count_nonzero(loud)),
        "level_dbfs": decibels(power),
        "papr_db": decibels(np.max(np.abs(samples)) ** 2 / power),
        "occupied_bandwidth_99_percent_hz": round(bandwidth(density, 0.99) * rate_hz / BINS),
        "bandwidth_6_db_hz": round((strong[-1] - strong[0]) * rate_hz),
        "flatness_standard_deviation_db": round(float(np.std(10 * np.log10(flat))), 2),
        "stop_band_from_110_carriers_db": decibels(np.mean(around(110, 128)) / np.mean(flat)),
        "stop_band_highest_bin_db": decibels(np.max(around(110, 128)) / np.mean(flat)),
        "gap_at_centre_db": decibels(np.min(around(0, 2)) / np.mean(flat)),
        "share_within_209_carriers": round(float(np.sum(around(0, 104.5)) / np.sum(density)), 5),
    }


def main():
    program, *photos = sys.argv[1:]
    measured = []
    for rate_hz, level_dbfs in SETTINGS:
        samples, errors, said = receive(program, photos, rate_hz, level_dbfs)
        summary = said[-1]
        measured.append(
            {
                "sample_rate_hz": rate_hz,
                "level_dbfs_asked": level_dbfs,
                "pictures_sent": summary["pictures"],
                "bursts_sent": summary["bursts"],
                "reads_failed": errors,
                "bandwidth_209_of_256_carriers_hz": round(rate_hz * 209 / 256),
                **measure(samples, rate_hz),
            }
        )
    print(
        json.dumps(
            {
                "program": "docs/results/radios/occupied_band.py",
                "libraries": {
                    "SoapySDR": SoapySDR.getAPIVersion(),
                    "numpy": np.__version__,
                    "scipy": scipy.__version__,
                },
                "welch": {"window": "blackmanharris", "bins": BINS},
                "measured": measured,
            },
            indent=2,
        )
    )


main()

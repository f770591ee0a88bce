#!/usr/bin/env python3
"""The band of what `heliograph transmit` sends, as soapy_power sees it: a published spectrum program for SoapySDR radios.

pip install soapy_power numpy (in a venv with --system-site-packages, python3-soapysdr from Debian). SOAPY_SDR_PLUGIN_PATH as in
occupied_band.py beside this file; then

    python3 docs/results/radios/soapy_power_band.py heliograph PHOTO > docs/results/radios/soapy-power.json
"""

import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import numpy as np

RADIO = "driver=heliograph,ether=soapy-power"
START_SECONDS = 3.0
BAND_HZ = 2e6 * 209 / 256


def listen(folder):
    """One row of soapy_power: its first frequency, step, and the power of each bin in dB."""
    output = pathlib.Path(folder) / "power.csv"
    # Its own default of 37 dB would clip.
    command = ["soapy_power", "-d", f"{RADIO},id=soapy_power", "-g", "0", "-r", "4M", "-f", "98M:102M", "-b", "1024", "-t", "0.5"]
    command += ["--fft-window", "hann", "-F", "rtl_power", "-O", str(output)]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    fields = output.read_text().splitlines()[0].split(",")
    return command, float(fields[2]), float(fields[4]), np.array([float(x) for x in fields[6:]])


def main():
    program, photo = sys.argv[1:]
    send = [program, "transmit", photo, "--codec", "softcast", "--rounds", "0", "--frequency", "100M"]
    sender = subprocess.Popen(
        [*send, "--radio", f"{RADIO},id=tx"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    time.sleep(START_SECONDS)
    with tempfile.TemporaryDirectory() as folder:
        command, first_hz, step_hz, power_db = listen(folder)
    sender.send_signal(signal.SIGINT)
    sender.wait(30)
    offsets_hz = first_hz + step_hz * np.arange(power_db.size) - 100e6
    power = 10 ** (power_db / 10)
    inside = (np.abs(offsets_hz) > 60e3) & (np.abs(offsets_hz) < 0.48 * BAND_HZ)
    strong = offsets_hz[power > np.mean(power[inside]) / 4]
    decibels = lambda x: round(float(10 * np.log10(x)), 1)
    print(
        json.dumps(
            {
                "command": " ".join(command[:-1] + ["power.csv"]),
                "bin_hz": step_hz,
                "bandwidth_209_of_256_carriers_hz": BAND_HZ,
                "bandwidth_6_db_hz": float(strong[-1] - strong[0]),
                "flatness_standard_deviation_db": round(float(np.std(power_db[inside])), 2),
                "gap_at_centre_db": decibels(np.min(power[np.abs(offsets_hz) < 20e3]) / np.mean(power[inside])),
                "from_900_khz_to_1_mhz_db": decibels(
                    np.mean(power[(np.abs(offsets_hz) > 0.9e6) & (np.abs(offsets_hz) < 1e6)]) / np.mean(power[inside])
                ),
                "from_1_5_mhz_on_db": decibels(np.mean(power[np.abs(offsets_hz) > 1.5e6]) / np.mean(power[inside])),
            },
            indent=2,
        )
    )


main()

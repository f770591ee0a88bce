#!/usr/bin/env python3
"""GNU Radio at the other end: its Soapy blocks record what `heliograph transmit` sends, and send what it wrote to a file.

On Debian: apt-get install gnuradio, and this script with the system's Python. SOAPY_SDR_PLUGIN_PATH as in occupied_band.py
beside this file; then, with a program of feature virtual-radio,

    python3 docs/results/radios/gnu_radio.py heliograph PHOTO... > docs/results/radios/gnu-radio.json
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from gnuradio import blocks, gr, soapy

RATE_HZ, FREQUENCY_HZ = 2e6, 100e6
NOISE = "noise_dbfs=-30"
START_SECONDS, END_SECONDS = 3.0, 2.0
LIMIT_SECONDS = 120
COMPLEX = gr.sizeof_gr_complex


def radio(ether, name, *more):
    return ",".join(["driver=heliograph", f"ether=gnu-radio-{os.getpid()}-{ether}", f"id={name}", *more])


def tuned(block):
    """A Soapy block at the frequency and rate of both ends."""
    block.set_sample_rate(0, RATE_HZ)
    block.set_frequency(0, FREQUENCY_HZ)
    block.set_gain(0, 0.0)
    return block


def heliograph(program, *words):
    done = subprocess.run([program, *words], check=True, stdout=subprocess.PIPE, text=True, timeout=LIMIT_SECONDS)
    return [json.loads(line) for line in done.stdout.splitlines()]


def received(rows):
    """What one line of JSON a picture says of the reception."""
    pictures = [row for row in rows if "outcome" in row]
    keep = ("outcome", "bursts_received", "bursts_expected", "snr_db_estimated")
    return [{name: row[name] for name in keep} for row in pictures]


def recorded_by_gnu_radio(program, photos, folder):
    """Soapy source and SigMF sink, while the program transmits; then the program replays the recording."""
    recording = folder / "heard"
    flowgraph = gr.top_block()
    source = tuned(soapy.source(radio("record", "gnu", NOISE), "fc32", 1, "", "", [""], [""]))
    sink = blocks.sigmf_sink_minimal(COMPLEX, str(recording), RATE_HZ, FREQUENCY_HZ, "", "", "", True)
    flowgraph.connect(source, sink)
    flowgraph.start()
    time.sleep(START_SECONDS)
    heliograph(program, "transmit", *photos, "--radio", radio("record", "tx"), "--frequency", str(FREQUENCY_HZ), "--json")
    time.sleep(END_SECONDS)
    flowgraph.stop()
    flowgraph.wait()
    return received(heliograph(program, "replay", f"{recording}.sigmf-meta", "--out", str(folder / "replayed"), "--json"))


def sent_by_gnu_radio(program, photos, folder):
    """The program transmits into a file; file source and Soapy sink send it to the program's receiver."""
    file = folder / "sent.sigmf-meta"
    heliograph(program, "transmit", *photos, "--radio", f"file:{file}", "--frequency", str(FREQUENCY_HZ), "--json")
    command = [program, "receive", "--radio", radio("send", "rx", NOISE), "--frequency", str(FREQUENCY_HZ)]
    command += ["--pictures", str(len(photos)), "--out", str(folder / "received"), "--json"]
    receiver = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    time.sleep(START_SECONDS)
    flowgraph = gr.top_block()
    sink = tuned(soapy.sink(radio("send", "gnu"), "fc32", 1, "", "", [""], [""]))
    flowgraph.connect(blocks.file_source(COMPLEX, str(file.with_suffix(".sigmf-data")), False), sink)
    flowgraph.run()
    try:
        said, _ = receiver.communicate(timeout=LIMIT_SECONDS)
    finally:
        receiver.kill()
    return received([json.loads(line) for line in said.splitlines()])


def main():
    # GNU Radio's own words belong beside, not among the figures.
    figures = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    program, *photos = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        found = {
            "gnu_radio": gr.version(),
            "photos": [pathlib.Path(photo).name for photo in photos],
            "recorded_by_gnu_radio": recorded_by_gnu_radio(program, photos, folder),
            "sent_by_gnu_radio": sent_by_gnu_radio(program, photos, folder),
        }
    json.dump(found, figures, indent=2)
    figures.write("\n")


main()

#!/usr/bin/env python3
"""The campaign over the virtual radio: photos between two processes, an hour of air, faults. Figures go to JSON beside this file.

    cargo build --release -p heliograph-cli --features virtual-radio
    docs/results/radios/campaign.py photos offsets hour faults --photos FOLDER [--program target/release/heliograph]

Needs nothing but Python. FOLDER holds photos (any size; 200 are sent, again and again if there are fewer).
"""

import argparse
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
from pathlib import Path

HERE = Path(__file__).parent
NOISE = "noise_dbfs=-26.1"  # 15 dB on a carrier: the transmitter sends at -12 dBFS
OFFSETS = "cfo_hz=20000,sfo_ppm=20,multipath=0:0:0;7:-6:90"


class Program:
    """A child that prints lines of JSON."""

    def __init__(self, *words):
        self.lines = []
        self.child = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.child.stdout:
            self.lines.append(json.loads(line))

    def await_line(self, wanted, limit=60):
        end = time.time() + limit
        while time.time() < end:
            if any(wanted(line) for line in list(self.lines)):
                return
            time.sleep(0.05)
        raise SystemExit(f"waited {limit} s in vain: {self.child.args}")

    def pictures(self):
        return [line for line in self.lines if "number" in line]

    def memory_kb(self):
        try:
            status = Path(f"/proc/{self.child.pid}/status").read_text()
        except FileNotFoundError:
            return None
        return int(status.split("VmRSS:")[1].split()[0]) if "VmRSS" in status else None

    def stop(self, how=signal.SIGINT, limit=120):
        if self.child.poll() is None:
            self.child.send_signal(how)
        code = self.child.wait(limit)
        self.reader.join(limit)
        return code

    def summary(self):
        return next((line for line in self.lines if "bursts_detected" in line), None)


class Link:
    """Both ends of an ether of its own."""

    def __init__(self, options, receiver_args, rate="2M"):
        self.options, self.rate = options, rate
        self.ether = f"campaign-{os.getpid()}-{time.time_ns() % 10**9}"
        self.receiver_args = receiver_args
        self.folder = tempfile.TemporaryDirectory()

    def radio(self, name, more=""):
        device = f"driver=heliograph,ether={self.ether},id={name}" + (f",{more}" if more else "")
        return ["--radio", device, "--frequency", "100M", "--sample-rate", self.rate]

    def receive(self, *words, more=""):
        args = ",".join(a for a in (self.receiver_args, more) if a)
        program = Program(self.options.program, "receive", *self.radio("rx", args), "--out", self.folder.name, "--json", *words)
        program.await_line(lambda line: "receiving" in line)
        return program

    def transmit(self, photos, *words, name="tx"):
        return Program(self.options.program, "transmit", *photos, *self.radio(name), "--json", *words)


def photos(options, count):
    found = sorted(p for p in Path(options.photos).iterdir() if p.suffix in (".png", ".webp", ".jpg"))
    step = max(1, len(found) // count)
    chosen = found[::step]
    return [str(chosen[i % len(chosen)]) for i in range(count)]


def many(options, receiver_args):
    """200 photos one after the other."""
    link = Link(options, receiver_args)
    receiver = link.receive("--pictures", str(options.count))
    start = time.time()
    sender = link.transmit(photos(options, options.count), "--caption", "Photo {name}, 15 dB")
    peak = [0, 0]
    while receiver.child.poll() is None and (sender.child.poll() is None or time.time() - start < 3600):
        for i, program in enumerate((receiver, sender)):
            peak[i] = max(peak[i], program.memory_kb() or 0)
        time.sleep(0.5)
        if sender.child.poll() is not None and len(receiver.pictures()) < options.count:
            before = len(receiver.pictures())
            time.sleep(30)
            if len(receiver.pictures()) == before:
                break
    sender.stop(), receiver.stop()
    sent = {line["picture_id"]: line for line in sender.lines if "picture_id" in line}
    received = receiver.pictures()
    mean = lambda field: sum(p[field] for p in received) / max(1, len(received))
    return {
        "receiver_args": receiver_args,
        "pictures_sent": len(sent),
        "pictures_received": len(received),
        "pictures_complete": sum(p["bursts_missing"] == 0 for p in received),
        "captions_exact": sum(p["caption"] == sent.get(p["picture_id"], {}).get("caption") for p in received),
        "bursts_sent": sum(line["bursts"] for line in sent.values()),
        "snr_db_mean": mean("snr_db_estimated"),
        "snr_db_min": min(p["snr_db_estimated"] for p in received),
        "cfo_hz_mean": mean("cfo_hz_estimated"),
        "sfo_ppm_mean": mean("sfo_ppm_estimated"),
        "evm_db_mean": mean("evm_db"),
        "seconds": time.time() - start,
        "peak_memory_receiver_kb": peak[0],
        "peak_memory_sender_kb": peak[1],
        "receiver": receiver.summary(),
        "sender": sender.lines[-1],
    }


def hour(options):
    """Air at 5 MS/s, as fast as the receiver takes it, with gaps; pictures now and then; memory every 5 s.

    The ether's time is the receiver's stream: a picture's `start_sample` says how much air has gone by.
    """
    rate = 5e6
    link = Link(options, f"{NOISE},pace=free,drops=1e-8:100:100000", rate="5M")
    receiver = link.receive()
    start, memory, air = time.time(), [], 0
    sender = Program(
        options.program, "transmit", *photos(options, 6), *link.radio("tx", "pace=free"),
        "--rounds", "0", "--pause", "1", "--codec", "softcast", "--json",
    )
    while air < 60 * options.minutes * rate and sender.child.poll() is None:
        time.sleep(5)
        air = max([p["start_sample"] for p in receiver.pictures()], default=0)
        memory.append([round(time.time() - start, 1), round(air / rate), receiver.memory_kb()])
    sender.stop(), receiver.stop()
    summary, found = receiver.summary(), receiver.pictures()
    return {
        "sample_rate_hz": rate,
        "air_seconds": (summary["samples"] + summary["samples_lost"]) / rate,
        "wall_seconds": time.time() - start,
        "pictures_sent": sum("picture_id" in line for line in sender.lines),
        "pictures_received": len(found),
        "pictures_complete": sum(p["bursts_missing"] == 0 for p in found),
        "memory_columns": ["wall seconds", "air seconds", "resident kB"],
        "memory": memory,
        "receiver": summary,
    }


def killed_receiver(options):
    link = Link(options, NOISE)
    receiver = link.receive()
    sender = link.transmit(photos(options, 12), "--pause", "1", "--codec", "softcast")
    receiver.await_line(lambda line: line.get("number") == 2)
    receiver.stop(signal.SIGKILL)
    again = link.receive()
    again.await_line(lambda line: "number" in line)
    sender.stop(), again.stop()
    files = len(list(Path(link.folder.name).glob("*.png")))
    return {"pictures_before": len(receiver.pictures()), "pictures_after": len(again.pictures()), "pictures_on_disk": files}


def killed_sender(options):
    link = Link(options, NOISE, rate="0.5M")
    receiver = link.receive()
    killed = 0
    for i in range(10):
        sender = link.transmit(photos(options, 1), "--rounds", "0", "--codec", "softcast", "--cbr", "1/4", name=f"victim-{i}")
        sender.await_line(lambda line: "picture_id" in line)
        time.sleep(0.037 * (i + 1))
        killed += sender.stop(signal.SIGKILL) == -signal.SIGKILL
    last = link.transmit(photos(options, 1), "--codec", "softcast", "--caption", "after the last one")
    receiver.await_line(lambda line: line.get("caption") == "after the last one")
    last.stop(), receiver.stop()
    found = receiver.pictures()
    return {
        "senders_killed": killed,
        "pictures_complete": sum(p["bursts_missing"] == 0 for p in found),
        "pictures_kept_in_part": sum(p["bursts_missing"] > 0 for p in found),
        "picture_after_the_last": True,
        "receiver": receiver.summary(),
    }


def with_receiver_fault(options, fault, *words):
    """Pictures go on while the receiver has a fault."""
    link = Link(options, NOISE)
    receiver = link.receive(*words, more=fault)
    sender = link.transmit(photos(options, 12), "--pause", "0.5", "--codec", "softcast")
    sender.child.wait(300)
    time.sleep(5)
    receiver.stop()
    found = receiver.pictures()
    return {
        "fault": fault,
        "pictures_sent": 12,
        "pictures_complete": sum(p["bursts_missing"] == 0 for p in found),
        "pictures_in_part": sum(p["bursts_missing"] > 0 for p in found),
        "receiver": receiver.summary(),
    }


def faults(options):
    return {
        "receiver_killed_and_started_again": killed_receiver(options),
        "transmitter_killed_mid_picture": killed_sender(options),
        "one_percent_of_samples_lost_in_gaps": with_receiver_fault(options, "drops=9.5e-6:100:2000"),
        "overflow_of_123456_samples": with_receiver_fault(options, "fault=overflow@4000000:123456"),
        "unplugged_after_5000000_samples": with_receiver_fault(options, "fault=unplug@5000000"),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="+", choices=["photos", "offsets", "hour", "faults"])
    parser.add_argument("--photos", required=True)
    parser.add_argument("--program", default="target/release/heliograph")
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--out", type=Path, default=HERE)
    parser.add_argument("--minutes", type=float, default=60)
    options = parser.parse_args()
    parts = {
        "photos": lambda: many(options, NOISE),
        "offsets": lambda: many(options, f"{NOISE},{OFFSETS}"),
        "hour": lambda: hour(options),
        "faults": lambda: faults(options),
    }
    for name in options.parts:
        found = parts[name]()
        (options.out / f"{name}.json").write_text(json.dumps(found, indent=1) + "\n")
        print(name, json.dumps({k: v for k, v in found.items() if k != "memory"}))


if __name__ == "__main__":
    main()

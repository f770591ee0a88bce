#!/usr/bin/env python3
"""What the page costs: `cost.py throughput PROGRAM [ROUNDS]`, `cost.py memory PROGRAM [MINUTES]`. Results as JSON.

throughput: one run of `replay` over a long recording, as fast as it goes; samples a second while five viewers look and while
none does, in turns, and the ratio. memory: one run of `loopback --loop` while viewers, half requests and strangers come and go.
Ends with 1 where the bar is missed: less than 97 % of the throughput, or a second half that holds 5 % more than the first.
"""

import json
import os
import random
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

TURN_SECONDS = 1
VIEWERS = 5
LEAST_THROUGHPUT = 0.97
MOST_GROWTH = 1.05
# Of air between two pictures.
GAP_SAMPLES = 2_000_000


def started(command):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if found := re.match(r"page: http://127.0.0.1:(\d+)/", line):
            # What else is said must not fill the pipe.
            threading.Thread(target=process.stderr.read, daemon=True).start()
            return process, int(found[1])
    raise SystemExit(f"no page: {' '.join(command)}")


def state(port):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/state", timeout=10) as answer:
        return json.load(answer)


class Viewer:
    """Follows the state and takes all of it."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.sendall(b"GET /api/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        self.bytes = 0
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        try:
            while part := self.socket.recv(1 << 16):
                self.bytes += len(part)
        except OSError:
            pass

    def leave(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()


def recording(program, folder, seconds):
    """A picture every so often, with noise between."""
    one = Path(folder) / "one.sigmf-meta"
    subprocess.run([program, "transmit", "--codec", "softcast", "--radio", f"file:{one}", "--frequency", "433M", "--seed", "1"],
                   check=True, stdout=subprocess.DEVNULL)
    import array
    samples = array.array("f", one.with_suffix(".sigmf-data").read_bytes())
    noise = random.Random(1)
    picture = bytes((int(round(127 * v + noise.gauss(0, 0.7))) & 255) for v in samples)
    gap = bytes(int(round(noise.gauss(0, 0.7))) & 255 for _ in range(1 << 16))
    path = Path(folder) / "long.ci8"
    with path.open("wb") as file:
        for _ in range(seconds):
            file.write(picture)
            for _ in range(2 * GAP_SAMPLES // len(gap)):
                file.write(gap)
    return path


def throughput(program, rounds):
    with tempfile.TemporaryDirectory() as folder:
        # At 40 MS/s, with time to spare.
        path = recording(program, folder, 60 * rounds)
        command = [program, "replay", str(path), "--sample-rate", "2M", "--out", f"{folder}/out", "--page=127.0.0.1:0"]
        process, port = started(command)
        speeds, costs = {0: [], VIEWERS: []}, {0: [], VIEWERS: []}
        taken = 0
        try:
            time.sleep(3)
            over = False
            for turn in range(2 * rounds):
                count = VIEWERS if turn % 2 else 0
                viewers = [Viewer(port) for _ in range(count)]
                time.sleep(0.3)
                before, start, cpu = state(port)["samples"]["received"], time.monotonic(), cpu_seconds(process)
                time.sleep(TURN_SECONDS)
                now = state(port)
                samples = now["samples"]["received"] - before
                speed = samples / (time.monotonic() - start)
                cost = (cpu_seconds(process) - cpu) / max(1, samples)
                over = now["run"]["phase"] == "ended"
                for viewer in viewers:
                    taken += viewer.bytes
                    viewer.leave()
                if over:
                    break
                speeds[count].append(speed)
                costs[count].append(cost)
            pairs = list(zip(speeds[0], speeds[VIEWERS]))
            ratios = [b / a for a, b in pairs]
            # What else runs on the machine takes time, but not this program's.
            spent = [a / b for a, b in zip(costs[0], costs[VIEWERS])]
            return {
                "viewers": VIEWERS,
                "turns_of_seconds": TURN_SECONDS,
                "pairs": len(pairs),
                "samples_per_second_without": round(statistics.mean(speeds[0])),
                "samples_per_second_with": round(statistics.mean(speeds[VIEWERS])),
                "ratio_of_means": round(statistics.mean(speeds[VIEWERS]) / statistics.mean(speeds[0]), 4),
                "ratio_median": round(statistics.median(ratios), 4),
                "ratio_standard_error": round(statistics.stdev(ratios) / len(ratios) ** 0.5, 4) if len(ratios) > 1 else None,
                "samples_per_cpu_second_ratio_of_means": round(statistics.mean(costs[0]) / statistics.mean(costs[VIEWERS]), 4),
                "samples_per_cpu_second_ratio_median": round(statistics.median(spent), 4),
                "samples_per_cpu_second_ratio_standard_error": round(statistics.stdev(spent) / len(spent) ** 0.5, 4) if len(spent) > 1 else None,
                "bytes_taken_by_viewers": taken,
            }
        finally:
            process.kill()
            process.wait()


def cpu_seconds(process):
    """Spent by all threads of a process so far."""
    fields = Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_kib(process):
    for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0


def memory(program, minutes):
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "loopback", "--loop", "--pause", "2", "--codec", "softcast", "--out", folder, "--page=127.0.0.1:0"]
        process, port = started(command)
        chance = random.Random(1)
        present, series, came = [], [], 0
        start = mark = time.monotonic()
        try:
            while time.monotonic() - start < 60 * minutes:
                kind = chance.random()
                if kind < 0.6:
                    present.append(Viewer(port))
                elif kind < 0.8:
                    half = socket.create_connection(("127.0.0.1", port))
                    half.sendall(b"GET / HTTP/1.1\r\nHost: loc")
                    if chance.random() < 0.5:
                        half.close()
                else:
                    picture = state(port)["pictures"]
                    if picture and picture[0]["thumbnail"]:
                        urllib.request.urlopen(f"http://127.0.0.1:{port}{picture[0]['thumbnail']}", timeout=10).read()
                came += 1
                while len(present) > chance.randrange(1, 9):
                    present.pop(chance.randrange(len(present))).leave()
                time.sleep(0.1)
                if time.monotonic() - mark > 15:
                    mark = time.monotonic()
                    series.append({"seconds": round(mark - start), "resident_kib": resident_kib(process)})
            pictures = state(port)["pictures"][0]["id"]
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)
        settled = [s["resident_kib"] for s in series[len(series) // 4:]]
        half = len(settled) // 2
        return {
            "minutes": minutes,
            "visits": came,
            "pictures": pictures,
            "resident_kib_first_half": round(statistics.mean(settled[:half])),
            "resident_kib_second_half": round(statistics.mean(settled[half:])),
            "resident_kib_largest": max(s["resident_kib"] for s in series),
            "series": series,
        }


if __name__ == "__main__":
    what, program = sys.argv[1], os.path.abspath(sys.argv[2])
    amount = float(sys.argv[3]) if len(sys.argv) > 3 else 10
    found = throughput(program, int(amount)) if what == "throughput" else memory(program, amount)
    print(json.dumps(found, indent=2))
    # A miss is one beyond two standard errors.
    met = (found["ratio_of_means"] + 2 * (found["ratio_standard_error"] or 0) >= LEAST_THROUGHPUT if what == "throughput"
           else found["resident_kib_second_half"] <= MOST_GROWTH * found["resident_kib_first_half"])
    sys.exit(0 if met else 1)

"""Workers and server of a work queue, killed at random: every picture is painted once, and none is lost.

    python3 queue/tests/chaos.py target/release/heliograph --pictures 1000 --kills 50 --json docs/results/gpu-host/queue.json
    python3 queue/tests/chaos.py target/debug/heliograph --pictures 12 --kills 3      # as .ci/run does

Three receivers replay recordings of small photos and publish them (one of them two large ones too, of several pieces each), four workers
paint into one folder; workers and server get SIGKILL and start again. Without kills, memory must not grow. One more worker's disk (a tmpfs; needs root, else it is said and left out) is full after some pictures. Then a hostile
ticket, and a ticket without its picture. Needs nats-server (Debian: nats-server) and nothing else.
"""

import argparse
import json
import os
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from pathlib import Path

RECEIVERS, WORKERS, LARGE = 3, 4, 2
SMALL_DISK_KB = 48


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def png(path: Path, width: int, height: int, seed: int) -> None:
    """A photo of soft colours, no two alike."""
    rows = b""
    for y in range(height):
        row = bytes((seed * 37 + (x * (1 + seed % 3) + y * (c + 1)) * 255 // (3 * width)) % 256 for x in range(width) for c in range(3))
        rows += b"\0" + row
    chunk = lambda kind, data: struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def rss_kb(process: subprocess.Popen) -> int:
    try:
        words = Path(f"/proc/{process.pid}/status").read_text().split("VmRSS:")
        return int(words[1].split()[0]) if len(words) > 1 else 0
    except (FileNotFoundError, ProcessLookupError):
        return 0


class Rig:
    def __init__(self, program: str, folder: Path):
        self.program, self.folder = program, folder
        self.port = free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self.log = open(folder / "log", "w")
        self.memory: list[tuple[float, str, int]] = []
        self.workers = 0

    def start(self, *words: str) -> subprocess.Popen:
        return subprocess.Popen(words, stdout=self.log, stderr=self.log)

    def server(self) -> subprocess.Popen:
        return self.start("nats-server", "-js", "-sd", str(self.folder / "server"), "-a", "127.0.0.1", "-p", str(self.port))

    def worker(self, out: Path) -> subprocess.Popen:
        """What it says of its pictures goes to a file of its own."""
        self.workers += 1
        with open(self.folder / f"worker-{self.workers}.jsonl", "w") as told:
            words = [self.program, "paint", "--subscribe", self.url, "--out", str(out), "--json"]
            return subprocess.Popen(words, stdout=told, stderr=self.log)

    def told(self) -> list[str]:
        """Names of all pictures that any worker said it painted."""
        lines = [line for path in self.folder.glob("worker-*.jsonl") for line in path.read_text().splitlines()]
        reports = [json.loads(line) for line in lines if line.endswith("}")]
        return [report["id"] for report in reports if "id" in report]

    def receiver(self, recording: str) -> subprocess.Popen:
        name = f"radio{recording}"
        recording = self.folder / f"{recording}.sigmf-meta"
        return self.start(self.program, "replay", str(recording), "--out", str(self.folder / name), "--publish", self.url, "--publish-as", name)

    def record(self, at: int, count: int) -> None:
        photos = []
        for number in range(count):
            path = self.folder / f"photo-{at}-{number}.png"
            png(path, 96, 64, 100 * at + number)
            photos.append(str(path))
        self.transmit(str(at), photos)

    def record_large(self, name: str) -> None:
        """Two pictures of 2 MB, four pieces each."""
        photos = []
        for number in range(LARGE):
            path = self.folder / f"large-{number}.png"
            png(path, 640, 512, 7 + number)
            photos.append(str(path))
        self.transmit(name, photos, "--codec", "softcast", "--cbr", "1/6")

    def transmit(self, name: str, photos: list[str], *more: str) -> None:
        target = f"file:{self.folder / name}.sigmf-meta"
        words = [self.program, "transmit", *photos, "--radio", target, "--frequency", "433M", *more]
        subprocess.run(words, check=True, stdout=self.log, stderr=self.log)

    def publish(self, subject: str, payload: bytes) -> None:
        """One message in NATS's own protocol."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as link:
            link.recv(4096)
            link.sendall(b'CONNECT {"verbose":false}\r\n' + f"PUB {subject} {len(payload)}\r\n".encode() + payload + b"\r\nPING\r\n")
            answer = b""
            while b"PONG" not in answer:
                answer += link.recv(4096)
            assert b"-ERR" not in answer, answer

    def said(self) -> str:
        self.log.flush()
        return (self.folder / "log").read_text()


def painted(*folders: Path) -> list[str]:
    return [path.stem for folder in folders if folder.is_dir() for path in folder.glob("*.json")]


def small_disk(folder: Path) -> bool:
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK_KB}k", "tmpfs", str(folder)], capture_output=True)
    return mounted.returncode == 0


def run(rig: Rig, args: argparse.Namespace) -> dict:
    chance = random.Random(args.seed)
    shares = [args.pictures // RECEIVERS + (at < args.pictures % RECEIVERS) for at in range(RECEIVERS)]
    for at, share in enumerate(shares):
        rig.record(at, share)
    rig.record_large(str(RECEIVERS))
    out, small = rig.folder / "painted", rig.folder / "small"
    has_small = small_disk(small)
    start = time.monotonic()
    receivers = [rig.receiver(str(at)) for at in range(RECEIVERS + 1)]  # The server is not there yet.
    time.sleep(1)
    server = rig.server()
    workers = [rig.worker(out) for _ in range(WORKERS)]
    full = rig.worker(small) if has_small else None
    kills = {"server": 0, "worker": 0}
    next_kill, deadline = time.monotonic() + 1, time.monotonic() + args.limit
    wanted = args.pictures + LARGE
    while True:
        time.sleep(0.2)
        now = time.monotonic()
        assert now < deadline, f"{len(painted(out, small))} of {wanted} pictures after {args.limit} s"
        rig.memory += [(now - start, "worker", rss_kb(worker)) for worker in workers] + [(now - start, "server", rss_kb(server))]
        if sum(kills.values()) < args.kills and now > next_kill:
            next_kill = now + chance.uniform(0.2, args.pause)
            at = chance.randrange(WORKERS + 1)
            if at == WORKERS:
                kills["server"] += 1
                os.kill(server.pid, signal.SIGKILL)
                server.wait()
                time.sleep(chance.uniform(0, 0.5))
                server = rig.server()
            else:
                kills["worker"] += 1
                os.kill(workers[at].pid, signal.SIGKILL)
                workers[at].wait()
                workers[at] = rig.worker(out)
        ended = [worker.poll() for worker in workers]
        assert ended == [None] * WORKERS, f"workers ended by themselves: {ended}"
        done = all(receiver.poll() is not None for receiver in receivers)
        if done and len(painted(out, small)) >= wanted and sum(kills.values()) == args.kills:
            break
    seconds = time.monotonic() - start
    assert [receiver.returncode for receiver in receivers] == [0] * (RECEIVERS + 1)
    facts = {"pictures": args.pictures, "receivers": RECEIVERS, "workers": WORKERS, "kills": kills, "seconds": round(seconds, 1)}
    facts["seed"] = args.seed
    facts["disk_full"] = full_disk(rig, full, small) if has_small else "not tried: no right to mount a small disk"
    hostile(rig)
    for worker in workers:
        worker.send_signal(signal.SIGINT)
    codes = [worker.wait(30) for worker in workers]
    assert set(codes) <= {0, 3}, f"exit codes {codes}"
    check(rig, out, small, wanted)
    too_large(rig)
    facts["memory_mib"] = memory(rig.memory, seconds)
    if args.kills == 0:
        for kind, quarters in facts["memory_mib"].items():
            assert quarters["last_quarter"] <= 1.1 * quarters["second_quarter"] + 8, f"{kind} grows: {quarters}"
    server.terminate()
    server.wait()
    if has_small:
        subprocess.run(["umount", str(small)], check=False)
    return facts


def full_disk(rig: Rig, worker: subprocess.Popen, small: Path) -> dict:
    """The worker with the small disk may have been too slow to fill it; nothing of it is in the way of the others."""
    ended = worker.poll()
    if ended is None:
        worker.send_signal(signal.SIGINT)
        worker.wait(60)
    else:
        assert ended == 1 and "cannot be written" in rig.said(), ended
        assert not list(small.glob(".*.tmp")), "an unfinished file is left"
    return {"filled": ended == 1, "pictures_there": len(painted(small))}


def hostile(rig: Rig) -> None:
    """Neither rubbish nor a ticket without its picture ends a worker, and both are named."""
    rig.publish("heliograph.pictures.evil", b"\x00\xffrubbish")
    rig.publish("heliograph.pictures.evil", json.dumps({"version": 1, "id": "nothing-there", "bytes": 5, "pieces": 1}).encode())
    rig.publish("heliograph.data.lies.0", b"hello")
    rig.publish("heliograph.pictures.evil", json.dumps({"version": 1, "id": "lies", "bytes": 5, "pieces": 1}).encode())
    wanted = ["rejected: ticket: ", "rejected: picture nothing-there: piece 0 of 1 is gone", "rejected: lies: not a received picture"]
    for _ in range(150):
        said = rig.said()
        if all(words in said for words in wanted):
            return
        time.sleep(0.2)
    raise AssertionError(f"not named: {[words for words in wanted if words not in said]}")


def too_large(rig: Rig) -> None:
    """A picture of more pixels than a worker takes is left to others four times, then kept unpainted with all that came."""
    photo = rig.folder / "too-large.png"
    png(photo, 1152, 896, 3)
    rig.transmit("too-large", [str(photo)], "--codec", "softcast", "--cbr", "1/96")
    assert rig.receiver("too-large").wait(120) == 0
    out = rig.folder / "unpainted"
    words = [rig.program, "paint", "--subscribe", rig.url, "--out", str(out), "--max-megapixels", "1", "--pictures", "1"]
    assert rig.start(*words).wait(120) == 0
    [report] = out.glob("*.json")
    why = "found a picture of 1152x896, allowed --max-megapixels 1"
    assert json.loads(report.read_text())["not_painted"] == why and report.with_suffix(".heliopic").is_file(), report.read_text()
    assert not report.with_suffix(".png").exists() and "left to others" in rig.said()


def check(rig: Rig, out: Path, small: Path, wanted: int) -> None:
    told = rig.told()
    assert len(told) == len(set(told)), "painted twice"
    ids = painted(out, small)
    assert len(ids) == len(set(ids)) == wanted, f"{len(ids)} pictures, {len(set(ids))} different, of {wanted}"
    for folder in (out, small):
        for report in folder.glob("*.json") if folder.is_dir() else []:
            facts = json.loads(report.read_text())
            assert facts["id"] == report.stem and facts["not_painted"] is None, report
            picture = report.with_suffix(".png").read_bytes()
            assert picture.startswith(b"\x89PNG") and picture.endswith(b"IEND\xaeB`\x82"), report
    by_receiver = {f"radio{at}": sum(name.startswith(f"radio{at}-") for name in ids) for at in range(RECEIVERS + 1)}
    numbers = [len(list((rig.folder / name).glob("[0-9]*.json"))) for name in by_receiver]
    assert list(by_receiver.values()) == numbers, (by_receiver, numbers)
    left = [path for name in by_receiver for path in (rig.folder / name / "queue").iterdir()]
    assert not left, left


def memory(samples: list[tuple[float, str, int]], seconds: float) -> dict:
    """Largest resident size in the second and the last quarter of the run."""
    result = {}
    for kind in ("worker", "server"):
        part = lambda low, high: max((kb for at, of, kb in samples if of == kind and low <= at / seconds <= high), default=0)
        result[kind] = {"second_quarter": round(part(0.25, 0.5) / 1024, 1), "last_quarter": round(part(0.75, 1) / 1024, 1)}
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--pictures", type=int, default=12)
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--pause", type=float, default=2.0, help="most seconds between two kills")
    parser.add_argument("--limit", type=float, default=600.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="heliograph-queue-"))
    rig = Rig(str(Path(args.program).resolve()), folder)
    try:
        facts = run(rig, args)
    except BaseException:
        print(rig.said()[-4000:], file=sys.stderr)
        raise
    finally:
        subprocess.run(["pkill", "-KILL", "-f", str(folder)], check=False)
        subprocess.run(["umount", str(folder / "small")], capture_output=True, check=False)
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(facts, indent=2))
    if args.json:
        args.json.write_text(json.dumps(facts, indent=2) + "\n")


if __name__ == "__main__":
    main()

"""What make.sh needs beside the program: a photo, a cut, the expected results. Python 3, nothing else."""

import hashlib
import json
import sys
from pathlib import Path

MARGIN = 3000  # samples kept before and behind the bursts
FIELDS = """outcome caption width height cbr bursts_expected bursts_received symbols_damaged symbols_lost snr_db_estimated
    cfo_hz_estimated sfo_ppm_estimated codec""".split()


def photo(file: str, size: str) -> None:
    """A gradient, an edge and a texture."""
    w, h = map(int, size.split("x"))
    pixels = ((x * 150 // w + (90 if x > w // 2 else 0), y * 200 // h, (x * 7 ^ y * 5) & 127) for y in range(h) for x in range(w))
    Path(file).write_bytes(f"P6 {w} {h} 255\n".encode() + bytes(v for p in pixels for v in p))


def cut(name: str, results: str, folder: str) -> None:
    """Keeps the first picture; of a recording with gaps the first one that a gap has hit."""
    meta = json.loads(Path(f"{name}.sigmf-meta").read_text())
    data = Path(f"{name}.sigmf-data").read_bytes()
    rate = meta["global"]["core:sample_rate"]
    captures = [(c["core:sample_start"], c["core:global_index"]) for c in meta["captures"]]

    def in_file(stream: int) -> int:
        """Position in the file of a position in the stream, where missing samples are counted."""
        start, index = [c for c in captures if c[1] <= stream][-1]
        return start + stream - index

    for report in map(lambda p: json.loads(p.read_text()), sorted(Path(results).glob("0*.json"))):
        begin = report["start_sample"]
        end = begin + round(report["air_time_seconds"] * rate)
        hit = any(begin < index < end for _, index in captures)
        if hit == (name == "gap") and report["caption"] is not None:
            break
    else:
        sys.exit(f"{name}: no picture fits; run it again")
    first, last = in_file(begin) - MARGIN, in_file(end) + MARGIN
    inside = [c for c in captures if first < c[0] < last]
    skipped = in_file(begin) - begin  # 0 without gaps
    kept = [(0, 0)] + [(start - first, index + skipped - first) for start, index in inside]
    if inside and inside[0][1] + skipped < first:
        sys.exit(f"{name}: a gap before the picture; run it again")
    samples = data[2 * first : 2 * last]
    meta["global"].update({
        "core:sha512": hashlib.sha512(samples).hexdigest(),
        "core:description": "Regression test of the receiver, from the virtual radio: tests/recordings/README.md",
    })
    meta["captures"] = [{"core:sample_start": s, "core:global_index": g, "core:frequency": 433e6} for s, g in kept]
    meta["annotations"] = []
    Path(folder, f"{name}.sigmf-data").write_bytes(samples)
    Path(folder, f"{name}.sigmf-meta").write_text(json.dumps(meta, indent=1) + "\n")


def expect(name: str, results: str, folder: str) -> None:
    report = json.loads(Path(results, "0001.json").read_text())
    summary = json.loads(Path(results, "summary.json").read_text())
    expected = {field: report[field] for field in FIELDS} | {"samples_lost": summary["samples_lost"], "gaps": summary["gaps"]}
    text = json.dumps(expected, indent=1, ensure_ascii=False)
    Path(folder, f"{name}.expected.json").write_text(text + "\n")
    Path(folder, f"{name}.expected.png").write_bytes(Path(results, "0001.png").read_bytes())


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[2:])

#!/usr/bin/env python3
"""500 photos of the ImageNet sample that were not trained on, 384x384, for the semantic part of evaluation.sh.

    python docs/results/semantic-photos.py SAMPLE SOURCES.tsv OUT

SAMPLE: a clone of github.com/EliSchwartz/imagenet-sample-images, bare or not (one photo a class); SOURCES.tsv: file and origin of every
training photo. Of the photos that are left, every so-manieth by name is scaled to a short side of 384 pixels and cut to its centre.
"""

import io
import subprocess
import sys
from pathlib import Path

from PIL import Image

COUNT, SIDE = 500, 384


def git(sample: str, *words: str) -> bytes:
    return subprocess.run(["git", "-C", sample, *words], capture_output=True, check=True).stdout


def square(raw: bytes) -> Image.Image:
    photo = Image.open(io.BytesIO(raw)).convert("RGB")
    scale = SIDE / min(photo.size)
    photo = photo.resize([max(SIDE, round(side * scale)) for side in photo.size], Image.BICUBIC)
    left, top = ((side - SIDE) // 2 for side in photo.size)
    return photo.crop((left, top, left + SIDE, top + SIDE))


def main(sample: str, sources: str, out: Path):
    trained = {line.split("\t")[1] for line in Path(sources).read_text().splitlines()}
    names = git(sample, "ls-tree", "-r", "--name-only", "HEAD").decode().splitlines()
    left = sorted(name for name in names if name.endswith(".JPEG") and name not in trained)
    assert len(left) >= COUNT, f"{sample}: found {len(left)} photos that were not trained on, needed {COUNT}"
    out.mkdir(parents=True, exist_ok=True)
    for i in range(COUNT):
        name = left[i * len(left) // COUNT]
        square(git(sample, "show", f"HEAD:{name}")).save(out / f"{Path(name).stem}.png")
    print(f"{COUNT} of {len(left)} photos written to {out}")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))

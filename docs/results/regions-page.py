#!/usr/bin/env python3
"""docs/images/empty-blocks.jpg of regions.md: photos, painted without the inpainter, and with it.

    python docs/results/regions-page.py ECSSD SAVED NAME... docs/images/empty-blocks.jpg

SAVED: the folder of `regions --background none --save` at one ratio, SNR and gain. Needs pillow.
"""

import sys
from pathlib import Path

from PIL import Image

WIDTH, GAP = 330, 5


def row(photos: Path, saved: Path, name: str) -> list[Image.Image]:
    (plain,) = saved.glob(f"{name}-*-plain.png")
    paths = [photos / f"{name}.jpg", plain, plain.with_name(plain.name.replace("-plain", ""))]
    opened = [Image.open(path).convert("RGB") for path in paths]
    return [picture.resize((WIDTH, round(picture.height * WIDTH / picture.width)), Image.LANCZOS) for picture in opened]


def main(photos: str, saved: str, *rest: str) -> None:
    *names, out = rest
    rows = [row(Path(photos), Path(saved), name) for name in names]
    height = sum(pictures[0].height + GAP for pictures in rows) - GAP
    page, y = Image.new("RGB", (3 * WIDTH + 2 * GAP, height), "white"), 0
    for pictures in rows:
        for column, picture in enumerate(pictures):
            page.paste(picture, (column * (WIDTH + GAP), y))
        y += pictures[0].height + GAP
    page.save(out, quality=85)


if __name__ == "__main__":
    main(*sys.argv[1:])

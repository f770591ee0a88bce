#!/usr/bin/env python3
"""Three kinds of pictures the shipped networks have not seen, 160 of each, 384x384, for adaptation.sh.

    python docs/results/adaptation-photos.py OPENMOJI DEEPTEXTURE XRAYS OUT

OPENMOJI: the unpacked npm package openmoji 17.0.0 (CC BY-SA 4.0), drawn on white; needs cairosvg. DEEPTEXTURE: a clone of
github.com/pan8915/DeepTexture, bare or not, with ten classes of the Describable Textures Dataset (Cimpoi et al. 2014; for research).
XRAYS: a clone of github.com/muhammedtalo/COVID-19 with 500 chest radiographs without findings of the NIH (Wang et al. 2017).
Textures and radiographs are scaled to a short side of 384 pixels and cut to their centre.
"""

import io
import random
import subprocess
import sys
from pathlib import Path

from PIL import Image

COUNT, SIDE = 160, 384


def git(repository: str, *words: str) -> bytes:
    return subprocess.run(["git", "-C", repository, *words], capture_output=True, check=True).stdout


def names(repository: str, part: str) -> list[str]:
    files = git(repository, "ls-tree", "-r", "--name-only", "HEAD").decode().splitlines()
    return sorted(name for name in files if part in name and name.endswith((".jpg", ".png")))


def square(raw: bytes) -> Image.Image:
    photo = Image.open(io.BytesIO(raw)).convert("RGB")
    scale = SIDE / min(photo.size)
    photo = photo.resize([max(SIDE, round(side * scale)) for side in photo.size], Image.BICUBIC)
    left, top = ((side - SIDE) // 2 for side in photo.size)
    return photo.crop((left, top, left + SIDE, top + SIDE))


def drawing(path: Path) -> Image.Image | None:
    import cairosvg

    try:
        raw = cairosvg.svg2png(url=str(path), output_width=SIDE, output_height=SIDE)
    except (AttributeError, TypeError):  # A few refer to what is not in them.
        return None
    drawn = Image.open(io.BytesIO(raw)).convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", drawn.size, (255,) * 4), drawn).convert("RGB")


def main(openmoji: str, textures: str, radiographs: str, out: Path):
    for name in ("drawings", "textures", "xrays"):
        (out / name).mkdir(parents=True, exist_ok=True)
    chance = random.Random(1)
    of_textures = names(textures, "images/")
    for kind in sorted({name.split("/")[1] for name in of_textures}):
        for name in chance.sample([name for name in of_textures if name.split("/")[1] == kind], COUNT // 10):
            square(git(textures, "show", f"HEAD:{name}")).save(out / "textures" / f"{Path(name).stem}.png")
    files, count = sorted(Path(openmoji, "color", "svg").glob("*.svg")), 0
    for path in chance.sample(files, len(files)):
        if count < COUNT and (drawn := drawing(path)):
            drawn.save(out / "drawings" / f"{path.stem}.png")
            count += 1
    for name in random.Random(1).sample(names(radiographs, "No_findings/"), COUNT):
        square(git(radiographs, "show", f"HEAD:{name}")).save(out / "xrays" / f"{Path(name).stem}.png")


if __name__ == "__main__":
    if len(sys.argv) != 5:
        raise SystemExit(__doc__)
    main(*sys.argv[1:4], Path(sys.argv[4]))

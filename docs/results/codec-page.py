"""The page of pictures of codec.md: SoftCast, AVIF and codec deepjscc at CBR 1/24, beside the original.

    python docs/results/codec-page.py HELIOGRAPH KODAK docs/images/codec-page.jpg      (Pillow 11.3 or later)

Ideal white noise (`decode --snr-db`), the default dial. AVIF gets the bits of 1.5 dB from capacity, free of errors; where it
cannot go that low its place stays empty.
"""

import io
import math
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

CROPS = {"kodim04": (250, 200), "kodim15": (200, 120), "kodim08": (300, 180), "kodim13": (100, 250)}
SNRS_DB = (1, 7, 13)
SIDE, GAP, HEAD = 208, 6, 34
FONT = Path(__file__).parents[2] / "cli/assets/fonts/Inter-Regular.otf"


def avif(photo: Image.Image, snr_db: float) -> Image.Image | None:
    bits = 3 * photo.width * photo.height / 24 * math.log2(1 + 10 ** ((snr_db - 1.5) / 10))
    best, low, high = None, 1, 95
    while low <= high:
        quality = (low + high) // 2
        buffer = io.BytesIO()
        photo.save(buffer, "AVIF", quality=quality, speed=4)
        if buffer.tell() * 8 <= bits:
            best, low = buffer.getvalue(), quality + 1
        else:
            high = quality - 1
    return best and Image.open(io.BytesIO(best)).convert("RGB")


def painted(program: str, path: Path, codec: str, folder: Path) -> dict[int, Image.Image]:
    run = lambda *words: subprocess.run([program, *map(str, words)], check=True, stdout=subprocess.DEVNULL)
    symbols, out = folder / "symbols.safetensors", folder / "painted.png"
    run("encode", path, "--codec", codec, "--out", symbols)
    pictures = {}
    for snr_db in SNRS_DB:
        run("decode", symbols, "--snr-db", snr_db, "--out", out)
        pictures[snr_db] = Image.open(out).copy()
    return pictures


def main(program: str, kodak: str, out: str):
    columns = ["original"] + [f"{name}, {s} dB" for s in SNRS_DB for name in ("SoftCast", "AVIF", "deepjscc")]
    step = SIDE + GAP
    page = Image.new("RGB", (len(columns) * step + GAP, len(CROPS) * step + HEAD), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.truetype(str(FONT), 17)
    for column, name in enumerate(columns):
        draw.text((GAP + 2 + column * step, 8), name, (38, 42, 51), font=font)
    with tempfile.TemporaryDirectory() as folder:
        for row, (name, (left, top)) in enumerate(CROPS.items()):
            path = Path(kodak) / f"{name}.png"
            photo = Image.open(path).convert("RGB")
            classic, learned = (painted(program, path, codec, Path(folder)) for codec in ("softcast", "deepjscc"))
            pictures = [photo]
            for snr_db in SNRS_DB:
                pictures += [classic[snr_db], avif(photo, snr_db), learned[snr_db]]
            for column, picture in enumerate(pictures):
                if picture:
                    crop = picture.crop((left, top, left + SIDE, top + SIDE))
                    page.paste(crop, (GAP + column * step, HEAD + row * step))
    page.save(out, quality=80)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    main(*sys.argv[1:])

"""The page of pictures of captions.md: what the program says of ten Kodak and ten ECSSD photos, chosen by their numbers alone.

    cargo run --release -p heliograph --example captions -- photos WEIGHTS.safetensors WORDS KODAK/*.png ECSSD/*.jpg > found.tsv
    python docs/results/captions-page.py found.tsv KODAK ECSSD docs/images/captions-page.jpg
"""

import sys
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

KODAK = [f"kodim{number:02}.png" for number in range(2, 22, 2)]
ECSSD = [f"{number:04}.jpg" for number in range(1, 1000, 100)]
COLUMNS, WIDTH, HEIGHT, GAP, LINE = 5, 228, 152, 12, 19
FONT = Path(__file__).parents[2] / "cli/assets/fonts/Inter-Regular.otf"
INK, GREY = (38, 42, 51), (120, 126, 138)


def lines(text: str, font: ImageFont.FreeTypeFont) -> list[str]:
    found = [""]
    for word in text.split():
        longer = f"{found[-1]} {word}".strip()
        if font.getlength(longer) <= WIDTH:
            found[-1] = longer
        else:
            found.append(word)
    return found


def thumbnail(path: Path) -> Image.Image:
    photo = Image.open(path).convert("RGB")
    photo.thumbnail((WIDTH, HEIGHT), Image.LANCZOS)
    return photo


def main(found: str, kodak: str, ecssd: str, out: str):
    captions = dict(line.split("\t") for line in Path(found).read_text().splitlines())
    photos = [Path(kodak) / name for name in KODAK] + [Path(ecssd) / name for name in ECSSD]
    font, small = ImageFont.truetype(str(FONT), 15), ImageFont.truetype(str(FONT), 11)
    step = HEIGHT + 4 * LINE + 26
    rows = -(-len(photos) // COLUMNS)
    page = Image.new("RGB", (COLUMNS * (WIDTH + GAP) + GAP, rows * step + GAP), "white")
    draw = ImageDraw.Draw(page)
    for i, path in enumerate(photos):
        left, top = GAP + i % COLUMNS * (WIDTH + GAP), GAP + i // COLUMNS * step
        photo = thumbnail(path)
        page.paste(photo, (left, top + HEIGHT - photo.height))
        set_name = "Kodak" if path.name in KODAK else "ECSSD"
        draw.text((left, top + HEIGHT + 3), f"{set_name} {path.stem}", GREY, font=small)
        for j, line in enumerate(lines(captions[path.name], font)[:4]):
            draw.text((left, top + HEIGHT + 18 + j * LINE), line, INK, font=font)
    page.save(out, quality=70, optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

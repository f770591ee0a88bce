"""Held-out table of the restorer beside SoftCast on the same symbols.

    python evaluate_restorer.py --weights restorer.safetensors --cache DIR --lpips FILE --count 8

Whole held-out photos (384x384), ideal channel, noise from a fixed seed; PSNR / LPIPS-Alex, means.
"""

import argparse

import torch

import checkpoint
import data
import softcast
from lpips import LpipsAlex
from restorer import Received, Restorer, through

NOISE_SEED = 5


def psnr_db(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return -10 * (a - b).pow(2).mean((1, 2, 3)).clamp_min(1e-10).log10()


@torch.no_grad()
def row(net: Restorer, lpips: LpipsAlex, x: torch.Tensor, cbr: float, snr_db: float, dials) -> list[str]:
    generator = torch.Generator().manual_seed(NOISE_SEED)
    cells = [[] for _ in range(1 + len(dials))]
    for one in x:
        arrived = Received(*(part[None] for part in through(softcast.to_planes(one), cbr, snr_db, 0.0, generator)))
        pictures = [arrived.planes] + [net(arrived, torch.tensor([float(dial)])) for dial in dials]
        for cell, planes in zip(cells, pictures):
            y = softcast.to_rgb(planes).clamp(0, 1)
            cell.append((float(psnr_db(y, one[None])), float(lpips.distance(y, one[None]))))
    mean = lambda cell, k: sum(values[k] for values in cell) / len(cell)
    return [f"{mean(cell, 0):.2f} / {mean(cell, 1):.3f}" for cell in cells]


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--weights", required=True)
    arguments.add_argument("--cache", required=True)
    arguments.add_argument("--lpips", required=True)
    arguments.add_argument("--count", type=int, default=8)
    arguments.add_argument("--one-over-cbr", type=float, nargs="+", default=[96, 48, 24, 16, 12])
    arguments.add_argument("--snr-db", type=float, nargs="+", default=[1, 7, 13])
    arguments.add_argument("--dials", type=float, nargs="+", default=[0, 0.5, 1])
    arguments.add_argument("--threads", type=int, default=2)
    given = arguments.parse_args()
    torch.set_num_threads(given.threads)
    net = Restorer()
    net.load_state_dict(checkpoint.read(given.weights))
    net.to(memory_format=torch.channels_last)
    held_out = data.load(".", given.cache)[1]
    x = data.centre(held_out[:: len(held_out) // given.count][: given.count], data.SIDE)
    print("| CBR | SNR | SoftCast | " + " | ".join(f"dial {dial:g}" for dial in given.dials) + " |", flush=True)
    print("|---" * (3 + len(given.dials)) + "|", flush=True)
    lpips = LpipsAlex(given.lpips)
    for rate in given.one_over_cbr:
        for snr in given.snr_db:
            cells = row(net, lpips, x, 1 / rate, snr, given.dials)
            print(f"| 1/{rate:g} | {snr:g} dB | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    main()

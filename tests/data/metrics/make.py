"""Golden figures of MS-SSIM and LPIPS on pictures made of integers; `src/metrics/test_pictures.rs` makes the same ones.

Origin: this script; pytorch-msssim 1.0.0, torch 2.11.0, training/lpips.py with the f32 weights of weights/lpips_alex.md.
No photograph, no random generator involved.
Run: python tests/data/metrics/make.py lpips_alex_v01.safetensors
"""
import sys
from pathlib import Path

import numpy as np
import torch
from pytorch_msssim import ms_ssim

sys.path.insert(0, str(Path(__file__).parents[3] / "training"))
from lpips import LpipsAlex  # noqa: E402


def triangle(t):
    t = t % 256
    return np.where(t < 128, 2 * t, 511 - 2 * t)


def scatter(x, y, c):
    """Multiplications by odd constants, modulo 2^32, as noise."""
    h = (x * 73856093 ^ y * 19349663 ^ (c + 1) * 83492791) % 2**32
    h = (h ^ h >> 15) * 2246822519 % 2**32
    return h >> 16


def texture(x, y, c):
    wave = triangle(x * (3 + c) + y * 2)
    patch = (x // 23 + y // 17 + c) % 4 * 60
    return (wave + 2 * patch + scatter(x, y, c) % 48) // 3


def blurred(width, height):
    x, y, c = grid(width, height)
    total = sum(
        texture(np.clip(x + i, 0, width - 1), np.clip(y + j, 0, height - 1), c)
        for j in range(-2, 3)
        for i in range(-2, 3)
    )
    return total // 25


def noisy(width, height):
    x, y, c = grid(width, height)
    return np.clip(texture(x, y, c) + scatter(x + 7, y + 3, c) % 81 - 40, 0, 255)


def posterized(width, height):
    return texture(*grid(width, height)) // 64 * 64 + 32


def grid(width, height):
    y, x, c = np.mgrid[0:height, 0:width, 0:3].astype(np.int64)
    return x, y, c


def tensor(values):
    return torch.from_numpy(values.astype(np.float32) / 255).permute(2, 0, 1)[None]


lpips = LpipsAlex(sys.argv[1])
for distort, width, height in [
    (blurred, 161, 200),
    (noisy, 211, 163),
    (posterized, 256, 192),
    (noisy, 31, 40),
]:
    a, b = tensor(texture(*grid(width, height))), tensor(distort(width, height))
    similarity = ms_ssim(a, b, data_range=1).item() if min(width, height) > 160 else float("nan")
    with torch.no_grad():
        distance = lpips.distance(a, b).item()
    print(f"{distort.__name__} {width}x{height}: MS-SSIM {similarity:.6f}, LPIPS {distance:.6f}")

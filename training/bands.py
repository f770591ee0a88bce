"""4x4 block DCT of colour planes as (48, H/4, W/4), and the deviation of a stationary error in each band of a block DCT."""

import math
from functools import lru_cache

import torch
import torch.nn.functional as F

from softcast import dct_matrix

SIDE = 4
FINE_SIDE = 8  # of the blocks whose bands tell the spectrum of the error
BANDS = 3 * SIDE * SIDE


@lru_cache(maxsize=None)
def _kernels(side: int, device: torch.device) -> torch.Tensor:
    d = dct_matrix(side)
    return torch.einsum("iy,jx->ijyx", d, d).reshape(side * side, 1, side, side).to(device)


def split(planes: torch.Tensor, side: int = SIDE) -> torch.Tensor:
    """(B,3,H,W) to (B, 3*side^2, H/side, W/side): plane, vertical, horizontal frequency."""
    return F.conv2d(planes, _kernels(side, planes.device).repeat(3, 1, 1, 1), stride=side, groups=3)


def join(bands: torch.Tensor, side: int = SIDE) -> torch.Tensor:
    return F.conv_transpose2d(bands, _kernels(side, bands.device).repeat(3, 1, 1, 1), stride=side, groups=3)


@lru_cache(maxsize=None)
def responses(length: int, side: int = SIDE) -> torch.Tensor:
    """(side, length): power of each frequency of a long DCT in each frequency of a short one, over `length`."""
    k = torch.arange(side, dtype=torch.float64)
    f = torch.arange(length, dtype=torch.float64) / length
    phase = math.pi * f[:, None] * k[None]
    d = dct_matrix(side).double()
    return (((phase.cos() @ d.T).pow(2) + (phase.sin() @ d.T).pow(2)).T / length).float()


def deviations(remaining: torch.Tensor, side: int = SIDE) -> torch.Tensor:
    """Variances of the coefficients, (3,W,H), to the standard deviation of each band, (3*side^2,)."""
    width, height = remaining.shape[-2:]
    power = responses(height, side) @ remaining.mT @ responses(width, side).T
    return power.flatten().clamp_min(1e-6).sqrt()

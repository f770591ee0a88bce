"""4x4 block DCT of colour planes as (48, H/4, W/4), and the deviation of a stationary error in each band of a block DCT."""

import math
from functools import lru_cache

import torch

from softcast import dct_matrix

SIDE = 4
FINE_SIDE = 8  # of the blocks whose bands tell the spectrum of the error
BANDS = 3 * SIDE * SIDE


@lru_cache(maxsize=None)
def _basis(side: int, device: torch.device) -> torch.Tensor:
    """(side^2 frequencies, side^2 places)."""
    d = dct_matrix(side)
    return torch.kron(d, d).to(device)


def split(planes: torch.Tensor, side: int = SIDE) -> torch.Tensor:
    """(B,3,H,W) to (B, 3*side^2, H/side, W/side), channels last: plane, vertical, horizontal frequency."""
    blocks = planes.unflatten(3, (-1, side)).unflatten(2, (-1, side)).permute(0, 2, 4, 1, 3, 5).flatten(4)
    return (blocks @ _basis(side, planes.device).T).flatten(3).permute(0, 3, 1, 2)


def join(bands: torch.Tensor, side: int = SIDE) -> torch.Tensor:
    blocks = bands.permute(0, 2, 3, 1).unflatten(3, (3, -1)) @ _basis(side, bands.device)
    return blocks.unflatten(4, (side, side)).permute(0, 3, 1, 4, 2, 5).flatten(4).flatten(2, 3)


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

"""What the blocks' means have in common over the picture: it travels digitally, and the symbols carry what is left.

A component is flat when its analysis vector is nearly the same at all 16 places of a block: it is a mean of the block. Over the picture
such a component is an image of one pixel a block, whose lowest 2-D DCT coefficients go into the side information, in steps as fine as
pays (`src/codec/block_latents/field/choice.rs`; here of any fineness). Their power is saved. (Hybrid digital-analog coding: Skoglund, Phamdo and Alajaji, IEEE Trans. IT 2006.)
"""

import math
from functools import lru_cache

import torch

# As in src/codec/block_latents/field.
MOST = 16  # coefficients along a side
COARSEST = 2.0  # size of a step of a coefficient of the orthonormal DCT, in deviations of the component
FINENESSES = 4  # sizes, each half an octave below the one before
USUAL_FINENESS = 1  # where none is drawn
FLATNESS = 0.8  # of the vector's power that is its mean over the places
LEAST_STEPS = 0.7  # coefficients below are not worth their bits
ROUNDS = 3  # of continuing the field where nothing is sent
LARGEST = 8191  # steps
MOST_FLAT = 8  # components


def flat(v: torch.Tensor, places: int) -> torch.Tensor:
    """Which components, columns of V (channels * places, components), are means of the block; in order."""
    vectors = v.detach().unflatten(0, (-1, places))
    share = places * vectors.mean(1).square().sum(0) / vectors.square().sum((0, 1))
    return (share > FLATNESS).nonzero().flatten()[:MOST_FLAT]


@lru_cache(maxsize=None)
def _basis(count: int, device: torch.device) -> torch.Tensor:
    """The lowest rows of the orthonormal DCT-II over `count` values."""
    at = (torch.arange(count, device=device) + 0.5) * math.pi / count
    rows = torch.cos(torch.arange(min(MOST, count), device=device)[:, None] * at) * math.sqrt(2 / count)
    rows[0] /= math.sqrt(2)
    return rows


def sizes(fineness: torch.Tensor, deviation: torch.Tensor) -> torch.Tensor:
    """Finenesses (B,) and prior deviations (k,) to sizes of steps, (B, k, 1, 1)."""
    return COARSEST * (-0.5 * fineness.float()).exp2()[:, None, None, None] * deviation[:, None, None]


@torch.no_grad()
def steps(c: torch.Tensor, sent: torch.Tensor, size: torch.Tensor) -> torch.Tensor:
    """Flat components (B, k, rows, columns), where they are sent (1 or 0), and the sizes of their steps: coefficients in whole steps."""
    down, across = _basis(c.shape[2], c.device), _basis(c.shape[3], c.device)
    mean = (c * sent).sum((2, 3), keepdim=True) / sent.sum((2, 3), keepdim=True).clamp_min(1)
    filled = torch.where(sent > 0, c, mean)
    for _ in range(ROUNDS):
        found = down @ filled @ across.T
        filled = torch.where(sent > 0, c, down.T @ found @ across)
    found = down @ filled @ across.T
    in_steps = found / size
    return torch.where(in_steps.abs() < LEAST_STEPS, 0.0, in_steps.round().clamp(-LARGEST, LARGEST))


@torch.no_grad()
def of_steps(found: torch.Tensor, size: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
    """The field (B, k, rows, columns) of coefficients in whole steps."""
    down, across = _basis(rows, found.device), _basis(columns, found.device)
    return down.T @ (found * size) @ across

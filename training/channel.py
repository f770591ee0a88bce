"""What the air does to the symbols of one batch, as the receiver knows it: a precision for every symbol.

Precision is one over the noise variance of a real symbol of unit power, so SNR = Es/N0 on the plain channel.
A symbol that was lost, or never sent, has precision 0 (infinite variance); copies of a component add up.
"""

from dataclasses import dataclass

import torch

import activity

SNR_DB = (-2.0, 20.0)
CBR = (1 / 128, 1 / 8)  # a little below 1/96, so that the lowest rate is no edge
REALS_PER_BLOCK_AT_CBR_1 = 2 * 3 * 32 * 32  # a block is 32x32 pixels; two real values a channel use
SHARE_RATE_MAP = 0.25
SHARE_EVEN = 0.15  # of the pictures with weights, that are sent without them
SHARE_LOST = 0.25
SHARE_FADING = 0.25
LOST_AT_MOST = 0.5
BACKGROUND_RATES = (0.0, 0.0, 0.25, 0.5)


@dataclass
class Condition:
    """rate: components of each block, (B, blocks). precision: (B, blocks, components). For the whole batch."""

    rate: torch.Tensor
    precision: torch.Tensor
    mean_rate: torch.Tensor  # (B,) components a block, on average
    snr_db: torch.Tensor  # (B,)


def components_at(cbr: float) -> int:
    return round(cbr * REALS_PER_BLOCK_AT_CBR_1)


def copies(rate: torch.Tensor, components: int) -> torch.Tensor:
    """How often each component is sent: a rate of 1.5 times the components sends the first half twice."""
    index = torch.arange(components, device=rate.device)
    return torch.div(rate[..., None] - index + components - 1, components, rounding_mode="floor").clamp_min(0)


def plain(batch: int, blocks: int, components: int, cbr: float, snr_db: float, device="cpu", weights=None) -> Condition:
    """White noise; the same rate everywhere, or by `weights` (B, blocks): what the tables are measured with."""
    full = lambda value: torch.full((batch,), float(value), device=device)
    mean = full(components_at(cbr))
    weights = torch.ones(batch, blocks, device=device) if weights is None else weights
    rate = activity.shares(weights, mean, activity.least_copies(mean, components))
    precision = copies(rate, components).float() * 10 ** (snr_db / 10)
    return Condition(rate, precision, mean, full(snr_db))


def _spread(batch: int, low: float, high: float, draw) -> torch.Tensor:
    """One value from each of `batch` equal parts of the range, in random order: all conditions in each batch."""
    order = draw(batch).argsort()
    return low + (high - low) * (order + draw(batch)) / batch


def _key_rectangle(rows: int, columns: int, draw) -> torch.Tensor:
    """Weights (blocks,): a rectangle of 1, a poorer or empty background."""
    height, width = (1 + int(draw(1) * n * 0.75) for n in (rows, columns))
    top, left = int(draw(1) * (rows - height + 1)), int(draw(1) * (columns - width + 1))
    weight = torch.full((rows, columns), BACKGROUND_RATES[int(draw(1) * len(BACKGROUND_RATES))])
    weight[top : top + height, left : left + width] = 1
    return weight.flatten()


def sample(batch, rows: int, columns: int, components: int, generator: torch.Generator, device="cpu", weights=None):
    """Condition of random SNR and rate for each picture; for some of them a rate map, lost bursts or fading.

    weights: (B, blocks) on the CPU, what the sender itself would spend on the blocks."""
    draw = lambda *shape: torch.rand(*shape, generator=generator)
    snr_db = _spread(batch, *SNR_DB, draw)
    logs = [float(torch.tensor(float(c)).log()) for c in CBR]
    mean_rate = (_spread(batch, *logs, draw).exp() * REALS_PER_BLOCK_AT_CBR_1).round()
    most = activity.least_copies(mean_rate, components)
    uneven = torch.ones(batch, rows * columns)
    if weights is not None:
        uneven = torch.where(draw(batch, 1) < SHARE_EVEN, uneven, weights)
    for i in range(batch):
        if draw(1) < SHARE_RATE_MAP:
            uneven[i] *= _key_rectangle(rows, columns, draw)
            most[i] = 2 * components
    rate = activity.shares(uneven, mean_rate, most)
    rate, snr_db = rate.to(device), snr_db.to(device)
    precision = copies(rate, components).float() * (10 ** (snr_db / 10))[:, None, None]
    lost = torch.where(draw(batch) < SHARE_LOST, draw(batch) * LOST_AT_MOST, 0.0).to(device)
    fading = (draw(batch) < SHARE_FADING).to(device)
    # a value for every symbol: drawn where it is needed
    each = draw if precision.device.type == "cpu" else lambda shape: torch.rand(shape, device=device)
    arrived = each(precision.shape) >= lost[:, None, None]
    strength = torch.where(fading[:, None, None], -each(precision.shape).clamp_min(1e-6).log(), 1.0)
    return Condition(rate, precision * strength * arrived, mean_rate.to(device), snr_db)

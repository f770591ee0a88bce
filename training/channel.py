"""What the air does to the symbols of one batch, as the receiver knows it: a precision for every symbol.

Precision is one over the noise variance of a real symbol of unit power, so SNR = Es/N0 on the plain channel.
A symbol that was lost, or never sent, has precision 0 (infinite variance); copies of a component add up.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

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


@dataclass(frozen=True)
class Focus:
    """Where a run spends more of its pictures: a share of SNRs, and of rates, comes from these ranges."""

    share: float = 0.0
    snr_db: tuple[float, float] = (-1.0, 8.0)
    cbr: tuple[float, float] = (1 / 60, 1 / 18)


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
    rate = activity.shares(weights, mean, activity.least_copies(weights, mean, components))
    precision = copies(rate, components).float() * 10 ** (snr_db / 10)
    return Condition(rate, precision, mean, full(snr_db))


def _spread(batch: int, whole: tuple[float, float], focus: tuple[float, float], share: float, draw) -> torch.Tensor:
    """One value from each of `batch` equal parts of the range, in random order: all conditions in each batch.

    `share` of them come from `focus`, the others from `whole`."""
    at = (draw(batch).argsort() + draw(batch)) / batch
    along = lambda ends, part: ends[0] + (ends[1] - ends[0]) * part
    return torch.where(at < share, along(focus, at / max(share, 1e-6)), along(whole, (at - share) / max(1 - share, 1e-6)))


def _within(count: int, draw, batch: int) -> torch.Tensor:
    """(batch, count): 1 in an interval of up to three quarters."""
    length = 1 + (draw(batch, 1) * count * 0.75).floor()
    begin = (draw(batch, 1) * (count - length + 1)).floor()
    at = torch.arange(count, device=begin.device)
    return ((at >= begin) & (at < begin + length)).float()


def _key_rectangles(batch: int, rows: int, columns: int, draw) -> torch.Tensor:
    """Weights (batch, blocks): a rectangle of 1, a poorer or empty background."""
    inside = (_within(rows, draw, batch)[:, :, None] * _within(columns, draw, batch)[:, None]).flatten(1)
    background = _table(BACKGROUND_RATES, inside.device)[(draw(batch) * len(BACKGROUND_RATES)).long()]
    return background[:, None].lerp(torch.ones_like(inside), inside)


@lru_cache(maxsize=None)
def _table(values: tuple[float, ...], device: torch.device) -> torch.Tensor:
    return torch.tensor(values, device=device)


def sample(batch, rows: int, columns: int, components: int, generator=None, device="cpu", weights=None, focus: Focus = Focus(), special: float = 1.0) -> Condition:
    """Condition of random SNR and rate for each picture; for some of them a rate map, lost bursts or fading.

    weights: (B, blocks), what the sender itself would spend on the blocks. focus: where more of the SNRs and rates come from.
    special: factor of the shares of rate maps, losses and fading. Nothing here waits for a GPU, so that a
    CUDA graph can hold it; `generator` is then that of the device (None)."""
    origin = generator.device if generator else device
    draw = lambda *shape: torch.rand(*shape, generator=generator, device=origin).to(device)
    share = lambda of: draw(batch) < of
    special_share = lambda of: share(of * special)
    logarithms = lambda ends: tuple(map(math.log, ends))
    snr_db = _spread(batch, SNR_DB, focus.snr_db, focus.share, draw)
    mean_rate = (_spread(batch, logarithms(CBR), logarithms(focus.cbr), focus.share, draw).exp() * REALS_PER_BLOCK_AT_CBR_1).round()
    uneven = torch.ones(batch, rows * columns, device=device)
    if weights is not None:
        uneven = torch.where(share(SHARE_EVEN)[:, None], uneven, weights)
    keyed = uneven * _key_rectangles(batch, rows, columns, draw)
    uneven = torch.where(special_share(SHARE_RATE_MAP)[:, None], keyed, uneven)
    rate = activity.shares(uneven, mean_rate, activity.least_copies(uneven, mean_rate, components))
    precision = copies(rate, components).float() * (10 ** (snr_db / 10))[:, None, None]
    lost = torch.where(special_share(SHARE_LOST), draw(batch) * LOST_AT_MOST, 0.0)
    arrived = draw(*precision.shape) >= lost[:, None, None]
    fading = special_share(SHARE_FADING)[:, None, None]
    strength = torch.where(fading, -draw(*precision.shape).clamp_min(1e-6).log(), 1.0)
    return Condition(rate, precision * strength * arrived, mean_rate, snr_db)

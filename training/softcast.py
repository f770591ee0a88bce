"""SoftCast as the program has it (src/codec/softcast), in PyTorch: for training what stands behind it.

Colour transform, DCT of the whole picture, variance surface from node levels, water-filling, Hadamard groups where
symbols differ in noise, linear least squares; and what the receiver knows of its error: the posterior variance of
every coefficient, told as the standard deviation of every coefficient of an 8x8 block transform (`bands.py`).
Planes are (3,H,W) in 0..255 colours made orthonormal; coefficients lie as in the program, (plane, x, y).
"""

import math
from dataclasses import dataclass
from functools import lru_cache

import torch

STEPS = 256
MAX_LEVEL = 63
BINS = MAX_LEVEL * STEPS + 1
LEVEL_0_LOG2 = -8.0
OCTAVES = {"wide": 2.0, "medium": 103_872 / 65_536, "fine": 1.2, "finest": 0.8}
FIT_ROUNDS = 12
LEVELS_BELOW_CUTOFF = 2
DESIGN_SNR = 10**0.7
GROUP = 16
MEANS_PER_STEP = 2.0

COLOURS = torch.tensor([[1, 1, 1], [1, 0, -1], [-1, 2, -1]]) / torch.tensor([[3.0], [2.0], [6.0]]).sqrt()


def spacing_for(symbols: float) -> str:
    """Detail of the surface by the symbols of a tile, `SoftCast::spacing`."""
    for limit, name in ((20_000, "wide"), (80_000, "medium"), (800_000, "fine")):
        if symbols < limit:
            return name
    return "finest"


@lru_cache(maxsize=None)
def _colours(device: torch.device) -> torch.Tensor:
    return COLOURS.to(device)


def to_planes(x: torch.Tensor) -> torch.Tensor:
    """RGB in 0..1, (...,3,H,W), to colour planes of 0..255."""
    return torch.einsum("pc,...chw->...phw", _colours(x.device), 255 * x)


def to_rgb(planes: torch.Tensor) -> torch.Tensor:
    return torch.einsum("pc,...phw->...chw", _colours(planes.device), planes) / 255


@lru_cache(maxsize=None)
def dct_matrix(n: int) -> torch.Tensor:
    k, i = torch.arange(n, dtype=torch.float64)[:, None], torch.arange(n, dtype=torch.float64)[None]
    matrix = (math.pi * k * (i + 0.5) / n).cos() * math.sqrt(2 / n)
    matrix[0] /= math.sqrt(2)
    return matrix.float()


def analyze(planes: torch.Tensor) -> torch.Tensor:
    """(3,H,W) pixels to (3,W,H) coefficients."""
    height, width = planes.shape[-2:]
    return dct_matrix(width) @ planes.mT @ dct_matrix(height).T


def synthesize(coefficients: torch.Tensor) -> torch.Tensor:
    width, height = coefficients.shape[-2:]
    return (dct_matrix(width).T @ coefficients @ dct_matrix(height)).mT


@dataclass(frozen=True)
class Axis:
    """surface: (length, nodes) weights in 256ths. member: (cells, length). middle: (cells, nodes). count: (cells,)."""

    surface: torch.Tensor
    member: torch.Tensor
    middle: torch.Tensor
    count: torch.Tensor


@lru_cache(maxsize=None)
def axis(length: int, spacing: str) -> Axis:
    span = math.log2(length)
    gaps = max(1, int(span / OCTAVES[spacing] + 0.5)) if length > 1 else 0
    positions = [int(math.log2(f + 1) * gaps * STEPS / max(span, 1e-9) + 1e-6) for f in range(length)]
    cells: list[list[int]] = []
    for f, position in enumerate(positions):
        if cells and position - positions[cells[-1][0]] < STEPS // 8:
            cells[-1].append(f)
        else:
            cells.append([f])
    surface, member = torch.zeros(length, gaps + 1), torch.zeros(len(cells), length)
    middle = torch.zeros(len(cells), gaps + 1)
    for f, position in enumerate(positions):
        below, weight = divmod(position, STEPS)
        surface[f, below] += STEPS - weight
        surface[f, min(below + 1, gaps)] += weight
    for i, cell in enumerate(cells):
        member[i, cell] = 1
        at = sum(positions[f] for f in cell) / len(cell) / STEPS
        below = min(int(at), gaps)
        middle[i, below] += 1 - (at - below)
        middle[i, min(below + 1, gaps)] += at - below
    return Axis(surface, member, middle, member.sum(1))


def fit_levels(c: torch.Tensor, x: Axis, y: Axis) -> torch.Tensor:
    """Levels, whole numbers, (3, nodes x, nodes y): `Axes::fit`."""
    count = x.count[:, None] * y.count[None]
    level = (x.member @ c.pow(2) @ y.member.T / count).clamp_min(1e-6).log2() - LEVEL_0_LOG2
    weight = count.sqrt()
    weight[0, 0] = 0
    project = lambda value: x.middle.T @ (weight * value) @ y.middle
    total = project(torch.ones_like(level)).clamp_min(1e-9)
    levels = project(level) / total
    for _ in range(FIT_ROUNDS):
        excess = (level - x.middle @ levels @ y.middle.T).exp2().clamp(0.05, 8.0)
        levels = levels + 0.8 * (project(excess) / total).clamp_min(1e-3).log2().clamp(-2, 2)
    return levels.round().clamp(0, MAX_LEVEL)


def bins_of(levels: torch.Tensor, x: Axis, y: Axis) -> torch.Tensor:
    return (x.surface @ levels @ y.surface.T / STEPS).floor().long()


def bin_variance(bins: torch.Tensor) -> torch.Tensor:
    return (bins.double() / STEPS + LEVEL_0_LOG2).exp2()


@dataclass
class Plan:
    """For every coefficient, (3,W,H): prior variance, power (0: not sent), bin. `values`: real channel uses."""

    variance: torch.Tensor
    power: torch.Tensor
    bins: torch.Tensor
    values: int


@torch.no_grad()
def plan(c: torch.Tensor, values: int, spacing: str) -> Plan:
    x, y = axis(c.shape[1], spacing), axis(c.shape[2], spacing)
    levels = fit_levels(c, x, y)
    histogram = lambda bins: torch.bincount(bins.flatten(1)[:, 1:].flatten(), minlength=BINS)
    reached = histogram(bins_of(levels, x, y)).flip(0).cumsum(0) >= values
    cutoff = BINS - 1 - int(reached.long().argmax()) if reached.any() else 0
    levels = levels.clamp_min(max(0, cutoff // STEPS - LEVELS_BELOW_CUTOFF))
    bins = bins_of(levels, x, y)
    counts = histogram(bins)
    above = counts.flip(0).cumsum(0).flip(0) - counts
    taken = torch.minimum(counts, (values - above).clamp_min(0)).double()
    power = _water_filling(taken, values)[bins]
    partial = int((above < values).long().argmax())  # the lowest bin of which some are sent
    inside = (bins == partial).flatten()
    inside[:: bins[0].numel()] = False
    places = inside.nonzero()[int(taken[partial]) :, 0]
    power.view(-1)[places] = 0
    power[:, 0, 0] = 0
    return Plan(bin_variance(bins).float(), power.float(), bins, values)


def _water_filling(taken: torch.Tensor, total: int) -> torch.Tensor:
    """Power of each bin: `water_filling`."""
    deviation = bin_variance(torch.arange(BINS)).sqrt()
    count = taken.flip(0).cumsum(0).flip(0)
    spread = (taken * deviation).flip(0).cumsum(0).flip(0)
    level = (total * DESIGN_SNR + count) / spread.clamp_min(1e-30)
    good = (taken > 0) & (level * deviation > 1)
    power = torch.zeros(BINS, dtype=torch.float64)
    if good.any():
        lowest = int(good.long().argmax())
        power[lowest:] = ((level[lowest] * deviation[lowest:] - 1) / DESIGN_SNR) * (taken[lowest:] > 0)
    return power


def transmit(c: torch.Tensor, p: Plan, snr: float, lost: float = 0.0, generator=None):
    """Through the channel: least-squares coefficients and the variance that remains of each.

    `lost` is the share of symbols that never arrive. Real channel uses have unit mean power, noise 1/snr."""
    gain = (p.power / p.variance).sqrt()
    x = c * gain
    energy = x.detach().pow(2).sum()
    scale = (p.values / energy).sqrt() if energy > 0 else torch.ones(())
    x, prior = x * scale, p.power * scale**2
    if lost > 0:
        estimate, share = _groups(x, prior, p, snr, lost, generator)
    else:
        received = x + torch.randn(x.shape, generator=generator) * snr**-0.5
        share = 1 / (1 + prior * snr)
        estimate = received * (1 - share)
    sent = p.power > 0
    c_hat = torch.where(sent, estimate / (gain * scale).clamp_min(1e-12), 0.0)
    c_hat[:, 0, 0] = c[:, 0, 0]
    remaining = p.variance * torch.where(sent, share, 1.0)
    remaining[:, 0, 0] = 0
    return c_hat, remaining


@lru_cache(maxsize=None)
def _hadamard() -> torch.Tensor:
    matrix = torch.ones(1, 1)
    while len(matrix) < GROUP:
        matrix = torch.cat([torch.cat([matrix, matrix], 1), torch.cat([matrix, -matrix], 1)])
    return matrix / math.sqrt(GROUP)


def _groups(x, prior, p: Plan, snr: float, lost: float, generator):
    """Estimates and share of the prior variance that remains, with symbols missing: whitening.rs, least_squares.rs."""
    sent = (p.power > 0).flatten().nonzero()[:, 0]
    ranked = sent[p.bins.flatten()[sent].sort(descending=True, stable=True).indices]
    stride = p.values // GROUP
    slots = GROUP * stride
    spread = lambda v: torch.nn.functional.pad(v.flatten()[ranked], (0, max(0, slots - len(ranked))))[:slots]
    k, turn = torch.arange(GROUP), torch.arange(stride)
    slot = k * stride + (turn[:, None] + 7919 * k * k + 104_729 * k) % stride
    sign = torch.randint(2, (slots,), generator=generator) * 2.0 - 1
    elements, deviation = (spread(x) * sign)[slot], spread(prior)[slot].sqrt()
    arrived = (torch.rand(slots // 2 + 1, generator=generator) >= lost)[slot // 2].float()
    h = _hadamard()
    y = elements @ h + torch.randn(elements.shape, generator=generator) * snr**-0.5
    precision = arrived * snr
    matrix = (h * precision[:, None]) @ h
    matrix = torch.eye(GROUP) + deviation[:, :, None] * matrix * deviation[:, None]
    inverse = torch.cholesky_inverse(torch.linalg.cholesky(matrix))
    target = deviation * ((y * precision) @ h)
    estimate = deviation * (inverse @ target[:, :, None])[:, :, 0]
    flat = torch.zeros(slots).scatter(0, slot.flatten(), estimate.flatten()) * sign
    share = torch.ones(slots).scatter(0, slot.flatten(), inverse.diagonal(dim1=1, dim2=2).flatten())
    count = min(slots, len(ranked))
    back = lambda v, rest: torch.full(x.shape, rest).flatten().scatter(0, ranked[:count], v[:count]).view(x.shape)
    return back(flat, 0.0), back(share, 1.0)

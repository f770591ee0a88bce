"""Compares ways to describe the variances of a full-picture DCT for SoftCast, at equal charged total.

Expected squared error of water-filling and least squares over an ideal channel (no noise is drawn, no
clipping), side information counted as adaptive code length of 3 dB levels and charged at 2.5 complex
symbols a bit. Needs numpy, scipy, pillow.
Run: python 0001-softcast-chunks.py PICTURE...
"""
import sys
import numpy as np
from PIL import Image
from scipy.fft import dctn

COLOUR = np.array([[1, 1, 1], [1, 0, -1], [-1, 2, -1]]) / np.sqrt([[3], [2], [6]])
SNRS_DB, DESIGN_DB, CHARGE = (1, 7, 13), 7, 2.5


def uniform(n, side):
    return np.append(np.arange(0, n, side), n)


def dyadic(n, ratio):
    edges = [0]
    while edges[-1] < n:
        edges.append(min(n, int(round(edges[-1] + max(1, edges[-1] * (ratio - 1))))))
    return np.array(edges)


def sums(values, ys, xs):
    return np.add.reduceat(np.add.reduceat(values, ys[:-1], 1), xs[:-1], 2)


def steps(edges_of):
    """One level a chunk, constant inside: (levels, field of levels)."""
    def describe(c):
        ys, xs = edges_of(c.shape[1]), edges_of(c.shape[2])
        power = c ** 2
        power[:, 0, 0] = 0
        count = sums(np.ones_like(power), ys, xs)
        count[:, 0, 0] -= 1
        levels = np.round(np.log2(np.maximum(sums(power, ys, xs) / np.maximum(count, 1), 2.0 ** -8)))
        spread = lambda l: np.repeat(np.repeat(l, np.diff(ys), 1), np.diff(xs), 2)
        return levels, spread
    return describe


def surface(octaves):
    """Levels at nodes evenly spaced in log-frequency, bilinear between them."""
    def weights(n):
        gaps = max(1, int(np.log2(n) / octaves + 0.5))
        position = np.log2(np.arange(n) + 1) * gaps / np.log2(n)
        below = np.minimum(position.astype(int), gaps - 1)
        w = np.zeros((n, gaps + 1))
        w[np.arange(n), below] = 1 - (position - below)
        w[np.arange(n), below + 1] = position - below
        return w

    def describe(c):
        wy, wx = weights(c.shape[1]), weights(c.shape[2])
        ys, xs = dyadic(c.shape[1], 1.12), dyadic(c.shape[2], 1.12)
        mean = lambda w, e: np.add.reduceat(w, e[:-1], 0) / np.diff(e)[:, None]
        cy, cx = mean(wy, ys), mean(wx, xs)
        power = c ** 2
        power[:, 0, 0] = 0
        count = sums(np.ones_like(power), ys, xs)
        count[:, 0, 0] -= 1
        measured = np.log2(np.maximum(sums(power, ys, xs) / np.maximum(count, 1), 1e-3))
        weight = np.sqrt(count)
        total = np.maximum(np.einsum("yi,pyx,xj->pij", cy, weight, cx), 1e-9)
        average = lambda v: np.einsum("yi,pyx,xj->pij", cy, weight * v, cx) / total
        levels = average(measured)
        for _ in range(12):
            model = np.einsum("yi,pij,xj->pyx", cy, levels, cx)
            excess = average(np.clip(2.0 ** (measured - model), 0.05, 8))
            levels = levels + 0.8 * np.clip(np.log2(np.maximum(excess, 1e-3)), -2, 2)
        spread = lambda l: np.einsum("yi,pij,xj->pyx", wy, l, wx)
        return np.round(levels), spread
    return describe


def bits(levels):
    """Adaptive code length of levels above the floor, predicted from left, above, plane before."""
    counts, total = {}, 0.0
    levels = levels - levels.min()
    for (p, i, j), level in np.ndenumerate(levels):
        near = [levels[p, i - 1, j]] * (i > 0) + [levels[p, i, j - 1]] * (j > 0)
        guess = np.mean(near) if near else 16
        kind = (p > 0, len(near), bool(near) and max(near) == 0)
        table = counts.setdefault(kind, {r: 0.5 * 0.5 ** abs(r) + 0.01 for r in range(-64, 65)})
        residual = int(level - round(guess))
        total -= np.log2(table[residual] / sum(table.values()))
        table[residual] += 1
    return total + 60  # header and means


def allocate(variance, values, snr):
    """Powers by water-filling for the `values` highest variances, unit mean power."""
    active = np.zeros(variance.size, bool)
    active[np.argsort(-variance, kind="stable")[:values]] = True
    deviation = np.sqrt(variance)
    while True:
        level = (values * snr + active.sum()) / deviation[active].sum()
        keep = active & (level * deviation > 1)
        if keep.sum() == active.sum():
            return np.where(active, (level * deviation - 1) / snr, 0)
        active = keep


def psnr_db(c, describe, cbr):
    levels, spread = describe(c)
    size = c[0].size
    total = 3 * size * cbr
    field = spread(levels).ravel()
    cutoff = np.sort(field)[-int(2 * total)]
    levels = np.maximum(levels, np.floor(cutoff) - 2)
    spent = bits(levels)
    values = int(2 * (total - CHARGE * spent))
    variance = 2.0 ** spread(levels).ravel()
    energy = (c ** 2).ravel()
    means = [0, size, 2 * size]
    variance[means], energy[means] = 0, 0
    power = allocate(variance, values, 10 ** (DESIGN_DB / 10))
    gain = power / np.maximum(variance, 1e-9)
    gain *= values / (gain * energy).sum()
    found = []
    for snr_db in SNRS_DB:
        noise = 10 ** (-snr_db / 10)
        h = gain * variance / (gain * variance + noise)
        error = (1 - h) ** 2 * energy + h * h * noise / np.maximum(gain, 1e-12)
        found.append(10 * np.log10(255 ** 2 * 3 * size / error.sum()))
    return [spent / 8] + found


METHODS = {
    "chunks 32x32": steps(lambda n: uniform(n, 32)),
    "chunks 16x16": steps(lambda n: uniform(n, 16)),
    "dyadic chunks, ratio 1.5": steps(lambda n: dyadic(n, 1.5)),
    "dyadic chunks, ratio 2": steps(lambda n: dyadic(n, 2)),
    "surface, 2 octaves": surface(2),
    "surface, 1.585 octaves": surface(1.585),
    "surface, 1.2 octaves": surface(1.2),
    "surface, 0.8 octaves": surface(0.8),
}

if __name__ == "__main__":
    coefficients = []
    for path in sys.argv[1:]:
        rgb = np.asarray(Image.open(path).convert("RGB"), float)
        coefficients.append(np.stack([dctn(p, norm="ortho") for p in np.moveaxis(rgb @ COLOUR.T, 2, 0)]))
    for name, describe in METHODS.items():
        for code in (48, 24, 12):
            row = np.mean([psnr_db(c, describe, 1 / code) for c in coefficients], 0)
            print(f"| {name} | 1/{code} | {row[0]:.0f} | " + " | ".join(f"{v:.2f}" for v in row[1:]) + " |", flush=True)

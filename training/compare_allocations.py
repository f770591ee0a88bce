"""How codec `deepjscc` may share a photo's symbols among its blocks: measures of what a block holds, and what trial finds, as a table.

    python compare_allocations.py --weights ../weights/deepjscc.safetensors --lpips FILE --cache DIR [--count 12] [--measures 200:0.7,3200:1]

Held-out photos (384x384), white noise, one draw, nothing charged; PSNR at dial 0, PSNR and LPIPS (AlexNet) at dial 0.5. A measure is
DISTORTION:EXPONENT as in `activity.py`. Trial, at CBR 1/48 and 4 dB, moves symbols for four rounds to where half an octave more of them
saves most squared error for what it costs: what a measure could win at most.
"""

import argparse
import math

import torch
import torch.nn.functional as F

import activity
import channel
import checkpoint
import data
import deepjscc
from evaluate import NOISE_SEED, psnr_db
from lpips import LpipsAlex

PLACES = ((96, 7.0), (48, 1.0), (48, 7.0), (24, 1.0), (24, 7.0), (24, 13.0))  # one over CBR, SNR in dB
DIALS = (0.0, 0.5)
AT_ONCE = 4
TRIED_AT, ROUNDS, DRAWS, STEP = (48, 4.0), 4, 2, 2**0.5
PACE, FARTHEST = 0.4, 1.5  # of a round, of the logarithm of a share
LEAST_SLOPE = 0.05  # of the mean: blocks where noise hides that more symbols help


class Channel:
    """The codec on some photos, with a rate for every block."""

    def __init__(self, net: deepjscc.DeepJscc, photos: torch.Tensor):
        self.net, self.photos = net, photos

    def rates(self, weights: torch.Tensor, one_over_cbr: float) -> torch.Tensor:
        mean = torch.full((len(weights),), float(channel.components_at(1 / one_over_cbr)))
        most = activity.least_copies(weights, mean, deepjscc.COMPONENTS)
        return activity.shares(weights, mean, most)

    def painted(self, rates: torch.Tensor, snr_db: float, seed: int, dials=DIALS) -> list[torch.Tensor]:
        """Pictures at each place of the dial, from the same noise."""
        found = [[] for _ in dials]
        for start in range(0, len(rates), AT_ONCE):
            torch.manual_seed(seed + start)
            x, rate = (whole[start : start + AT_ONCE] for whole in (self.photos, rates))
            precision = channel.copies(rate, deepjscc.COMPONENTS).float() * 10 ** (snr_db / 10)
            received = self.net.linear(self.net.encode(x, rate), channel.Condition(rate, precision, None, None))
            for pictures, dial in zip(found, dials):
                pictures.append(self.net.decode(*received, torch.full((len(x),), dial)).clamp(0, 1))
        return [torch.cat(pictures) for pictures in found]

    def errors(self, rates: torch.Tensor, snr_db: float, seed: int) -> torch.Tensor:
        """Mean squared error of each block, (B, blocks), at dial 0 over some draws."""
        draws = [self.painted(rates, snr_db, seed + 1000 * draw, (0.0,))[0] for draw in range(DRAWS)]
        errors = sum((y - self.photos).square().mean(1, keepdim=True) for y in draws) / DRAWS
        return F.avg_pool2d(errors, activity.BLOCK).flatten(1)


def measured(photos: torch.Tensor, distortion: float, exponent: float) -> torch.Tensor:
    return activity.weights(activity.levels(photos, exponent, distortion))


def tried(air: Channel, start: torch.Tensor) -> torch.Tensor:
    """Where a block's error falls faster for its symbols than the others', it gets more: equal slopes are the optimum."""
    one_over_cbr, snr_db = TRIED_AT
    logs = start.log()
    for turn in range(ROUNDS):
        rates = air.rates((logs - logs.amax(1, keepdim=True)).exp(), one_over_cbr)
        fewer, more = (air.errors((rates * f).round().long().clamp_min(1), snr_db, 100 + turn) for f in (1 / STEP, STEP))
        slope = (fewer - more) / math.log(STEP**2)
        slope = slope.maximum(LEAST_SLOPE * slope.mean(1, keepdim=True))
        gain = (slope / rates.clamp_min(1)).log()
        logs = logs + PACE * (gain - gain.mean(1, keepdim=True)).clamp(-FARTHEST, FARTHEST)
    octaves = (logs - logs.amax(1, keepdim=True)) / math.log(2)
    return activity.weights((activity.TOP + activity.STEPS_PER_OCTAVE * octaves).round().clamp(1, activity.TOP))


@torch.inference_mode()
def main(given):
    torch.set_num_threads(given.threads)
    net = deepjscc.DeepJscc().eval()
    net.load_state_dict(checkpoint.read(given.weights))
    net.precise = True
    photos = data.load("", given.cache)[1][: given.count].float() / 255
    air, lpips = Channel(net, photos), LpipsAlex(given.lpips)
    pairs = [tuple(map(float, words.split(":"))) for words in given.measures.split(",")]
    ways = {f"{distortion:g}:{exponent:g}": measured(photos, distortion, exponent) for distortion, exponent in pairs}
    if not given.no_trial:
        ways["trial"] = tried(air, measured(photos, 200.0, 1.1))
    print("| CBR | SNR | shares | PSNR, dial 0 | PSNR, 0.5 | LPIPS, 0.5 |\n|---|---|---|---|---|---|")
    for one_over_cbr, snr_db in PLACES:
        for name, weights in ways.items():
            least, usual = air.painted(air.rates(weights, one_over_cbr), snr_db, NOISE_SEED)
            figures = [psnr_db(least, photos), psnr_db(usual, photos), lpips.distance(usual, photos)]
            psnrs = " | ".join(f"{value.mean():.2f}" for value in figures[:2])
            print(f"| 1/{one_over_cbr} | {snr_db:g} dB | {name} | {psnrs} | {figures[2].mean():.4f} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", required=True)
    parser.add_argument("--lpips", required=True, help="lpips_alex_v01.safetensors")
    parser.add_argument("--cache", required=True, help="folder where train_deepjscc.py --cache keeps the photos")
    parser.add_argument("--count", type=int, default=12)
    parser.add_argument("--measures", default="200:0.7,200:0.85,200:1.1,800:1,3200:1,6400:1.1")
    parser.add_argument("--no-trial", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    main(parser.parse_args())

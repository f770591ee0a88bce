"""Weights of codec `deepjscc` beside each other on held-out photos, at the places log.md follows: a Markdown table.

    python compare_deepjscc.py --weights ../weights/deepjscc.safetensors b.safetensors --lpips FILE --cache DIR [--count 24]

Whole photos of 384x384, white noise, one draw, nothing charged. Means of PSNR in dB, and of LPIPS (AlexNet) where the dial is turned;
1/48 and 1/24 at 1 and 7 dB, dial 0, with the maps of `--allocation distortion`.
"""

import argparse

import torch

import activity
import checkpoint
import data
import deepjscc
from compare_allocations import Channel
from evaluate import NOISE_SEED, psnr_db
from lpips import LpipsAlex
from train_deepjscc import STEEP_DISTORTION, STEEP_EXPONENT

# One over CBR, SNR in dB, dial, whether blocks get their symbols for least distortion
PLACES = (
    (48, 1.0, 0.0, True),
    (24, 1.0, 0.0, True),
    (48, 7.0, 0.0, True),
    (24, 7.0, 0.0, True),
    (24, 13.0, 0.0, False),
    (12, 13.0, 0.0, False),
    (96, 1.0, 0.0, False),
    (24, 7.0, 0.5, False),
    (12, 7.0, 0.5, False),
    (24, 1.0, 1.0, False),
    (48, 7.0, 1.0, False),
)


class Comparison:
    def __init__(self, given):
        photos = data.load("", given.cache)[1]
        photos = photos[:: max(1, len(photos) // given.count)][: given.count]
        self.photos, self.lpips = data.centre(photos, data.SIDE), LpipsAlex(given.lpips)
        self.weights = {steep: activity.weights(self._levels(steep)) for steep in (False, True)}

    def _levels(self, steep: bool) -> torch.Tensor:
        return activity.levels(self.photos, STEEP_EXPONENT, STEEP_DISTORTION) if steep else activity.levels(self.photos)

    def cell(self, net: deepjscc.DeepJscc, place) -> str:
        one_over_cbr, snr_db, dial, steep = place
        on = Channel(net, self.photos)
        y = on.painted(on.rates(self.weights[steep], one_over_cbr), snr_db, NOISE_SEED, (dial,))[0]
        psnr = f"{psnr_db(y, self.photos).mean():.3f}"
        if not dial:
            return psnr
        distances = [self.lpips.distance(*pair) for pair in zip(y.split(4), self.photos.split(4))]
        return f"{psnr} / {torch.cat(distances).mean():.4f}"


@torch.inference_mode()
def main(given):
    torch.set_num_threads(given.threads)
    comparison, net = Comparison(given), deepjscc.DeepJscc().eval()
    net.precise = True
    columns = []
    for path in given.weights:
        net.load_state_dict(checkpoint.read(path))
        columns.append([comparison.cell(net, place) for place in PLACES])
    print("| CBR, SNR | dial | " + " | ".join(given.weights) + " |")
    print("|---" * (2 + len(columns)) + "|")
    for (one_over_cbr, snr_db, dial, _), *cells in zip(PLACES, *columns):
        print(f"| 1/{one_over_cbr}, {snr_db:g} dB | {dial:g} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", nargs="+", required=True)
    parser.add_argument("--lpips", required=True, help="lpips_alex_v01.safetensors")
    parser.add_argument("--cache", required=True, help="folder where train_deepjscc.py --cache keeps the photos")
    parser.add_argument("--count", type=int, default=24, help="of the held-out photos")
    parser.add_argument("--threads", type=int, default=2)
    main(parser.parse_args())

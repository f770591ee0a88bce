"""What the parts of codec `deepjscc` are worth, each taken out alone, without training again: a table as JSON.

    python ablate_deepjscc.py --weights ../weights/deepjscc.safetensors --lpips FILE --pictures KODAK > ../docs/results/codec/ablations.json

Crops of 256x256 at (128,128) of the even-numbered pictures, white noise, nothing charged, one draw. Means of PSNR in dB and LPIPS (AlexNet).
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from PIL import Image

import activity
import channel
import checkpoint
import deepjscc
import evaluate
from lpips import LpipsAlex

CROP, AT = 256, 128
RATES, SNRS_DB, DIALS = (96, 48, 24), (1.0, 7.0, 13.0), (0.0, 0.5)
TYPICAL = (48, 7.0)  # the condition of the "always the same" map
BATCH = 6


def crops(folder: str) -> torch.Tensor:
    files = sorted(Path(folder).glob("*.png"))[1::2]
    cut = lambda file: np.asarray(Image.open(file).convert("RGB"))[AT : AT + CROP, AT : AT + CROP].transpose(2, 0, 1)
    return torch.from_numpy(np.stack([cut(file) for file in files])).float() / 255


def condition_of(x: torch.Tensor, rate: int, snr_db: float, even: bool = False) -> channel.Condition:
    weights = None if even else activity.weights(activity.levels(x))
    return channel.plain(len(x), (CROP // 32) ** 2, deepjscc.COMPONENTS, 1 / rate, snr_db, weights=weights)


def mean_of(deviation: torch.Tensor) -> torch.Tensor:
    """The same for every place and latent: all that a receiver knows that is told the SNR and the rate."""
    return deviation.square().mean((1, 2, 3), keepdim=True).sqrt().expand_as(deviation)


class Parts:
    """The codec with one part taken out."""

    def __init__(self, net: deepjscc.DeepJscc):
        self.net = net

    def paint(self, what: str, x: torch.Tensor, rate: int, snr_db: float, dial: float) -> torch.Tensor:
        net, condition = self.net, condition_of(x, rate, snr_db, what == "every block the same rate")
        z = net.encode(x, condition.rate) if what != "no networks" else self._linear(x)
        net.linear.has_field = what != "the field: symbols carry all"
        z_hat, deviation = net.linear(z, condition)
        if what == "no networks" or what == "no network at the receiver":
            return self._joined(z_hat)
        if what == "uncertainty: its mean alone":
            deviation = mean_of(deviation)
        elif what == "uncertainty: as at 1/48 and 7 dB":
            deviation = self._typical(x)
        elif what == "uncertainty: told there is none":
            deviation = torch.zeros_like(deviation)
        return net.decode(z_hat, deviation, torch.full((len(x),), dial))

    def _typical(self, x: torch.Tensor) -> torch.Tensor:
        condition = condition_of(x, *TYPICAL)
        return self.net.linear(self.net.encode(x, condition.rate), condition)[1]

    def _linear(self, x: torch.Tensor) -> torch.Tensor:
        return torch.einsum("lk,bkhw->blhw", self.net.into, self._coarse(x))

    @staticmethod
    def _coarse(x: torch.Tensor) -> torch.Tensor:
        return deepjscc.bands.split(deepjscc.softcast.to_planes(x) / 255, deepjscc.COARSE)

    def _joined(self, z_hat: torch.Tensor) -> torch.Tensor:
        coarse = torch.einsum("kl,blhw->bkhw", self.net.out_of, z_hat)
        return deepjscc.softcast.to_rgb(255 * deepjscc.bands.join(coarse, deepjscc.COARSE))


TAKEN_OUT = [
    "nothing",
    "every block the same rate",
    "the field: symbols carry all",
    "uncertainty: its mean alone",
    "uncertainty: as at 1/48 and 7 dB",
    "uncertainty: told there is none",
    "no network at the receiver",
    "no networks",
]


@torch.inference_mode()
def main(given):
    torch.set_num_threads(given.threads)
    net = deepjscc.DeepJscc().eval()
    net.load_state_dict(checkpoint.read(given.weights))
    net.precise = True
    parts, lpips, x = Parts(net), LpipsAlex(given.lpips), crops(given.pictures)
    rows = []
    for rate in RATES:
        for snr_db in SNRS_DB:
            for what in TAKEN_OUT:
                for dial in DIALS[: 1 if what.startswith("no network") else None]:
                    found = []
                    for start in range(0, len(x), BATCH):
                        torch.manual_seed(evaluate.NOISE_SEED + start)
                        part = x[start : start + BATCH]
                        y = parts.paint(what, part, rate, snr_db, dial).clamp(0, 1)
                        found.append(torch.stack([evaluate.psnr_db(y, part), lpips.distance(y, part)], 1))
                    psnr_db, distance = torch.cat(found).mean(0).tolist()
                    rows.append({"cbr": f"1/{rate}", "snr_db": snr_db, "dial": dial, "taken_out": what, "psnr_db": round(psnr_db, 3), "lpips": round(distance, 4)})
    print(json.dumps({"pictures": len(x), "rows": rows}, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", required=True)
    parser.add_argument("--lpips", required=True, help="lpips_alex_v01.safetensors")
    parser.add_argument("--pictures", required=True, help="folder of the Kodak pictures")
    parser.add_argument("--threads", type=int, default=2)
    main(parser.parse_args())

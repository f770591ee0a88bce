#!/usr/bin/env python3
"""LPIPS on VGG16, which no training saw, of pictures with empty blocks: what the inpainter changes, paired by photo.

    python docs/results/regions-vgg.py vgg16.ckpt ECSSD SAVED > docs/results/regions/empty-vgg.csv     # the means on the terminal

SAVED: the folder of `regions --background none --save`, with NAME-CBR-SNR-GAIN.png and, painted without the inpainter, the same
with `-plain`. Needs torch; training/README.md says where vgg16.ckpt is from.
"""

import sys
from importlib import import_module
from pathlib import Path

import torch

sys.path.append(str(Path(__file__).parents[2] / "training"))
sys.path.append(str(Path(__file__).parent))
from export_vgg import photo
from lpips_vgg import LpipsVgg
from regions import change

heads = import_module("codec-vgg").heads


@torch.no_grad()
def main(checkpoint: str, photos: str, saved: str) -> None:
    net, found = LpipsVgg(checkpoint), []
    print("picture,cbr,snr_db,gain,lpips_vgg_plain,lpips_vgg")
    for plain in sorted(Path(saved).glob("*-plain.png")):
        name, over, snr, gain, _ = plain.stem.split("-")
        sent = net.features(photo(Path(photos) / f"{name}.jpg"))
        pair = [heads(net, sent, net.features(photo(path))) for path in (plain, plain.with_name(f"{name}-{over}-{snr}-{gain}.png"))]
        found.append(pair)
        print(f"{name},1/{over},{snr},{gain},{pair[0]:.5f},{pair[1]:.5f}", flush=True)
    without, with_ = zip(*found)
    base = sum(without) / len(found)
    mean, half = (100 * value / base for value in change(with_, without))
    better = sum(b < a for a, b in found)
    print(f"{len(found)} photos: {base:.3f}, {mean:+.1f} ± {half:.1f} % (lower on {better})", file=sys.stderr)


if __name__ == "__main__":
    main(*sys.argv[1:])

#!/usr/bin/env python3
"""LPIPS on VGG16, which no training saw, of the pictures that codec_kodak saved: codec/vgg.csv of codec.md.

    python docs/results/codec-vgg.py vgg16.ckpt KODAK SAVED [CBRS [SNRS [DIALS]]] > docs/results/codec/vgg.csv

SAVED: the folder of `codec_kodak --save`, with files `NAME-CBR-SNR-DIAL-....png`; without lists, all of them. Needs torch;
training/README.md says where vgg16.ckpt is from.
"""

import sys
from pathlib import Path

import torch

sys.path.append(str(Path(__file__).parents[2] / "training"))
from export_vgg import photo
from lpips_vgg import LpipsVgg


def heads(net: LpipsVgg, sent: list[torch.Tensor], shown: list[torch.Tensor]) -> float:
    distances = ((a - b).pow(2) * getattr(net, f"head{i}") for i, (a, b) in enumerate(zip(sent, shown, strict=True)))
    return sum(distance.sum(1).mean().item() for distance in distances)


def main() -> None:
    checkpoint, kodak, saved, *lists = sys.argv[1:]
    asked = [found.split(",") for found in lists]
    net = LpipsVgg(checkpoint)
    print("picture,cbr,snr_db,dial,lpips_vgg")
    for original in sorted(Path(kodak).glob("*.png")):
        with torch.no_grad():
            sent = None
            for path in sorted(Path(saved).glob(f"{original.stem}-*.png")):
                _, cbr, snr, *label = path.stem.split("-")
                place = [cbr, snr, dial_of(label)]
                if any(value not in allowed for value, allowed in zip(place, asked)):
                    continue
                sent = sent or net.features(photo(original))
                distance = heads(net, sent, net.features(photo(path)))
                print(f"{original.stem},1/{cbr},{snr},{place[2]},{distance:.5f}", flush=True)


def dial_of(label: list[str]) -> str:
    return next(word for word in label if word.replace(".", "").isdigit())


if __name__ == "__main__":
    main()

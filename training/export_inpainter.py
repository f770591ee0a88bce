"""Weights of the inpainter -> what the program ships, and golden vectors to hold the Rust code against.

    python export_inpainter.py --weights inpainter.safetensors --codec ../weights/deepjscc.safetensors --noise 0.1 --out ../weights
    python export_inpainter.py --weights ../weights/inpainter.safetensors --codec ../weights/deepjscc.safetensors      vectors alone, of weights as they are

The file names the codec it was trained for and the noise it was trained with. inpainter.golden.safetensors goes on from latents_hat and deviation of deepjscc.golden.safetensors,
whose third block of four sent nothing:
  painted_1     at the dial's 1, not clamped, with the rounded weights in f32 arithmetic
"""

import argparse
import hashlib
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

import checkpoint
import deepjscc
import exporting
import inpainter


@torch.no_grad()
def golden_vectors(net: inpainter.Inpainter, codec: deepjscc.DeepJscc, vectors: Path) -> dict[str, torch.Tensor]:
    codec.precise = True
    given = load_file(vectors / "deepjscc.golden.safetensors")
    net.active = True
    return {"painted_1": codec.decode(given["latents_hat"], given["deviation"], torch.ones(1)).contiguous()}


def round_into(folder: Path, weights: str, codec: Path, noise: float) -> Path:
    rounded = checkpoint.in_bytes(checkpoint.read(weights), ())
    exporting.check_finite(weights, rounded)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "inpainter.safetensors"
    made_for = hashlib.sha256(codec.read_bytes()).hexdigest()[:8]
    save_file(rounded, file, metadata={"codec": made_for, "noise": f"{noise:g}"})
    return file


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--weights", required=True)
    arguments.add_argument("--codec", required=True, type=Path, help="deepjscc.safetensors")
    arguments.add_argument("--noise", type=float, default=0.1, help="as in training")
    arguments.add_argument("--out", type=Path)
    arguments.add_argument("--vectors", default="../tests/vectors", type=Path)
    given = arguments.parse_args()
    if not 0 <= given.noise <= 1:
        arguments.error(f"--noise: found {given.noise:g}, allowed 0 to 1")
    weights = round_into(given.out, given.weights, given.codec, given.noise) if given.out else Path(given.weights)
    codec = deepjscc.DeepJscc().eval()
    codec.load_state_dict(checkpoint.read(given.codec))
    net = inpainter.Inpainter(codec).eval()
    net.load_state_dict(checkpoint.read(weights))
    golden = given.vectors / "inpainter.golden.safetensors"
    save_file(golden_vectors(net, codec, given.vectors), golden)
    exporting.say(weights, golden)


if __name__ == "__main__":
    main()

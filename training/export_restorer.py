"""Weights of the restorer -> what the program ships, and golden vectors to hold the Rust code against.

    python export_restorer.py --weights restorer.safetensors --photo kodim23.png --out ../weights
    python export_restorer.py --weights ../weights/restorer.gguf --photo kodim23.png      golden vectors alone, of weights as they are

restorer.golden.safetensors, made with the rounded weights in f32 arithmetic, of one small crop of 64x40:
  received     1,3,40,64 planes after SoftCast at CBR 1/24 and 7 dB
  deviation    48: error of the 4x4 bands            spectrum     192: error of the 8x8 bands
  restored_0, restored_1    planes at the two ends of the dial
"""

from pathlib import Path

import torch
from safetensors.torch import save_file

import checkpoint
import data
import exporting
import softcast
from restorer import Received, Restorer, through

LEFT_TOP = (300, 160)
SIDE, HEIGHT = 64, 40
SEED = 20


@torch.no_grad()
def golden_vectors(net: Restorer, photo: torch.Tensor) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(SEED)
    parts = through(softcast.to_planes(photo), 1 / 24, 7.0, 0.0, generator)
    received = Received(*(part[None] for part in parts))
    vectors = dict(received=received.planes, deviation=parts[1], spectrum=parts[2])
    for dial in (0, 1):
        vectors[f"restored_{dial}"] = net(received, torch.tensor([float(dial)]))
    return {name: value.contiguous() for name, value in vectors.items()}


def round_into(out: Path, weights: str) -> Path:
    rounded = checkpoint.in_bytes(checkpoint.read(weights), ())
    exporting.check_finite(weights, rounded)
    save_file(rounded, out / "restorer.safetensors")
    return out / "restorer.safetensors"


def main():
    given = exporting.flags(__doc__)
    weights = round_into(Path(given.out), given.weights) if given.out else Path(given.weights)
    net = Restorer()
    net.load_state_dict(checkpoint.read(weights))
    photo = data.read_crop(given.photo, *LEFT_TOP, SIDE)[:, :HEIGHT]
    golden = Path(given.vectors) / "restorer.golden.safetensors"
    save_file(golden_vectors(net, photo), golden)
    exporting.say(weights, golden)


if __name__ == "__main__":
    main()

"""Starting probabilities of the coder of what blocks have in common, as `src/codec/block_latents/field/coding.rs` has them.

    python field_starts.py --weights ../weights/deepjscc.safetensors --cache /tmp/cache

Counts, over every twentieth training photo at 1/48, what each of the coder's contexts is followed by.
"""

import argparse

import torch

import activity
import channel
import checkpoint
import data
import field
from deepjscc import COMPONENTS, DeepJscc
from linear_stage import SIDE, blocks

EVERY = 20
CBR = 1 / 48
LAST_DIAGONALS = (0, 2, 4, 8, 14)
CLASSES, AROUND = len(LAST_DIAGONALS) + 1, 3
RAREST = 15  # per mille


def flat_images(net: DeepJscc, photo: torch.Tensor):
    """Flat components over the blocks, (1, k, rows, columns), and where they are sent."""
    rows, columns = (side // activity.BLOCK for side in photo.shape[2:])
    weights = activity.weights(activity.levels(photo))
    rate = channel.plain(1, rows * columns, COMPONENTS, CBR, 1.0, "cpu", weights).rate
    c = (blocks(net.encode(photo, rate)) - net.linear.mean) @ net.linear.V
    sent = (channel.copies(rate, COMPONENTS) > 0).float()
    flat = field.flat(net.linear.V, SIDE * SIDE)
    image = lambda values: values[:, :, flat].transpose(1, 2).unflatten(2, (rows, columns))
    return image(c), image(sent), net.linear.lam[flat].sqrt()


def count(steps: torch.Tensor, zero: torch.Tensor, ends: torch.Tensor):
    """Adds one component's coefficients (rows, columns) to the counts, [class][context][followed by]."""
    size = steps.abs().long()
    for u in range(size.shape[0]):
        for v in range(size.shape[1]):
            kind = sum(u + v > last for last in LAST_DIAGONALS)
            around = int(size[u - 1, v]) * (u > 0) + int(size[u, v - 1]) * (v > 0)
            value = int(size[u, v])
            zero[kind, min(around, AROUND - 1), int(value > 0)] += 1
            for step in range(1, value + 1):
                ends[kind, int(step > 1), int(value > step)] += 1


def per_mille(counts: torch.Tensor) -> list:
    return (1000 * counts[..., 0] / counts.sum(-1)).round().clamp(RAREST, 1000 - RAREST).int().tolist()


@torch.no_grad()
def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", required=True)
    parser.add_argument("--data", default=".")
    parser.add_argument("--cache")
    given = parser.parse_args()
    net = DeepJscc().eval()
    net.precise = True
    net.load_state_dict(checkpoint.read(given.weights))
    photos = data.load(given.data, given.cache)[0][::EVERY]
    images = [flat_images(net, photo[None].float() / 255) for photo in photos]
    for fineness in range(field.FINENESSES):
        zero, ends = torch.ones(CLASSES, AROUND, 2), torch.ones(CLASSES, 2, 2)
        for image, sent, deviation in images:
            size = field.sizes(torch.tensor([fineness]), deviation)
            for component in field.steps(image, sent, size)[0]:
                count(component, zero, ends)
        print(f"zero: {per_mille(zero)},\nends: {per_mille(ends)},")


if __name__ == "__main__":
    main()

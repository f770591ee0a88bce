"""Where codec `deepjscc` spends its symbols: blocks of 32x32 pixels by what they hold, in half octaves.

What a block holds is counted in bits, as if each coefficient of its 8x8 DCTs went through a Gaussian channel of its
own at one distortion (Cover & Thomas, section 10.3); DC, which every block has, is one constant.
"""

import torch

import bands
import softcast

BLOCK, DCT = 32, 8  # pixels
DISTORTION = 200.0  # of a coefficient, planes of 0..255
LEAST_BITS = 8.0  # a block without detail
EXPONENT = 0.7  # of the bits, for its share of the symbols
TOP = 15  # level of the busiest block
STEPS_PER_OCTAVE = 2
ROUNDS = 16  # of sharing what full blocks leave


def bits(x: torch.Tensor, distortion: float = DISTORTION) -> torch.Tensor:
    """(B, blocks) of pictures in 0..1."""
    found = bands.split(softcast.to_planes(x), DCT)
    found[:, :: DCT * DCT] = 0
    held = (1 + found.square() / distortion).log2().sum(1) / 2
    side = BLOCK // DCT
    return torch.nn.functional.avg_pool2d(held[:, None], side).flatten(1) * side**2 + LEAST_BITS


def levels(x: torch.Tensor, exponent: float | torch.Tensor = EXPONENT, distortion: float = DISTORTION) -> torch.Tensor:
    """(B, blocks) of 1..15; `exponent` may be one a picture, (B, 1)."""
    held = bits(x, distortion).log2()
    steps = STEPS_PER_OCTAVE * exponent * (held - held.amax(1, keepdim=True))
    return (TOP + steps.round()).clamp(1, TOP)


def weights(levels: torch.Tensor) -> torch.Tensor:
    return 2 ** ((levels - TOP) / STEPS_PER_OCTAVE)


def shares(weights: torch.Tensor, mean: torch.Tensor, most: torch.Tensor) -> torch.Tensor:
    """Components of each block, (B, blocks): `mean` on average, in proportion to the weights, none above `most`."""
    factor = mean[:, None] / weights.mean(1, keepdim=True)
    for _ in range(ROUNDS):
        found = (weights * factor).minimum(most[:, None])
        factor = factor * mean[:, None] / found.mean(1, keepdim=True)
    return (weights * factor).minimum(most[:, None]).round().long()


def least_copies(weights: torch.Tensor, mean: torch.Tensor, components: int) -> torch.Tensor:
    """(B,) most components of a block when, of blocks that get any, none sends one an nth time before all sent all n - 1 times."""
    busy = mean / (weights > 0).float().mean(1)
    return components * (busy / components).ceil()

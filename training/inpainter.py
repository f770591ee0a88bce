"""The inpainter of codec `deepjscc`: layers between the blocks of the synthesis, for pictures in which some blocks sent nothing.

Four gated pointwise layers (the second half of a block of `latent_net.py`); the synthesis around them, which brings in the surroundings,
stays as it is. Untrained they change nothing, and no other picture passes them.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

import deepjscc
from latent_net import ChannelNorm, pointwise
from linear_stage import SIDE

BEFORE = (2, 4, 6, 8)  # blocks of the synthesis


class PointBlock(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.norm = ChannelNorm(width)
        self.widen, self.narrow = nn.Conv2d(width, 2 * width, 1), nn.Conv2d(width, width, 1)
        nn.init.zeros_(self.narrow.weight)
        nn.init.zeros_(self.narrow.bias)

    def forward(self, x: Tensor, embedding: Tensor) -> Tensor:
        """x: (B,h,w,channels). What is to be added."""
        a, b = pointwise(self.widen, self.norm(x, embedding)).chunk(2, -1)
        return pointwise(self.narrow, a * b)


class Inpainter(nn.Module):
    """The layers; `codec`, a trained `DeepJscc`, keeps its weights and calls them before its blocks."""

    def __init__(self, codec: deepjscc.DeepJscc):
        super().__init__()
        self.blocks = nn.ModuleList(PointBlock(deepjscc.COARSE_WIDTH) for _ in BEFORE)
        self.active = False
        for at, layer in zip(BEFORE, self.blocks):
            codec.synthesis.blocks[at].register_forward_pre_hook(lambda _, given, layer=layer: self._add(layer, *given))

    def _add(self, layer: PointBlock, x: Tensor, embedding: Tensor):
        return (x + layer(x, embedding), embedding) if self.active else None


def beside(empty: Tensor) -> Tensor:
    """(B, blocks, blocks): the empty ones that have one that was sent among the eight around them."""
    return empty * F.max_pool2d(1 - empty[:, None], 3, 1, 1)[:, 0]


def with_noise(latents: Tensor, deviation: Tensor, empty: Tensor, amount: float, dial: Tensor) -> Tensor:
    """Noise of `amount` times their deviation (B,C,h,w) in the latents of empty blocks (B, blocks, blocks) beside sent ones: all of it
    from the middle of the dial (B,) on, none at 0."""
    places = beside(empty)[:, None].repeat_interleave(SIDE, 2).repeat_interleave(SIDE, 3)
    share = amount * (2 * dial).clamp(max=1)[:, None, None, None]
    return latents + share * deviation * torch.randn_like(latents) * places


def inside(lpips, y: Tensor, x: Tensor, mask: Tensor, of_y=None, of_x=None) -> tuple[Tensor, Tensor]:
    """Squared error and LPIPS of each picture where the mask (B,1,H,W) is 1; their features may be given."""
    share = lambda size: (lambda m: m / m.sum((2, 3), keepdim=True).clamp_min(1e-6))(F.interpolate(mask, size, mode="area"))
    mse = ((y - x).pow(2).mean(1, keepdim=True) * share(x.shape[2:])).sum((1, 2, 3))
    total = 0.0
    for i, (p, q) in enumerate(zip(of_y or lpips.features(y), of_x or lpips.features(x))):
        weight = getattr(lpips, f"lin{i}_weight")
        total = total + (((p - q).pow(2) * weight).sum(1, keepdim=True) * share(p.shape[2:])).sum((1, 2, 3))
    return mse, total

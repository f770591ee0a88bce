"""A network in the latent space at 1/8 resolution, cheap beside the convolutions at full resolution.

Gated blocks after NAFNet (Chen et al. 2022, section 3): pointwise, depthwise 5x5, product of two halves, pointwise.
Norms are over the channels of one place, so that a tile computes what the whole picture would.
"""

import torch
from torch import nn

WIDTH = 192
DEPTH = 10
EMBEDDING = 64


class ChannelNorm(nn.Module):
    """Root mean square over the channels of one place; then an affine that depends on the conditions."""

    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.condition = nn.Linear(EMBEDDING, 2 * width)
        nn.init.zeros_(self.condition.weight)
        nn.init.zeros_(self.condition.bias)

    def forward(self, x, embedding):
        scale, shift = self.condition(embedding).float()[:, :, None, None].chunk(2, 1)
        wide = x.float()
        normed = wide * (wide.pow(2).mean(1, keepdim=True) + 1e-6).rsqrt() * self.weight[:, None, None]
        return (normed * (1 + scale) + shift).to(x.dtype)


class GatedBlock(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.norm1, self.norm2 = ChannelNorm(width), ChannelNorm(width)
        self.widen1, self.widen2 = nn.Conv2d(width, 2 * width, 1), nn.Conv2d(width, 2 * width, 1)
        self.around = nn.Conv2d(2 * width, 2 * width, 5, padding=2, groups=2 * width)
        self.narrow1, self.narrow2 = nn.Conv2d(width, width, 1), nn.Conv2d(width, width, 1)

    def forward(self, x, embedding):
        a, b = self.around(self.widen1(self.norm1(x, embedding))).chunk(2, 1)
        x = x + self.narrow1(a * b)
        a, b = self.widen2(self.norm2(x, embedding)).chunk(2, 1)
        return x + self.narrow2(a * b)


class LatentNet(nn.Module):
    """Maps (B,inputs,h,w) and `scalars` numbers a picture to (B,outputs,h,w); all zero before training."""

    def __init__(self, inputs: int, outputs: int, scalars: int):
        super().__init__()
        self.embed = nn.Sequential(nn.Linear(scalars, EMBEDDING), nn.SiLU(), nn.Linear(EMBEDDING, EMBEDDING))
        self.enter = nn.Conv2d(inputs, WIDTH, 3, padding=1)
        self.blocks = nn.ModuleList([GatedBlock(WIDTH) for _ in range(DEPTH)])
        self.leave = nn.Conv2d(WIDTH, outputs, 3, padding=1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, x: torch.Tensor, scalars: torch.Tensor) -> torch.Tensor:
        embedding = self.embed(scalars)
        x = self.enter(x)
        for block in self.blocks:
            x = block(x, embedding)
        return self.leave(x)

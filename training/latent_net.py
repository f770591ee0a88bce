"""A network in the latent space at 1/8 resolution, cheap beside the convolutions at full resolution.

Gated blocks after NAFNet (Chen et al. 2022, section 3): pointwise, depthwise 5x5, product of two halves, pointwise.
Norms are over the channels of one place, so that a tile computes what the whole picture would.
"""

import torch
import torch.nn.functional as F
from torch import nn

if torch.cuda.is_available():
    import depthwise as kernels

WIDTH = 192
DEPTH = 10
EMBEDDING = 64
ALIGNED = 8  # input channels: other numbers take a GPU several times as long


class ChannelNorm(nn.Module):
    """Root mean square over the channels of one place; then an affine that depends on the conditions."""

    def __init__(self, width: int):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.condition = nn.Linear(EMBEDDING, 2 * width)
        nn.init.zeros_(self.condition.weight)
        nn.init.zeros_(self.condition.bias)

    def forward(self, x, embedding):
        """x: (B,h,w,channels)."""
        scale, shift = self.condition(embedding).float()[:, None, None].chunk(2, -1)
        wide = x.float()
        rms = (wide.pow(2).mean(-1, keepdim=True) + 1e-6).rsqrt()
        return (wide * rms * (self.weight * (1 + scale)) + shift).to(x.dtype)


def pointwise(conv: nn.Conv2d, x: torch.Tensor) -> torch.Tensor:
    """A 1x1 convolution of (B,h,w,channels)."""
    return F.linear(x, conv.weight[:, :, 0, 0], conv.bias)


def depthwise(conv: nn.Conv2d, x: torch.Tensor) -> torch.Tensor:
    """A depthwise convolution of (B,h,w,channels). On a GPU with own kernels, or as a sum of shifted products, which a compiler fuses."""
    if not x.is_cuda:
        return conv(x.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)
    if conv.kernel_size == (3, 3) and x.shape[-1] % kernels.CHANNELS == 0:
        return kernels.depthwise(conv, x)
    taps, reach = conv.weight.to(x.dtype), conv.padding[0]
    height, width = x.shape[1:3]
    padded = F.pad(x, (0, 0, reach, reach, reach, reach))
    y = conv.bias.to(x.dtype)
    for i in range(2 * reach + 1):
        for j in range(2 * reach + 1):
            y = y + padded[:, i : i + height, j : j + width] * taps[:, 0, i, j]
    return y


class GatedBlock(nn.Module):
    def __init__(self, width: int, around: int):
        super().__init__()
        self.norm1, self.norm2 = ChannelNorm(width), ChannelNorm(width)
        self.widen1, self.widen2 = nn.Conv2d(width, 2 * width, 1), nn.Conv2d(width, 2 * width, 1)
        self.around = nn.Conv2d(2 * width, 2 * width, around, padding=around // 2, groups=2 * width)
        self.narrow1, self.narrow2 = nn.Conv2d(width, width, 1), nn.Conv2d(width, width, 1)

    def forward(self, x, embedding):
        wide = pointwise(self.widen1, self.norm1(x, embedding))
        a, b = depthwise(self.around, wide).chunk(2, -1)
        x = x + pointwise(self.narrow1, a * b)
        a, b = pointwise(self.widen2, self.norm2(x, embedding)).chunk(2, -1)
        return x + pointwise(self.narrow2, a * b)


class LatentNet(nn.Module):
    """Maps (B,inputs,h,w) and `scalars` numbers a picture to (B,outputs,h,w); all zero before training."""

    def __init__(self, inputs: int, outputs: int, scalars: int, width: int = WIDTH, around: int = 5, depth: int = DEPTH):
        super().__init__()
        self.embed = nn.Sequential(nn.Linear(scalars, EMBEDDING), nn.SiLU(), nn.Linear(EMBEDDING, EMBEDDING))
        self.enter = nn.Conv2d(inputs, width, 3, padding=1)
        self.blocks = nn.ModuleList([GatedBlock(width, around) for _ in range(depth)])
        self.leave = nn.Conv2d(width, outputs, 3, padding=1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)

    def forward(self, x: torch.Tensor, scalars: torch.Tensor) -> torch.Tensor:
        embedding = self.embed(scalars)
        x = self._entered(x).permute(0, 2, 3, 1)  # channels last, and pointwise convolutions as products: twice as fast
        for block in self.blocks:
            x = block(x, embedding)
        return self.leave(x.permute(0, 3, 1, 2))

    def _entered(self, x: torch.Tensor) -> torch.Tensor:
        missing = -x.shape[1] % ALIGNED if x.is_cuda else 0
        if not missing:
            return self.enter(x)
        weight = F.pad(self.enter.weight, (0, 0, 0, 0, 0, missing))
        x = F.pad(x, (0, 0, 0, 0, 0, missing)).contiguous(memory_format=torch.channels_last)
        return F.conv2d(x, weight, self.enter.bias, padding=self.enter.padding)

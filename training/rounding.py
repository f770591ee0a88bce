"""Kernels to bytes so that what a layer puts out changes least: GPTQ (Frantar et al., "GPTQ", ICLR 2023, algorithm 1).

Columns of a layer's matrix are rounded one after the other, and those that follow take back what that changed of the layer's output, by
the second moments of its inputs over photos. What it is worth: log.md, section 17.
"""

from contextlib import contextmanager

import torch
import torch.nn.functional as F
from torch import nn

import latent_net

DAMPING = 0.01  # of the mean second moment: directions that never came are rounded as they are
SHRUNK = (1.0, 0.95, 0.9, 0.85, 0.8)  # of the largest value of a row: what its steps may reach
LARGEST = 127
AT_ONCE = 128  # columns between two updates of all that follow


@contextmanager
def moments(net: nn.Module, names: set[str]):
    """Second moments, (columns, columns), of what the layers with these weights are given while `net` runs within; depthwise layers have none."""
    sums: dict[str, torch.Tensor] = {}

    def add(name: str, rows: torch.Tensor):
        rows = rows.float()
        sums[name] = sums.get(name, 0) + rows.T @ rows

    wanted = {f"{name}.weight": module for name, module in net.named_modules() if f"{name}.weight" in names}
    wanted = {name: module for name, module in wanted.items() if getattr(module, "groups", 1) == 1}
    hook = lambda name: lambda module, inputs: add(name, patches(module, inputs[0]))
    hooks = [module.register_forward_pre_hook(hook(name)) for name, module in wanted.items()]
    named = {module: name for name, module in wanted.items()}
    usual = latent_net.pointwise

    def pointwise(conv: nn.Conv2d, x: torch.Tensor) -> torch.Tensor:
        if conv in named:
            add(named[conv], x.flatten(0, 2))
        return usual(conv, x)

    latent_net.pointwise = pointwise  # which uses the weights without calling the layer
    try:
        yield sums
    finally:
        latent_net.pointwise = usual
        for hook in hooks:
            hook.remove()


def patches(layer: nn.Module, x: torch.Tensor) -> torch.Tensor:
    """(places, columns): each value of the output is a row of the matrix times one of these."""
    if isinstance(layer, nn.Linear):
        return x.flatten(0, -2)
    return F.unfold(x, layer.kernel_size, padding=layer.padding).transpose(1, 2).flatten(0, 1)


def scales(rows: torch.Tensor, importance: torch.Tensor) -> torch.Tensor:
    """Of each row, the step at which rounding alone costs least."""
    largest = rows.abs().amax(1).clamp_min(1e-10) / LARGEST
    tried = torch.stack([largest * share for share in SHRUNK])
    costs = [((rounded(rows, scale) * scale[:, None] - rows).square() * importance).sum(1) for scale in tried]
    return tried.gather(0, torch.stack(costs).argmin(0)[None])[0]


def rounded(rows: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    return (rows / scale[:, None]).round().clamp(-LARGEST, LARGEST)


def in_steps(rows: torch.Tensor, moments: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """A matrix (outputs, columns) and the second moments of its inputs to whole numbers, and the step of each row."""
    rows, moments = rows.double().clone(), moments.double().clone()
    scale = scales(rows, moments.diagonal())
    moments.diagonal().add_(DAMPING * moments.diagonal().mean().clamp_min(1e-12))
    order = moments.diagonal().argsort(descending=True)  # the rest makes up for what matters most
    rows, moments = rows[:, order], moments[order][:, order]
    back = torch.linalg.cholesky(torch.cholesky_inverse(torch.linalg.cholesky(moments)), upper=True)
    steps = torch.empty_like(rows)
    for start in range(0, rows.shape[1], AT_ONCE):
        end = min(start + AT_ONCE, rows.shape[1])
        errors = torch.empty_like(rows[:, start:end])
        for at in range(start, end):
            steps[:, at] = rounded(rows[:, at : at + 1], scale)[:, 0]
            error = (rows[:, at] - steps[:, at] * scale) / back[at, at]
            rows[:, at + 1 : end] -= error[:, None] * back[at, at + 1 : end]
            errors[:, at - start] = error
        rows[:, end:] -= errors @ back[start:end, end:]
    return steps[:, order.argsort()], scale.float()

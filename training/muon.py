"""Muon: momentum whose matrices are made orthogonal before they are applied (Jordan et al. 2024, `Muon`).

For kernels that mix channels, as matrices of outputs by everything else; the rest stays with AdamW. Nothing here waits for the device,
so a CUDA graph can hold a step.
"""

import torch

COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # of the quintic, from the same source
ROUNDS = 5
MOMENTUM = 0.95


def orthogonal(g: torch.Tensor) -> torch.Tensor:
    """(n, rows, columns): singular values brought to about 1."""
    a, b, c = COEFFICIENTS
    tall = g.shape[-2] > g.shape[-1]
    x = (g.mT if tall else g).bfloat16()
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(ROUNDS):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return (x.mT if tall else x).to(g.dtype)


class Muon(torch.optim.Optimizer):
    """Parameters whose first two dimensions are those of a matrix; `lr` of each group may be a tensor."""

    def __init__(self, parameters, lr: float):
        by_shape: dict[torch.Size, list] = {}
        for parameter in parameters:
            by_shape.setdefault(parameter.shape, []).append(parameter)
        super().__init__([{"params": group} for group in by_shape.values()], {"lr": lr})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            members = group["params"]
            grad = torch.stack([p.grad for p in members]).flatten(2)
            state = self.state[members[0]]
            if "momentum" not in state:
                state["momentum"] = torch.zeros_like(grad)
            momentum = state["momentum"].lerp_(grad, 1 - MOMENTUM)
            rows, columns = grad.shape[1:]
            update = orthogonal(grad.lerp(momentum, MOMENTUM)) * max(1, rows / columns) ** 0.5 * group["lr"]
            torch._foreach_sub_(members, list(update.view(-1, *members[0].shape).unbind()))

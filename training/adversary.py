"""A discriminator that looks at what AlexNet sees: small heads on its five frozen feature maps (Projected GAN, Sauer et al. 2021),
each judging the places inside a mask. Hinge losses (Lim and Ye 2017), spectral norm (Miyato et al. 2018).
"""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

CHANNELS = (64, 192, 384, 256, 256)  # of AlexNet's feature maps
WIDTH, SLOPE = 64, 0.2


def _head(channels: int) -> nn.Sequential:
    convolution = lambda inputs, outputs, side: spectral_norm(nn.Conv2d(inputs, outputs, side, padding=side // 2))
    leaky = lambda: nn.LeakyReLU(SLOPE)
    return nn.Sequential(convolution(channels, WIDTH, 1), leaky(), convolution(WIDTH, WIDTH, 3), leaky(), convolution(WIDTH, 1, 3))


def _mean(values: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    return (values * mask).sum() / mask.sum().clamp_min(1)


class Adversary(nn.Module):
    """`features`: lists of feature maps (B,C,h,w) as `LpipsAlex.features` gives them; `masks`: one a map, (B,1,h,w)."""

    def __init__(self, learning_rate: float):
        super().__init__()
        self.heads = nn.ModuleList(_head(channels) for channels in CHANNELS)
        self.optimizer = torch.optim.Adam(self.parameters(), lr=learning_rate, betas=(0.0, 0.99))
        self.steps = 0  # it learned; a run that goes on begins with a new adversary

    @staticmethod
    def masks(mask: torch.Tensor, features: list[torch.Tensor]) -> list[torch.Tensor]:
        """(B,1,H,W) of the picture to one a feature map: places that lie mostly inside."""
        return [(F.interpolate(mask, of.shape[2:], mode="area") > 0.5).float() for of in features]

    def learn(self, real: list[torch.Tensor], painted: list[torch.Tensor], masks: list[torch.Tensor]) -> torch.Tensor:
        """One step of its own: its loss, 2 where it knows nothing."""
        losses = []
        for head, r, p, mask in zip(self.heads, real, painted, masks):
            losses.append(_mean(F.relu(1 - head(r.detach())), mask) + _mean(F.relu(1 + head(p.detach())), mask))
        loss = torch.stack(losses).mean()
        if loss.isfinite():
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            self.optimizer.step()
            self.steps += 1
        return loss.detach()

    def doubt(self, painted: list[torch.Tensor], masks: list[torch.Tensor], weight: torch.Tensor) -> torch.Tensor:
        """What the painter is to make small, each picture counted by `weight` (B,). The heads learn nothing from it."""
        self.requires_grad_(False)
        weight = weight[:, None, None, None]
        found = torch.stack([-_mean(head(p) * weight, mask) for head, p, mask in zip(self.heads, painted, masks)]).mean()
        self.requires_grad_(True)
        return found

"""Latents <-> symbols: transform of 4x4 latent blocks, power allocation, and least squares with each symbol's noise.

Transmitter: c = (u - mean) V, symbol = g (c - f) / sqrt(p'), where u is a block of latents, f what the blocks have in common (`field.py`;
0 without) and p' the picture's own mean symbol power before scaling: sent as side information, so that every picture has unit power.
Receiver: g f is added again, which makes symbols of g c with less noise than the channel has, and p' + mean (g f)^2 = p;
components with prior variance p * lam; what remains uncertain goes through W to a deviation per latent.
The start is a KLT in the metric of the decoder (`fit`): an error counts by what it does to the picture.
"""

from dataclasses import dataclass

import torch
from torch import nn

import field
from channel import Condition, copies

SIDE = 4  # latents; 32 pixels
POWER_RANGE = (1 / 64, 64.0)
FOLLOW = 0.01  # how fast the prior variances follow the encoder, by default


def blocks(z: torch.Tensor) -> torch.Tensor:
    """B,C,h,w -> B,blocks,C*16, channel-major as `unfold` has it."""
    tiles = z.unflatten(3, (-1, SIDE)).unflatten(2, (-1, SIDE))
    return tiles.permute(0, 2, 4, 1, 3, 5).flatten(3).flatten(1, 2)


def unblocks(u: torch.Tensor, size) -> torch.Tensor:
    height, width = size
    tiles = u.unflatten(2, (-1, SIDE, SIDE)).unflatten(1, (height // SIDE, width // SIDE))
    return tiles.permute(0, 3, 1, 4, 2, 5).reshape(len(u), -1, height, width)


@dataclass
class Sent:
    """symbols (B, blocks, C), zero where not sent; power of the picture before scaling, and with the field, (B,); gains at unit mean power (B, 1, C);
    the field (B, blocks, C), and its coefficients in steps, (B, flat, down, across) or None."""

    symbols: torch.Tensor
    power: torch.Tensor
    whole: torch.Tensor
    gains: torch.Tensor
    field: torch.Tensor
    steps: torch.Tensor | None


class LinearStage(nn.Module):
    following = FOLLOW

    def __init__(self, components: int, has_field: bool = False):
        super().__init__()
        self.has_field, self.flat = has_field, None
        self.V = nn.Parameter(torch.eye(components))
        self.W = nn.Parameter(torch.eye(components))
        self.log_gain = nn.Parameter(torch.zeros(components))
        self.register_buffer("mean", torch.zeros(components))
        self.register_buffer("lam", torch.ones(components))

    def _load_from_state_dict(self, *given):
        super()._load_from_state_dict(*given)
        self.flat = None

    @torch.no_grad()
    def fit(self, latents: torch.Tensor, metric: torch.Tensor):
        """KLT of u A with A = metric^(1/2): the components are ordered by what the decoder makes of them."""
        u = blocks(latents).double().flatten(0, 1)
        values, vectors = torch.linalg.eigh(metric.double())
        a, a_inverse = ((vectors * values.pow(e)) @ vectors.T for e in (0.5, -0.5))
        mean = u.mean(0)
        weighted = (u - mean) @ a
        lam, basis = torch.linalg.eigh(weighted.T @ weighted / len(u))
        lam, basis = lam.flip(0).clamp_min(1e-9), basis.flip(1)
        for own, value in (("V", a @ basis), ("W", basis.T @ a_inverse), ("mean", mean), ("lam", lam)):
            getattr(self, own).copy_(value.float())

    def gains(self) -> torch.Tensor:
        return self.lam.clamp_min(1e-9).pow(-0.25) * self.log_gain.exp()

    def scaled_gains(self, count: torch.Tensor) -> torch.Tensor:
        """Gains (B,1,C) that give the symbols unit mean power when every component has its prior variance."""
        g = self.gains()
        sent = count.sum((1, 2)).clamp_min(1)
        expected = (count.sum(1) * (g.pow(2) * self.lam)).sum(1) / sent
        return g[None, None] / expected.clamp_min(1e-12).sqrt()[:, None, None]

    @torch.no_grad()
    def hardness(self, condition: Condition) -> torch.Tensor:
        """(B,) share of the prior variance that remains uncertain, whatever made it so: rate, noise, loss, fading."""
        g = self.scaled_gains(copies(condition.rate, len(self.lam)).float())
        remaining = self.lam / (condition.precision * g.pow(2) * self.lam + 1)
        return remaining.sum(-1).mean(-1) / self.lam.sum()

    @torch.no_grad()
    def _field(self, c: torch.Tensor, count: torch.Tensor, size) -> tuple[torch.Tensor, torch.Tensor | None]:
        """What flat components have in common over the picture, and its coefficients in steps."""
        common = torch.zeros_like(c)
        if not self.has_field:
            return common, None
        if self.flat is None:  # found once: a CUDA graph cannot hold it
            self.flat = field.flat(self.V, SIDE * SIDE)
        flat = self.flat
        rows, columns = (length // SIDE for length in size)
        image = lambda values: values[:, :, flat].transpose(1, 2).unflatten(2, (rows, columns))
        fineness = torch.full((len(c),), field.USUAL_FINENESS, device=c.device)
        if self.training:
            fineness.random_(field.FINENESSES)
        step_size = field.sizes(fineness, self.lam[flat].sqrt())
        steps = field.steps(image(c), (image(count) > 0).float(), step_size)
        common[:, :, flat] = field.of_steps(steps, step_size, rows, columns).flatten(2).transpose(1, 2)
        return common, steps

    def send(self, z: torch.Tensor, rate: torch.Tensor) -> Sent:
        c = (blocks(z) - self.mean) @ self.V
        count = copies(rate, len(self.lam)).float()
        g = self.scaled_gains(count)
        sent = count.sum((1, 2)).clamp_min(1)
        common, steps = self._field(c, count, z.shape[-2:])
        mean_power = lambda values: (values.pow(2) * count).sum((1, 2)) / sent
        x = (c - common) * g * (count > 0)
        power = mean_power(x).clamp(*POWER_RANGE)
        whole = power + mean_power(common * g).detach()
        if self.training:
            held = whole.detach()
            # Power makes up for a factor of all variances, which would drift to the end of its range: held where the mean picture has 1.
            self.seen = (c.detach().pow(2) / held[:, None, None]).mean((0, 1)) * held.log().mean().exp()
        return Sent(x / power.sqrt()[:, None, None], power, whole, g, common, steps)

    @torch.no_grad()
    def follow(self):
        """After the backward pass: the prior variances move towards those of the last batch, in place."""
        self.lam.lerp_(self.seen, self.following)

    def receive(self, y: torch.Tensor, precision: torch.Tensor, sent: Sent, size):
        """Least-squares latents and the standard deviation that remains of each of them."""
        g, scale = sent.gains, sent.whole[:, None, None]
        saved = scale / sent.power[:, None, None]
        y = y / saved.sqrt() + g * sent.field / scale.sqrt()
        own = precision * saved * g.pow(2) * self.lam  # SNR of each component
        c_hat = y / g * (own / (own + 1))
        z_hat = unblocks((c_hat * scale.sqrt()) @ self.W + self.mean, size)
        remaining = self.lam / (own + 1) * scale
        return z_hat, unblocks((remaining @ self.W.pow(2)).clamp_min(1e-10).sqrt(), size)

    def forward(self, z: torch.Tensor, condition: Condition):
        """Through the channel: latents as received, and their remaining deviation."""
        sent = self.send(z, condition.rate)
        noise = torch.randn(sent.symbols.shape, device=z.device)
        arrived = condition.precision > 0
        deviation = condition.precision.clamp_min(1e-9).rsqrt() * arrived
        return self.receive((sent.symbols + noise * deviation) * arrived, condition.precision, sent, z.shape[-2:])

"""The painter: diffusion of what the channel left open, in the latent space, in units of what is uncertain.

Let z be the sent latents, z_r those of the refining network, d the deviation that remains of each (linear_stage.py).
The painter draws r = (z - z_r) / d given z_r, d, the SNR and a caption: where the channel made a latent certain, d
is small and nothing is repainted, so it steps back by itself as SNR or rate rise.

x_t = cos(t pi/2) r + sin(t pi/2) noise, t from 0 (clean) to 1 (noise); the network predicts r (x0-prediction).
Steps are DDIM (Song et al. 2021, eq. 12, eta = 0). A network that has learned nothing predicts 0: the refined latents.
"""

import math
import zlib

import torch
import torch.nn.functional as F
from torch import nn

import taef2
from latent_net import LatentNet

CAPTION = 128  # length of a caption's vector
DIAL = 2  # its place among the scalars
SCALARS = 3 + CAPTION  # t, SNR in units of 10 dB, dial, caption
SNR_LIMITS_DB = (-10.0, 30.0)


def caption_vector(text: str | None) -> torch.Tensor:
    """Words hashed to CAPTION signed places (Weinberger et al. 2009), of unit length; zeros: no caption."""
    vector = torch.zeros(CAPTION)
    words = "".join(c if c.isalnum() else " " for c in (text or "").lower()).split()
    for word in words:
        code = zlib.crc32(word.encode())
        vector[code % CAPTION] += 1.0 if code & 0x8000_0000 else -1.0
    return vector / vector.norm().clamp_min(1e-6)


def mean_snr_db(precision: torch.Tensor, sent: torch.Tensor) -> torch.Tensor:
    """(B,) SNR of the mean precision of what was sent, in dB; `sent` counts how often each component was."""
    mean = precision.sum((1, 2)) / sent.sum((1, 2)).clamp_min(1)
    return (10 * mean.clamp_min(1e-9).log10()).clamp(*SNR_LIMITS_DB)


class Painter(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = LatentNet(3 * taef2.LATENT_CHANNELS, taef2.LATENT_CHANNELS, scalars=SCALARS)
        self.register_buffer("latent_std", torch.ones(taef2.LATENT_CHANNELS))

    def start_from(self, codec):
        """From the refining network: the same eyes and ears, nothing said yet (its exit stays zero)."""
        own, known = self.net.state_dict(), codec.refine.state_dict()
        seen = codec.refine.enter.in_channels
        for name, value in known.items():
            if name.startswith(("blocks.", "embed.2.")) or name in ("embed.0.bias", "enter.bias"):
                own[name].copy_(value)
        own["enter.weight"][:, :seen].copy_(known["enter.weight"])
        torch.nn.init.normal_(own["enter.weight"][:, seen:], std=0.02)
        own["embed.0.weight"].zero_()[:, DIAL].copy_(known["embed.0.weight"][:, 0])
        self.latent_std.copy_(codec.latent_std)

    def forward(self, x_t, t, refined, deviation, snr_db, perception, caption):
        """Predicts r (B,32,h,w). t, snr_db, perception: (B,); caption: (B,CAPTION)."""
        std = self.latent_std.view(1, -1, 1, 1)
        planes = torch.cat([refined / std, deviation / std, x_t], 1).contiguous(memory_format=torch.channels_last)
        scalars = torch.cat([torch.stack([t, snr_db / 10, perception], 1), caption], 1)
        with torch.autocast(x_t.device.type, torch.bfloat16, enabled=not self.precise):
            return self.net(planes, scalars).float()

    precise = False  # f32 throughout: for golden vectors and final tables

    @torch.no_grad()
    def draw(self, noise, steps: int, *conditions) -> torch.Tensor:
        """r after `steps` DDIM steps from `noise`."""
        x = noise
        times = [1 - i / steps for i in range(steps + 1)]
        for t, later in zip(times, times[1:]):
            clean = self(x, torch.full((len(x),), t, device=x.device), *conditions)
            a, s = signal_and_noise(t)
            direction = (x - a * clean) / s
            a, s = signal_and_noise(later)
            x = a * clean + s * direction
        return x


def signal_and_noise(t: float) -> tuple[float, float]:
    return math.cos(t * math.pi / 2), math.sin(t * math.pi / 2)


def loss_of(painter: Painter, clean: torch.Tensor, t: torch.Tensor, noise: torch.Tensor, conditions):
    """Mean squared error of r, weighted by min(signal-to-noise, 5) + 1 (Hang et al. 2023, for x0), and the plain one."""
    angle = (t * math.pi / 2).view(-1, 1, 1, 1)
    x_t = angle.cos() * clean + angle.sin() * noise
    error = F.mse_loss(painter(x_t, t, *conditions), clean, reduction="none").mean((1, 2, 3))
    weight = (angle.cos() / angle.sin().clamp_min(1e-3)).pow(2).clamp_max(5).flatten() + 1
    return (weight * error).mean(), error.detach()

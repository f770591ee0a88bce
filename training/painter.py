"""The painter: a flow from the refined latents towards the sent ones, in units of what is uncertain.

Let z be the sent latents, z_r those of the refining network, d the deviation that remains of each (linear_stage.py).
The painter moves r = (z - z_r) / d from 0 along dr/dt = v(r, t | z_r, d, SNR, dial, caption), t from 1 to 0, in Euler
steps (rectified flow, Liu et al. 2023; from the damaged picture instead of noise as in Delbracio and Milanfar 2023).
Where the channel made a latent certain, d is small and nothing is repainted. Untrained, v = 0: the refined latents.
"""

import zlib
from dataclasses import dataclass

import torch

import taef2
from latent_net import LatentNet

CAPTION = 128  # length of a caption's vector
DIAL = 2  # its place among the scalars
SCALARS = 3 + CAPTION  # t, SNR in units of 10 dB, dial, caption
SNR_LIMITS_DB = (-10.0, 30.0)


@dataclass
class Painting:
    """How one batch is painted: at `steps` Euler steps, the estimate of z after `evaluations` of them."""

    steps: int
    snr_db: torch.Tensor  # (B,)
    evaluations: int | None = None  # all when None
    caption: torch.Tensor | None = None  # (B, CAPTION)


def network() -> LatentNet:
    return LatentNet(3 * taef2.LATENT_CHANNELS, taef2.LATENT_CHANNELS, scalars=SCALARS)


def start_from(net: LatentNet, refine: LatentNet):
    """The eyes and ears of the refining network, nothing said yet (the exit stays zero)."""
    own, known = net.state_dict(), refine.state_dict()
    seen = refine.enter.in_channels
    for name, value in known.items():
        if name.startswith(("blocks.", "embed.2.")) or name in ("embed.0.bias", "enter.bias"):
            own[name].copy_(value)
    own["enter.weight"][:, :seen].copy_(known["enter.weight"])
    torch.nn.init.normal_(own["enter.weight"][:, seen:], std=0.02)
    own["embed.0.weight"].zero_()[:, DIAL].copy_(known["embed.0.weight"][:, 0])


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


def velocity(net: LatentNet, std, r, t: float, refined, deviation, perception, painting: Painting) -> torch.Tensor:
    """v (B,32,h,w)."""
    full = lambda value: torch.full_like(perception, value)
    caption = painting.caption
    if caption is None:
        caption = perception.new_zeros(len(perception), CAPTION)
    planes = torch.cat([refined / std, deviation / std, r], 1).contiguous(memory_format=torch.channels_last)
    scalars = torch.cat([torch.stack([full(t), painting.snr_db / 10, perception], 1), caption], 1)
    return net(planes, scalars).float()


def paint(net: LatentNet, std, refined, deviation, perception, painting: Painting) -> torch.Tensor:
    """The estimate of z; gradients reach the last evaluation only."""
    evaluations = painting.evaluations or painting.steps
    r, v = torch.zeros_like(refined), None
    for i in range(evaluations):
        t = 1 - i / painting.steps
        with torch.set_grad_enabled(torch.is_grad_enabled() and i == evaluations - 1):
            v = velocity(net, std, r, t, refined, deviation, perception, painting)
        r, remaining = r + v / painting.steps, t - 1 / painting.steps
    return refined + deviation * (r + remaining * v)

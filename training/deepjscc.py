"""Codec `deepjscc`: networks at both ends of a linear stage, from block DCTs to latents and back.

Transmitter: 4x4 bands at 1/4 resolution -> features, with the 8x8 bands at 1/8 and the rate of every block -> latents,
added to a linear map of the bands; then `linear_stage.py`. Receiver: least-squares latents and what is uncertain of
them -> 8x8 bands, added to the linear map's transpose, and features -> 4x4 bands. Untrained it is a block transform.
Every network is a `LatentNet`; `perception` is the dial of the receiver.
"""

import torch
import torch.nn.functional as F
from torch import nn

import bands
import softcast
from channel import Condition
from latent_net import LatentNet
from linear_stage import SIDE, LinearStage

LATENTS = 48
COMPONENTS = LATENTS * SIDE * SIDE
FINE, COARSE = 4, 8  # sides of the block DCTs
FINE_BANDS, COARSE_BANDS = 3 * FINE**2, 3 * COARSE**2
FEATURES = 32  # at 1/4 resolution, that pass between the two networks of one end
FINE_WIDTH, COARSE_WIDTH = 96, 256
USUAL_RATE = 128.0  # components of a block at CBR 1/48: the rate plane is 0 there
LEAST_SHARE = 1e-3  # of a latent's deviation that the logarithm of what is uncertain goes down to


def octaves(rate: torch.Tensor) -> torch.Tensor:
    """What the networks are told of components a block: octaves from the usual rate, over 4; copies make no other latents."""
    return ((rate.float().clamp(max=COMPONENTS) + 4) / USUAL_RATE).log2() / 4


def rate_plane(rate: torch.Tensor, rows: int, columns: int) -> torch.Tensor:
    """(B, blocks) components of each block to a plane at 1/8 resolution."""
    return octaves(rate).view(-1, 1, rows, columns).repeat_interleave(SIDE, 2).repeat_interleave(SIDE, 3)


class DeepJscc(nn.Module):
    def __init__(self):
        super().__init__()
        net = lambda inputs, outputs, width, depth: LatentNet(inputs, outputs, 1, width, around=3, depth=depth)
        folded = FEATURES * (COARSE // FINE) ** 2
        self.analysis_fine = net(FINE_BANDS, FEATURES, FINE_WIDTH, 4)
        self.analysis = net(COARSE_BANDS + folded + 1, LATENTS, COARSE_WIDTH, 7)
        self.linear = LinearStage(COMPONENTS, has_field=True)
        self.synthesis = net(3 * LATENTS, COARSE_BANDS + folded, COARSE_WIDTH, 10)
        self.synthesis_fine = net(FINE_BANDS + FEATURES, FINE_BANDS, FINE_WIDTH, 6)
        self.into = nn.Parameter(torch.zeros(LATENTS, COARSE_BANDS))  # the linear map
        self.out_of = nn.Parameter(torch.zeros(COARSE_BANDS, LATENTS))
        for name, count in (("fine", FINE_BANDS), ("coarse", COARSE_BANDS), ("latent", LATENTS)):
            self.register_buffer(f"{name}_mean", torch.zeros(count))
            self.register_buffer(f"{name}_std", torch.ones(count))
        nn.init.normal_(self.analysis_fine.leave.weight, std=0.02)  # features of zero would teach nothing

    precise = False  # f32 throughout

    @torch.no_grad()
    def fit(self, x: torch.Tensor):
        """Linear map: the bands of most variance. Scales and the linear stage, from photos in 0..1."""
        planes = softcast.to_planes(x) / 255
        coarse, fine = bands.split(planes, COARSE), bands.split(planes, FINE)
        for name, value in (("coarse", coarse), ("fine", fine)):
            getattr(self, f"{name}_mean").copy_(value.mean((0, 2, 3)))
            getattr(self, f"{name}_std").copy_(value.std((0, 2, 3)) + 1e-3)
        best = self.coarse_std.argsort(descending=True)[:LATENTS]
        self.into[range(LATENTS), best] = 1
        self.out_of.copy_(self.into.T)
        z = coarse[:, best]
        self.latent_mean.copy_(z.mean((0, 2, 3)))
        self.latent_std.copy_(z.std((0, 2, 3)))
        self.linear.fit(z, torch.eye(COMPONENTS, device=z.device))

    def _normal(self, name: str, value: torch.Tensor) -> torch.Tensor:
        channels = lambda part: getattr(self, f"{name}_{part}").view(1, -1, 1, 1)
        return (value - channels("mean")) / channels("std")

    def _evaluate(self, net: LatentNet, parts: list[torch.Tensor], scalar: torch.Tensor) -> torch.Tensor:
        inputs = torch.cat(parts, 1).contiguous(memory_format=torch.channels_last)
        with torch.autocast(inputs.device.type, torch.bfloat16, enabled=not self.precise):
            return net(inputs, scalar[:, None])

    def encode(self, x: torch.Tensor, rate: torch.Tensor) -> torch.Tensor:
        """Pictures in 0..1 and components of each block, (B, blocks), to latents."""
        planes = softcast.to_planes(x) / 255
        coarse, fine = bands.split(planes, COARSE), bands.split(planes, FINE)
        height, width = coarse.shape[2:]
        told = rate_plane(rate, height // SIDE, width // SIDE)
        # Of each component that is sent, the rate of its block: blocks that send nothing do not count.
        rate = (rate * octaves(rate)).sum(1) / rate.sum(1).clamp_min(1)
        features = self._evaluate(self.analysis_fine, [self._normal("fine", fine)], rate)
        features = F.pixel_unshuffle(features, COARSE // FINE)
        found = self._evaluate(self.analysis, [self._normal("coarse", coarse), features, told], rate)
        return torch.einsum("lk,bkhw->blhw", self.into, coarse) + found.float() * self.latent_std.view(1, -1, 1, 1)

    def decode(self, z_hat: torch.Tensor, deviation: torch.Tensor, perception: torch.Tensor) -> torch.Tensor:
        """Latents, the deviation that remains of each, the dial (B,), to pictures in about 0..1."""
        share = deviation / self.latent_std.view(1, -1, 1, 1)
        told = [self._normal("latent", z_hat), share, share.clamp_min(LEAST_SHARE).log()]
        found = self._evaluate(self.synthesis, told, perception)
        found, features = found[:, :COARSE_BANDS].float(), found[:, COARSE_BANDS:]
        coarse = torch.einsum("kl,blhw->bkhw", self.out_of, z_hat) + found * self.coarse_std.view(1, -1, 1, 1)
        fine = bands.split(bands.join(coarse, COARSE), FINE)
        features = F.pixel_shuffle(features, COARSE // FINE)
        found = self._evaluate(self.synthesis_fine, [self._normal("fine", fine), features], perception).float()
        fine = fine + found * self.fine_std.view(1, -1, 1, 1)
        return softcast.to_rgb(255 * bands.join(fine, FINE))

    def forward(self, x: torch.Tensor, condition: Condition, perception: torch.Tensor) -> torch.Tensor:
        return self.decode(*self.linear(self.encode(x, condition.rate), condition), perception)

"""The tiny autoencoder our codec starts from: TAEF2, the FLUX.2 latent space (32 channels at 1/8 resolution).

Written for this project after the description of madebyollin/taesd @5cccb12d (`taesd.py`, variant `flux_2`,
MIT, Copyright (c) 2023 Ollin Boer Bohan). Module names follow its checkpoints, so that they load unchanged:
a number is the place in the sequence, `conv`, `pool` and `skip` are the parts of a block.
"""

import torch
from torch import nn

LATENT_CHANNELS = 32
WIDTH = 64
POOL_WIDTH = 4 * WIDTH
POOL_GROUPS = 4


def conv3(n_in: int, n_out: int, **options) -> nn.Conv2d:
    return nn.Conv2d(n_in, n_out, 3, padding=1, **options)


class SoftClamp(nn.Module):
    """Keeps latents within +-3 without a hard corner."""

    def forward(self, z: torch.Tensor) -> torch.Tensor:
        return torch.tanh(z / 3) * 3


class Block(nn.Module):
    """Three convolutions around a skip; the blocks at 1/8 resolution also see the whole picture through a group norm."""

    def __init__(self, sees_whole_picture: bool = False):
        super().__init__()
        self.conv = nn.Sequential(
            conv3(WIDTH, WIDTH), nn.ReLU(), conv3(WIDTH, WIDTH), nn.ReLU(), conv3(WIDTH, WIDTH)
        )
        self.pool = None
        if sees_whole_picture:
            self.pool = nn.Sequential(
                nn.Conv2d(WIDTH, POOL_WIDTH, 1, bias=False),
                nn.GroupNorm(POOL_GROUPS, POOL_WIDTH),
                nn.ReLU(),
                nn.Conv2d(POOL_WIDTH, WIDTH, 1, bias=False),
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.pool is not None:
            x = x + self.pool(x)
        return torch.relu(self.conv(x) + x)


def down() -> nn.Conv2d:
    return conv3(WIDTH, WIDTH, stride=2, bias=False)


def up() -> list[nn.Module]:
    return [nn.Upsample(scale_factor=2), conv3(WIDTH, WIDTH, bias=False)]


def encoder() -> nn.Sequential:
    return nn.Sequential(
        conv3(3, WIDTH), Block(),
        down(), Block(), Block(), Block(),
        down(), Block(), Block(), Block(),
        down(), Block(True), Block(True), Block(True),
        conv3(WIDTH, LATENT_CHANNELS),
    )  # fmt: skip


def decoder() -> nn.Sequential:
    return nn.Sequential(
        SoftClamp(), conv3(LATENT_CHANNELS, WIDTH), nn.ReLU(),
        Block(True), Block(True), Block(True), *up(),
        Block(), Block(), Block(), *up(),
        Block(), Block(), Block(), *up(),
        Block(), conv3(WIDTH, 3),
    )  # fmt: skip


def load(folder) -> tuple[nn.Sequential, nn.Sequential]:
    """Encoder and decoder with the published weights, in f32."""
    pair = []
    for name, net in (("encoder", encoder()), ("decoder", decoder())):
        net.load_state_dict(torch.load(f"{folder}/taef2_{name}.pth", map_location="cpu", weights_only=True))
        pair.append(net.float())
    return pair[0], pair[1]

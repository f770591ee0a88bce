"""The learned codec: analysis network g_a, linear stage, a network that refines the latents by what is uncertain
of them, a painter that may follow it, and synthesis network g_s, told of what is uncertain too.

`perception` is the dial: 0 for least distortion, 1 for best perception, per picture.
"""

import torch
import torch.nn.functional as F
from torch import nn

import painter
import taef2
from channel import Condition, copies
from latent_net import LatentNet
from linear_stage import SIDE, LinearStage
from painter import Painting

COMPONENTS = taef2.LATENT_CHANNELS * SIDE * SIDE
INPUT = 1  # place in the decoder, after the clamp: the convolution that the uncertainty joins


class Dial(nn.Module):
    """A channel-wise affine that grows with the dial; at 0 the block is as it was."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.zeros(taef2.WIDTH))
        self.shift = nn.Parameter(torch.zeros(taef2.WIDTH))

    def forward(self, x: torch.Tensor, perception: torch.Tensor) -> torch.Tensor:
        p = perception.view(-1, 1, 1, 1).to(x.dtype)
        channels = lambda v: v.view(1, -1, 1, 1).to(x.dtype)
        return x * (1 + p * channels(self.scale)) + p * channels(self.shift)


class Synthesis(nn.Module):
    """TAEF2's decoder; beside it a convolution for the uncertainty map and a dial after every block."""

    def __init__(self):
        super().__init__()
        self.net = taef2.decoder()
        self.uncertainty = taef2.conv3(taef2.LATENT_CHANNELS, taef2.WIDTH)
        nn.init.zeros_(self.uncertainty.weight)
        nn.init.zeros_(self.uncertainty.bias)
        places = [str(i) for i, part in enumerate(self.net) if isinstance(part, taef2.Block)]
        self.dials = nn.ModuleDict({place: Dial() for place in places})

    def forward(self, z_hat, deviation, perception):
        x = z_hat
        for i, part in enumerate(self.net):
            x = part(x)
            if i == INPUT:
                x = x + self.uncertainty(deviation)
            if str(i) in self.dials:
                x = self.dials[str(i)](x, perception)
        return x


class Codec(nn.Module):
    def __init__(self):
        super().__init__()
        self.g_a = taef2.encoder()
        self.linear = LinearStage(COMPONENTS)
        self.refine = LatentNet(2 * taef2.LATENT_CHANNELS, taef2.LATENT_CHANNELS, scalars=1)
        self.painter = painter.network()
        self.g_s = Synthesis()
        self.register_buffer("latent_std", torch.ones(taef2.LATENT_CHANNELS))

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        with torch.autocast(x.device.type, torch.bfloat16, enabled=self.mixed(x)):
            return self.g_a(x.contiguous(memory_format=torch.channels_last)).float()

    def decode(self, z_hat, deviation, perception, painting: Painting | None = None) -> torch.Tensor:
        """`deviation` None: nothing is uncertain and nothing is refined, as the published decoder has it."""
        if deviation is None:
            return self.synthesize(z_hat, torch.zeros_like(z_hat), perception)
        with torch.autocast(z_hat.device.type, torch.bfloat16, enabled=self.mixed(z_hat)):
            z_hat = self.refined(z_hat, deviation, perception)
            if painting is not None:
                std = self.latent_std.view(1, -1, 1, 1)
                z_hat = painter.paint(self.painter, std, z_hat, deviation, perception, painting)
        return self.synthesize(z_hat, deviation, perception)

    def synthesize(self, z, deviation, perception) -> torch.Tensor:
        layout = lambda v: v.contiguous(memory_format=torch.channels_last)
        scaled = deviation / self.latent_std.view(1, -1, 1, 1)
        with torch.autocast(z.device.type, torch.bfloat16, enabled=self.mixed(z)):
            return self.g_s(layout(z), layout(scaled), perception).float()

    def refined(self, z_hat, deviation, perception) -> torch.Tensor:
        """Adds what the network finds, in units of what is uncertain: what the channel made certain stays."""
        std = self.latent_std.view(1, -1, 1, 1)
        inputs = torch.cat([z_hat / std, deviation / std], 1).contiguous(memory_format=torch.channels_last)
        return z_hat + deviation * self.refine(inputs, perception[:, None]).float()

    precise = False  # f32 throughout: for golden vectors and final tables

    def mixed(self, x) -> bool:
        return not self.precise

    def forward(self, x, condition: Condition, perception, steps: int = 0, evaluations: int | None = None) -> torch.Tensor:
        """Through the channel; `steps` of the painter, 0: none."""
        painting = None
        if steps:
            snr_db = painter.mean_snr_db(condition.precision, copies(condition.rate, COMPONENTS))
            painting = Painting(steps, snr_db, evaluations)
        return self.decode(*self.linear(self.encode(x), condition), perception, painting)


def untrained(taef2_folder: str) -> Codec:
    """The published autoencoder, its linear stage not yet fitted: see `warm_start`."""
    codec = Codec()
    g_a, g_s = taef2.load(taef2_folder)
    codec.g_a.load_state_dict(g_a.state_dict())
    codec.g_s.net.load_state_dict(g_s.state_dict())
    return codec.to(memory_format=torch.channels_last)


def decoder_metric(codec: Codec, z: torch.Tensor, sensitivities: int = 2) -> torch.Tensor:
    """E[J^T J] of the decoder over blocks of latents, J by random projections of the picture: (C, C)."""
    total, count = 0, 0
    for part in z.split(8):
        leaf = part.clone().requires_grad_(True)
        y = codec.decode(leaf, torch.zeros_like(leaf), torch.zeros(len(leaf), device=z.device))
        for _ in range(sensitivities):
            (gradient,) = torch.autograd.grad((y * torch.randn_like(y)).sum(), leaf, retain_graph=True)
            g = F.unfold(gradient.float(), SIDE, stride=SIDE).transpose(1, 2).flatten(0, 1)
            total, count = total + g.T @ g, count + len(g)
    return total / count


def warm_start(codec: Codec, photos: torch.Tensor, floor: float = 0.05):
    """Fits the linear stage to the latents of `photos` (0..1) and to what the decoder makes of them."""
    with torch.no_grad():
        z = torch.cat([codec.encode(part) for part in photos.split(8)])
    metric = decoder_metric(codec, z).double()
    identity = torch.eye(COMPONENTS, dtype=torch.double, device=metric.device)
    codec.linear.fit(z, metric / metric.trace() * COMPONENTS + floor * identity)
    codec.latent_std.copy_(z.std((0, 2, 3)))

"""What stands behind SoftCast's linear decoder in codec `restored`: a network that restores its picture.

The network works on the 4x4 block DCT of the received picture at 1/4 resolution. It is told the spectrum of the error
(8x8 bands of each plane), and adds what it finds in units of the error of each of its bands: zero before training, so
the start is SoftCast. 1/4 resolution learns faster than 1/8 with twice the width (log.md).
"""

from dataclasses import dataclass

import torch
from torch import nn

import bands
import softcast
from latent_net import LatentNet

SPECTRUM = 3 * bands.FINE_SIDE**2
SCALARS = SPECTRUM + 2  # log deviations in units of their mean square, log of that, perception
WIDTH = 96
LEAST_UNIT = 2.5  # of the linear view, as deviations of its log below its mean: it must not grow as the error shrinks
MOST_DEVIATIONS = 4.0  # of a log from its mean over training
PIXELS = 768 * 512  # of the picture whose detail of the variance surface crops are given


@dataclass
class Received:
    """planes (B,3,H,W): least-squares pictures. deviation (B,48), spectrum (B,192): of the error, coarse and fine bands."""

    planes: torch.Tensor
    deviation: torch.Tensor
    spectrum: torch.Tensor


class Restorer(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = LatentNet(2 * bands.BANDS, bands.BANDS, SCALARS, WIDTH, around=3)
        self.register_buffer("band_scale", torch.ones(bands.BANDS))  # of the received bands, in units of the error
        self.register_buffer("log_mean", torch.zeros(SPECTRUM + 1))  # of the scalars
        self.register_buffer("log_scale", torch.ones(SPECTRUM + 1))

    precise = True

    def logs(self, spectrum: torch.Tensor) -> torch.Tensor:
        total = spectrum.pow(2).mean(1, keepdim=True).sqrt()
        return torch.cat([(spectrum / total).log(), total.log()], 1)

    @torch.no_grad()
    def fit(self, received: list[Received]):
        """Scales of the inputs, from pictures received under all conditions."""
        logs = torch.cat([self.logs(r.spectrum) for r in received])
        self.log_mean.copy_(logs.mean(0))
        self.log_scale.copy_(logs.std(0) + 0.1)
        power = []
        for r in received:
            total = r.deviation.pow(2).mean(1).sqrt()[:, None, None, None]
            power.append((self.centred(r.planes)[0] / total).pow(2).mean((0, 2, 3)))
        self.band_scale.copy_(torch.stack(power).mean(0).sqrt() + 0.05)

    def centred(self, planes: torch.Tensor):
        mean = planes.mean((2, 3), keepdim=True)
        return bands.split(planes - mean), mean

    def forward(self, received: Received, perception: torch.Tensor) -> torch.Tensor:
        """Least-squares planes and the dial (B,), to better planes."""
        planes = received.planes
        y, mean = self.centred(planes)
        each = received.deviation[:, :, None, None]
        total = received.deviation.pow(2).mean(1).sqrt()[:, None, None, None]
        least = (self.log_mean[-1] - LEAST_UNIT * self.log_scale[-1]).exp()
        inputs = torch.cat([y / (total.clamp_min(least) * self.band_scale[:, None, None]), (y / each).asinh()], 1)
        told = (self.logs(received.spectrum) - self.log_mean) / self.log_scale
        scalars = torch.cat([told.clamp(-MOST_DEVIATIONS, MOST_DEVIATIONS), perception[:, None]], 1)
        with torch.autocast(planes.device.type, torch.bfloat16, enabled=not self.precise):
            found = self.net(inputs.contiguous(memory_format=torch.channels_last), scalars).float()
        return bands.join(y + each * found) + mean


def through(x: torch.Tensor, cbr: float, snr_db: float, lost: float = 0.0, generator=None):
    """One picture (3,H,W) of planes through SoftCast: planes as received, deviations of the bands, coarse (48,) and fine (192,)."""
    c = softcast.analyze(x)
    values = 2 * max(1, round(cbr * 3 * x[0].numel()))
    plan = softcast.plan(c.detach(), values, softcast.spacing_for(cbr * 3 * PIXELS))
    c_hat, remaining = softcast.transmit(c, plan, 10 ** (snr_db / 10), lost, generator)
    fine = bands.deviations(remaining, bands.FINE_SIDE)
    return softcast.synthesize(c_hat), bands.deviations(remaining), fine

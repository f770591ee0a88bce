"""What training minimises, each term relative to what the untrained chain does when as much is uncertain.

Measured lessons behind it (experiments before this repository): hard conditions must not own the gradient; colour and layout need
a low-pass term; LPIPS-Alex alone breeds hair-like textures. So LPIPS is taken over random shifts, scales and flips
(as in E-LPIPS, Kettunen et al. 2019) and at half size, and stands beside a distance in the latents of the frozen
TAEF2 encoder, a network nothing is reported with.
"""

import json

import torch
import torch.nn.functional as F
from torch import nn

from channel import Condition

BALANCE = 1.0  # 1: every condition counts alike in relative error; 0: in absolute error
MIDDLE_HARDNESS = 0.15  # about CBR 1/24 at 7 dB: where relative and absolute weights agree
HARDNESS = (0.005, 0.9)  # the range of the fit
SIDE_OF_LATENT_CROP = 64
SCALES = (0.75, 0.875, 1.125, 1.25)  # few sizes, so that cuDNN's choices are made once
TERMS = ("mse", "low", "lpips", "half", "latent")
# weight of each term at the ends of the dial: (least distortion, best perception)
WEIGHTS = {"mse": (2.0, 0.1), "low": (0.5, 0.5), "lpips": (0.0, 2.2), "half": (0.0, 0.5), "latent": (0.0, 0.3)}
TEACHER_WEIGHT = 0.5


class Reference:
    """log(error) of the untrained chain for each term: a quadratic in log(hardness), fitted by least squares."""

    def __init__(self, coefficients: dict[str, list[float]] | None = None):
        self.coefficients = coefficients or {}

    @staticmethod
    def _basis(hardness: torch.Tensor) -> torch.Tensor:
        h = (hardness.clamp(*HARDNESS) / MIDDLE_HARDNESS).log()
        return torch.stack([torch.ones_like(h), h, h * h], -1)

    def fit(self, hardness: torch.Tensor, errors: dict[str, torch.Tensor]):
        basis = self._basis(hardness).double().cpu()
        for term, error in errors.items():
            log = error.double().cpu().clamp_min(1e-9).log()
            self.coefficients[term] = torch.linalg.lstsq(basis, log[:, None]).solution[:, 0].tolist()

    def weight(self, term: str, hardness: torch.Tensor) -> torch.Tensor:
        """One over the reference error, softened by BALANCE."""
        coefficients = torch.tensor(self.coefficients[term], device=hardness.device)
        log, middle = self._basis(hardness) @ coefficients, coefficients[0]
        return (-(BALANCE * log + (1 - BALANCE) * middle)).exp()

    def save(self, path):
        path.write_text(json.dumps(self.coefficients, indent=1))

    @classmethod
    def load(cls, path):
        return cls(json.loads(path.read_text()))


class Losses(nn.Module):
    """The error terms of a batch, one value a picture."""

    def __init__(self, lpips: nn.Module, teacher: nn.Module):
        super().__init__()
        self.lpips, self.teacher = lpips, teacher  # teacher: a frozen, untrained codec
        self.requires_grad_(False)

    def _augment(self, y, x):
        """The same shift, scale, mirror and transposition for both pictures."""
        draw = lambda n: int(torch.randint(n, ()))
        top, left, side = draw(8), draw(8), y.shape[-1] - 8
        pair = torch.cat([y, x])[..., top : top + side, left : left + side]
        if draw(2):
            scale = SCALES[draw(len(SCALES))]
            size = round(side * scale)
            pair = F.interpolate(pair, size=(size, size), mode="bilinear", antialias=scale < 1, align_corners=False)
        if draw(2):
            pair = pair.transpose(-1, -2)
        if draw(2):
            pair = pair.flip(-1)
        return pair.chunk(2)

    def _latent_distance(self, y, x):
        top, left = (int(torch.randint(y.shape[-1] - SIDE_OF_LATENT_CROP + 1, ())) for _ in range(2))
        crop = (..., slice(top, top + SIDE_OF_LATENT_CROP), slice(left, left + SIDE_OF_LATENT_CROP))
        of_y, of_x = self.teacher.encode(y[crop]), self.teacher.encode(x[crop])
        return ((of_y - of_x) / self.teacher.latent_std.view(1, -1, 1, 1)).pow(2).mean((1, 2, 3))

    def terms(self, y: torch.Tensor, x: torch.Tensor) -> dict[str, torch.Tensor]:
        halves = F.avg_pool2d(y, 2), F.avg_pool2d(x, 2)
        with torch.autocast(x.device.type, torch.bfloat16):
            lpips = self.lpips.distance(*self._augment(y, x))
            half = self.lpips.distance(*halves)
        return {
            "mse": (y - x).pow(2).mean((1, 2, 3)),
            "low": F.avg_pool2d(y - x, 8).pow(2).mean((1, 2, 3)),
            "lpips": lpips,
            "half": half,
            "latent": self._latent_distance(y, x),
        }

    def from_teacher(self, y: torch.Tensor, x: torch.Tensor) -> torch.Tensor:
        """LPIPS to what the untrained decoder paints from clean latents: keeps the high-rate end."""
        with torch.no_grad():
            z = self.teacher.encode(x)
            target = self.teacher.decode(z, None, torch.zeros(len(z), device=x.device))
        with torch.autocast(x.device.type, torch.bfloat16):
            return self.lpips.distance(y, target.clamp(0, 1))

    def total(self, y, x, condition: Condition, perception, reference: Reference):
        """The loss of the batch, and the plain terms for the log."""
        terms = self.terms(y, x)
        hardness = self.teacher.linear.hardness(condition)
        loss = 0.0
        for term in TERMS:
            low, high = WEIGHTS[term]
            weight = (low + (high - low) * perception) * reference.weight(term, hardness)
            loss = loss + (weight * terms[term]).mean()
        easiest = hardness.argmin().view(1)
        weight = TEACHER_WEIGHT * (perception * reference.weight("lpips", hardness))[easiest] / len(x)
        loss = loss + (weight * self.from_teacher(y[easiest], x[easiest])).sum()
        return loss, {k: v.detach() for k, v in terms.items()}

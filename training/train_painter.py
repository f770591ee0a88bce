"""Training of the painter on what a finished codec leaves open, for as many minutes as it is given.

    python train_painter.py --data DIR --codec codec.safetensors --out DIR --minutes 60

The codec is frozen. Captions are never given yet: the input is there, and always dropped.
Writes painter.safetensors (EMA), log.csv and state.pt as train.py does.
"""

import argparse
import time

import torch

import channel
import checkpoint
import data
import loop
import painter
from channel import copies
from codec import COMPONENTS
from train import PIXELS_OF_BLOCK

LEARNING_RATE = 4e-4
SHARE_FROM_NOISE = 0.25  # of the draws of t at its end: what one evaluation is asked
LIMIT = 6.0  # of r: heavier tails only disturb


class PainterLoop(loop.Loop):
    def __init__(self, given):
        begun = time.monotonic()
        device = loop.prepare(given)
        self.photos, self.held_out = data.load(given.data or ".", given.cache)
        self.codec = checkpoint.open_codec(given.codec, "", None, device).eval().requires_grad_(False)
        module = painter.Painter()
        module.start_from(self.codec)
        if given.resume:
            module.load_state_dict(checkpoint.read(given.resume))
        module = module.to(device, memory_format=torch.channels_last)
        groups = [{"params": list(module.net.parameters()), "lr": LEARNING_RATE, "full": LEARNING_RATE}]
        super().__init__(given, begun, device, module, groups, "painter.safetensors")

    def draw(self):
        given = self.given
        x = data.crops(self.photos, given.batch, given.side, self.generator, self.device)
        n = given.side // PIXELS_OF_BLOCK
        condition = channel.sample(given.batch, n, n, COMPONENTS, self.generator, self.device)
        u = torch.rand(3, given.batch, generator=self.generator).to(self.device)
        t = torch.where(u[0] < SHARE_FROM_NOISE, torch.ones_like(u[1]), u[1].clamp_min(0.02))
        perception = torch.where(u[2] < 0.7, torch.ones_like(u[2]), (u[2] - 0.7) / 0.3)
        return x, condition, t, perception

    @torch.no_grad()
    def left_open(self, x, condition, perception):
        """r, and what the painter is told."""
        z = self.codec.encode(x)
        z_hat, deviation = self.codec.linear(z, condition)
        with torch.autocast(x.device.type, torch.bfloat16):
            refined = self.codec.refined(z_hat, deviation, perception).float()
        clean = ((z - refined) / deviation).clamp(-LIMIT, LIMIT)
        snr_db = painter.mean_snr_db(condition.precision, copies(condition.rate, COMPONENTS))
        caption = torch.zeros(len(x), painter.CAPTION, device=x.device)
        return clean, (refined, deviation, snr_db, perception, caption)

    def loss_of(self, batch):
        x, condition, t, perception = batch
        clean, conditions = self.left_open(x, condition, perception)
        loss, error = painter.loss_of(self.forward, clean, t, torch.randn_like(clean), conditions)
        explained = 1 - error / clean.pow(2).mean((1, 2, 3))
        end, rest = (t == 1), (t < 1)
        part = lambda mask: explained[mask].mean() if mask.any() else explained.new_zeros(())
        return loss, {"power": clean.pow(2).mean(), "explained": part(rest), "from_noise": part(end)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    loop.add_arguments(parser)
    parser.add_argument("--codec", required=True, help="codec.safetensors, trained")
    given = loop.parsed(parser)
    run = PainterLoop(given)
    print(f"{run.device}: {len(run.photos)} photos, from step {run.step}", flush=True)
    run.train()

"""Training of codec `deepjscc` through the simulated channel, for as many minutes as it is given.

    python train_deepjscc.py --data DIR --lpips FILE --out DIR --minutes 60 --batch 6 --side 128

Writes deepjscc.safetensors (EMA, kernels in f16) and log.csv to --out every two minutes; with --keep-state it goes on
from where it was. The loss is the mean logarithm of the squared error, so a decibel counts alike everywhere, and for
some of the pictures the logarithm of LPIPS beside it, by the dial.
"""

import argparse
import os
import time

import torch
from safetensors.torch import save_file

import activity
import channel
import checkpoint
import data
import deepjscc
import evaluate
import latent_net
import loop
from lpips import LpipsAlex

FILE = "deepjscc.safetensors"
SHARE_TURNED = 0.375  # of the pictures whose dial is not at 0
MSE_WEIGHT_AT_1 = 0.25  # with the dial at 1
LPIPS_WEIGHT = 1.5  # the same; by the square of the dial, so that its middle lies between the ends
LEAST_MSE, LEAST_LPIPS = 1e-5, 0.01  # below, nothing is won
FIT_PHOTOS = 256
LINEAR_RATE = 2e-4
PIXELS_OF_BLOCK = 32
EXPONENTS = (0.4, 1.0)  # of the bits of a block, for its share
RATES, SNRS_DB = (96, 48, 24, 16, 12), (1.0, 7.0, 13.0)


class DeepJsccLoop(loop.Loop):
    def __init__(self, given):
        begun = time.monotonic()
        device = loop.prepare(given)
        photos, self.held_out = data.load(given.data or ".", given.cache)
        self.photos = photos.to(device)
        net = deepjscc.DeepJscc().to(device, memory_format=torch.channels_last)
        if given.resume:
            net.load_state_dict(checkpoint.read(given.resume))
        else:
            step = max(1, len(photos) // FIT_PHOTOS)
            net.fit(data.centre(self.photos[::step], data.SIDE))
        self.lpips = LpipsAlex(given.lpips).to(device).requires_grad_(False)
        slow = lambda name: name.startswith(("linear.", "into", "out_of"))
        groups = [
            {"params": [p for n, p in net.named_parameters() if slow(n) == is_slow], "lr": rate, "full": rate}
            for is_slow, rate in ((False, given.peak), (True, LINEAR_RATE))
        ]
        wanted, given.compile = given.compile, False
        super().__init__(given, begun, device, net, groups, (FILE,))
        if wanted:  # the blocks alone: the same code for all of one size, so it is soon compiled
            torch._dynamo.config.cache_size_limit = 64
            latent_net.GatedBlock.forward = torch.compile(latent_net.GatedBlock.forward, dynamic=False)
        net.train()

    def draw(self):
        given = self.given
        x = data.crops(self.photos, given.batch, given.side, self.generator, self.device)
        n = given.side // PIXELS_OF_BLOCK
        exponent = EXPONENTS[0] + (EXPONENTS[1] - EXPONENTS[0]) * torch.rand(given.batch, 1, generator=self.generator)
        weights = activity.weights(activity.levels(x.cpu(), exponent))
        condition = channel.sample(given.batch, n, n, deepjscc.COMPONENTS, self.generator, self.device, weights)
        turned = max(1, round(given.batch * SHARE_TURNED))
        u = torch.rand(2, turned, generator=self.generator)
        dial = torch.zeros(given.batch)
        dial[:turned] = torch.where(u[0] < 0.5, 0.5, torch.where(u[0] < 0.75, 1.0, u[1]))
        return x, condition, dial.to(self.device), turned

    def loss_of(self, batch):
        x, condition, dial, turned = batch
        y = self.forward(x, condition, dial)
        mse = ((y - x).pow(2).mean((1, 2, 3)) + LEAST_MSE).log()
        with torch.autocast(x.device.type, torch.bfloat16):
            lpips = (self._distance(y[:turned], x[:turned]) + LEAST_LPIPS).log()
        loss = ((1 - (1 - MSE_WEIGHT_AT_1) * dial) * mse).mean()
        loss = loss + LPIPS_WEIGHT * (dial[:turned].square() * lpips).sum() / len(x)
        decibels = lambda log: (-10 / 2.302585) * log.mean().detach()
        return loss, {"psnr": decibels(mse[turned:]), "psnr_dial": decibels(mse[:turned]), "lpips": lpips.mean().exp().detach()}

    def write_weights(self):
        partial = self.out / "weights.partial"
        save_file(checkpoint.shipped(self.ema), partial)
        os.replace(partial, self.out / FILE)

    def _distance(self, y, x):
        """LPIPS at a random shift, mirrored or not."""
        draw = lambda n: int(torch.randint(n, ()))
        top, left, side = draw(16), draw(16), y.shape[-1] - 16
        pair = torch.cat([y, x])[..., top : top + side, left : left + side]
        return self.lpips.distance(*(pair.flip(-1) if draw(2) else pair).chunk(2))

    @torch.no_grad()
    def report(self):
        """Held-out table: PSNR / LPIPS at the dial's 0, 0.5 and 1, whole photos, white noise."""
        self.module.load_state_dict(checkpoint.read(self.out / FILE))
        net = self.module.eval()
        net.precise = True
        step = max(1, len(self.held_out) // self.given.held_out)
        x = data.centre(self.held_out[::step][: self.given.held_out], data.SIDE).to(self.device)
        blocks = (data.SIDE // PIXELS_OF_BLOCK) ** 2
        for rate in RATES:
            for snr in SNRS_DB:
                cells = []
                for dial in (0.0, 0.5, 1.0):
                    torch.manual_seed(evaluate.NOISE_SEED)
                    values = []
                    for part in x.split(8):
                        weights = activity.weights(activity.levels(part))
                        condition = channel.plain(len(part), blocks, deepjscc.COMPONENTS, 1 / rate, snr, self.device, weights)
                        y = net(part, condition, torch.full((len(part),), dial, device=self.device)).clamp(0, 1)
                        values.append(torch.stack([evaluate.psnr_db(y, part), self.lpips.distance(y, part)], 1))
                    cells.append("{:.2f} / {:.3f}".format(*torch.cat(values).mean(0).tolist()))
                print(f"| 1/{rate} | {snr:g} dB | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    loop.add_arguments(parser)
    parser.add_argument("--lpips", required=True, help="lpips_alex_v01.safetensors")
    parser.add_argument("--peak", type=float, default=1e-3, help="learning rate")
    given = loop.parsed(parser)
    run = DeepJsccLoop(given)
    print(f"{run.device}: {len(run.photos)} photos, from step {run.step}", flush=True)
    run.train()
    if given.held_out:
        run.report()

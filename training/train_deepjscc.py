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
import muon
from linear_stage import FOLLOW
from lpips import LpipsAlex

FILE = "deepjscc.safetensors"
MSE_WEIGHT_AT_1 = 0.25  # with the dial at 1
LPIPS_WEIGHT = 1.5  # the same; by the square of the dial, so that its middle lies between the ends
LEAST_MSE, LEAST_LPIPS = 1e-5, 0.01  # below, nothing is won
SHIFTS = 16  # of the pictures LPIPS sees, pixels: a stride of its network and more
MIXING = tuple(f"{name}.weight" for name in ("enter", "leave", "widen1", "widen2", "narrow1", "narrow2"))
FIT_PHOTOS = 256
LINEAR_RATE, GAIN_RATE = 2e-4, 0.02
PIXELS_OF_BLOCK = 32
EXPONENTS = (0.4, 1.0)  # of the bits of a block, for its share
STEEP_DISTORTION, STEEP_EXPONENT = 3200.0, 1.0  # `--allocation distortion`
RATES, SNRS_DB = (96, 48, 24, 16, 12), (1.0, 7.0, 13.0)


class DeepJsccLoop(loop.Loop):
    def __init__(self, given):
        begun = time.monotonic()
        device = loop.prepare(given)
        photos, self.held_out = data.load(given.data or ".", given.cache)
        self.photos = photos.to(device)
        self.focus = channel.Focus(given.focus, tuple(given.focus_snr_db), tuple(given.focus_cbr))
        net = deepjscc.DeepJscc().to(device, memory_format=torch.channels_last)
        if given.resume:
            net.load_state_dict(checkpoint.read(given.resume))
        else:
            step = max(1, len(photos) // FIT_PHOTOS)
            net.fit(data.centre(self.photos[::step], data.SIDE))
        self.lpips = LpipsAlex(given.lpips).to(device).requires_grad_(False)
        wanted, given.compile = given.compile, False
        super().__init__(given, begun, device, net, self._optimizers(given, device, net), (FILE,))
        if wanted:  # the blocks alone: the same code for all of one size, so it is soon compiled
            torch._dynamo.config.cache_size_limit = 64
            latent_net.GatedBlock.forward = torch.compile(latent_net.GatedBlock.forward, dynamic=False)
        net.linear.following = given.follow
        net.train()

    @staticmethod
    def _optimizers(given, device, net) -> list:
        """Muon for the kernels that mix channels; AdamW for the rest, slower for the linear maps."""
        matrix = lambda name: name.endswith(MIXING)
        gain = lambda name: name == "linear.log_gain"
        linear = lambda name: name.startswith(("linear.", "into", "out_of")) and not gain(name)
        network = lambda name: not linear(name) and not gain(name)
        named = list(net.named_parameters())
        groups = [
            {"params": [p for n, p in named if linear(n)], "lr": LINEAR_RATE},
            {"params": [p for n, p in named if gain(n)], "lr": GAIN_RATE},
            {"params": [p for n, p in named if network(n) and not (given.muon and matrix(n))], "lr": given.peak},
        ]
        adam = loop.adam(groups, device)
        if not given.muon:
            return [adam]
        return [adam, muon.Muon([p for n, p in named if matrix(n)], given.muon)]

    def draw(self):
        """A batch made on the device, conditions and all."""
        given, device = self.given, self.device
        x = data.drawn(self.photos, given.batch, given.side)
        n = given.side // PIXELS_OF_BLOCK
        low, high = EXPONENTS
        exponent = low + (high - low) * torch.rand(given.batch, 1, device=device)
        turned = max(1, round(given.batch * given.turned))
        levels = activity.levels(x, exponent)
        steep = torch.rand(given.batch, 1, device=device) < given.steep
        steep[:turned] = False  # who turns the dial wants texture
        levels = torch.where(steep, activity.levels(x, STEEP_EXPONENT, STEEP_DISTORTION), levels)
        condition = channel.sample(given.batch, n, n, deepjscc.COMPONENTS, None, device, activity.weights(levels), self.focus, given.special)
        u, v = torch.rand(2, given.batch, device=device)
        dial = torch.where(u < 0.5, 0.5, torch.where(u < 0.75, 1.0, v))
        dial[turned:] = 0
        return x, condition, dial, turned

    def loss_of(self, batch):
        x, condition, dial, turned = batch
        y = self.forward(x, condition, dial)
        mse = ((y - x).pow(2).mean((1, 2, 3)) + LEAST_MSE).log()
        with torch.autocast(x.device.type, torch.bfloat16, cache_enabled=False):
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
        """LPIPS at a random shift."""
        side = y.shape[-1] - SHIFTS
        along = lambda: (torch.rand((), device=y.device) * SHIFTS).long() + torch.arange(side, device=y.device)
        rows, columns = along(), along()
        return self.lpips.distance(*torch.cat([y, x])[:, :, rows][..., columns].chunk(2))

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
    parser.add_argument("--peak", type=float, default=1e-3, help="learning rate of AdamW")
    parser.add_argument("--muon", type=float, default=0.006, help="learning rate of Muon; 0: AdamW alone")
    parser.add_argument("--focus", type=float, default=0.0, help="share of rates and SNRs from the two ranges that follow")
    parser.add_argument("--focus-snr-db", type=float, nargs=2, default=channel.Focus.snr_db, metavar=("LOW", "HIGH"), help="dB")
    parser.add_argument("--focus-cbr", type=float, nargs=2, default=channel.Focus.cbr, metavar=("LOW", "HIGH"), help="channel uses a colour value, as decimals")
    parser.add_argument("--turned", type=float, default=0.375, help="share of the pictures whose dial is not at 0, below 1; one at least")
    parser.add_argument("--special", type=float, default=1.0, help="factor of the shares of pictures with rate maps, losses or fading")
    parser.add_argument("--steep", type=float, default=0.0, help="share of the pictures with the dial at 0 whose map is that of --allocation distortion")
    parser.add_argument("--follow", type=float, default=FOLLOW, help="how fast prior variances follow the encoder; 0: they stay, for weights that are resumed")
    given = loop.parsed(parser)
    run = DeepJsccLoop(given)
    print(f"{run.device}: {len(run.photos)} photos, from step {run.step}", flush=True)
    run.train()
    if given.held_out:
        run.report()

"""Training of the inpainter through codec `deepjscc`, which stays as it is, for as many minutes as it is given.

    python train_inpainter.py --data DIR --lpips FILE --codec ../weights/deepjscc.safetensors --out DIR --minutes 60 --batch 4 --side 256

Parts of photos in which blocks of 32x32 pixels send nothing: all but a rectangle, a rectangle, or what noise of low frequency says; noise stands in
the latents of those beside sent ones, for texture (`--noise`). The loss is the logarithm of the squared error, which is all there is far from what was
sent; beside it and in it, by the dial, that of LPIPS, and beside it what an adversary makes of the painting (`--adversary`; LPIPS alone likes a weave).
Writes inpainter.safetensors (EMA, kernels in f16) and log.csv every two minutes, and a held-out table at the end.
"""

import argparse
import os
import time

import torch
import torch.nn.functional as F
from safetensors.torch import save_file

import activity
import channel
import checkpoint
import data
import deepjscc
import evaluate
import inpainter
import loop
from adversary import Adversary
from lpips import LpipsAlex

FILE = "inpainter.safetensors"
BLOCK, SHIFTS = 32, 16  # pixels
CBR, SNR_DB = (1 / 96, 1 / 8), (-2.0, 20.0)  # CBR of the blocks that send
SHARES = (0.5, 0.75)  # of the pictures: all but a rectangle is empty; a rectangle is; the rest by noise
BESIDE, CELL = 40, 8  # pixels from what was sent, what is further away is far; of cells that this is counted in
LPIPS_WEIGHT = {"beside": 0.5, "sent": 1.5, "far": 0.0}
MSE_WEIGHT_AT_1 = {"beside": 0.25, "sent": 0.25, "far": 3.0}  # 1 at dial 0
LEAST_MSE, LEAST_LPIPS, LEAST_SHARE = 1e-5, 0.01, 0.005  # the last: of a picture, for a part of it to count
ADVERSARY_RATE, ADVERSARY_WARM_UP = 1e-3, 100  # learning rate; steps until it has its weight
HELD_OUT_CBR, HELD_OUT_SNR_DB = 1 / 24, 7.0


def rectangles(batch: int, blocks: int, generator=None) -> torch.Tensor:
    """(B, blocks, blocks): 1 in a rectangle of a quarter to three quarters of each side."""
    at = torch.arange(blocks)
    inside = torch.ones(batch, blocks, blocks)
    for axis in (1, 2):
        length = (blocks * (0.25 + 0.5 * torch.rand(batch, generator=generator))).round()
        begin = (torch.rand(batch, generator=generator) * (blocks - length + 1)).floor()
        along = ((at >= begin[:, None]) & (at < (begin + length)[:, None])).float()
        inside *= along.unsqueeze(3 - axis)
    return inside


def empties(batch: int, blocks: int, generator=None) -> torch.Tensor:
    """(B, blocks, blocks): 1 where nothing is sent; neither nothing nor everything."""
    inside = rectangles(batch, blocks, generator)
    noise = F.interpolate(torch.rand(batch, 1, 3, 3, generator=generator), (blocks, blocks), mode="bicubic")[:, 0]
    level = 0.2 + 0.6 * torch.rand(batch, generator=generator)
    cut = torch.stack([n.quantile(q) for n, q in zip(noise.flatten(1), level)])
    kind = torch.rand(batch, generator=generator)[:, None, None]
    return torch.where(kind < SHARES[0], 1 - inside, torch.where(kind < SHARES[1], inside, (noise > cut[:, None, None]).float()))


def condition_of(x: torch.Tensor, empty: torch.Tensor, cbr: torch.Tensor, snr_db: torch.Tensor) -> channel.Condition:
    """White noise; `cbr` is that of the blocks that send."""
    kept = 1 - empty.flatten(1)
    mean = cbr * channel.REALS_PER_BLOCK_AT_CBR_1 * kept.mean(1)
    weights = activity.weights(activity.levels(x)) * kept
    rate = activity.shares(weights, mean, activity.least_copies(weights, mean, deepjscc.COMPONENTS))
    precision = channel.copies(rate, deepjscc.COMPONENTS).float() * (10 ** (snr_db / 10))[:, None, None]
    return channel.Condition(rate, precision, mean, snr_db)


def pixels(empty: torch.Tensor) -> torch.Tensor:
    """(B,1,H,W) of (B, blocks, blocks)."""
    return empty[:, None].repeat_interleave(BLOCK, 2).repeat_interleave(BLOCK, 3)


def close(sent: torch.Tensor) -> torch.Tensor:
    """(B,1,H,W) of (B, blocks, blocks): 1 up to BESIDE pixels from what was sent."""
    cells, reach = BLOCK // CELL, BESIDE // CELL
    fine = sent[:, None].repeat_interleave(cells, 2).repeat_interleave(cells, 3)
    found = F.max_pool2d(fine, 2 * reach + 1, 1, reach)
    return found.repeat_interleave(CELL, 2).repeat_interleave(CELL, 3)


class InpainterLoop(loop.Loop):
    def __init__(self, given):
        begun = time.monotonic()
        device = loop.prepare(given)
        photos, self.held_out = data.load(given.data or ".", given.cache)
        self.photos = photos.to(device)
        self.codec = deepjscc.DeepJscc().to(device, memory_format=torch.channels_last).eval().requires_grad_(False)
        self.codec.load_state_dict(checkpoint.read(given.codec))
        self.lpips = LpipsAlex(given.lpips).to(device).requires_grad_(False)
        self.adversary = Adversary(ADVERSARY_RATE).to(device)
        net = inpainter.Inpainter(self.codec).to(device)
        if given.resume:
            net.load_state_dict(checkpoint.read(given.resume))
        super().__init__(given, begun, device, net, [loop.adam([{"params": list(net.parameters()), "lr": given.peak}], device)], (FILE,))

    def draw(self):
        given, device = self.given, self.device
        x = data.drawn(self.photos, given.batch, given.side)
        between = lambda low, high: low + (high - low) * torch.rand(given.batch)
        empty = empties(given.batch, given.side // BLOCK)
        cbr = between(*(torch.tensor(c).log() for c in CBR)).exp()
        dial = torch.tensor([0.0, 0.5, 0.5, 1.0])[torch.randint(4, (given.batch,))]
        return (x, *(part.to(device) for part in (empty, cbr, between(*SNR_DB), dial)))

    def loss_of(self, batch):
        x, empty, cbr, snr_db, dial = batch
        y = self.painted(x, condition_of(x, empty, cbr, snr_db), dial, empty)
        holes, near = pixels(empty), close(1 - empty)
        x, y, holes, near = self._shifted(x, y, holes, near)
        parts = {"beside": holes * near, "sent": 1 - holes, "far": 1 - near}
        real, painted = self.lpips.features(x), self.lpips.features(y)
        loss, terms = self._adversary(real, painted, parts["beside"], dial)
        for name, mask in parts.items():
            counts = (mask.mean((1, 2, 3)) > LEAST_SHARE).float()
            mean = lambda values, of=counts: (values * of).sum() / of.sum().clamp_min(1)
            mse, lpips = inpainter.inside(self.lpips, y, x, mask, painted, real)
            logs = (mse + LEAST_MSE).log(), (lpips + LEAST_LPIPS).log()
            weights = 1 - (1 - MSE_WEIGHT_AT_1[name]) * dial, LPIPS_WEIGHT[name] * dial.square()
            loss = loss + (counts * (weights[0] * logs[0] + weights[1] * logs[1])).mean()
            share = counts * (dial > 0)
            if counts.any():
                terms[f"psnr_{name}"] = (-10 / 2.302585) * mean(logs[0].detach())
            if share.any():
                terms[f"lpips_{name}"] = mean(lpips.detach(), share)
        return loss, terms

    def _adversary(self, real, painted, where, dial):
        """What it adds to the loss; it looks at pictures whose dial is turned, and learns a step."""
        if self.given.adversary == 0:
            return 0.0, {}
        masks = self.adversary.masks(where * (dial > 0).float()[:, None, None, None], real)
        learned = self.adversary.learn(real, painted, masks)
        doubt = self.adversary.doubt(painted, masks, dial)
        weight = self.given.adversary * min(1.0, self.adversary.steps / ADVERSARY_WARM_UP)
        return weight * doubt, {"adversary": learned, "doubt": doubt.detach()}

    @staticmethod
    def _shifted(*parts):
        """Crops at the same random place, so that the strides of LPIPS's network fall on every pixel."""
        top, left = torch.randint(SHIFTS, (2,)).tolist()
        side = parts[0].shape[-1] - SHIFTS
        return [part[..., top : top + side, left : left + side] for part in parts]

    def painted(self, x, condition, dial, empty, fill: bool = True):
        with torch.no_grad():
            latents, deviation = self.codec.linear(self.codec.encode(x, condition.rate), condition)
            if fill:
                latents = inpainter.with_noise(latents, deviation, empty, self.given.noise, dial)
        self.module.active = fill
        return self.codec.decode(latents, deviation, dial)

    def write_weights(self):
        partial = self.out / "weights.partial"
        save_file(checkpoint.shipped(self.ema), partial)
        os.replace(partial, self.out / FILE)

    @torch.no_grad()
    def report(self):
        """Held-out table: dial, then PSNR / LPIPS of the empty blocks without the inpainter and with it, and of the others."""
        self.module.load_state_dict(checkpoint.read(self.out / FILE))
        self.codec.precise = True
        step = max(1, len(self.held_out) // self.given.held_out)
        side = self.given.held_out_side
        x = data.centre(self.held_out[::step][: self.given.held_out], side).to(self.device)
        empty = empties(len(x), side // BLOCK, torch.Generator().manual_seed(evaluate.NOISE_SEED)).to(self.device)
        for dial in (0.0, 0.5, 1.0):
            cells = [[], []]
            for fill in (False, True):
                found = [[], []]
                for i, (part, holes) in enumerate(zip(x.split(4), empty.split(4))):
                    torch.manual_seed(evaluate.NOISE_SEED + i)  # the same channel with the inpainter's noise and without
                    full = lambda value: torch.full((len(part),), value, device=self.device)
                    condition = condition_of(part, holes, full(HELD_OUT_CBR), full(HELD_OUT_SNR_DB))
                    y = self.painted(part, condition, full(dial), holes, fill).clamp(0, 1)
                    for where, mask in zip(found, (pixels(holes), 1 - pixels(holes))):
                        mse, lpips = inpainter.inside(self.lpips, y, part, mask)
                        where.append(torch.stack([-10 * mse.log10(), lpips], 1))
                for cell, where in zip(cells, found):
                    cell.append("{:.2f} / {:.3f}".format(*torch.cat(where).mean(0).tolist()))
            cells = cells[0] + cells[1]
            print(f"| {dial:g} | " + " | ".join(cells) + " |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    loop.add_arguments(parser)
    parser.add_argument("--codec", required=True, help="deepjscc.safetensors")
    parser.add_argument("--lpips", required=True, help="lpips_alex_v01.safetensors")
    parser.add_argument("--peak", type=float, default=1e-3, help="learning rate")
    parser.add_argument("--noise", type=float, default=0.1, help="in the latents of empty blocks beside sent ones, of their deviation")
    parser.add_argument("--adversary", type=float, default=0.3, help="weight of its loss; 0: without")
    parser.add_argument("--held-out-side", type=int, default=256, help="pixels of the closing table's crops")
    given = loop.parsed(parser)
    if given.graph:
        parser.error("--graph: found, allowed is a step as it is: crops and gaps are drawn on the processor")
    run = InpainterLoop(given)
    print(f"{run.device}: {sum(p.numel() for p in run.parameters)} parameters, {len(run.photos)} photos, from step {run.step}", flush=True)
    run.train()
    if given.held_out:
        run.report()

"""Training of the networks around SoftCast, for as many minutes as it is given.

    python train_restorer.py --cache DIR --lpips FILE --out DIR --minutes 60 --batch 6 --side 256

Writes restorer.safetensors (EMA, as it is shipped) and log.csv to --out every two minutes; with --keep-state it goes
on from where it was. Error is relative to SoftCast's own on the same crop, so every condition counts alike.
"""

import argparse
import os
import time

import torch
from safetensors.torch import save_file

import checkpoint
import data
import loop
import softcast
from lpips import LpipsAlex
from restorer import Restorer, Received, through

SNR_DB = (-2.0, 20.0)
CBR = (1 / 128, 1 / 8)
SHARE_LOST = 0.15
LOST_AT_MOST = 0.4
SHARE_FLAT = 0.75  # of the pictures with the dial at 0: they need no LPIPS
LPIPS_WEIGHT = 1.0  # at dial 1, beside error that is relative to SoftCast's
FIT_BATCHES = 12
FILE = "restorer.safetensors"


def spread(low: float, high: float, count: int, draw) -> list[float]:
    """One value from each of `count` equal parts of the range, in random order."""
    order = draw(count).argsort()
    return (low + (high - low) * (order + draw(count)) / count).tolist()


def received(x: torch.Tensor, generator: torch.Generator) -> tuple[torch.Tensor, Received]:
    """Planes of the pictures and what arrives of them under random conditions."""
    draw = lambda *shape: torch.rand(*shape, generator=generator)
    logs = [float(torch.tensor(c).log()) for c in CBR]
    conditions = zip(spread(*SNR_DB, len(x), draw), spread(*logs, len(x), draw))
    planes = softcast.to_planes(x)
    arrived = []
    for one, (snr_db, log_cbr) in zip(planes, conditions):
        lost = float(draw(1)) * LOST_AT_MOST if draw(1) < SHARE_LOST else 0.0
        arrived.append(through(one, float(torch.tensor(log_cbr).exp()), snr_db, lost, generator))
    return planes, Received(*(torch.stack(part) for part in zip(*arrived)))


class RestorerLoop(loop.Loop):
    def __init__(self, given):
        begun = time.monotonic()
        device = loop.prepare(given)
        self.photos, self.held_out = data.load(given.data or ".", given.cache)
        net = Restorer()
        if given.resume:
            net.load_state_dict(checkpoint.read(given.resume))
        else:
            generator = torch.Generator().manual_seed(given.seed + 77)
            crops = (data.crops(self.photos, 6, given.side, generator, device) for _ in range(FIT_BATCHES))
            net.fit([received(x, generator)[1] for x in crops])
        net.to(device, memory_format=torch.channels_last)
        self.lpips = LpipsAlex(given.lpips).to(device)
        groups = [{"params": list(net.parameters()), "lr": given.peak}]
        super().__init__(given, begun, device, net, [loop.adam(groups, device)], (FILE,))

    def draw(self):
        given = self.given
        x = data.crops(self.photos, given.batch, given.side, self.generator, self.device)
        planes, arrived = received(x, self.generator)
        u = torch.rand(given.batch, generator=self.generator)
        flat = round(given.batch * SHARE_FLAT)
        dial = torch.where(u < 0.4, 0.5, torch.where(u < 0.7, 1.0, torch.rand(given.batch, generator=self.generator)))
        dial[torch.randperm(given.batch, generator=self.generator)[:flat]] = 0
        return x, planes, arrived, dial

    def loss_of(self, batch):
        x, planes, arrived, dial = batch
        y = self.forward(arrived, dial)
        error = lambda a: (a - planes).pow(2).mean((1, 2, 3))
        before = error(arrived.planes)
        relative = error(y) / before
        loss = relative.mean()
        terms = {"mse": relative[dial == 0].mean().detach(), "mse_dial": relative[dial > 0].mean().detach()}
        if (dial > 0).any():
            of, was, to = (v[dial > 0] for v in (softcast.to_rgb(y), softcast.to_rgb(arrived.planes), x))
            distance = self._lpips(of, to)
            with torch.no_grad():
                reference = self.lpips.distance(was.clamp(0, 1), to)
            share = distance / reference.clamp_min(0.02)
            loss = loss + LPIPS_WEIGHT * (dial[dial > 0] * share).sum() / len(x)
            terms |= {"lpips": share.mean().detach()}
        return loss, terms

    def _lpips(self, y, x):
        """On a random shift and mirror, at full or half size."""
        draw = lambda n: int(torch.randint(n, ()))
        top, left, side = draw(16), draw(16), y.shape[-1] - 16
        pair = torch.cat([y, x])[..., top : top + side, left : left + side]
        if draw(2):
            pair = pair.flip(-1)
        if draw(4) == 0:
            pair = pair.mT
        with torch.autocast(x.device.type, torch.bfloat16):
            return self.lpips.distance(*pair.contiguous(memory_format=torch.channels_last).chunk(2))

    def write_weights(self):
        partial = self.out / "weights.partial"
        save_file(checkpoint.shipped(self.ema), partial)
        os.replace(partial, self.out / FILE)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    loop.add_arguments(parser)
    parser.add_argument("--lpips", required=True, help="lpips_alex_v01.safetensors")
    parser.add_argument("--peak", type=float, default=1e-3, help="learning rate")
    run = RestorerLoop(loop.parsed(parser))
    print(f"{run.device}: {len(run.photos)} photos, from step {run.step}", flush=True)
    run.train()

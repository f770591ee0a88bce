"""Fine-tuning of codec and painter through the simulated channel, for as many minutes as it is given.

    python train.py --data DIR --taef2 DIR --lpips FILE --out DIR --minutes 100
    python train.py ... --resume codec.safetensors --span 0.25 0.5      the second quarter of a longer schedule

Writes to --out (default $OUT): untrained.safetensors and reference.json at the start; every two minutes
codec.safetensors and painter.safetensors (EMA; kernels in f16, as they are shipped), log.csv and, with --keep-state, state.pt (everything; a run found there goes on by
itself); at the end a held-out table and sample pictures. A first SIGTERM ends it early, with everything written.
"""

import argparse
import copy
import time

import torch

import channel
import checkpoint
import data
import evaluate
import loop
from codec import COMPONENTS
from linear_stage import SIDE
from losses import TERMS, Losses, Reference
from lpips import LpipsAlex

PIXELS_OF_BLOCK = 8 * SIDE
# steps of the painter by what is trained; together, half of the batches have none
STEPS = {"codec": (0,), "painter": (1, 2, 4), "both": (0, 0, 0, 1, 2, 4)}
REFERENCE_CROPS = 4
REFERENCE_CBR = (1 / 128, 1 / 48, 1 / 18, 1 / 8)
REFERENCE_SNR_DB = (-2.0, 5.0, 12.0, 20.0)
# learning rates by the beginning of a parameter's name; the first that fits
LEARNING_RATES = (("linear.", 3e-4), ("g_s.uncertainty", 1e-3), ("g_s.dials", 1e-3), ("refine.", 5e-4), ("painter.", 2e-3), ("g_a.", 1e-4), ("g_s.", 2e-4))


def groups_of(codec) -> list[dict]:
    groups = {prefix: {"params": [], "lr": rate} for prefix, rate in LEARNING_RATES}
    for name, parameter in codec.named_parameters():
        prefix = next(p for p, _ in LEARNING_RATES if name.startswith(p))
        if parameter.requires_grad:
            groups[prefix]["params"].append(parameter)
    return [group for group in groups.values() if group["params"]]


class CodecLoop(loop.Loop):
    def __init__(self, given):
        begun = time.monotonic()
        device = loop.prepare(given)
        self.photos, self.held_out = data.load(given.data or ".", given.cache)
        teacher = self._teacher(given, device)
        codec = copy.deepcopy(teacher)
        if given.resume:
            codec = checkpoint.open_codec(given.resume, given.taef2, self.photos, device)
        codec.requires_grad_(given.train != "painter").painter.requires_grad_(given.train != "codec")
        self.steps = STEPS[given.train]
        self.lpips = LpipsAlex(given.lpips).to(device)
        self.losses = Losses(self.lpips, teacher)
        super().__init__(given, begun, device, codec, [loop.adam(groups_of(codec), device)], ("codec.safetensors", "painter.safetensors"))
        self.reference = self._reference(teacher)

    def _teacher(self, given, device: str):
        """The untrained chain, kept beside the weights."""
        start = loop.Path(given.out) / "untrained.safetensors"
        if not start.exists():
            checkpoint.save(checkpoint.fitted(given.taef2, self.photos, device).state_dict(), start)
        return checkpoint.open_codec(str(start), given.taef2, None, device).eval()

    def train(self):
        self.module.train()
        if self.given.train == "painter":
            self.module.linear.eval()  # or its prior variances would follow the batches
        super().train()

    def draw(self):
        given = self.given
        x = data.crops(self.photos, given.batch, given.side, self.generator, self.device)
        n = given.side // PIXELS_OF_BLOCK
        condition = channel.sample(given.batch, n, n, COMPONENTS, self.generator, self.device)
        u = torch.rand(2, given.batch, generator=self.generator)
        dial = torch.where(u[0] < 0.5, 1.0, torch.where(u[0] < 0.75, 0.0, u[1])).to(self.device)
        any_of = lambda n: int(torch.randint(n, (), generator=self.generator))
        steps = self.steps[any_of(len(self.steps))]
        return x, condition, dial, steps, 1 + any_of(steps) if steps else 0

    def loss_of(self, batch):
        x, condition, dial, steps, evaluations = batch
        y = self.forward(x, condition, dial, steps, evaluations)
        loss, terms = self.losses.total(y, x, condition, dial, self.reference)
        return loss, {k: v.mean() for k, v in terms.items()}

    @torch.no_grad()
    def _reference(self, teacher) -> Reference:
        """What the untrained chain does with the same few crops over a grid of conditions; kept beside the weights."""
        path = self.out / "reference.json"
        if path.exists():
            return Reference.load(path)
        x = data.crops(self.photos, REFERENCE_CROPS, self.given.side, self.generator, self.device)
        z, dial = teacher.encode(x), torch.zeros(len(x), device=self.device)
        blocks = (self.given.side // PIXELS_OF_BLOCK) ** 2
        hardness, errors = [], {term: [] for term in TERMS}
        for cbr in REFERENCE_CBR:
            for snr_db in REFERENCE_SNR_DB:
                condition = channel.plain(len(x), blocks, COMPONENTS, cbr, snr_db, self.device)
                y = teacher.decode(*teacher.linear(z, condition), dial)
                for term, value in self.losses.terms(y, x).items():
                    errors[term].append(value.mean())
                hardness.append(teacher.linear.hardness(condition)[0])
        reference = Reference()
        reference.fit(torch.stack(hardness), {k: torch.stack(v) for k, v in errors.items()})
        reference.save(path)
        return reference

    def report(self):
        """Held-out table and samples, of the EMA weights."""
        codec = checkpoint.open_codec(str(self.out / self.files[0]), "", None, self.device)
        step = max(1, len(self.held_out) // self.given.held_out)
        x = data.centre(self.held_out[::step], evaluate.CROP).to(self.device)
        rows, painted = evaluate.table(codec, x, {"lpips_alex": self.lpips.distance}, (1.0, 0.0))
        evaluate.write_csv(self.out / "held-out.csv", rows)
        print(evaluate.as_markdown(rows, ["psnr_db", "psnr8_db", "lpips_alex"]), flush=True)
        columns = [painted[1.0, rate, 7.0][:6] for rate in (48, 24)]
        evaluate.sheet(self.out / "samples.png", x[:6], columns)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    loop.add_arguments(parser)
    parser.add_argument("--taef2", required=True, help="folder of taef2_encoder.pth and taef2_decoder.pth")
    parser.add_argument("--lpips", required=True, help="lpips_alex_v01.safetensors")
    parser.add_argument("--train", choices=STEPS, default="codec", help="what is trained; the rest stays as it is")
    given = loop.parsed(parser)
    run = CodecLoop(given)
    print(f"{run.device}: {len(run.photos)} photos, {len(run.held_out)} held out, from step {run.step}", flush=True)
    run.train()
    if given.held_out:
        run.report()

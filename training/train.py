"""Joint fine-tuning of the codec through the simulated channel, for as many minutes as it is given.

    python train.py --data DIR --taef2 DIR --lpips FILE --out DIR --minutes 100
    python train.py ... --resume codec.safetensors --span 0.25 0.5      the second quarter of a longer schedule

Writes to --out (default $OUT): untrained.safetensors and reference.json at the start; every two minutes
codec.safetensors (EMA, f32), log.csv and, with --keep-state, state.pt (everything; a run found there goes on by
itself); at the end a held-out table and sample pictures. A first SIGTERM ends it early, with everything written.
"""

import argparse
import copy
import csv
import math
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch

import channel
import checkpoint
import data
import evaluate
from codec import COMPONENTS
from linear_stage import SIDE
from losses import TERMS, Losses, Reference
from lpips import LpipsAlex

PIXELS_OF_BLOCK = 8 * SIDE
SAVE_EVERY_S = 120
LOG_EVERY = 25
WARM_UP_STEPS = 30
LAST_RATE = 0.03  # of the full learning rate, at the end of the schedule
CLIP = 2.0  # times the running gradient norm
REFERENCE_CROPS = 4
REFERENCE_CBR = (1 / 128, 1 / 48, 1 / 18, 1 / 8)
REFERENCE_SNR_DB = (-2.0, 5.0, 12.0, 20.0)
# learning rates by the beginning of a parameter's name; the first that fits
LEARNING_RATES = (("linear.", 3e-4), ("g_s.uncertainty", 1e-3), ("g_s.dials", 1e-3), ("g_a.", 1e-4), ("g_s.", 2e-4))


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", help="folder of photos or shards")
    parser.add_argument("--cache", help="keep the decoded photos here (750 MB)")
    parser.add_argument("--taef2", required=True, help="folder of taef2_encoder.pth and taef2_decoder.pth")
    parser.add_argument("--lpips", required=True, help="lpips_alex_v01.safetensors")
    parser.add_argument("--out", default=os.environ.get("OUT"), help="default: $OUT")
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--span", type=float, nargs=2, default=(0.0, 1.0), help="part of the schedule this run covers")
    parser.add_argument("--resume", help="weights to go on from")
    parser.add_argument("--keep-state", action="store_true")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--side", type=int, default=128)
    parser.add_argument("--rate", type=float, default=1.0, help="multiplies every learning rate")
    parser.add_argument("--ema", type=float, default=0.998)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--compile", action="store_true")
    parser.add_argument("--held-out", type=int, default=12, help="photos of the closing table; 0: none")
    return parser.parse_args()


class Run:
    def __init__(self, given):
        self.given, self.begun = given, time.monotonic()
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        torch.set_num_threads(given.threads)
        torch.manual_seed(given.seed)
        torch.backends.cudnn.benchmark = True
        self.out = Path(given.out)
        self.out.mkdir(parents=True, exist_ok=True)
        self.photos, self.held_out = data.load(given.data or ".", given.cache)
        start = self.out / "untrained.safetensors"
        if not start.exists():
            checkpoint.save(checkpoint.fitted(given.taef2, self.photos, self.device).state_dict(), start)
        teacher = checkpoint.open_codec(str(start), given.taef2, None, self.device).eval()
        self.codec = copy.deepcopy(teacher)
        if given.resume:
            self.codec = checkpoint.open_codec(given.resume, given.taef2, self.photos, self.device)
        self.lpips = LpipsAlex(given.lpips).to(self.device)
        self.losses = Losses(self.lpips, teacher)
        self.generator = torch.Generator().manual_seed(given.seed + 1)
        self.ema = {k: v.clone() for k, v in self.codec.state_dict().items()}
        self.optimizer = torch.optim.AdamW(self._groups(), betas=(0.9, 0.99), weight_decay=0.0)
        self.step, self.spent_s, self.norm = 0, 0.0, None
        self.told_to_stop = False
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "told_to_stop", True))
        self._restore()
        self.reference = self._reference(teacher)
        self.forward = torch.compile(self.codec) if given.compile else self.codec
        self.ahead = ThreadPoolExecutor(1)  # draws the next batch while the device works on this one
        self.next = self.ahead.submit(self._batch)

    def _groups(self):
        groups = {prefix: {"params": [], "lr": rate, "full": rate} for prefix, rate in LEARNING_RATES}
        for name, parameter in self.codec.named_parameters():
            prefix = next(p for p, _ in LEARNING_RATES if name.startswith(p))
            groups[prefix]["params"].append(parameter)
        return list(groups.values())

    def _batch(self):
        given = self.given
        x = data.crops(self.photos, given.batch, given.side, self.generator, self.device)
        n = given.side // PIXELS_OF_BLOCK
        condition = channel.sample(given.batch, n, n, COMPONENTS, self.generator, self.device)
        u = torch.rand(2, given.batch, generator=self.generator)
        dial = torch.where(u[0] < 0.5, 1.0, torch.where(u[0] < 0.75, 0.0, u[1])).to(self.device)
        return x, condition, dial

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

    def progress(self) -> float:
        """How far along the whole schedule, 0..1."""
        begin, end = self.given.span
        return begin + (end - begin) * min(1.0, self.spent_s / 60 / self.given.minutes)

    def train_step(self):
        cosine = 0.5 * (1 + math.cos(math.pi * self.progress()))
        factor = self.given.rate * min(1, (self.step + 1) / WARM_UP_STEPS) * max(LAST_RATE, cosine)
        for group in self.optimizer.param_groups:
            group["lr"] = group["full"] * factor
        x, condition, dial = self.next.result()
        self.next = self.ahead.submit(self._batch)
        y = self.forward(x, condition, dial)
        loss, terms = self.losses.total(y, x, condition, dial, self.reference)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        limit = CLIP * self.norm if self.norm else 1.0
        norm = float(torch.nn.utils.clip_grad_norm_(self.codec.parameters(), limit))
        if not math.isfinite(norm):
            return None
        self.norm = norm if self.norm is None else 0.95 * self.norm + 0.05 * min(norm, 2 * self.norm)
        self.optimizer.step()
        self.step += 1
        self._follow()
        return {"loss": loss.detach(), **{k: v.mean() for k, v in terms.items()}, "norm": norm}

    @torch.no_grad()
    def _follow(self):
        keep = min(self.given.ema, self.step / (self.step + 10))
        for name, value in self.codec.state_dict().items():
            self.ema[name].lerp_(value, 1 - keep)

    def save(self):
        checkpoint.save(self.ema, self.out / "codec.safetensors")
        if self.given.keep_state:
            state = {k: getattr(self, k) for k in ("ema", "step", "spent_s", "norm")}
            state |= {"codec": self.codec.state_dict(), "optimizer": self.optimizer.state_dict()}
            torch.save(state, self.out / "state.partial")
            os.replace(self.out / "state.partial", self.out / "state.pt")

    def _restore(self):
        path = self.out / "state.pt"
        if not (self.given.keep_state and path.exists()):
            return
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.codec.load_state_dict(state["codec"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.ema, self.step, self.spent_s, self.norm = (state[k] for k in ("ema", "step", "spent_s", "norm"))
        self.generator.manual_seed(self.given.seed + 1 + self.step)

    def train(self):
        self.codec.train()
        sums, before_s, saved = {}, self.spent_s, time.monotonic()
        while self.spent_s < 60 * self.given.minutes and not self.told_to_stop:
            for name, value in (self.train_step() or {}).items():
                sums[name] = sums.get(name, 0.0) + value
            now = time.monotonic()
            self.spent_s = before_s + now - self.begun  # the start of the process counts: a lease does not wait
            if self.step % LOG_EVERY == 0 and sums:
                self._log({k: float(v) / LOG_EVERY for k, v in sums.items()})
                sums = {}
            if now - saved > SAVE_EVERY_S:
                self.save()
                saved = time.monotonic()
        self.save()

    def _log(self, means: dict[str, float]):
        row = {"step": self.step, "minutes": round(self.spent_s / 60, 2), **{k: f"{v:.5g}" for k, v in means.items()}}
        path = self.out / "log.csv"
        fresh = not path.exists()
        with open(path, "a", newline="") as file:
            writer = csv.DictWriter(file, list(row))
            if fresh:
                writer.writeheader()
            writer.writerow(row)
        print(*(f"{k} {v}" for k, v in row.items()), flush=True)

    def report(self):
        """Held-out table and samples, of the EMA weights."""
        codec = checkpoint.open_codec(str(self.out / "codec.safetensors"), "", None, self.device)
        step = max(1, len(self.held_out) // self.given.held_out)
        x = data.centre(self.held_out[::step], evaluate.CROP).to(self.device)
        rows, painted = evaluate.table(codec, x, {"lpips_alex": self.lpips.distance}, (1.0, 0.0))
        evaluate.write_csv(self.out / "held-out.csv", rows)
        print(evaluate.as_markdown(rows, ["psnr_db", "psnr8_db", "lpips_alex"]), flush=True)
        columns = [painted[1.0, rate, 7.0][:6] for rate in (48, 24)]
        evaluate.sheet(self.out / "samples.png", x[:6], columns)


if __name__ == "__main__":
    given = arguments()
    if not given.out:
        raise SystemExit("--out is not given and $OUT is not set")
    run = Run(given)
    print(f"{run.device}: {len(run.photos)} photos, {len(run.held_out)} held out, from step {run.step}", flush=True)
    run.train()
    if given.held_out:
        run.report()

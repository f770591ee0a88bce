"""The loop every training here shares: schedule within the given minutes, EMA, clipping, log, resuming, SIGTERM."""

import argparse
import csv
import math
import os
import shutil
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch

import checkpoint

SAVE_EVERY_S = 120
LOG_EVERY = 25
WARM_UP_STEPS = 30
LAST_RATE = 0.03  # of the full learning rate, at the end of the schedule
CLIP = 2.0  # times the running gradient norm


def add_arguments(parser: argparse.ArgumentParser):
    parser.add_argument("--data", help="folder of photos or shards")
    parser.add_argument("--cache", help="keep the decoded photos here (750 MB)")
    parser.add_argument("--out", default=os.environ.get("OUT"), help="default: $OUT")
    parser.add_argument("--copy", help="folder that gets weights and log too, where only that comes back from a machine")
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


def parsed(parser: argparse.ArgumentParser) -> argparse.Namespace:
    given = parser.parse_args()
    if not given.out:
        parser.error("--out is not given and $OUT is not set")
    return given


def prepare(given) -> str:
    """Seeds and threads; the device to train on."""
    torch.set_num_threads(given.threads)
    torch.manual_seed(given.seed)
    torch.backends.cudnn.benchmark = True
    Path(given.out).mkdir(parents=True, exist_ok=True)
    return "cuda" if torch.cuda.is_available() else "cpu"


class Loop:
    """`draw()` gives a batch, `loss_of(batch)` its loss and terms for the log; `files` are those of the weights."""

    def __init__(self, given, begun: float, device: str, module, groups: list[dict], files: tuple[str, ...]):
        self.given, self.begun, self.device, self.module = given, begun, device, module
        self.out, self.files = Path(given.out), files
        self.ema = {k: v.clone() for k, v in module.state_dict().items()}
        self.optimizer = torch.optim.AdamW(groups, betas=(0.9, 0.99), weight_decay=0.0, fused=device == "cuda")
        self.generator = torch.Generator().manual_seed(given.seed + 1)
        self.step, self.spent_s, self.norm = 0, 0.0, None
        self.told_to_stop = False
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "told_to_stop", True))
        self._restore()
        self.forward = torch.compile(module) if given.compile else module
        self.ahead = ThreadPoolExecutor(1)  # draws the next batch while the device works on this one
        self.next = None

    def draw(self):
        raise NotImplementedError

    def loss_of(self, batch):
        raise NotImplementedError

    def progress(self) -> float:
        """How far along the whole schedule, 0..1."""
        begin, end = self.given.span
        return begin + (end - begin) * min(1.0, self.spent_s / 60 / self.given.minutes)

    def _set_rates(self):
        cosine = 0.5 * (1 + math.cos(math.pi * self.progress()))
        factor = self.given.rate * min(1, (self.step + 1) / WARM_UP_STEPS) * max(LAST_RATE, cosine)
        for group in self.optimizer.param_groups:
            group["lr"] = group["full"] * factor

    def train_step(self):
        self._set_rates()
        batch = (self.next or self.ahead.submit(self.draw)).result()
        self.next = self.ahead.submit(self.draw)
        loss, terms = self.loss_of(batch)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        limit = CLIP * self.norm if self.norm else 1.0
        norm = float(torch.nn.utils.clip_grad_norm_(self.module.parameters(), limit))
        if not math.isfinite(norm):
            return None
        self.norm = norm if self.norm is None else 0.95 * self.norm + 0.05 * min(norm, 2 * self.norm)
        self.optimizer.step()
        self.step += 1
        self._follow()
        return {"loss": loss.detach(), **terms, "norm": norm}

    @torch.no_grad()
    def _follow(self):
        keep = min(self.given.ema, self.step / (self.step + 10))
        now = self.module.state_dict()
        torch._foreach_lerp_([self.ema[name] for name in now], list(now.values()), 1 - keep)

    def write_weights(self):
        checkpoint.save(self.ema, self.out / self.files[0])

    def save(self):
        self.write_weights()
        for name in (*self.files, "log.csv", "reference.json"):
            if self.given.copy and (self.out / name).exists():
                shutil.copy(self.out / name, self.given.copy)
        if self.given.keep_state:
            state = {k: getattr(self, k) for k in ("ema", "step", "spent_s", "norm")}
            state |= {"weights": self.module.state_dict(), "optimizer": self.optimizer.state_dict()}
            torch.save(state, self.out / "state.partial")
            os.replace(self.out / "state.partial", self.out / "state.pt")

    def _restore(self):
        path = self.out / "state.pt"
        if not (self.given.keep_state and path.exists()):
            return
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.module.load_state_dict(state["weights"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.ema, self.step, self.spent_s, self.norm = (state[k] for k in ("ema", "step", "spent_s", "norm"))
        self.generator.manual_seed(self.given.seed + 1 + self.step)

    def train(self):
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

"""The loop every training here shares: schedule within the given minutes, EMA, clipping, log, resuming, SIGTERM."""

import argparse
import csv
import math
import os
import shutil
import signal
import time
from pathlib import Path

import torch

import checkpoint
from linear_stage import LinearStage

SAVE_EVERY_S = 120
LOG_EVERY = {"cpu": 25, "cuda": 200}  # steps; reading a figure waits for the device
WARM_UP_STEPS = 100
EAGER_STEPS = 5  # before a CUDA graph is captured
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
    parser.add_argument("--graph", action="store_true", help="the whole step as a CUDA graph")
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


def adam(groups: list[dict], device: str) -> torch.optim.AdamW:
    on_gpu = device == "cuda"
    return torch.optim.AdamW(groups, betas=(0.9, 0.99), weight_decay=0.0, fused=on_gpu, capturable=on_gpu)


class Loop:
    """`draw()` gives a batch, `loss_of(batch)` its loss and terms for the log; `files` are those of the weights."""

    def __init__(self, given, begun: float, device: str, module, optimizers: list, files: tuple[str, ...]):
        self.given, self.begun, self.device, self.module = given, begun, device, module
        self.out, self.files = Path(given.out), files
        self.ema = {k: v.clone() for k, v in module.state_dict().items()}
        self.optimizers = optimizers
        for group in self._groups():
            group["full"] = group["lr"]
            group["lr"] = torch.tensor(float(group["lr"]), device=device)  # so that a CUDA graph reads the new value
        self.stages = [part for part in module.modules() if isinstance(part, LinearStage)]
        self.parameters = [p for group in self._groups() for p in group["params"]]
        self.generator = torch.Generator().manual_seed(given.seed + 1)
        self.step, self.spent_s = 0, 0.0
        self.norm = torch.zeros((), device=device)  # running, of the gradient
        self.keep = torch.zeros((), device=device)  # of the EMA
        self.told_to_stop = False
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "told_to_stop", True))
        self._restore()
        self.forward = torch.compile(module) if given.compile else module
        self.graph, self.stream, self.eager = None, None, 0

    def _groups(self):
        return [group for optimizer in self.optimizers for group in optimizer.param_groups]

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
        for group in self._groups():
            group["lr"].fill_(group["full"] * factor)
        self.keep.fill_(min(self.given.ema, self.step / (self.step + 10)))

    def _compute(self) -> dict[str, torch.Tensor]:
        """One step, from drawing the batch to the EMA, without waiting for the device."""
        loss, terms = self.loss_of(self.draw())
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        norm = self._clip()
        for optimizer in self.optimizers:
            optimizer.step()
        for stage in self.stages:
            stage.follow()
        self._follow()
        return {"loss": loss.detach(), **terms, "norm": norm}

    @torch.no_grad()
    def _clip(self) -> torch.Tensor:
        """Gradients down to CLIP times the running norm; to nothing when one is not finite."""
        grads = [p.grad for p in self.parameters if p.grad is not None]
        norm = torch.linalg.vector_norm(torch.stack(torch._foreach_norm(grads)))
        finite, first = norm.isfinite(), self.norm == 0
        limit = torch.where(first, 1.0, CLIP * self.norm)
        torch._foreach_mul_(grads, (limit / norm).clamp(max=1.0))
        for grad in grads:
            grad.nan_to_num_(0.0, 0.0, 0.0)
        follow = torch.where(first, norm, 0.95 * self.norm + 0.05 * norm.minimum(2 * self.norm))
        self.norm.copy_(torch.where(finite, follow, self.norm))
        return norm

    def train_step(self) -> dict[str, torch.Tensor]:
        self._set_rates()
        if self.graph:
            self.graph.replay()
        elif self.given.graph and self.device == "cuda":
            self._towards_graph()
        else:
            self.found = self._compute()
        self.step += 1
        return self.found

    def _towards_graph(self):
        """A few steps on the graph's own stream, which make every workspace and table, then the step as a CUDA graph."""
        torch.cuda.synchronize()
        self.stream = self.stream or torch.cuda.Stream()
        self.eager += 1
        if self.eager <= EAGER_STEPS:
            with torch.cuda.stream(self.stream):
                self.found = self._compute()
        else:
            graph = torch.cuda.CUDAGraph()
            with torch.cuda.graph(graph, stream=self.stream):
                self.found = self._compute()
            self.graph = graph
            graph.replay()  # capturing computes nothing
        torch.cuda.synchronize()

    @torch.no_grad()
    def _follow(self):
        now = self.module.state_dict()
        moved = [self.ema[name] for name in now]
        torch._foreach_mul_(moved, self.keep)
        torch._foreach_add_(moved, torch._foreach_mul(list(now.values()), 1 - self.keep))

    def write_weights(self):
        checkpoint.save(self.ema, self.out / self.files[0])

    def save(self):
        self.write_weights()
        for name in (*self.files, "log.csv", "reference.json"):
            if self.given.copy and (self.out / name).exists():
                shutil.copy(self.out / name, self.given.copy)
        if self.given.keep_state:
            state = {k: getattr(self, k) for k in ("ema", "step", "spent_s", "norm")}
            state |= {"weights": self.module.state_dict(), "optimizers": [o.state_dict() for o in self.optimizers]}
            torch.save(state, self.out / "state.partial")
            os.replace(self.out / "state.partial", self.out / "state.pt")

    def _restore(self):
        path = self.out / "state.pt"
        if not (self.given.keep_state and path.exists()):
            return
        state = torch.load(path, map_location=self.device, weights_only=True)
        self.module.load_state_dict(state["weights"])
        for optimizer, own in zip(self.optimizers, state["optimizers"]):
            optimizer.load_state_dict(own)
        self.ema, self.step, self.spent_s, self.norm = (state[k] for k in ("ema", "step", "spent_s", "norm"))
        self.generator.manual_seed(self.given.seed + 1 + self.step)

    def train(self):
        sums, counts, before_s, saved = {}, {}, self.spent_s, time.monotonic()
        while self.spent_s < 60 * self.given.minutes and not self.told_to_stop:
            for name, value in self.train_step().items():
                sums[name], counts[name] = sums.get(name, 0.0) + value, counts.get(name, 0) + 1
            now = time.monotonic()
            self.spent_s = before_s + now - self.begun  # the start of the process counts: a lease does not wait
            if self.step % LOG_EVERY[self.device] == 0:
                self._log({k: float(v) / counts[k] for k, v in sums.items()})
                sums, counts = {}, {}
            if now - saved > SAVE_EVERY_S:
                self.save()
                saved = time.monotonic()
        self.save()

    def _log(self, means: dict[str, float]):
        row = {"step": self.step, "minutes": round(self.spent_s / 60, 2), **{k: f"{v:.5g}" for k, v in means.items()}}
        path = self.out / "log.csv"
        fresh = not path.exists()
        columns = list(row) if fresh else path.read_text().partition("\n")[0].strip().split(",")
        with open(path, "a", newline="") as file:
            writer = csv.DictWriter(file, columns, restval="", extrasaction="ignore")  # a step may lack a term
            if fresh:
                writer.writeheader()
            writer.writerow(row)
        print(*(f"{k} {v}" for k, v in row.items()), flush=True)

"""Trains the captioner's words on Flickr8k; the backbone stays as it is.

    python train_captioner.py --data FLICKR8K --cache /tmp/captioner --out /tmp/captioner/run --minutes 40

--minutes are those of the processor, so that other jobs on the machine do not change the result much. The state is kept in --out at every
look at the dev loss and on `kill -TERM`, and the same command goes on from it.

FLICKR8K holds data/images/*.jpg at 224x224, Flickr8k.token.txt and Flickr_8k.{train,dev,test}Images.txt. Features of every photo and of
its mirror image are computed once and kept in --cache (500 MB). The weights of the best dev loss so far are kept.
"""

import argparse
import json
import math
import os
import signal
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

import captioner as c

CAPTIONS = 5
EPOCH_PARTS = 4  # how often the dev loss is taken


def cached_features(data: Path, cache: Path, part: str) -> torch.Tensor:
    """Photos, views (as it is; of training photos mirrored too), 49, 320 in f16."""
    file, names = cache / f"{part}.npy", c.split(data, part)
    if not file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        views = 2 if part == "train" else 1
        net, found = c.backbone(), np.zeros((len(names), views, c.GRID, c.CHANNELS), np.float16)
        for start in range(0, len(names), 16):
            rgb = np.stack([c.read(data / "data/images" / name) for name in names[start : start + 16]])
            for side, view in enumerate([rgb, rgb[:, :, ::-1]][:views]):
                found[start : start + 16, side] = c.features(net, np.ascontiguousarray(view)).numpy()
        np.save(file, found)
    return torch.from_numpy(np.load(file))


def token_table(data: Path, part: str, vocabulary: list[str]) -> torch.Tensor:
    """Photos, 5, MAX_WORDS + 2: begin, words, end, then end again as padding."""
    place, written = {word: i for i, word in enumerate(vocabulary)}, c.captions(data)
    rows = []
    for name in c.split(data, part):
        for caption in written[name]:
            tokens = [place.get(word, c.UNKNOWN) for word in c.words(caption)[: c.MAX_WORDS]]
            rows.append([c.BEGIN, *tokens] + [c.END] * (c.MAX_WORDS + 1 - len(tokens)))
    return torch.tensor(rows).reshape(-1, CAPTIONS, c.MAX_WORDS + 2)


def loss(net: c.Captioner, features: torch.Tensor, tokens: torch.Tensor, smoothing: float) -> torch.Tensor:
    """Mean over words of `tokens` (photos, captions, length), the first end included; unknown words do not count."""
    seen = net.look(features.float())
    photo = torch.arange(len(tokens)).repeat_interleave(tokens.shape[1])
    tokens = tokens.flatten(0, 1)
    lengths = (tokens != c.END).sum(1)  # begin and words
    states, wanted = [], []
    for part in lengths.argsort().chunk(4):  # captions of like length, so that little of it is padding
        length = int(lengths[part].max())
        given, after = tokens[part, :length], tokens[part, 1 : length + 1]
        counts = (torch.arange(length) < lengths[part, None]) & (after != c.UNKNOWN)
        states.append(net(seen, given, photo[part])[counts])
        wanted.append(after[counts])
    return F.cross_entropy(net.scores(torch.cat(states)), torch.cat(wanted), label_smoothing=smoothing)


@torch.no_grad()
def dev_loss(net: c.Captioner, features: torch.Tensor, tokens: torch.Tensor) -> float:
    net.eval()
    parts = [loss(net, features[i : i + 50, 0], tokens[i : i + 50], 0.0).item() for i in range(0, len(tokens), 50)]
    net.train()
    return sum(parts) / len(parts)


class Run:
    """What changes while it trains, and its place on disk."""

    def __init__(self, args: argparse.Namespace, vocabulary_size: int):
        self.net = c.Captioner(vocabulary_size, args.dropout)
        self.optimizer = torch.optim.AdamW(self.net.parameters(), lr=args.peak, betas=(0.9, 0.98), weight_decay=args.decay)
        average = torch.optim.swa_utils.get_ema_multi_avg_fn(args.ema)
        self.average = torch.optim.swa_utils.AveragedModel(self.net, multi_avg_fn=average)
        self.step, self.minutes_before, self.log = 0, 0.0, []
        self.order = torch.empty(0, dtype=torch.long)
        self.file, self.begun, self.stopped = Path(args.out) / "state.pt", time.process_time(), False
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "stopped", True))

    def minutes(self) -> float:
        return self.minutes_before + (time.process_time() - self.begun) / 60

    def resume(self) -> None:
        state = torch.load(self.file)
        self.net.load_state_dict(state["net"])
        self.average.load_state_dict(state["average"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.step, self.minutes_before, self.log, self.order = (state[k] for k in ("step", "minutes", "log", "order"))
        torch.set_rng_state(state["random"])

    def save_words(self) -> None:
        average = {name: tensor.clone() for name, tensor in self.average.module.state_dict().items()}
        save_file(average, self.file.with_name("words.safetensors"))

    def save(self) -> None:
        parts = {"net": self.net, "average": self.average, "optimizer": self.optimizer}
        state = {name: part.state_dict() for name, part in parts.items()}
        state |= {"step": self.step, "minutes": self.minutes(), "log": self.log, "order": self.order}
        torch.save(state | {"random": torch.get_rng_state()}, f"{self.file}.new")
        os.replace(f"{self.file}.new", self.file)

    def photos(self, count: int, all_photos: int) -> torch.Tensor:
        """Which come next: every one once before any comes again."""
        if len(self.order) < count:
            self.order = torch.randperm(all_photos)
        which, self.order = self.order[:count], self.order[count:]
        return which

    def learn(self, error: torch.Tensor, rate: float) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        self.optimizer.zero_grad(set_to_none=True)
        error.backward()
        torch.nn.utils.clip_grad_norm_(self.net.parameters(), 1.0)
        self.optimizer.step()
        self.average.update_parameters(self.net)
        self.step += 1


def train(args: argparse.Namespace) -> None:
    torch.manual_seed(args.seed)
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    data, out = Path(args.data), Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    written = c.captions(data)
    vocabulary = c.vocabulary([c.words(t) for n in c.split(data, "train") for t in written[n]], args.at_least)
    (out / "words.txt").write_text("\n".join(vocabulary) + "\n")
    photos, dev, _ = (cached_features(data, Path(args.cache), part) for part in ("train", "dev", "test"))
    tokens, dev_tokens = (token_table(data, part, vocabulary) for part in ("train", "dev"))
    run = Run(args, len(vocabulary))
    if run.file.exists():
        run.resume()
    print(f"{sum(p.numel() for p in run.net.parameters())} parameters, {len(vocabulary)} words, step {run.step}", flush=True)
    goes_on = lambda: run.minutes() < args.minutes and not run.stopped
    while goes_on():
        sums = []
        while len(sums) < len(photos) // args.batch // EPOCH_PARTS and goes_on():
            share = run.minutes() / args.minutes
            rate = args.peak * min(1.0, (run.step + 1) / 200) * (0.02 + 0.49 * (1 + math.cos(math.pi * share)))
            which = run.photos(args.batch, len(photos))
            error = loss(run.net, photos[which, torch.randint(2, (len(which),))], tokens[which], args.smoothing)
            run.learn(error, rate)
            sums.append(error.item())
        if run.stopped:
            break
        here = dev_loss(run.average.module, dev, dev_tokens)
        best = min((entry["dev"] for entry in run.log), default=math.inf)
        run.log.append({"minutes": run.minutes(), "step": run.step, "train": sum(sums) / len(sums), "dev": here})
        print(json.dumps(run.log[-1]), flush=True)
        (out / "log.json").write_text(json.dumps(run.log, indent=1) + "\n")
        if here < best:
            run.save_words()
        run.save()
    if run.stopped:
        run.save()
        if not run.log:  # better than nothing
            run.save_words()
        print(f"stopped at step {run.step} after {run.minutes():.1f} processor minutes", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--cache", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--minutes", type=float, default=40)
    parser.add_argument("--batch", type=int, default=8, help="photos, with five captions each")
    parser.add_argument("--peak", type=float, default=1e-3)
    parser.add_argument("--decay", type=float, default=0.05)
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--smoothing", type=float, default=0.1)
    parser.add_argument("--at-least", type=int, default=7, help="times a word must occur in training")
    parser.add_argument("--ema", type=float, default=0.996)
    parser.add_argument("--seed", type=int, default=1)
    train(parser.parse_args())


if __name__ == "__main__":
    main()

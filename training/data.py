"""Photos as one uint8 array: reading, packing for a machine that can carry little, splitting, cropping.

    python data.py --data PHOTOS --out /tmp/pack --megabytes 42    # shards of the files as they are

A source is what stands before the dash of a file name; the last 5 % of each source by name are held out.
"""

import argparse
import io
import math
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image

SIDE = 384
HELD_OUT = 0.05
KINDS = (".webp", ".png", ".jpg", ".jpeg")
HELD_OUT_MARK = "held-out/"  # in shards, where the rule below would see only part of the names


def is_held_out(names: list[str]) -> list[bool]:
    """For sorted names: true for the last 5 % (at least one) of each source, or for those marked."""
    if any(name.startswith(HELD_OUT_MARK) for name in names):
        return [name.startswith(HELD_OUT_MARK) for name in names]
    sources: dict[str, list[int]] = {}
    for i, name in enumerate(names):
        sources.setdefault(name.split("-")[0], []).append(i)
    held = [False] * len(names)
    for members in sources.values():
        for i in members[-max(1, math.ceil(HELD_OUT * len(members))) :]:
            held[i] = True
    return held


def _files(folder: Path) -> dict[str, callable]:
    """Name -> reader of its bytes, of loose files and of zip shards."""
    readers = {p.name: p.read_bytes for p in folder.iterdir() if p.suffix in KINDS}
    for shard in sorted(folder.rglob("*.zip")):
        archive = zipfile.ZipFile(shard)
        for name in archive.namelist():
            readers[name] = lambda a=archive, n=name: a.read(n)
    return dict(sorted(readers.items()))


def _square(raw: bytes) -> np.ndarray:
    photo = Image.open(io.BytesIO(raw)).convert("RGB")
    short = min(photo.size)
    if short < SIDE:
        scale = SIDE / short
        photo = photo.resize([max(SIDE, round(s * scale)) for s in photo.size], Image.BICUBIC)
    left, top = ((s - SIDE) // 2 for s in photo.size)
    return np.asarray(photo.crop((left, top, left + SIDE, top + SIDE))).transpose(2, 0, 1)


def load(folder: str, cache: str | None = None, limit: int | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    """Training and held-out photos, uint8 N,3,384,384. With `cache` the decoded arrays are kept there."""
    kept = Path(cache) if cache else None
    if kept and (kept / "train.npy").exists():
        parts = [np.load(kept / f"{part}.npy", mmap_mode="c") for part in ("train", "held_out")]
        return tuple(map(torch.from_numpy, parts))
    readers = _files(Path(folder))
    if not readers:
        raise SystemExit(f"{folder}: no {', '.join(KINDS)} or zip shards found")
    names = list(readers)
    raw = [readers[n]() for n in names]  # zip archives are not for several threads
    with ThreadPoolExecutor() as pool:
        photos = np.stack(list(pool.map(_square, raw)))
    held = np.array(is_held_out(names))
    parts = {"train": photos[~held][:limit], "held_out": photos[held]}
    if kept:
        kept.mkdir(parents=True, exist_ok=True)
        for part, array in parts.items():
            np.save(kept / f"{part}.npy", array)
    return torch.from_numpy(parts["train"]), torch.from_numpy(parts["held_out"])


def crops(photos: torch.Tensor, count: int, side: int, generator: torch.Generator, device) -> torch.Tensor:
    """Random crops in 0..1, half of them mirrored; each photo at most once."""
    draw = lambda high, n: torch.randint(high, (n,), generator=generator).tolist()
    which = torch.randperm(len(photos), generator=generator)[:count].tolist()
    room = photos.shape[-1] - side + 1
    picked = []
    for i, top, left, mirrored in zip(which, draw(room, count), draw(room, count), draw(2, count)):
        crop = photos[i, :, top : top + side, left : left + side]
        picked.append(crop.flip(-1) if mirrored else crop)
    batch = torch.stack(picked)
    return batch.to(device, non_blocking=True).float().div_(255)


def drawn(photos: torch.Tensor, count: int, side: int) -> torch.Tensor:
    """As `crops`, on the device of the photos and without waiting for it; a photo may come twice."""
    device = photos.device
    below = lambda n: (torch.rand(count, device=device) * n).long()
    along = lambda: below(photos.shape[-1] - side + 1)[:, None] + torch.arange(side, device=device)
    which, rows, columns = below(len(photos)), along(), along()
    columns = torch.where(torch.rand(count, 1, device=device) < 0.5, columns, columns.flip(1))
    planes = torch.arange(photos.shape[1], device=device)
    at = (which[:, None, None, None], planes[:, None, None], rows[:, None, :, None], columns[:, None, None, :])
    return photos[at].float().div_(255)


def centre(photos: torch.Tensor, side: int) -> torch.Tensor:
    at = (photos.shape[-1] - side) // 2
    return photos[..., at : at + side, at : at + side].float() / 255


def read_crop(path, left: int, top: int, side: int) -> torch.Tensor:
    photo = Image.open(path).convert("RGB").crop((left, top, left + side, top + side))
    return torch.from_numpy(np.asarray(photo).copy()).permute(2, 0, 1).float() / 255


def pack(folder: str, out: str, megabytes: float):
    """Shards of at most `megabytes`, photos dealt in turn so that each shard holds every source; files unchanged.

    The held-out photos all go into shard 0 and are marked."""
    readers = _files(Path(folder))
    names = list(readers)
    held = is_held_out(names)
    raw = {n: readers[n]() for n in names}
    reserved = sum(len(raw[n]) for n, h in zip(names, held) if h)
    total = sum(map(len, raw.values()))
    count = math.ceil((total + 200 * len(names)) / (megabytes * 1e6 - reserved / 2))
    Path(out).mkdir(parents=True, exist_ok=True)
    shards = [zipfile.ZipFile(Path(out) / f"shard-{i}.zip", "w", zipfile.ZIP_STORED) for i in range(count)]
    sizes = [0] * count
    for name, is_held in sorted(zip(names, held), key=lambda pair: not pair[1]):
        i = 0 if is_held else int(np.argmin(sizes))
        shards[i].writestr(HELD_OUT_MARK + name if is_held else name, raw[name])
        sizes[i] += len(raw[name]) + 200
    for i, shard in enumerate(shards):
        shard.close()
        print(f"shard-{i}.zip: {sizes[i] / 1e6:.1f} MB")


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--data", required=True)
    arguments.add_argument("--out", required=True)
    arguments.add_argument("--megabytes", type=float, default=42)
    given = arguments.parse_args()
    pack(given.data, given.out, given.megabytes)

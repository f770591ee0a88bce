"""What the export scripts share: their flags, and what they say of the files that they write."""

import argparse
import hashlib
from pathlib import Path

import torch


def flags(words: str, takes_cache: bool = False) -> argparse.Namespace:
    """--weights, --photo, --vectors; --out, without which weights are taken as they are and vectors alone are written; maybe --cache."""
    arguments = argparse.ArgumentParser(description=words.splitlines()[0])
    arguments.add_argument("--weights", required=True)
    arguments.add_argument("--photo", required=True)
    arguments.add_argument("--out")
    arguments.add_argument("--vectors", default="../tests/vectors")
    if takes_cache:
        arguments.add_argument("--cache", help="folder where train_deepjscc.py --cache keeps the photos")
    return arguments.parse_args()


def check_finite(weights: str, *states: dict[str, torch.Tensor]) -> None:
    if not all(value.isfinite().all() for state in states for value in state.values()):
        raise SystemExit(f"{weights}: a value does not fit f16")


def say(*files: Path) -> None:
    for file in files:
        raw = file.read_bytes()
        print(f"{file}: {len(raw)} bytes, sha256 {hashlib.sha256(raw).hexdigest()}")

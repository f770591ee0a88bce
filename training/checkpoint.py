"""Weights on disk: safetensors, written whole or not at all; a codec opened from them or started from TAEF2."""

import os
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

import data
from codec import Codec, untrained, warm_start

FIT_PHOTOS = 192
FIT_SIDE = 256


def save(codec_state: dict[str, torch.Tensor], path: Path, dtype=torch.float32):
    """The old file stays until the new one is complete."""
    partial = path.with_suffix(".partial")
    tensors = {k: v.detach().to("cpu", dtype).contiguous() for k, v in codec_state.items()}
    save_file(tensors, partial)
    os.replace(partial, path)


def fitted(taef2_folder: str, photos: torch.Tensor, device: str) -> Codec:
    """The untrained chain: TAEF2 with a linear stage fitted to training photos."""
    codec = untrained(taef2_folder).to(device)
    step = max(1, len(photos) // FIT_PHOTOS)
    warm_start(codec, data.centre(photos[::step], FIT_SIDE).to(device))
    return codec


def open_codec(weights: str, taef2_folder: str, photos, device: str) -> Codec:
    if weights == "untrained":
        if photos is None:
            raise SystemExit("--weights untrained: needs --data or --cache, to fit the linear stage")
        torch.manual_seed(0)
        return fitted(taef2_folder, photos[0], device)
    codec = Codec()
    codec.load_state_dict({k: v.float() for k, v in load_file(weights).items()})
    return codec.to(device, memory_format=torch.channels_last)

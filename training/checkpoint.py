"""Weights on disk: safetensors, written whole or not at all, and GGUF, read; a codec opened from them or started from TAEF2."""

import os
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

import data
import gguf_weights
import painter
import rounding
from codec import Codec, untrained, warm_start

PAINTER = "painter."  # its tensors have a file of their own
FIT_PHOTOS = 192
FIT_SIDE = 256
SCALE = ".scale"  # of a row of a tensor in bytes
LEAST_IN_BYTES = 4096  # values


def shipped(state: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Matrices and kernels in f16; vectors (variances, gains, biases) stay f32, the least variance would not survive."""
    return {k: (v.half() if v.dim() > 1 else v.float()).detach().cpu().contiguous() for k, v in state.items()}


def painter_beside(path) -> Path:
    """The painter's file has the same end as the codec's."""
    return Path(path).with_stem("painter")


def save(state: dict[str, torch.Tensor], path: Path):
    """As the program ships them, the painter beside the codec: they travel from a GPU machine, and are resumed from. Old files stay until new ones are whole."""
    rounded = shipped(state)
    for file, part in ((path, False), (painter_beside(path), True)):
        partial = file.with_suffix(".partial")
        save_file({k: v for k, v in rounded.items() if k.startswith(PAINTER) == part}, partial)
        os.replace(partial, file)


def in_bytes(state: dict[str, torch.Tensor], keep: tuple[str, ...], moments: dict[str, torch.Tensor] = {}) -> dict[str, torch.Tensor]:
    """Half the size of `shipped`: kernels as i8 with one scale a row, `NAME.scale`; what begins with one of `keep`, and small ones, as there.

    moments: of the inputs of layers (rounding.py); without them each value is rounded alone."""
    packed = {}
    for name, value in shipped(state).items():
        if value.dtype == torch.float32 or value.numel() < LEAST_IN_BYTES or name.startswith(keep):
            packed[name] = value
            continue
        rows = state[name].detach().float().cpu().flatten(1)
        if name in moments:
            steps, scale = rounding.in_steps(rows, moments[name])
        else:
            scale = (rows.abs().amax(1) / rounding.LARGEST).clamp_min(1e-12)
            steps = rounding.rounded(rows, scale)
        packed[name] = steps.to(torch.int8).view(value.shape)
        packed[name + SCALE] = scale
    return packed


def read(path) -> dict[str, torch.Tensor]:
    """Tensors of f32 from either kind of file."""
    if Path(path).suffix == ".gguf":
        return gguf_weights.read(path)[0]
    found = load_file(path)
    state = {}
    for name, value in found.items():
        if value.dtype == torch.int8:
            value = value.float() * found[name + SCALE].view(-1, *[1] * (value.dim() - 1))
        if not name.endswith(SCALE) or name.removesuffix(SCALE) not in found:
            state[name] = value.float()
    return state


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
    found = read(weights)
    fresh = {k: v for k, v in codec.state_dict().items() if k.startswith(("refine.", PAINTER))}
    beside = painter_beside(weights)
    trained = read(beside) if beside.exists() else {}
    codec.load_state_dict({**fresh, **found, **trained})
    if not trained:
        painter.start_from(codec.painter, codec.refine)
    return codec.to(device, memory_format=torch.channels_last)

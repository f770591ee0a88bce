"""Weights that Python and the Rust tests make up alike, for networks whose real ones are not in the repository."""

import numpy as np
import torch


def made_up(seed: int, shape: tuple[int, ...], reach: float) -> torch.Tensor:
    """Values in -reach..reach; src/nn/made_up.rs makes the same."""
    place = np.arange(np.prod(shape), dtype=np.uint64)
    x = (place * 2654435761 + seed * 40503 + 12345) % 2**32
    x = ((x ^ (x >> np.uint64(15))) * np.uint64(2246822519)) % 2**32
    x = x ^ (x >> np.uint64(13))
    unit = (x >> np.uint64(8)).astype(np.float32) / np.float32(2**23) - np.float32(1)
    return torch.from_numpy((unit * np.float32(reach)).reshape(shape))

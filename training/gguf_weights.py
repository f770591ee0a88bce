"""GGUF files of `heliograph quantize` as tensors of f32 (src/nn/gguf says how their shapes and words are kept): read, never written.

Blocks are those of ggml (ggml-common.h): d, dmin are scales in f16, 6-bit scales of a super-block of 256 values lie packed in 12 bytes.
"""

import math
import struct
from pathlib import Path

import numpy as np
import torch

MAGIC = b"GGUF"
SHAPE = "heliograph.shape."
WORD = "heliograph.metadata."
FIXED = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
TEXT, ARRAY = 8, 9
ALIGNMENT = 32


def f16(blocks: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(blocks).view(np.float16).astype(np.float32)


def q8_0(blocks: np.ndarray) -> np.ndarray:
    return f16(blocks[:, :2]) * blocks[:, 2:].view(np.int8).astype(np.float32)


def q5_0(blocks: np.ndarray) -> np.ndarray:
    high = np.unpackbits(np.ascontiguousarray(blocks[:, 2:6]), axis=1, bitorder="little")
    low = np.concatenate([blocks[:, 6:] & 15, blocks[:, 6:] >> 4], 1)
    return f16(blocks[:, :2]) * ((low | high << 4).astype(np.float32) - 16)


def scales_and_mins(packed: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """8 scales and 8 minima of 6 bits from 12 bytes."""
    first, second, rest = packed[:, :4], packed[:, 4:8], packed[:, 8:]
    scales = np.concatenate([first & 63, rest & 15 | first >> 6 << 4], 1)
    mins = np.concatenate([second & 63, rest >> 4 | second >> 6 << 4], 1)
    return scales.astype(np.float32), mins.astype(np.float32)


def nibbles(packed: np.ndarray) -> np.ndarray:
    """8 rows of 32 values: low, then high halves of 32 bytes."""
    rows = packed.reshape(len(packed), 4, 1, 32)
    return np.concatenate([rows & 15, rows >> 4], 2).reshape(len(packed), 8, 32)


def with_minima(blocks: np.ndarray, q: np.ndarray) -> np.ndarray:
    scales, mins = scales_and_mins(blocks[:, 4:16])
    d, least = f16(blocks[:, :2]) * scales, f16(blocks[:, 2:4]) * mins
    return (d[:, :, None] * q.astype(np.float32) - least[:, :, None]).reshape(len(blocks), 256)


def q4_k(blocks: np.ndarray) -> np.ndarray:
    return with_minima(blocks, nibbles(blocks[:, 16:]))


def q5_k(blocks: np.ndarray) -> np.ndarray:
    fifth = blocks[:, None, 16:48] >> np.arange(8, dtype=np.uint8)[None, :, None] & 1
    return with_minima(blocks, nibbles(blocks[:, 48:]) | fifth << 4)


def q6_k(blocks: np.ndarray) -> np.ndarray:
    low = blocks[:, :128].reshape(-1, 2, 1, 64)
    low = np.concatenate([low & 15, low >> 4], 2).reshape(-1, 2, 4, 32)
    high = blocks[:, 128:192].reshape(-1, 2, 1, 32) >> np.array([0, 2, 4, 6], dtype=np.uint8)[None, None, :, None] & 3
    q = (low | high << 4).astype(np.float32).reshape(-1, 16, 16) - 32
    d = f16(blocks[:, 208:]) * blocks[:, 192:208].view(np.int8).astype(np.float32)
    return (d[:, :, None] * q).reshape(len(blocks), 256)


def f32(blocks: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(blocks).view(np.float32)


# Number in the file: values and bytes of a block, how it is read.
TYPES = {
    0: (1, 4, f32), 1: (1, 2, f16), 6: (32, 22, q5_0), 8: (32, 34, q8_0),
    12: (256, 144, q4_k), 13: (256, 176, q5_k), 14: (256, 210, q6_k),
}  # fmt: skip


class Reader:
    def __init__(self, raw: bytes):
        self.raw, self.at = raw, 0

    def number(self, kind: str):
        (value,) = struct.unpack_from(kind, self.raw, self.at)
        self.at += struct.calcsize(kind)
        return value

    def text(self) -> str:
        length = self.number("<Q")
        self.at += length
        return self.raw[self.at - length : self.at].decode()

    def value(self, kind: int):
        if kind == TEXT:
            return self.text()
        if kind == ARRAY:
            of, count = self.number("<I"), self.number("<Q")
            return [self.value(of) for _ in range(count)]
        return self.number(FIXED[kind])


def read(path) -> tuple[dict[str, torch.Tensor], dict[str, str]]:
    """Tensors of f32 by name, and what the file says of itself."""
    raw = Path(path).read_bytes()
    reader = Reader(raw)
    reader.at = len(MAGIC)
    version, tensors, entries = reader.number("<I"), reader.number("<Q"), reader.number("<Q")
    if raw[: len(MAGIC)] != MAGIC or version not in (2, 3):
        raise SystemExit(f"{path}: found {raw[:4]!r}, version {version}; GGUF of version 2 or 3 is read")
    metadata = {reader.text(): reader.value(reader.number("<I")) for _ in range(entries)}
    told = []
    for _ in range(tensors):
        name = reader.text()
        sides = [reader.number("<Q") for _ in range(reader.number("<I"))][::-1]
        told.append((name, sides, reader.number("<I"), reader.number("<Q")))
    start = -(-reader.at // ALIGNMENT) * ALIGNMENT
    state = {}
    for name, sides, code, offset in told:
        if code not in TYPES:
            raise SystemExit(f"{path}: tensor {name} is stored as type {code}; read are {sorted(TYPES)}")
        values, length, dequantize = TYPES[code]
        count = math.prod(sides) // values
        blocks = np.frombuffer(raw, np.uint8, count * length, start + offset).reshape(count, length)
        flat = torch.from_numpy(dequantize(blocks).reshape(-1).copy())
        state[name] = flat.view(metadata.get(SHAPE + name, sides))
    return state, {key.removeprefix(WORD): word for key, word in metadata.items() if key.startswith(WORD)}

#!/usr/bin/env python3
"""A codec in forty lines: the photo made so small that each colour value is half a symbol.

    heliograph loopback photo.jpg --codec external --external 'python3 external-codec/python/thumbnail.py'
"""

import struct

import numpy as np
from heliograph_codec import serve
from PIL import Image

SIDE = struct.Struct("<HH3ff")  # width and height of the thumbnail, mean colour, deviation


def encode(photo, symbols):
    height, width = photo.shape[:2]
    shrink = min(1.0, np.sqrt(2 * symbols / photo.size))
    size = max(1, int(width * shrink)), max(1, int(height * shrink))
    small = np.asarray(Image.fromarray(photo).resize(size, Image.LANCZOS), np.float32)
    mean = small.mean((0, 1))
    values = (small - mean).ravel()
    if values.size % 2:
        values = np.append(values, 0)
    deviation = values.std() or 1.0
    # Two values a symbol, each of half the power.
    pairs = (values / deviation / np.sqrt(2)).reshape(-1, 2)
    power = np.mean(np.sum(pairs**2, 1)) or 1.0
    pairs, deviation = pairs / np.sqrt(power), deviation * np.sqrt(power)
    return pairs[:, 0] + 1j * pairs[:, 1], SIDE.pack(*size, *mean, deviation)


def decode(received):
    *size, red, green, blue, deviation = SIDE.unpack(received.side_information)
    # Least squares: what is mostly noise becomes grey.
    symbols = received.symbols / (1 + received.variances)
    values = np.stack([symbols.real, symbols.imag], 1).ravel() * np.sqrt(2) * deviation
    small = values[: 3 * size[0] * size[1]].reshape(size[1], size[0], 3) + [red, green, blue]
    small = Image.fromarray(small.round().clip(0, 255).astype(np.uint8))
    return small.resize((received.width, received.height), Image.BICUBIC)


serve("thumbnail", encode, decode)

#!/usr/bin/env python3
"""A codec in forty lines: the photo made so small that each colour value is half a symbol.

    heliograph loopback photo.jpg --codec external --external 'python3 external-codec/python/thumbnail.py'
"""

import struct

import numpy as np
from heliograph_codec import serve
from PIL import Image

SIDE = struct.Struct("<HH3f")  # width and height of the thumbnail, mean colour


def encode(photo, symbols):
    height, width = photo.shape[:2]
    pixels = max(1, 2 * symbols // 3)
    shrink = min(1.0, np.sqrt(pixels / (width * height)))
    # A thin photo stays a pixel wide, and becomes as long as there is room for.
    columns = max(1, int(width * shrink))
    rows = max(1, min(int(height * shrink), pixels // columns))
    size = min(columns, pixels // rows), rows
    small = np.asarray(Image.fromarray(photo).resize(size, Image.LANCZOS), np.float32)
    mean = small.mean((0, 1))
    values = np.append((small - mean).ravel(), 0)
    values = values[: 2 * min(symbols, len(values) // 2)]
    return values[0::2] + 1j * values[1::2], SIDE.pack(*size, *mean)


def decode(received):
    width, height, *mean = SIDE.unpack(received.side_information)
    # Least squares: what is mostly noise becomes grey. The power that arrived is that of the thumbnail and the noise.
    heard = np.isfinite(received.variances)
    noise = np.mean(received.variances[heard]) if heard.any() else 1.0
    power = max(np.mean(np.abs(received.symbols[heard]) ** 2) - noise, 0.0) if heard.any() else 0.0
    symbols = received.symbols * power / np.maximum(power + received.variances, 1e-9)
    values = np.zeros(3 * width * height)
    found = np.stack([symbols.real, symbols.imag], 1).ravel()[: len(values)]
    values[: len(found)] = found
    small = values.reshape(height, width, 3) + mean
    small = Image.fromarray(small.round().clip(0, 255).astype(np.uint8))
    return np.asarray(small.resize((received.width, received.height), Image.BICUBIC))


serve("thumbnail", encode, decode)

"""The program behind Heliograph's codec `external`, in Python: two functions, and `serve`.

Needs numpy, pillow and safetensors. What is asked and answered: docs/guide/your-codec.md.
"""

import json
import os
import sys
import traceback
from typing import NamedTuple

import numpy as np
from PIL import Image
from safetensors.numpy import load_file, save_file


class TooFew(Exception):
    """Raised by `encode`: it needs at least so many symbols for this photo."""

    def __init__(self, least):
        super().__init__(f"at least {least} symbols")
        self.least = int(least)


class Received(NamedTuple):
    """What arrived of a photo."""

    symbols: np.ndarray  # complex64, as many as `encode` gave; 0 where lost
    variances: np.ndarray  # float32, the noise of each complex symbol (both parts together); infinite where lost
    side_information: bytes  # as `encode` gave it
    width: int
    height: int
    perception: float  # the receiver's dial, 0 to 1


def serve(name, encode, decode, weights_hash=None):
    """Answers until there is nothing more to do.

    `encode(photo, symbols)`: a photo, uint8 of shape (height, width, 3), to at most `symbols` complex symbols of any power, or a pair of
    these and bytes of side information; more than `symbols` of them are those that it needs at least. It may be asked several times for
    a photo. `decode(received)`: a `Received` to a picture, uint8 of the photo's shape.
    `weights_hash`: eight hexadecimal digits that both ends must share.
    """
    answers = os.fdopen(os.dup(1), "w")
    # What libraries print is for people.
    os.dup2(2, 1)
    hello = {"name": name}
    if weights_hash:
        hello["weights_hash"] = weights_hash

    def say(answer):
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    say(hello)
    for line in sys.stdin:
        say(_done(json.loads(line), encode, decode))


def _done(request, encode, decode):
    try:
        {"encode": _encode, "decode": _decode}[request["do"]](request, encode, decode)
        return {}
    except TooFew as few:
        return {"least": few.least}
    except Exception as error:
        traceback.print_exc()
        return {"error": f"{type(error).__name__}: {error}"}


def _encode(request, encode, _):
    photo = np.asarray(Image.open(request["photo"]).convert("RGB"))
    found = encode(photo, request["symbols"])
    symbols, side_information = found if isinstance(found, tuple) else (found, b"")
    symbols = np.asarray(symbols)
    if symbols.ndim != 1 or not np.iscomplexobj(symbols):
        raise TypeError(f"encode gave {symbols.dtype} of shape {symbols.shape}, allowed are complex numbers of shape (N,)")
    if not isinstance(side_information, bytes):
        raise TypeError(f"encode gave side information of type {type(side_information).__name__}, allowed are bytes")
    if len(symbols) > request["symbols"]:
        raise TooFew(len(symbols))
    tensors = {"symbols": np.stack([symbols.real, symbols.imag], 1).astype(np.float32)}
    if side_information:
        tensors["side_information"] = np.frombuffer(side_information, np.uint8)
    save_file(tensors, request["encoded"])


def _decode(request, _, decode):
    tensors = load_file(request["received"])
    symbols = tensors["symbols"].astype(np.float32).view(np.complex64)[:, 0]
    side_information = tensors["side_information"].tobytes()
    place = request["width"], request["height"], request["perception"]
    picture = np.asarray(decode(Received(symbols, tensors["variances"], side_information, *place)))
    shape = request["height"], request["width"], 3
    if picture.dtype != np.uint8 or picture.shape != shape:
        raise TypeError(f"decode gave {picture.dtype} of shape {picture.shape}, allowed is uint8 of shape {shape}")
    Image.fromarray(picture).save(request["painted"], compress_level=1)

#!/usr/bin/env python3
"""The Python end of codec external: `python_end.py PROGRAM`, with numpy, pillow and safetensors.

Sends photos of odd sizes with thumbnail.py, and makes every mistake that heliograph_codec.py is to name.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

PYTHON = Path(__file__).parents[1] / "python"


def loopback(program, photo, command, *more):
    """What the program says of one photo over a good channel: its report, or the error."""
    words = ["loopback", str(photo), "--codec", "external", "--external", command, "--snr-db", "30", "--json", "--out", str(photo.parent / "out")]
    done = subprocess.run([program, *words, *more], capture_output=True, text=True, timeout=120)
    return json.loads(done.stdout.splitlines()[0]) if done.returncode == 0 else done.stderr


def photo(folder, width, height):
    """Soft shapes."""
    y, x = np.mgrid[:height, :width]
    grey = 128 + 90 * np.sin(x / 40) * np.cos(y / 30)
    path = folder / f"{width}x{height}.png"
    Image.fromarray(np.stack([grey, 0.8 * grey, 255 - grey], 2).astype(np.uint8)).save(path)
    return path


def sizes(program, folder):
    command = f"{sys.executable} {PYTHON}/thumbnail.py"
    # Of a thin photo a third of the pixels is left, of one pixel its mean.
    for width, height, psnr_db in ((256, 192, 25), (257, 95, 25), (3, 2000, 15), (2000, 3, 15), (1, 1, 8)):
        report = loopback(program, photo(folder, width, height), command)
        assert not isinstance(report, str), report
        found = report["psnr_db"]
        assert found is None or found >= psnr_db, f"{width}x{height}: {found} dB"
        assert report["model"]["program"] == "thumbnail", report["model"]
        print(f"{width}x{height}: {found if found is None else round(found, 1)} dB")


def mistakes(program, folder):
    code = folder / "wrong.py"
    command = f"PYTHONPATH={PYTHON} {sys.executable} {code}"
    good = "np.full((48, 64, 3), 100, np.uint8)"
    for symbols, picture, words in (
        ("np.ones(n)", good, "float64 of shape (64,), allowed are complex"),
        ("np.ones((n, 2))", good, "of shape (64, 2), allowed are complex"),
        ("np.ones(n + 1) + 0j", good, "this codec needs at least 65"),
        ("(np.ones(n) + 0j, np.zeros(3, np.uint8))", good, "of type ndarray, allowed are bytes"),
        ("1 / 0", good, "ZeroDivisionError: division by zero"),
        ("np.full(n, np.nan) + 0j", good, "found NaN in row 0"),
        ("np.ones(n) + 0j", "np.zeros((48, 64, 3))", "decode gave float64 of shape (48, 64, 3), allowed is uint8"),
        ("np.ones(n) + 0j", "np.zeros((64, 48, 3), np.uint8)", "of shape (64, 48, 3), allowed is uint8 of shape (48, 64, 3)"),
        ("np.ones(n) + 0j", good, None),
    ):
        code.write_text(f"import numpy as np\nfrom heliograph_codec import serve\nserve('wrong', lambda photo, n: {symbols}, lambda received: {picture})\n")
        said = loopback(program, photo(folder, 64, 48), command, "--cbr", "1/144")
        if words is None:
            assert not isinstance(said, str), said
        else:
            assert isinstance(said, str) and words in said, f"{symbols}, {picture}: {said}"
    print("mistakes are named")


def main():
    (program,) = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        sizes(program, Path(folder))
        mistakes(program, Path(folder))


main()

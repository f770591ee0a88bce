"""Checks recordings with the Python package `sigmf` (1.14.0): official schema, hash, captures, samples.

    cargo run -p heliograph-hardware --example sigmf_recordings -- DIR
    python3 -m venv venv && venv/bin/pip install sigmf==1.14.0
    venv/bin/python hardware/tests/sigmf_schema.py DIR

DIR may also hold recordings of `heliograph record`: these are validated and opened, without expected samples.
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np
import sigmf
from sigmf import schema, validate

warnings.simplefilter("error")  # undeclared extensions are only a warning there


def ramp(start: int, count: int) -> np.ndarray:
    part = ((np.arange(start, start + count) % 200) - 100) / 128
    return (part - 1j * part).astype(np.complex64)


def expected(name: str):
    """Samples, (sample_start, global_index) of captures, (start, count) of annotations; None where they do not matter."""
    gaps = (ramp(0, 1600), [(0, 0), (1000, 1007), (1500, 1507)], [(100, 800), (1100, 300)])
    silence = np.zeros(4000, np.complex64)
    sent = np.concatenate([ramp(0, 1000), silence, ramp(5000, 1000)])
    steps = [(1000 * i, 1100 * i) for i in range(10)]
    return {
        "gaps-cf32_le": gaps,
        "gaps-ci8": gaps,
        "live": (np.zeros(10000, np.complex64), steps, []),
        "transmission": (sent, [(0, 0)], [(0, 1000), (5000, 1000)]),
        "empty": (np.zeros(0, np.complex64), [], []),
    }.get(name)


def check(meta_path: Path) -> None:
    name = meta_path.name.removesuffix(".sigmf-meta")
    meta = json.loads(meta_path.read_text(encoding="utf-8"))
    validate.validate(meta, schema.get_schema())
    if meta_path.with_suffix(".sigmf-data").stat().st_size == 0:
        return  # the package opens no recordings without samples
    signal = sigmf.fromfile(str(meta_path))  # compares the hash, where there is one
    signal.validate()
    samples = signal.read_samples()
    assert len(samples) == signal.sample_count, name
    if name == "cut-off":
        assert meta["global"]["heliograph:state"] == "recording" and "core:sha512" not in meta["global"]
        assert 0 < len(samples) <= 40000 and np.array_equal(samples, ramp(0, len(samples))), name
    if expected(name) is None:
        return
    wanted, captures, annotations = expected(name)
    assert len(meta["global"]["core:sha512"]) == 128, name
    assert np.array_equal(samples, wanted), name
    found = [(c["core:sample_start"], c["core:global_index"]) for c in signal.get_captures()]
    assert found == captures, (name, found)
    found = [(a["core:sample_start"], a["core:sample_count"]) for a in signal.get_annotations()]
    assert found == annotations, (name, found)
    assert all(a["core:label"] == "burst" for a in signal.get_annotations()), name


def main() -> None:
    paths = sorted(Path(sys.argv[1]).glob("*.sigmf-meta"))
    assert paths, "no recordings in " + sys.argv[1]
    for path in paths:
        check(path)
        print(f"{path.name}: as the schema wants it")


main()

#!/usr/bin/env python3
"""A table of gpu-host.md from rows of `heliograph evaluate`: gpu-host.py FOLDER, with shipped.csv and others in it; codecs as they come there."""

import csv
import sys
from pathlib import Path


def rows(path):
    with open(path) as file:
        return {(row["picture"], int(row["snr_db"]), row["codec"]): row for row in csv.DictReader(file)}


def mean(values):
    values = list(values)
    return sum(values) / len(values)


def line(name, found, shipped):
    """LPIPS against the shipped weights in percent and PSNR in dB, over the draws that both have."""
    shared = [key for key in found if key in shipped]
    cells = [name, str(len({picture for picture, _, _ in shared}))]
    for codec in dict.fromkeys(codec for _, _, codec in shipped):
        for snr_db in (1, 7, 13):
            keys = [key for key in shared if key[1:] == (snr_db, codec)]
            of = lambda table, field: mean(float(table[key][field]) for key in keys)
            lpips = 100 * (of(found, "lpips_alex") / of(shipped, "lpips_alex") - 1)
            cells.append(f"{lpips:+.1f} / {of(found, 'psnr_db') - of(shipped, 'psnr_db'):+.2f}")
    return "| " + " | ".join(cells) + " |"


folder = Path(sys.argv[1])
shipped = rows(folder / "shipped.csv")
for path in sorted(folder.glob("*.csv")):
    if path.stem not in ("shipped", "sensitivity"):
        print(line(path.stem, rows(path), shipped))

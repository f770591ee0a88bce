#!/usr/bin/env python3
"""The table of captions.md on whether a caption helps: captions-help.py ROWS, test.csv of training/train_captioned.py, packed with xz or not."""

import csv
import lzma
import statistics
import sys

rows: dict[tuple[str, str], dict[str, dict[str, tuple[float, float]]]] = {}
with (lzma.open if sys.argv[1].endswith(".xz") else open)(sys.argv[1], "rt") as file:
    for row in csv.DictReader(file):
        said = rows.setdefault((row["sent"], row["dial"]), {}).setdefault(row["caption"], {})
        said[row["photo"]] = (float(row["psnr_db"]), float(row["lpips"]))


def mean(said: dict[str, tuple[float, float]], figure: int) -> float:
    return statistics.mean(figures[figure] for figures in said.values())


def change(said: dict[str, tuple[float, float]], base: dict[str, tuple[float, float]]) -> str:
    """LPIPS against `base` in percent, paired by photo, with half a 95 % interval."""
    found = [100 * (said[photo][1] - base[photo][1]) / mean(base, 1) for photo in base]
    return f"{statistics.mean(found):+.1f} ± {1.96 * statistics.stdev(found) / len(found) ** 0.5:.1f} %"


print("| sent | dial | codec alone | network, no caption | wrong caption | true caption | wrong against true |\n|---|---|---|---|---|---|---|")
for (sent, dial), said in rows.items():
    cells = [f"{mean(said[name], 0):.2f} / {mean(said[name], 1):.3f}" for name in ("codec alone", "none", "wrong", "true")]
    cells[2:] = [f"{cell} ({change(said[name], said['none'])})" for cell, name in zip(cells[2:], ("wrong", "true"))]
    print(f"| {sent} | {dial} | " + " | ".join(cells) + f" | {change(said['wrong'], said['true'])} |")

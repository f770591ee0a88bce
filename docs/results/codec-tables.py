#!/usr/bin/env python3
"""Prints the tables of codec.md about codec deepjscc from the rows in docs/results/codec; needs numpy.

    python docs/results/codec-tables.py [--rows FOLDER] [--into docs/results/codec.md]

--into also puts each of them where that file has a table with the same head.
"""

import argparse
import csv
import json
import lzma
import sys
from collections import Counter
from pathlib import Path

import numpy as np

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--rows", type=Path, default=Path(__file__).parent / "codec")
parser.add_argument("--into", type=Path, help="Markdown whose tables are replaced")
GIVEN = parser.parse_args()
FOLDER = GIVEN.rows
CBRS = ("1/96", "1/48", "1/24", "1/12")
# What is asked of LPIPS with the dial at 1, and of dB above SoftCast with the dial at 0.
LPIPS_BARS = {
    "1/96": {1: 0.27, 4: 0.23, 7: 0.20, 13: 0.18},
    "1/48": {1: 0.21, 4: 0.17, 7: 0.145, 13: 0.12},
    "1/24": {1: 0.17, 4: 0.13, 7: 0.105, 13: 0.08},
    "1/12": {1: 0.13, 4: 0.09, 7: 0.065, 13: 0.042},
}
ABOVE_SOFTCAST_DB = {1: 2.5, 7: 2.0, 10: 1.5}
# SwinJSCC SA&RA on Kodak over an ideal channel, dB (github.com/semcomm/SwinJSCC, issue 13).
SWINJSCC_DB = {
    "1/48": {1: 26.43, 4: 27.65, 7: 28.49, 10: 29.04, 13: 29.38},
    "1/24": {1: 28.35, 4: 29.73, 7: 30.79, 10: 31.55, 13: 32.05},
    "1/16": {1: 29.54, 7: 32.27, 10: 33.17, 13: 33.80},
}
EIGHT = tuple(f"kodim{number:02}" for number in range(1, 24, 3))
# HEVC or AVIF 1.5 dB from capacity, LPIPS, eight pictures (experiments before this repository).
DIGITAL_LPIPS = {
    "1/48": {1: 0.508, 7: 0.370, 10: 0.322, 13: 0.281},
    "1/24": {1: 0.399, 7: 0.265, 10: 0.211, 13: 0.169},
    "1/12": {1: 0.289, 7: 0.154, 10: 0.107, 13: 0.078},
}
FIGURES = ("psnr_db", "psnr_reduced_db", "ms_ssim", "lpips_alex")


class Table:
    """Rows of one codec by ratio, SNR, dial and variances; arrays over pictures in one order."""

    def __init__(self, *patterns: str):
        self.pictures: dict[tuple, dict[str, dict]] = {}
        for path in sorted(path for pattern in patterns for path in FOLDER.glob(pattern)):
            opened = lzma.open(path, "rt") if path.suffix == ".xz" else open(path)
            with opened as file:
                for row in json.load(file)["rows"]:
                    place = (row["cbr"], row["snr_db"], row["perception"], row["variances"])
                    self.pictures.setdefault(place, {})[row["picture"]] = row

    def values(self, figure: str, cbr: str, snr: float, dial: float | None = None, variances: str = "symbol") -> np.ndarray:
        rows = self.pictures[cbr, float(snr), dial, variances]
        return np.array([rows[name][figure] for name in sorted(rows)])

    def mean(self, figure: str, *place) -> float:
        return float(self.values(figure, *place).mean())

    def mean_of(self, pictures: tuple[str, ...], figure: str, cbr: str, snr: float, dial: float) -> float:
        rows = self.pictures[cbr, float(snr), dial, "symbol"]
        return float(np.mean([rows[name][figure] for name in rows if name.split(".")[0] in pictures]))

    def snrs(self, cbr: str, dial: float | None = None) -> list[float]:
        return sorted({snr for of, snr, at, _ in self.pictures if of == cbr and at == dial})


TABLES: list[list[str]] = []  # lines of each that was printed


def put(text: str) -> None:
    print(text)
    TABLES[-1].append(text)


def line(*cells: str) -> None:
    put("| " + " | ".join(cells) + " |")


def head(title: str, *cells: str) -> None:
    print(f"\n{title}\n")
    TABLES.append([])
    line(*cells)
    put("|" + "---|" * len(cells))


def put_into(path: Path) -> None:
    """The n-th printed table of a head takes the place of the n-th of that head in the file, if it has one."""
    lines, met = path.read_text().split("\n"), Counter()
    for table in TABLES:
        places = [at for at, text in enumerate(lines) if text == table[0]]
        nth = met[table[0]]
        met[table[0]] += 1
        if nth >= len(places):
            print(f"no place in {path} for {table[0]}", file=sys.stderr)
        else:
            begin = end = places[nth]
            while end < len(lines) and lines[end].startswith("|"):
                end += 1
            lines[begin:end] = table
    path.write_text("\n".join(lines))


def short(value: float) -> str:
    return f"{value:.3f}".removeprefix("0")


def four(table: Table, *place) -> str:
    try:
        psnr, reduced, ms_ssim, lpips = (table.mean(figure, *place) for figure in FIGURES)
    except KeyError:
        return "-"
    return f"{psnr:.2f} / {reduced:.2f} / {short(ms_ssim)} / {short(lpips)}"


def everything(ours: Table, softcast: Table) -> None:
    head("PSNR dB / PSNR reduced 8x / MS-SSIM / LPIPS", "CBR", "SNR", "SoftCast", "dial 0", "0.5", "1")
    for cbr in CBRS:
        for snr in softcast.snrs(cbr):
            line(cbr, f"{snr:g} dB", four(softcast, cbr, snr), *(four(ours, cbr, snr, dial) for dial in (0.0, 0.5, 1.0)))


def best_perception(ours: Table) -> None:
    head("LPIPS with the dial at 1 (asked for)", "CBR", *(f"{snr} dB" for snr in (1, 4, 7, 13)))
    reached = 0
    for cbr, bars in LPIPS_BARS.items():
        found = {snr: ours.mean("lpips_alex", cbr, snr, 1.0) for snr in bars}
        reached += sum(found[snr] <= bar for snr, bar in bars.items())
        line(cbr, *(f"{short(found[snr])} ({short(bar)})" for snr, bar in bars.items()))
    print(f"\n{reached} of 16 reached")


def least_distortion(ours: Table, softcast: Table, allocation: str) -> None:
    head(f"Allocation {allocation}: PSNR of dial 0 above SoftCast, dB, and how much of SoftCast's gap to SwinJSCC that closes", "CBR", *(f"{snr} dB" for snr in (1, 4, 7, 10, 13)))
    for cbr in ("1/96", "1/48", "1/24", "1/16", "1/12"):
        cells = []
        for snr in (1, 4, 7, 10, 13):
            try:
                above = ours.mean("psnr_db", cbr, snr, 0.0) - softcast.mean("psnr_db", cbr, snr)
            except KeyError:
                cells.append("-")
                continue
            peer = SWINJSCC_DB.get(cbr, {}).get(snr)
            closed = f", {100 * above / (peer - softcast.mean('psnr_db', cbr, snr)):.0f} %" if peer else ""
            asked = f" ({ABOVE_SOFTCAST_DB[snr]:+.1f})" if snr in ABOVE_SOFTCAST_DB and cbr in SWINJSCC_DB else ""
            cells.append(f"{above:+.2f}{asked}{closed}")
        if set(cells) != {"-"}:
            line(cbr, *cells)


def allocations(balanced: Table, distortion: Table) -> None:
    cbrs = [cbr for cbr in ("1/96", "1/48", "1/24") if distortion.snrs(cbr, 1.0)]
    head("Allocation distortion against balanced: PSNR, LPIPS", "CBR", "dial", *(f"{snr} dB" for snr in (1, 4, 7, 10, 13)))
    for cbr in cbrs:
        for dial in (0.0, 1.0):
            cells = []
            for snr in (1, 4, 7, 10, 13):
                (psnr, lpips), (before_psnr, before_lpips) = (
                    [table.mean(figure, cbr, snr, dial) for figure in ("psnr_db", "lpips_alex")] for table in (distortion, balanced)
                )
                cells.append(f"{psnr - before_psnr:+.2f} dB, {100 * (lpips / before_lpips - 1):+.1f} %")
            line(cbr, f"{dial:g}", *cells)


def channel_uses(ours: Table, distortion: Table, softcast: Table) -> None:
    for name, table in (("balanced", ours), ("distortion", distortion)):
        found = []
        for cbr in ("1/96", "1/48", "1/24", "1/16", "1/12"):
            if table.snrs(cbr, 0.0):
                more = table.mean("cbr_total", cbr, 7, 0.0) / softcast.mean("cbr_total", cbr, 7) - 1
                found.append(f"{cbr}: {table.mean('side_information_bytes', cbr, 7, 0.0):.0f} bytes, {100 * more:+.1f} %")
        print(f"\nside information, and channel uses in all over SoftCast's, {name}: {'; '.join(found)}")


def default_dial(ours: Table, softcast: Table) -> None:
    places = [(cbr, snr) for cbr in CBRS for snr in softcast.snrs(cbr) if snr <= 15]
    for figure, sign in (("psnr_db", 1), ("lpips_alex", -1), ("psnr_reduced_db", 1)):
        ahead = {place: sign * (ours.mean(figure, *place, 0.5) - softcast.mean(figure, *place)) for place in places}
        short_of = ", ".join(f"{cbr} {snr:g} dB: {value:+.2f}" for (cbr, snr), value in ahead.items() if value < 0)
        print(f"\ndial 0.5 against SoftCast, {figure}: ahead at {sum(value >= 0 for value in ahead.values())} of {len(places)}; {short_of}")
    for dial in (0.0, 1.0):
        ahead = {}
        for place in places:
            if (*place, dial, "symbol") in ours.pictures:
                ahead[place] = ours.mean("psnr_reduced_db", *place, dial) - softcast.mean("psnr_reduced_db", *place)
        short_of = ", ".join(f"{cbr} {snr:g} dB: {value:+.2f}" for (cbr, snr), value in ahead.items() if value < 0)
        print(f"\nreduced 8x, dial {dial:g}: at least SoftCast's at {sum(value >= 0 for value in ahead.values())} of {len(ahead)}; {short_of}")


def perception_against_distortion(ours: Table) -> None:
    for dial in (0.5, 1.0):
        places = [(cbr, snr) for cbr in ("1/96", "1/48", "1/24") for snr in (1, 4, 7, 10, 13)]
        less = [1 - ours.mean("lpips_alex", *place, dial) / ours.mean("lpips_alex", *place, 0.0) for place in places]
        cost = [ours.mean("psnr_db", *place, 0.0) - ours.mean("psnr_db", *place, dial) for place in places]
        print(f"\ndial {dial:g} against 0, 1/96 to 1/24: LPIPS {100 * np.mean(less):.1f} % lower on average, for {min(cost):.2f} to {max(cost):.2f} dB")


def monotone(ours: Table) -> None:
    worst = []
    for dial in (0.0, 0.5, 1.0):
        grid = {(cbr, snr): ours.mean("lpips_alex", cbr, snr, dial) for cbr in CBRS for snr in ours.snrs(cbr, dial)}
        for (cbr, snr), lpips in grid.items():
            more_snr = [value for (of, at), value in grid.items() if of == cbr and at > snr]
            more_rate = [value for (of, at), value in grid.items() if at == snr and CBRS.index(of) > CBRS.index(cbr)]
            worst += [value / lpips - 1 for value in more_snr + more_rate]
    print(f"\nmore SNR or more rate changes mean LPIPS by {100 * max(worst):+.1f} % at worst")


def below_digital(ours: Table) -> None:
    ratios = [ours.mean_of(EIGHT, "lpips_alex", cbr, snr, 1.0) / bar for cbr, bars in DIGITAL_LPIPS.items() for snr, bar in bars.items()]
    print(f"\ndial 1 over the best digital link 1.5 dB from capacity, LPIPS: {100 * min(ratios):.0f} to {100 * max(ratios):.0f} % of it")


def fading_and_losses() -> None:
    head("PSNR / LPIPS at 1/24 and 10 dB", "channel", "dial", "told the noise of every symbol", "told its mean", "gain")
    for channel in ("tdl-a", "tdl-b", "tdl-c"):
        table = Table(f"deepjscc-{channel}.json*")
        for dial in (0.0, 1.0):
            (psnr, lpips), (mean_psnr, mean_lpips) = (
                [table.mean(figure, "1/24", 10, dial, told) for figure in ("psnr_db", "lpips_alex")] for told in ("symbol", "mean")
            )
            gain = f"{psnr - mean_psnr:+.2f} dB; {100 * (lpips / mean_lpips - 1):+.0f} %"
            line(channel.upper(), f"{dial:g}", f"{psnr:.2f} / {short(lpips)}", f"{mean_psnr:.2f} / {short(mean_lpips)}", gain)
    for loss in (10, 30):
        table = Table(f"deepjscc-lost-{loss}.json*")
        psnr, lpips = (table.mean(figure, "1/24", 10, 0.5) for figure in ("psnr_db", "lpips_alex"))
        print(f"\n{loss} % of bursts lost, dial 0.5: {psnr:.2f} dB / {short(lpips)}")


def vgg() -> None:
    path = FOLDER / "vgg.csv"
    rows = list(csv.DictReader(open(path)))
    snrs = sorted({row["snr_db"] for row in rows}, key=float)
    head("LPIPS on VGG16", "CBR", "dial", *(f"{snr} dB" for snr in snrs))
    for cbr in CBRS:
        for dial in sorted({row["dial"] for row in rows}, key=float):
            at = [[float(row["lpips_vgg"]) for row in rows if (row["cbr"], row["dial"], row["snr_db"]) == (cbr, dial, snr)] for snr in snrs]
            if all(at):
                line(cbr, f"{float(dial):g}", *(short(np.mean(values)) for values in at))


def ablations() -> None:
    """What training/ablate_deepjscc.py found: PSNR / LPIPS with one part taken out."""
    rows = json.loads((FOLDER / "ablations.json").read_text())["rows"]
    points = list(dict.fromkeys((row["cbr"], row["snr_db"]) for row in rows))
    head("Ablations", "taken out", "dial", *(f"{cbr}: {snr:g} dB" if snr == points[0][1] else f"{snr:g} dB" for cbr, snr in points))
    for what, dial in dict.fromkeys((row["taken_out"], row["dial"]) for row in rows):
        found = {(row["cbr"], row["snr_db"]): row for row in rows if (row["taken_out"], row["dial"]) == (what, dial)}
        line(what, f"{dial:g}", *(f"{found[point]['psnr_db']:.2f} / {short(found[point]['lpips'])}" for point in points))


def main() -> None:
    ours = Table("deepjscc-[0-9][0-9].json*", "deepjscc-ends.json*", "deepjscc-strong.json*")
    softcast = Table("softcast-[0-9][0-9].json*", "softcast-ends.json*")
    everything(ours, softcast)
    best_perception(ours)
    least_distortion(ours, softcast, "balanced")
    distortion = Table("allocation-[0-9][0-9].json*")
    least_distortion(distortion, softcast, "distortion")
    allocations(ours, distortion)
    channel_uses(ours, distortion, softcast)
    default_dial(ours, softcast)
    perception_against_distortion(ours)
    monotone(ours)
    below_digital(ours)
    fading_and_losses()
    ablations()
    vgg()
    if GIVEN.into:
        put_into(GIVEN.into)


if __name__ == "__main__":
    main()

"""What regions of interest win and cost: table, curves and rows of docs/results/regions.md.

    cargo run --release -p heliograph --example regions -- ECSSD --cbrs 1/48 --gains 0,4,16 > 48.json
    python docs/results/regions.py 48.json ... > table.md          # and docs/results/regions/{rows.csv,curves.svg}
    python docs/results/regions.py docs/results/regions/rows.csv more.json > table.md    # further points beside those that are there
    python docs/results/regions.py --named mask mask.json > table.md     # docs/results/regions/mask.csv alone
    python docs/results/regions.py --empty none.json > table.md    # of a run with --background none: docs/results/regions/empty.csv

Differences are of the same photo, noise and total channel uses against the same rate for all blocks (gain 0), means over photos with 95 %
intervals (Student's t). LPIPS is compared as the mean over photos over the mean of the reference; its interval is that of the paired differences.
"""

import csv
import json
import math
import sys
from pathlib import Path

FIELDS = ["picture", "cbr", "snr_db", "gain", "cbr_total", "key_share", "key_psnr_db", "key_lpips", "rest_psnr_db", "psnr_db", "lpips_alex"]
EMPTY_FIELDS = ["inpainted", "empty_share", "empty_psnr_db", "empty_lpips", "full_psnr_db"]
PANELS = [("key_psnr_db", "Key region, PSNR", "dB"), ("key_lpips", "Key region, LPIPS", "%"), ("lpips_alex", "Whole picture, LPIPS", "%")]
COLOURS = {1: "#8a8f99", 4: "#0e6e66", 8: "#5b4db3", 16: "#b5430b"}
OUT = Path(__file__).parent / "regions"


def t_975(degrees: int) -> float:
    """Student's t by its expansion around the normal quantile (Abramowitz and Stegun 26.7.5)."""
    z = 1.959964
    return z + (z**3 + z) / (4 * degrees) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * degrees**2)


def differences(rows: list[dict], cbr: float, snr: float, gain: float, field: str) -> tuple[float, float, int]:
    """Mean difference to the same rate everywhere, its half interval, photos."""
    at = {(row["picture"], row["gain"]): row[field] for row in rows if (row["cbr"], row["snr_db"]) == (cbr, snr)}
    pairs = [(value, at[name, 0.0]) for (name, of), value in at.items() if of == gain and (name, 0.0) in at]
    count, scale = len(pairs), 1.0
    if field != "key_psnr_db" and not field.endswith("psnr_db"):
        scale = 100 * count / sum(base for _, base in pairs)
    found = [scale * (value - base) for value, base in pairs]
    mean = sum(found) / count
    deviation = math.sqrt(sum((value - mean) ** 2 for value in found) / max(count - 1, 1))
    return mean, t_975(max(count - 1, 1)) * deviation / math.sqrt(count), count


def table(rows: list[dict]) -> str:
    lines = ["| CBR in all | SNR | `--roi-gain` | photos | key PSNR | key LPIPS | rest PSNR | whole PSNR | whole LPIPS |", "|---|---|---|---|---|---|---|---|---|"]
    for cbr, snr, gain in sorted({(row["cbr"], row["snr_db"], row["gain"]) for row in rows}, key=lambda key: (-key[0], key[1], key[2])):
        if gain == 0:
            continue
        cells = []
        for field in ["key_psnr_db", "key_lpips", "rest_psnr_db", "psnr_db", "lpips_alex"]:
            mean, half, count = differences(rows, cbr, snr, gain, field)
            unit, digits = ("dB", 2) if field.endswith("psnr_db") else ("%", 1)
            cells.append(f"{mean:+.{digits}f} ± {half:.{digits}f} {unit}")
        name = "no regions" if gain == 1 else f"{gain:g}"
        lines.append(f"| 1/{1 / cbr:.0f} | {snr:g} dB | {name} | {count} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def curves(rows: list[dict]) -> str:
    """One row of panels a ratio; lines are the gains measured at every ratio, bars the intervals."""
    cbrs = sorted({row["cbr"] for row in rows}, reverse=True)
    snrs = sorted({row["snr_db"] for row in rows})
    gains_at = {cbr: sorted({row["gain"] for row in rows if row["cbr"] == cbr} - {0.0}) for cbr in cbrs}
    gains = [gain for gain in sorted(set().union(*gains_at.values())) if all(gain in at for at in gains_at.values())]
    width, height, gap, left, top = 300, 220, 70, 60, 60
    parts = []
    text = lambda x, y, words, anchor="middle", size=12: parts.append(f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" font-size="{size}">{words}</text>')
    for line, cbr in enumerate(cbrs):
        for column, (field, title, unit) in enumerate(PANELS):
            x0, y0 = left + column * (width + gap), top + line * (height + gap)
            there = [snr for snr in snrs if any((row["cbr"], row["snr_db"]) == (cbr, snr) for row in rows)]
            found = {(gain, snr): differences(rows, cbr, snr, gain, field) for gain in gains for snr in there}
            low = min(0, *(mean - half for mean, half, _ in found.values()))
            high = max(0, *(mean + half for mean, half, _ in found.values()))
            step = next(s for s in [0.5, 1, 2, 5, 10, 20, 50] if (high - low) / s <= 7)
            low, high = step * math.floor(low / step), step * math.ceil(high / step)
            x = lambda snr: x0 + width * (0.05 + 0.9 * (snr - snrs[0]) / max(snrs[-1] - snrs[0], 1))
            y = lambda value: y0 + height * (high - value) / (high - low)
            text(x0 + width / 2, y0 - 10, f"{title}, CBR 1/{1 / cbr:.0f} in all", size=13)
            for tick in range(round(low / step), round(high / step) + 1):
                value = tick * step
                parts.append(f'<path d="M{x0} {y(value):.1f}h{width}" stroke="{"#26282e" if tick == 0 else "#dde0e5"}"/>')
                text(x0 - 6, y(value) + 4, f"{value:+g} {unit}" if tick else "0", "end")
            for snr in snrs:
                text(x(snr), y0 + height + 16, f"{snr:g} dB")
            for gain in gains:
                colour = COLOURS.get(gain, "#26282e")
                points = " ".join(f"{x(snr):.1f},{y(found[gain, snr][0]):.1f}" for snr in there)
                parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
                for snr in there:
                    mean, half, _ = found[gain, snr]
                    parts.append(f'<circle cx="{x(snr):.1f}" cy="{y(mean):.1f}" r="2.5" fill="{colour}"/>')
                    parts.append(f'<path d="M{x(snr):.1f} {y(mean - half):.1f}V{y(mean + half):.1f}" stroke="{colour}" stroke-width="1.2"/>')
    for at, gain in enumerate(gains):
        words = "no regions" if gain == 1 else f"--roi-gain {gain:g}"
        parts.append(f'<path d="M{left + 200 * at} 18h26" stroke="{COLOURS.get(gain, "#26282e")}" stroke-width="2"/>')
        text(left + 200 * at + 34, 22, words, "start")
    w, h = left + 3 * (width + gap), top + len(cbrs) * (height + gap)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" font-family="Inter, sans-serif" fill="#26282e"><rect width="{w}" height="{h}" fill="#fff"/>'
    return head + "".join(parts) + "</svg>\n"


def change(with_: list[float], without: list[float]) -> tuple[float, float]:
    """Mean of paired differences, and half a 95 % interval."""
    found = [after - before for after, before in zip(with_, without)]
    mean, count = sum(found) / len(found), len(found)
    return mean, t_975(count - 1) * math.sqrt(sum((value - mean) ** 2 for value in found) / (count - 1) / count)


def inpainted(rows: list[dict]) -> str:
    """Of pictures with empty blocks: what the inpainter changes, paired by picture."""
    lines = ["| CBR in all | SNR | `--roi-gain` | photos | where | share | PSNR | LPIPS |", "|---|---|---|---|---|---|---|---|"]
    for cbr, snr, gain in sorted({(row["cbr"], row["snr_db"], row["gain"]) for row in rows}):
        here = [row for row in rows if (row["cbr"], row["snr_db"], row["gain"]) == (cbr, snr, gain)]
        with_, without = ({row["picture"]: row for row in here if row["inpainted"] is yes} for yes in (True, False))
        photos = sorted(set(with_) & set(without))
        values = lambda table, field: [table[name][field] for name in photos]
        empty = sum(values(with_, "empty_share")) / len(photos)
        parts = (("empty blocks", empty, "empty_psnr_db", "empty_lpips"), ("all others", 1 - empty, "full_psnr_db", None), ("whole", 1, "psnr_db", "lpips_alex"))
        for where, share, psnr, lpips in parts:
            mean, half = change(values(with_, psnr), values(without, psnr))
            cells = [f"{100 * share:.0f} %", f"{sum(values(without, psnr)) / len(photos):.2f} dB, {mean:+.2f} ± {half:.2f} dB", ""]
            if lpips:
                base = sum(values(without, lpips)) / len(photos)
                mean, half = (100 * value / base for value in change(values(with_, lpips), values(without, lpips)))
                better = sum(after < before for after, before in zip(values(with_, lpips), values(without, lpips)))
                cells[2] = f"{base:.3f}, {mean:+.1f} ± {half:.1f} % (lower on {better})"
            lines.append(f"| 1/{1 / cbr:.0f} | {snr:g} dB | {gain:g} | {len(photos)} | {where} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def write(name: str, fields: list[str], rows: list[dict]) -> None:
    OUT.mkdir(exist_ok=True)
    short = lambda value: str(value) if isinstance(value, (str, bool)) else f"{value:.5g}"
    lines = [",".join(short(row[field]) for field in fields) for row in rows]
    (OUT / name).write_text("\n".join([",".join(fields), *lines]) + "\n")


def read(path: Path) -> list[dict]:
    """Rows of the example's JSON, or of a rows.csv made from it."""
    if path.suffix != ".csv":
        return json.loads(path.read_text())["rows"]
    with path.open() as lines:
        found = [{field: value if field == "picture" else float(value) for field, value in row.items()} for row in csv.DictReader(lines)]
    return [{**row, "cbr": 1 / round(1 / row["cbr"])} for row in found]


def main(*words: str) -> None:
    empty = "--empty" in words
    name = words[words.index("--named") + 1] if "--named" in words else "rows"
    files = [word for word in words if word not in ("--empty", "--named", name)]
    rows = [row for file in files for row in read(Path(file)) if not empty or "inpainted" in row]
    if not rows:
        sys.exit("regions.py: found no rows, allowed are JSON files of the example or a rows.csv; with --empty JSON of a run with --background none")
    if empty:
        write("empty.csv", [*FIELDS, *EMPTY_FIELDS], rows)
        print(inpainted(rows))
        return
    write(f"{name}.csv", FIELDS, rows)
    if name == "rows":
        (OUT / "curves.svg").write_text(curves(rows))
    print(table(rows))


if __name__ == "__main__":
    main(*sys.argv[1:])

#!/usr/bin/env python3
"""Prints the tables of evaluation.md from the rows in docs/results/evaluation; needs numpy.

    python docs/results/evaluation-tables.py [FOLDER]
"""

import csv
import lzma
import sys
from pathlib import Path

import numpy as np

FOLDER = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "evaluation")
SHOWN = ("received", "received_with_losses")


class Rows:
    """Rows of one part, in the order of its pictures."""

    def __init__(self, name: str):
        packed = FOLDER / name / "rows.csv.xz"
        with lzma.open(packed, "rt") if packed.is_file() else open(FOLDER / name / "rows.csv") as file:
            self.rows = sorted(csv.DictReader(file), key=lambda row: row["picture"])

    def names(self, column: str) -> list[str]:
        """In the order of the settings, not of the alphabet: by value where these are numbers."""
        found = dict.fromkeys(row[column] for row in self.rows)
        return sorted(found, key=float) if column == "snr_db" else list(found)

    def where(self, asked: dict) -> list[dict]:
        return [row for row in self.rows if all(row[name] == value for name, value in asked.items())]

    def values(self, column: str, **asked: str) -> np.ndarray:
        return np.array([float(row[column]) for row in self.where(asked)])


def line(*cells: str) -> None:
    print("| " + " | ".join(cells) + " |")


def head(*cells: str) -> None:
    print()
    line(*cells)
    print("|" + "---|" * len(cells))


def short(value: float, digits: int = 3) -> str:
    return f"{value:.{digits}f}".replace("0.", ".", 1)


def half_interval(values: np.ndarray) -> float:
    return 1.96 * values.std(ddof=1) / len(values) ** 0.5


def quality(rows: Rows, **asked: str) -> str:
    return f"{rows.values('psnr_db', **asked).mean():.2f} / {short(rows.values('lpips_alex', **asked).mean())}"


def white_noise() -> None:
    rows = Rows("awgn")
    codecs = rows.names("codec")
    head("CBR", "SNR, dB", *codecs)
    for cbr in rows.names("cbr"):
        for snr in rows.names("snr_db"):
            line(cbr, snr, *(quality(rows, cbr=cbr, snr_db=snr, codec=codec) for codec in codecs))


def ideal_minus_waveform() -> None:
    ideal, whole = Rows("ideal"), Rows("awgn")
    snrs = ideal.names("snr_db")
    head("CBR", "codec", *(f"{snr} dB" for snr in snrs))
    largest = 0.0
    for cbr in ideal.names("cbr"):
        for codec in ideal.names("codec"):
            cells = []
            for snr in snrs:
                asked = {"cbr": cbr, "snr_db": snr, "codec": codec}
                difference = ideal.values("psnr_db", channel="ideal-awgn", **asked) - whole.values("psnr_db", **asked)
                largest = max(largest, abs(difference).max())
                cells.append(f"{difference.mean():.2f}")
            line(cbr, codec, *cells)
    print(f"\nLargest of a single picture: {largest:.2f} dB")


def fading(name: str = "tdl") -> None:
    rows = Rows(name)
    codecs = rows.names("codec")
    head("CBR", "channel", "SNR, dB", *codecs)
    for cbr in rows.names("cbr"):
        for channel in rows.names("channel"):
            for snr in rows.names("snr_db"):
                cells = []
                for codec in codecs:
                    asked = {"cbr": cbr, "channel": channel, "snr_db": snr, "codec": codec}
                    lost = sum(row["outcome"] not in SHOWN for row in rows.where(asked))
                    cells.append(quality(rows, **asked) + (f" ({lost})" if lost else ""))
                line(cbr, channel, snr, *cells)


def fading_at_other_rates() -> None:
    fading("tdl-rates")


def semantic(name: str = "semantic") -> None:
    rows = Rows(name)
    codecs = rows.names("codec")
    head("SNR, dB", *codecs)
    for snr in rows.names("snr_db"):
        cells = []
        for codec in codecs:
            top1 = 100 * rows.values("semantic_top1", snr_db=snr, codec=codec)
            cosine = rows.values("semantic_cosine", snr_db=snr, codec=codec).mean()
            cells.append(f"{top1.mean():.1f} ± {half_interval(top1):.1f} % / {short(cosine)}")
        line(snr, *cells)


def semantic_latent() -> None:
    """Codec latent, and how it compares on the same symbols: names right that least distortion has wrong, and the other way round."""
    semantic("semantic-latent")
    rows = Rows("semantic-latent")
    head("SNR, dB", "painted", "names right : wrong", "cosine above latent-0")
    for snr in rows.names("snr_db"):
        for codec in ("latent", "latent-diffusion"):
            top1, cosine = (
                rows.values(column, snr_db=snr, codec=codec) - rows.values(column, snr_db=snr, codec="latent-0")
                for column in ("semantic_top1", "semantic_cosine")
            )
            line(snr, codec, f"{(top1 > 0).sum()} : {(top1 < 0).sum()}", f"{cosine.mean():+.3f} ± {half_interval(cosine):.3f}")


def against_genie() -> None:
    """What evaluation.md says about winning and losing: the genie minus ours, and how many points are won."""
    rows = Rows("awgn")
    points = [(cbr, snr) for cbr in rows.names("cbr") for snr in rows.names("snr_db")]

    def mean(column: str, codec: str) -> np.ndarray:
        return np.array([rows.values(column, cbr=cbr, snr_db=snr, codec=codec).mean() for cbr, snr in points])

    head("codec", "PSNR behind the genie, dB", "LPIPS below the genie's", "points won in LPIPS", "in PSNR against SoftCast")
    for codec in (codec for codec in rows.names("codec") if not codec.startswith("digital")):
        behind = mean("psnr_db", "digital") - mean("psnr_db", codec)
        less = 100 * (1 - mean("lpips_alex", codec) / mean("lpips_alex", "digital"))
        ahead = (mean("psnr_db", codec) > mean("psnr_db", "softcast")).sum()
        line(
            codec,
            f"{behind.min():.2f} to {behind.max():.2f}",
            f"{less.min():.0f} to {less.max():.0f} %",
            f"{(less > 0).sum()} of {len(points)}",
            f"{ahead} of {len(points)}",
        )


def behind_published() -> None:
    """Published PSNR over an ideal channel minus dial 0's over the whole waveform; the published LPIPS are of 256x256 tiles."""
    rows = Rows("awgn")
    head("published", "CBR", "PSNR above deepjscc-0, dB")
    with open(Path(__file__).parents[2] / "evidence/assets/published.csv") as file:
        published = [row for row in csv.DictReader(file) if row["psnr_db"]]
    for method in dict.fromkeys(row["method"] for row in published):
        for cbr in rows.names("cbr"):
            above = [
                float(row["psnr_db"]) - rows.values("psnr_db", cbr=cbr, snr_db=row["snr_db"], codec="deepjscc-0").mean()
                for row in published
                if (row["method"], row["cbr"]) == (method, cbr)
            ]
            if above:
                line(method, cbr, f"{min(above):.1f} to {max(above):.1f}")


def dial() -> None:
    rows = Rows("awgn")
    head("CBR", "dial from 0 to 0.5: PSNR, dB", "LPIPS")
    for cbr in rows.names("cbr"):
        pairs = [[Means(rows, cbr, snr, codec) for codec in ("deepjscc-0", "deepjscc")] for snr in rows.names("snr_db")]
        cost = [zero.psnr - half.psnr for zero, half in pairs]
        less = [100 * (1 - half.lpips / zero.lpips) for zero, half in pairs]
        line(cbr, f"-{min(cost):.2f} to -{max(cost):.2f}", f"-{min(less):.0f} to -{max(less):.0f} %")


class Means:
    def __init__(self, rows: Rows, cbr: str, snr: str, codec: str):
        asked = {"cbr": cbr, "snr_db": snr, "codec": codec}
        self.psnr = rows.values("psnr_db", **asked).mean()
        self.lpips = rows.values("lpips_alex", **asked).mean()


def what_the_genie_took() -> None:
    taken = [row["detail"].split()[1:] for row in Rows("awgn").where({"codec": "digital"}) if row["outcome"] in SHOWN]
    words = [" ".join(detail) for detail in taken]
    print("\nThe genie took", ", ".join(f"{word} {words.count(word)}" for word in sorted(set(words))), f"of {len(words)}")


def monotone() -> None:
    """More SNR or more rate: the largest rise of mean LPIPS."""
    rows = Rows("awgn")
    cbrs, snrs = rows.names("cbr"), rows.names("snr_db")
    for codec in ("deepjscc-0", "deepjscc", "deepjscc-1"):
        grid = np.array([[Means(rows, cbr, snr, codec).lpips for snr in snrs] for cbr in cbrs])
        worst = max((grid[:, 1:] / grid[:, :-1]).max(), (grid[1:] / grid[:-1]).max()) - 1
        print(f"\n{codec}: the next higher SNR or CBR changes LPIPS by {100 * worst:+.1f} % at worst")


if __name__ == "__main__":
    tables = (white_noise, ideal_minus_waveform, fading, fading_at_other_rates, semantic, semantic_latent, against_genie, behind_published, dial, what_the_genie_took, monotone)
    for table in tables:
        table()

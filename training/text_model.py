"""The static model of English that captions are compressed with (src/captions/text): counts of letter sequences of Flickr8k's
training captions, pruned, two bytes a sequence.

    python text_model.py --data FLICKR8K --out ../src/captions/text/english.bin
    python text_model.py --data FLICKR8K --measure dev          # bits per character of captions not counted

A model of variable order with escapes and exclusion (PPM; Cleary and Witten 1984), its counts fixed. A node of the tree is a sequence
of letters, its children are what came next. A node takes 16 bits, breadth first, children of a node side by side, heaviest first:
symbol (6 bits), weight (5), whether it has children (1), whether it is the last child (1), weight of the escape from it (3).
"""

import argparse
import math
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

import captioner

EDGE = "\0"  # before the first character and after the last
SYMBOLS = 64
LONGEST = 9
WEIGHTS = [round(2 ** (16 - q / 2.5)) for q in range(32)]
ESCAPES = [round(65536 * share) for share in (0.9, 0.6, 0.4, 0.25, 0.15, 0.08, 0.03, 0.01)]


def written(data: Path, part: str) -> list[str]:
    texts = captioner.captions(data)
    return [text for name in captioner.split(data, part) for text in texts[name]]


def as_typed(caption: str) -> str:
    """Without the space that Flickr8k has before punctuation."""
    for mark in [" .", " ,", " 's", " !", " ?"]:
        caption = caption.replace(mark, mark[1:])
    return caption.strip()


def counts(texts: list[str]) -> list[Counter]:
    """Of sequences of 1 to LONGEST characters."""
    found = [Counter() for _ in range(LONGEST + 1)]
    for text in texts:
        line = EDGE + text + EDGE
        for length in range(1, LONGEST + 1):
            found[length].update(line[i : i + length] for i in range(len(line) - length + 1))
    return found


def pruned(found: list[Counter], limit: int) -> dict[str, dict[str, int]]:
    """Context -> what comes next and how often, for the `limit` sequences that save most bits."""
    common = [symbol for symbol, _ in found[1].most_common(SYMBOLS)]
    kept = {"": {symbol: found[1][symbol] for symbol in common}}
    alphabet = set(common)
    gains = []
    for length in range(2, LONGEST + 1):
        totals = Counter()
        for sequence, count in found[length].items():
            totals[sequence[:-1]] += count
        shorter = Counter()
        for sequence, count in found[length - 1].items():
            shorter[sequence[:-1]] += count
        for sequence, count in found[length].items():
            if count < 3 or not set(sequence) <= alphabet or EDGE in sequence[1:-1]:
                continue
            here = count / totals[sequence[:-1]]
            below = found[length - 1][sequence[1:]] / shorter[sequence[1:-1]]
            gains.append((count * abs(math.log2(here / below)), sequence, count))
    gains.sort(reverse=True)
    chosen: dict[str, int] = {}
    for _, sequence, count in gains:
        if len(chosen) >= limit:
            break
        for end in range(2, len(sequence) + 1):  # the way to it must be there
            chosen.setdefault(sequence[:end], found[end][sequence[:end]])
    for sequence, count in chosen.items():
        kept.setdefault(sequence[:-1], {})[sequence[-1]] = count
    return kept


def nearest(values: list[int], wanted: float) -> int:
    return min(range(len(values)), key=lambda i: abs(math.log(values[i] / wanted)))


class Model:
    """As the program has it: per context the weights of what comes next, heaviest first, and of the escape."""

    def __init__(self, found: list[Counter], kept: dict[str, dict[str, int]]):
        totals = [Counter() for _ in range(LONGEST + 1)]
        for length in range(1, LONGEST + 1):
            for sequence, count in found[length].items():
                totals[length - 1][sequence[:-1]] += count
        self.next, self.escape, self.coded = {}, {}, {}
        for context, after in kept.items():
            total = totals[len(context)][context]
            missing = total - sum(after.values()) + 0.5 * len(after) ** 0.5
            quantized = [(nearest(WEIGHTS, 65536 * count / total), symbol) for symbol, count in after.items()]
            quantized.sort()
            self.coded[context] = quantized, nearest(ESCAPES, 65536 * min(1.0, missing / total))
            self.next[context] = [(symbol, WEIGHTS[q]) for q, symbol in quantized]
            self.escape[context] = ESCAPES[self.coded[context][1]]

    def bits(self, text: str) -> float:
        line, sum_bits = EDGE + text + EDGE, 0.0
        for i in range(1, len(line)):
            ruled_out = set()
            for length in range(min(i, LONGEST - 1), -1, -1):
                context = line[i - length : i]
                if context not in self.next:
                    continue
                left = [(s, w) for s, w in self.next[context] if s not in ruled_out]
                if not left:
                    continue
                whole = sum(w for _, w in left) + self.escape[context]
                weight = next((w for s, w in left if s == line[i]), None)
                sum_bits -= math.log2((weight or self.escape[context]) / whole)
                if weight:
                    break
                ruled_out.update(s for s, _ in left)
            else:
                sum_bits += 2 + 6 * len(line[i].encode())
        return sum_bits

    def file(self) -> bytes:
        """The symbols, then the nodes."""
        symbols = sorted(symbol for symbol, _ in self.next[""])
        nodes, level = [1 << 11 | 1 << 12 | self.coded[""][1] << 13], [""]
        while level:
            below = []
            for context in level:
                after = self.coded[context][0]
                for i, (weight, symbol) in enumerate(after):
                    here = context + symbol
                    inner = here in self.next
                    escape = self.coded[here][1] if inner else 0
                    last = i == len(after) - 1
                    nodes.append(symbols.index(symbol) | weight << 6 | inner << 11 | last << 12 | escape << 13)
                    below += [here] if inner else []
            level = below
        return "".join(symbols).encode("ascii") + np.array(nodes, "<u2").tobytes()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--measure", choices=["dev", "test"])
    parser.add_argument("--nodes", type=int, default=70_000)
    args = parser.parse_args()
    training = written(args.data, "train")
    found = counts(training + [as_typed(text) for text in training])
    model = Model(found, pruned(found, args.nodes))
    if args.out:
        args.out.write_bytes(model.file())
    if args.measure:
        texts = written(args.data, args.measure)
        bits = [model.bits(text) for text in texts]
        print(f"{len(texts)} captions: {sum(bits) / sum(map(len, texts)):.3f} bits a character before whole bytes")


if __name__ == "__main__":
    main()

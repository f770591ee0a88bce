"""Figures of the captioner on a split of Flickr8k: BLEU-4 and CIDEr against the five captions of each photo.

    python evaluate_captioner.py --data FLICKR8K --cache /tmp/captioner --run /tmp/captioner/run --part test --out ../docs/results/captions/test.json
    python evaluate_captioner.py ... --found FOUND.tsv     # captions of the program instead: lines of NAME.jpg, tab, caption
    python evaluate_captioner.py --data FLICKR8K --part test                                      # the baselines alone

Scores are those of PyPI pycocoevalcap on lower-case words without punctuation (captioner.words), not its Java tokenizer. Beside them
the most frequent caption of the training split, said of every photo, and one of the five people against the other four.
"""

import argparse
import json
from collections import Counter
from pathlib import Path

import numpy as np
import torch
from pycocoevalcap.bleu.bleu import Bleu
from pycocoevalcap.cider.cider import Cider

import captioner as c
import export_captioner


def scores(found: dict[str, str], references: dict[str, list[str]]) -> dict[str, float]:
    said = {name: [caption] for name, caption in found.items()}
    bleu, _ = Bleu(4).compute_score(references, said, verbose=0)
    cider, _ = Cider().compute_score(references, said)
    lengths = [len(caption.split()) for caption in found.values()]
    return {
        "bleu_1": round(100 * bleu[0], 2),
        "bleu_4": round(100 * bleu[3], 2),
        "cider": round(float(cider), 4),
        "words_mean": round(sum(lengths) / len(lengths), 2),
        "different": len(set(found.values())),
    }


def plain(caption: str) -> str:
    return " ".join(c.words(caption.replace("'s", " 's").replace("  ", " ")))


def network_captions(run: Path, cache: Path, part: str, names: list[str], width: int, power: float) -> dict[str, str]:
    net, vocabulary = export_captioner.words_network(run)
    features = torch.from_numpy(np.load(cache / f"{part}.npy")[:, 0])
    found = {}
    for name, photo in zip(names, features):
        words = c.beam_search(net, photo[None].float(), width, power)
        found[name] = " ".join(vocabulary[word] for word in words)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--part", choices=["dev", "test"], default="dev")
    parser.add_argument("--run", type=Path)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--found", type=Path)
    parser.add_argument("--count", type=int, help="the first photos only")
    parser.add_argument("--width", type=int, default=4)
    parser.add_argument("--power", type=float, default=0.7)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--captions", type=Path, help="write what was said here: name, tab, caption")
    args = parser.parse_args()
    torch.set_num_threads(1)
    written = c.captions(args.data)
    names = c.split(args.data, args.part)[: args.count]
    references = {name: [" ".join(c.words(text)) for text in written[name]] for name in names}
    training = Counter(" ".join(c.words(text)) for name in c.split(args.data, "train") for text in written[name])
    frequent = training.most_common(1)[0][0]
    if args.found:
        lines = (line.split("\t") for line in args.found.read_text().splitlines())
        said = {name: plain(caption) for name, caption in lines}
        found = {name: said[name] for name in names}
    elif args.run:
        found = network_captions(args.run, args.cache, args.part, names, args.width, args.power)
    else:
        found = {}
    if args.captions:
        args.captions.write_text("".join(f"{name}\t{caption}\n" for name, caption in found.items()))
    person = {name: captions[0] for name, captions in references.items()}
    others = {name: captions[1:] for name, captions in references.items()}
    result = {
        "set": f"Flickr8k, {args.part} split, five references",
        "photos": len(names),
        **({"beams": args.width, "length_power": args.power, "captioner": scores(found, references)} if found else {}),
        "most_frequent_caption": {"caption": frequent, **scores(dict.fromkeys(names, frequent), references)},
        "one_person_against_four": scores(person, others),
    }
    text = json.dumps(result, indent=2)
    print(text)
    if args.out:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        args.out.write_text(text + "\n")


if __name__ == "__main__":
    main()

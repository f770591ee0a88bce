"""The mean of weights that went on from the same ones: at least as good as the better of them, often better than both.

    python average.py --weights a.safetensors b.safetensors --out deepjscc.safetensors

Model soups: Wortsman et al., "Model soups: averaging weights of multiple fine-tuned models", ICML 2022. Log.md, section 15.
"""

import argparse

from safetensors.torch import save_file

import checkpoint


def mean(paths: list[str]) -> dict:
    states = [checkpoint.read(path) for path in paths]
    for path, state in zip(paths, states):
        if {k: v.shape for k, v in state.items()} != {k: v.shape for k, v in states[0].items()}:
            raise SystemExit(f"{path}: other tensors than {paths[0]}")
    return {name: sum(state[name] for state in states) / len(states) for name in states[0]}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", nargs="+", required=True)
    parser.add_argument("--out", required=True)
    given = parser.parse_args()
    save_file(checkpoint.shipped(mean(given.weights)), given.out)

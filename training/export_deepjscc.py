"""Weights of codec deepjscc -> what the program ships, and golden vectors to hold the Rust code against.

    python export_deepjscc.py --weights deepjscc.safetensors --photo kodim23.png --out ../weights --cache DIR
    python export_deepjscc.py --weights ../weights/deepjscc.gguf --photo kodim23.png      vectors alone, of weights as they are

--cache: of train_deepjscc.py; its training photos say what the networks are given, so that bytes change least of what comes of it (rounding.py).

deepjscc.golden.safetensors belongs into ../tests/vectors (--vectors); after it export_inpainter.py, whose vectors go on from it. It is made with the rounded weights in f32
arithmetic, one tensor for every stage of one small crop:
  photo            1,3,64,64 in 0..1      latents         1,48,8,8    by the networks, told of the rates
  rate             1,4 components a block (one of them 0, one above 768: copies)
  precision        1,4,768 (one block lost in part)
  symbols, power   what is sent, of unit mean power; the picture's own power before scaling
  field            1,3,2,2 coefficients of what the flat components have in common, in steps of the usual fineness (field.py)
  noise            what the channel adds to each symbol (already scaled; zero where nothing arrives)
  latents_hat, deviation    least squares and what remains uncertain
  painted_0, painted_1      pictures at the two ends of the dial, not clamped
  field_image, field_sent   1,3,18,20: flat components of a larger picture that slants, and where they are sent
  field_steps, field_common 1,3,16,16 and 1,3,18,20: what they have in common
"""

from pathlib import Path

import torch
from safetensors.torch import save_file

import activity
import channel
import checkpoint
import data
import exporting
import field
import rounding
from deepjscc import COMPONENTS, DeepJscc
from train_deepjscc import PIXELS_OF_BLOCK, STEEP_DISTORTION, STEEP_EXPONENT

SIDE = 64
LEFT_TOP = (300, 160)
RATES = (768, 96, 0, 900)
SNR_DB = 7.0
SEED = 20
MOMENTS_BATCHES, MOMENTS_SIDE = 8, 256
DIALS = (0.0, 0.0, 0.5, 1.0)  # of a batch
MEASURES = [(activity.EXPONENT, activity.DISTORTION), (STEEP_EXPONENT, STEEP_DISTORTION)]
FIELD_SIZE = (18, 20)  # blocks
KEPT = ("linear.", "into", "out_of", "synthesis_fine")  # in f16: small values count; in bytes the last one cost 0.5 to 1.8 dB


@torch.no_grad()
def golden_vectors(codec: DeepJscc, photo: torch.Tensor) -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(SEED)
    codec.eval()
    codec.precise = True
    rate = torch.tensor([RATES])
    z = codec.encode(photo, rate)
    precision = channel.copies(rate, COMPONENTS).float() * 10 ** (SNR_DB / 10)
    arrived = torch.rand(precision.shape, generator=generator) > 0.3
    precision[:, 1] *= arrived[:, 1]
    sent = codec.linear.send(z, rate)
    noise = torch.randn(sent.symbols.shape, generator=generator) * precision.clamp_min(1e-9).rsqrt() * (precision > 0)
    received = (sent.symbols + noise) * (precision > 0)
    latents_hat, deviation = codec.linear.receive(received, precision, sent, z.shape[-2:])
    vectors = dict(photo=photo, latents=z, rate=rate, precision=precision, symbols=sent.symbols, power=sent.power, noise=noise)
    vectors |= dict(latents_hat=latents_hat, deviation=deviation, field=sent.steps)
    for dial in (0, 1):
        vectors[f"painted_{dial}"] = codec.decode(latents_hat, deviation, torch.tensor([float(dial)]))
    vectors |= golden_field(codec, generator)
    return {name: value.contiguous() for name, value in vectors.items()}


def golden_field(codec: DeepJscc, generator: torch.Generator) -> dict[str, torch.Tensor]:
    rows, columns = FIELD_SIZE
    deviation = codec.linear.lam[codec.linear.flat].sqrt()
    down, across = torch.linspace(-1, 1, rows)[:, None], torch.linspace(-1, 1, columns)
    slants = torch.tensor([[2.0, -1.0], [-0.5, 1.5], [1.0, 1.0]])[:, :, None, None]
    image = slants[:, 0] * down + slants[:, 1] * across + 0.5 * torch.randn(3, rows, columns, generator=generator) + 1
    image = (image * deviation[:, None, None])[None]
    sent = (torch.rand(1, 1, rows, columns, generator=generator) > 0.2).float().expand_as(image)
    size = field.sizes(torch.tensor([field.USUAL_FINENESS]), deviation)
    steps = field.steps(image, sent, size)
    common = field.of_steps(steps, size, rows, columns)
    return dict(field_image=image, field_sent=sent, field_steps=steps, field_common=common)


@torch.no_grad()
def input_moments(state: dict[str, torch.Tensor], cache: str) -> dict[str, torch.Tensor]:
    """Second moments of what each layer in bytes is given, by its name, over training photos, rates, noise and the dial's places."""
    codec = DeepJscc().eval()
    codec.load_state_dict(state)
    codec.precise = True
    photos, generator = data.load("", cache)[0], torch.Generator().manual_seed(SEED)
    torch.manual_seed(SEED)  # of the channel's noise
    names = {name for name, value in checkpoint.in_bytes(state, KEPT).items() if value.dtype == torch.int8}
    blocks = MOMENTS_SIDE // PIXELS_OF_BLOCK
    with rounding.moments(codec, names) as found:
        for measure in (MEASURES * MOMENTS_BATCHES)[:MOMENTS_BATCHES]:
            x = data.crops(photos, len(DIALS), MOMENTS_SIDE, generator, "cpu")
            shares = activity.weights(activity.levels(x, *measure))
            condition = channel.sample(len(x), blocks, blocks, COMPONENTS, generator, weights=shares)
            codec(x, condition, torch.tensor(DIALS))
    return found


def round_into(folder: Path, weights: str, cache: str) -> Path:
    state = checkpoint.read(weights)
    rounded = checkpoint.in_bytes(state, KEPT, input_moments(state, cache))
    exporting.check_finite(weights, rounded)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(rounded, folder / "deepjscc.safetensors")
    return folder / "deepjscc.safetensors"


def main():
    given = exporting.flags(__doc__, takes_cache=True)
    if given.out and not given.cache:
        raise SystemExit("--out: needs --cache, whose photos say how to round")
    weights = round_into(Path(given.out), given.weights, given.cache) if given.out else Path(given.weights)
    codec = DeepJscc()
    codec.load_state_dict(checkpoint.read(weights))
    photo = data.read_crop(given.photo, *LEFT_TOP, SIDE)[None]
    golden = Path(given.vectors) / "deepjscc.golden.safetensors"
    save_file(golden_vectors(codec, photo), golden)
    exporting.say(weights, golden)


if __name__ == "__main__":
    main()

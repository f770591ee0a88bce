"""Wall time of codec deepjscc: ours against PyTorch in f32 on the same device, same weights, in turns.

    cargo build --release --example codec_speed
    python compare_codec_speed.py --ours ../target/release/examples/codec_speed --weights ../weights/deepjscc.safetensors
    python compare_codec_speed.py ... --device cuda:0 --sizes 256x256,768x512,4096x4096 --batch 8

Ours are whole encoder and decoder, with rate map, linear stage and bits; PyTorch runs the networks and transforms alone, with the
faster of its two memory formats. Medians of the rounds are compared; `difference` is ours on the device against ours on the processor.
"""

import argparse
import statistics
import time

import torch

import checkpoint
from compare_speed import Ours
from deepjscc import COMPONENTS, LATENTS, USUAL_RATE, DeepJscc
from linear_stage import SIDE

SUBPIXELS = 8  # sides of the coarse blocks: latents lie at 1/8 resolution


class Theirs:
    def __init__(self, weights: str, size: tuple[int, int], batch: int, device: str, memory_format: torch.memory_format):
        self.net = DeepJscc().eval()
        self.net.load_state_dict(checkpoint.read(weights))
        self.net.precise, self.device = True, device
        self.net.to(device).to(memory_format=memory_format)
        width, height = (-(-side // (SUBPIXELS * SIDE)) * SUBPIXELS * SIDE for side in size)
        rows, columns = height // SUBPIXELS, width // SUBPIXELS
        self.photo = torch.rand(1, 3, height, width, device=device)
        self.rate = torch.full((1, rows // SIDE * (columns // SIDE)), min(USUAL_RATE, COMPONENTS), device=device)
        self.z = torch.randn(batch, LATENTS, rows, columns, device=device)
        self.dial = torch.full((batch,), 0.5, device=device)

    @torch.inference_mode()
    def seconds(self, part: str) -> float:
        start = time.perf_counter()
        if part == "encode":
            self.net.encode(self.photo, self.rate)
        else:
            self.net.decode(self.z, self.z.abs(), self.dial)
        if self.device != "cpu":
            torch.cuda.synchronize()
        return time.perf_counter() - start


def ours(given, size: tuple[int, int], device: str) -> Ours:
    return Ours([given.ours, device, str(size[0]), str(size[1]), str(given.batch)], given.threads)


def compare(given, size: tuple[int, int]) -> None:
    formats = (torch.contiguous_format, torch.channels_last)
    theirs = [Theirs(given.weights, size, given.batch, given.device, memory_format) for memory_format in formats]
    runners = [ours(given, size, given.device), *theirs]
    if given.device != "cpu":
        runners.append(ours(given, size, "cpu"))
    for part, pictures in (("encode", 1), ("decode", given.batch)):
        for runner in runners:
            runner.seconds(part)
        rounds = [[runner.seconds(part) for runner in runners] for _ in range(given.rounds)]
        found, default, channels_last, *processor = (statistics.median(times) for times in zip(*rounds))
        beside = f"  our processor {processor[0]:8.4f} s" if processor else ""
        print(
            f"{part} {size[0]}x{size[1]}, {pictures} at once: ours {found:8.4f} s ({pictures / found:.2f} a second)  PyTorch "
            f"{min(default, channels_last):8.4f} s{beside}  ratio {found / min(default, channels_last):.2f}",
            flush=True,
        )
    if given.device != "cpu":
        print(f"difference {size[0]}x{size[1]}: {runners[0].seconds('difference'):.4f} (asked for at most 0.01)", flush=True)
    for runner in (runners[0], *runners[3:]):
        runner.close()


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--ours", required=True, help="the built example codec_speed, for a GPU with feature cuda")
    arguments.add_argument("--weights", required=True, help="deepjscc.safetensors")
    arguments.add_argument("--device", default="cpu", help="cpu or cuda:N")
    arguments.add_argument("--sizes", default="256x256,768x512")
    arguments.add_argument("--batch", type=int, default=1, help="pictures that are decoded at once")
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--rounds", type=int, default=5)
    given = arguments.parse_args()
    torch.set_num_threads(given.threads)
    for size in given.sizes.split(","):
        width, height = size.split("x")
        compare(given, (int(width), int(height)))


if __name__ == "__main__":
    main()

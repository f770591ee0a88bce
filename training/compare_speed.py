"""Wall time of the networks: ours on the processor against PyTorch in f32, same weights, same threads, in turns.

    cargo build --release --example network_speed
    python compare_speed.py --ours ../target/release/examples/network_speed --weights ../weights

PyTorch runs with default strides and with channels last; the faster of the two counts. Medians are compared.
"""

import argparse
import os
import statistics
import subprocess
import time

import torch

import checkpoint
import painter
from codec import Codec

SIZES = ((256, 256), (768, 512))


class Ours:
    """The example program, one process for one size: a line in, seconds out."""

    def __init__(self, command: list[str], threads: int):
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"RAYON_NUM_THREADS": str(threads)},
        )

    def seconds(self, network: str) -> float:
        print(network, file=self.process.stdin, flush=True)
        return float(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()


class Theirs:
    """The codec in PyTorch, in one memory format."""

    def __init__(self, weights: str, size: tuple[int, int], memory_format: torch.memory_format):
        self.codec = Codec().eval()
        files = [checkpoint.read(f"{weights}/{name}.gguf") for name in ("codec", "painter")]
        self.codec.load_state_dict(files[0] | files[1])
        self.codec.to(memory_format=memory_format)
        width, height = size
        self.photo = torch.rand(1, 3, height, width).contiguous(memory_format=memory_format)
        self.z = torch.randn(1, 32, height // 8, width // 8).contiguous(memory_format=memory_format)
        self.dial = torch.tensor([0.5])

    @torch.inference_mode()
    def seconds(self, network: str) -> float:
        start = time.perf_counter()
        if network == "analysis":
            self.codec.g_a(self.photo)
        elif network == "refining":
            self.codec.refine(torch.cat([self.z, self.z], 1), self.dial[:, None])
        elif network == "painting":
            scalars = torch.zeros(1, painter.SCALARS)
            self.codec.painter(torch.cat([self.z, self.z, self.z], 1), scalars)
        else:
            self.codec.g_s(self.z, self.z, self.dial)
        return time.perf_counter() - start


def compare(given, size: tuple[int, int], network: str) -> str:
    formats = (torch.contiguous_format, torch.channels_last)
    runners = [Ours([given.ours, given.weights, str(size[0]), str(size[1])], given.threads)]
    runners += [Theirs(given.weights, size, memory_format) for memory_format in formats]
    for runner in runners:
        runner.seconds(network)
    rounds = [[runner.seconds(network) for runner in runners] for _ in range(given.rounds)]
    runners[0].close()
    ours, default, channels_last = (statistics.median(times) for times in zip(*rounds))
    ratio = ours / min(default, channels_last)
    name = f"{network} {size[0]}x{size[1]}"
    return f"{name:18}  ours {ours:7.3f} s  PyTorch {default:7.3f} s  channels last {channels_last:7.3f} s  ratio {ratio:.2f}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--ours", required=True, help="the built example network_speed")
    arguments.add_argument("--weights", required=True, help="folder of codec.gguf and painter.gguf")
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--rounds", type=int, default=5)
    given = arguments.parse_args()
    torch.set_num_threads(given.threads)
    for size in SIZES:
        for network in ("analysis", "refining", "painting", "synthesis"):
            print(compare(given, size, network), flush=True)


if __name__ == "__main__":
    main()

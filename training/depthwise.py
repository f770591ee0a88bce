"""Depthwise 3x3 convolution of (B,h,w,channels) on a GPU, forward and backward, as Triton kernels.

cuDNN is slow in this layout, and a compiler makes nine passes of the gradient of the nine taps; here each tensor is read once.
`python depthwise.py` checks values and gradients (without a GPU in Triton's interpreter: TRITON_INTERPRET=1).
"""

import torch
import triton
import triton.language as tl

SIDE, TAPS = 3, 9
PLACES, CHANNELS = 32, 64  # of a tile
PLACES_OF_TAPS = 16  # fewer: nine sums stay in registers
ROWS = 16  # of a picture, summed by one program


@triton.jit
def _filter(x, taps, bias, y, height, width, channels, BIASED: tl.constexpr, P: tl.constexpr, C: tl.constexpr):
    """One row of places: y = bias + sum of taps * neighbours."""
    row = tl.program_id(0).to(tl.int64)
    w = tl.program_id(1) * P + tl.arange(0, P)
    i = (row % height).to(tl.int32) + 0 * w
    c = tl.program_id(2) * C + tl.arange(0, C)
    total = tl.zeros((P, C), tl.float32)
    if BIASED:
        total += tl.load(bias + c).to(tl.float32)[None, :]
    for di in tl.static_range(-1, 2):
        for dj in tl.static_range(-1, 2):
            inside = (i + di >= 0) & (i + di < height) & (w + dj >= 0) & (w + dj < width)
            at = ((row + di) * width + (w + dj))[:, None] * channels + c[None, :]
            value = tl.load(x + at, mask=inside[:, None], other=0.0).to(tl.float32)
            total += value * tl.load(taps + ((di + 1) * 3 + dj + 1) * channels + c).to(tl.float32)[None, :]
    at = (row * width + w)[:, None] * channels + c[None, :]
    tl.store(y + at, total.to(y.dtype.element_ty), mask=(w < width)[:, None])


@triton.jit
def _neighbours(x, row, i, w, c, here, given, height, width, channels, DI: tl.constexpr, DJ: tl.constexpr):
    """Product of the gradient with the neighbours at one offset."""
    inside = here & (i + DI >= 0) & (i + DI < height) & (w + DJ >= 0) & (w + DJ < width)
    at = ((row + DI) * width + (w + DJ))[:, None] * channels + c[None, :]
    return given * tl.load(x + at, mask=inside[:, None], other=0.0).to(tl.float32)


@triton.jit
def _taps_gradient(x, dy, out, rows, height, width, channels, R: tl.constexpr, P: tl.constexpr, C: tl.constexpr):
    """Sums over R rows: out[program, 0..9] are the gradients of nine taps and of the bias."""
    chunk = tl.program_id(0).to(tl.int64)
    c = tl.program_id(1) * C + tl.arange(0, C)
    s0 = tl.zeros((P, C), tl.float32)
    s1 = s0
    s2 = s0
    s3 = s0
    s4 = s0
    s5 = s0
    s6 = s0
    s7 = s0
    s8 = s0
    s9 = s0
    for r in range(R):
        row = chunk * R + r
        for start in range(0, width, P):
            w = start + tl.arange(0, P)
            i = (row % height).to(tl.int32) + 0 * w
            here = (w < width) & (row + 0 * w < rows)
            at = (row * width + w)[:, None] * channels + c[None, :]
            given = tl.load(dy + at, mask=here[:, None], other=0.0).to(tl.float32)
            s0 += _neighbours(x, row, i, w, c, here, given, height, width, channels, -1, -1)
            s1 += _neighbours(x, row, i, w, c, here, given, height, width, channels, -1, 0)
            s2 += _neighbours(x, row, i, w, c, here, given, height, width, channels, -1, 1)
            s3 += _neighbours(x, row, i, w, c, here, given, height, width, channels, 0, -1)
            s4 += _neighbours(x, row, i, w, c, here, given, height, width, channels, 0, 0)
            s5 += _neighbours(x, row, i, w, c, here, given, height, width, channels, 0, 1)
            s6 += _neighbours(x, row, i, w, c, here, given, height, width, channels, 1, -1)
            s7 += _neighbours(x, row, i, w, c, here, given, height, width, channels, 1, 0)
            s8 += _neighbours(x, row, i, w, c, here, given, height, width, channels, 1, 1)
            s9 += given
    at = out + chunk * 10 * channels + c
    tl.store(at, tl.sum(s0, 0))
    tl.store(at + channels, tl.sum(s1, 0))
    tl.store(at + 2 * channels, tl.sum(s2, 0))
    tl.store(at + 3 * channels, tl.sum(s3, 0))
    tl.store(at + 4 * channels, tl.sum(s4, 0))
    tl.store(at + 5 * channels, tl.sum(s5, 0))
    tl.store(at + 6 * channels, tl.sum(s6, 0))
    tl.store(at + 7 * channels, tl.sum(s7, 0))
    tl.store(at + 8 * channels, tl.sum(s8, 0))
    tl.store(at + 9 * channels, tl.sum(s9, 0))


def _filtered(x: torch.Tensor, taps: torch.Tensor, bias: torch.Tensor | None) -> torch.Tensor:
    b, height, width, channels = x.shape
    y = torch.empty_like(x)
    grid = (b * height, triton.cdiv(width, PLACES), channels // CHANNELS)
    _filter[grid](x, taps, taps if bias is None else bias, y, height, width, channels, bias is not None, PLACES, CHANNELS)
    return y


@torch.library.custom_op("heliograph::depthwise", mutates_args=())
def convolved(x: torch.Tensor, taps: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    """x: (B,h,w,channels), contiguous, channels a multiple of 64; taps: (9, channels), row by row."""
    return _filtered(x, taps, bias)


@torch.library.custom_op("heliograph::depthwise_backward", mutates_args=())
def _backward(dy: torch.Tensor, x: torch.Tensor, taps: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    b, height, width, channels = x.shape
    dx = _filtered(dy, taps.flip(0), None)
    chunks = triton.cdiv(b * height, ROWS)
    sums = torch.empty(chunks, TAPS + 1, channels, device=x.device)
    grid = (chunks, channels // CHANNELS)
    _taps_gradient[grid](x, dy, sums, b * height, height, width, channels, ROWS, PLACES_OF_TAPS, CHANNELS)
    return dx, sums.sum(0)


@convolved.register_fake
def _(x, taps, bias):
    return torch.empty_like(x)


@_backward.register_fake
def _(dy, x, taps):
    return torch.empty_like(x), x.new_empty(TAPS + 1, x.shape[-1], dtype=torch.float32)


def _save(ctx, inputs, output):
    x, taps, _ = inputs
    ctx.save_for_backward(x, taps)


def _gradients(ctx, dy):
    x, taps = ctx.saved_tensors
    dx, sums = _backward(dy.contiguous(), x, taps)
    return dx, sums[:TAPS].to(taps.dtype), sums[TAPS].to(taps.dtype)


convolved.register_autograd(_gradients, setup_context=_save)


def depthwise(conv: torch.nn.Conv2d, x: torch.Tensor) -> torch.Tensor:
    taps = conv.weight.flatten(1).T.contiguous()
    return convolved(x.contiguous(), taps, conv.bias)


def check():
    device = "cuda" if torch.cuda.is_available() else "cpu"
    torch.manual_seed(0)
    for shape in ((2, 5, 7, 64), (1, 33, 40, 128)):
        conv = torch.nn.Conv2d(shape[3], shape[3], SIDE, padding=1, groups=shape[3]).to(device)
        x, dy = torch.randn(2, *shape, device=device)
        found = []
        for function in (depthwise, lambda c, v: c(v.permute(0, 3, 1, 2)).permute(0, 2, 3, 1)):
            x.requires_grad_(True).grad = None
            conv.zero_grad()
            y = function(conv, x)
            y.backward(dy)
            found.append([v.clone() for v in (y.detach(), x.grad, conv.weight.grad, conv.bias.grad)])
        for name, own, wanted in zip(("values", "dx", "dtaps", "dbias"), *found):
            error = ((own - wanted).norm() / wanted.norm()).item()
            print(f"{shape} {name}: {error:.2g}")
            assert error < 1e-5, name


if __name__ == "__main__":
    check()

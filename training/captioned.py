"""Words for codec `deepjscc`: cross-attention from the receiver's features to a caption's tokens, beside a synthesis that stays as it is.

Words are what MiniLM-L6 makes of them (Wang et al. 2020, arXiv 2002.10957; 384 numbers a token). A learned token stands beside them, which is
all there is to look at where no caption came. Before training nothing is added, and the pictures are those of the codec alone.
"""

import torch
from torch import Tensor, nn

TOKENS, TOKEN_WIDTH = 24, 384
WIDTH, HEADS = 128, 4
BEFORE = (2, 5, 8)  # blocks of the synthesis


class CrossAttention(nn.Module):
    def __init__(self, features: int):
        super().__init__()
        self.norm = nn.LayerNorm(features)
        self.ask, self.offer = nn.Linear(features, WIDTH), nn.Linear(TOKEN_WIDTH, 2 * WIDTH)
        self.silence = nn.Parameter(torch.randn(1, 1, TOKEN_WIDTH) * 0.1)
        self.answer = nn.Sequential(nn.Linear(WIDTH + features, features), nn.GELU(), nn.Linear(features, features))
        nn.init.zeros_(self.answer[-1].weight)
        nn.init.zeros_(self.answer[-1].bias)

    def forward(self, x: Tensor, words: Tensor, there: Tensor) -> Tensor:
        """x: (B,h,w,features). words: (B,tokens,384). there: (B,tokens), which of them count. What is to be added to x."""
        split = lambda y: y.unflatten(-1, (HEADS, -1)).transpose(1, 2)
        places = self.norm(x.float()).flatten(1, 2)
        words = torch.cat([self.silence.expand(len(words), -1, -1), words], 1)
        there = torch.cat([there.new_ones(len(there), 1), there], 1)[:, None, None]
        keys, values = (split(part) for part in self.offer(words).chunk(2, -1))
        found = nn.functional.scaled_dot_product_attention(split(self.ask(places)), keys, values, attn_mask=there)
        found = found.transpose(1, 2).flatten(2)
        return self.answer(torch.cat([found, places], -1)).view_as(x)


class Captioned(nn.Module):
    """The layers alone; `net`, a trained `DeepJscc`, keeps its weights and calls them before its blocks."""

    def __init__(self, net):
        super().__init__()
        self.layers = nn.ModuleList([CrossAttention(block.narrow1.out_channels) for block in net.synthesis.blocks[: len(BEFORE)]])
        self.said = None  # (words, there), or nothing: the codec alone
        for at, layer in zip(BEFORE, self.layers):
            net.synthesis.blocks[at].register_forward_pre_hook(lambda _, given, layer=layer: self._add(layer, *given))

    def _add(self, layer: CrossAttention, x: Tensor, embedding: Tensor):
        if self.said is None:
            return None
        return (x + layer(x, *self.said).to(x.dtype), embedding)


def embedded(captions: list[str], folder: str) -> tuple[Tensor, Tensor]:
    """Tokens (N,24,384) in f16 and which of them are there (N,24), by the MiniLM in `folder`."""
    from transformers import AutoModel, AutoTokenizer

    tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
    words, there = [], []
    with torch.inference_mode():
        for start in range(0, len(captions), 64):
            taken = tokenizer(captions[start : start + 64], padding="max_length", truncation=True, max_length=TOKENS, return_tensors="pt")
            words.append(model(**taken).last_hidden_state.half())
            there.append(taken["attention_mask"].bool())
    return torch.cat(words), torch.cat(there)

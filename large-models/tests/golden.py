"""Folders of small models as `transformers` and `diffusers` write them, and what these packages make of made-up weights.

    python -m venv V && V/bin/pip install torch transformers==5.24.0 diffusers==0.42.1 pillow
    V/bin/python golden.py            writes vectors/NAME/: config.json, shapes.json, outputs.safetensors, tokenizer.json

Weights are not stored: tests make them up from shapes.json as `fill` does.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import torch
from diffusers import AutoencoderKLFlux2
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from tokenizers.decoders import WordPiece as Decoder
from tokenizers.models import WordPiece
from tokenizers.normalizers import BertNormalizer
from tokenizers.pre_tokenizers import BertPreTokenizer
from transformers import BlipConfig, BlipForConditionalGeneration, SamConfig, SamModel

HERE = Path(__file__).parent / "vectors"
WORDS = "[PAD] [UNK] [CLS] [SEP] [MASK] [DEC] a the dog cat man ##s two run ##ning on grass red ball in and of with".split()


def made_up(seed: int, shape) -> np.ndarray:
    """Values in -1..1; src/made_up.rs makes the same."""
    place = np.arange(int(np.prod(shape)), dtype=np.uint64)
    x = (place * 2654435761 + seed * 40503 + 12345) % 2**32
    x = ((x ^ (x >> np.uint64(15))) * np.uint64(2246822519)) % 2**32
    x = x ^ (x >> np.uint64(13))
    unit = (x >> np.uint64(8)).astype(np.float32) / np.float32(2**23) - np.float32(1)
    return unit.reshape(shape)


def fill(seed: int, name: str, shape) -> torch.Tensor:
    """Scales near one, small biases, matrices that neither grow nor shrink what passes."""
    unit = made_up(seed, shape)
    if name.endswith("running_var"):
        value = 1 + np.float32(0.5) * unit
    elif len(shape) == 1 and name.endswith("weight"):
        value = 1 + np.float32(0.2) * unit
    elif len(shape) == 1:
        value = np.float32(0.1) * unit
    else:
        value = np.float32(np.sqrt(6 / np.prod(shape[1:]))) * unit
    return torch.from_numpy(value)


def made_up_model(model, name: str):
    """Writes folder and shapes, and gives the model with made-up weights."""
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder)
    weights = next(folder.glob("*.safetensors"))
    found = load_file(weights)
    found = {k: v for k, v in sorted(found.items()) if v.is_floating_point()}
    shapes = [(k, list(v.shape)) for k, v in found.items()]
    (folder / "shapes.json").write_text(json.dumps(shapes))
    save_file({k: fill(i, k, s) for i, (k, s) in enumerate(shapes)}, weights, {"format": "pt"})
    model = type(model).from_pretrained(folder).eval()
    weights.unlink()
    for extra in folder.glob("generation_config.json"):
        extra.unlink()
    return model, folder


def keep(folder: Path, **outputs: torch.Tensor):
    save_file({k: v.detach().contiguous() for k, v in outputs.items()}, folder / "outputs.safetensors")


def picture(height: int, width: int) -> torch.Tensor:
    return torch.from_numpy(made_up(7, (1, 3, height, width)))


def blip():
    text = dict(vocab_size=len(WORDS), hidden_size=32, encoder_hidden_size=48, intermediate_size=64, num_hidden_layers=2,
                num_attention_heads=4, max_position_embeddings=24, bos_token_id=5, sep_token_id=3, eos_token_id=3, pad_token_id=0)
    vision = dict(hidden_size=48, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4, image_size=32, patch_size=8)
    config = BlipConfig(text_config=text, vision_config=vision)
    model, folder = made_up_model(BlipForConditionalGeneration(config), "blip")
    tokenizer = Tokenizer(WordPiece({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.normalizer, tokenizer.pre_tokenizer = BertNormalizer(lowercase=True), BertPreTokenizer()
    tokenizer.decoder = Decoder()
    tokenizer.add_special_tokens(WORDS[:6])
    tokenizer.save(str(folder / "tokenizer.json"))
    pixels, ids = picture(32, 32), torch.tensor([[5, 6, 8, 13]])
    seen = model.vision_model(pixels).last_hidden_state
    logits = model.text_decoder(input_ids=ids, encoder_hidden_states=seen).logits
    written = model.generate(pixels, max_length=12, num_beams=1, do_sample=False)
    print("blip:", written.tolist(), tokenizer.decode(written[0].tolist()))
    keep(folder, seen=seen, logits=logits, written=written.int())


def sam():
    vision = dict(hidden_size=32, output_channels=32, num_hidden_layers=2, num_attention_heads=2, image_size=64, patch_size=16,
                  window_size=3, global_attn_indexes=[1], mlp_dim=128, num_pos_feats=16)
    prompt = dict(hidden_size=32, image_size=64, patch_size=16, mask_input_channels=16)
    config = SamConfig(vision_config=vision, prompt_encoder_config=prompt, mask_decoder_config=dict(hidden_size=32))
    model, folder = made_up_model(SamModel(config), "sam")
    pixels = picture(64, 64)
    seen = model.get_image_embeddings(pixels)
    seen = getattr(seen, "last_hidden_state", seen)
    one = model(image_embeddings=seen, input_points=torch.tensor([[[[20.0, 31.0]]]]), input_labels=torch.tensor([[[1]]]))
    two = model(image_embeddings=seen, input_points=torch.tensor([[[[20.0, 31.0], [50.0, 5.0]]]]), input_labels=torch.tensor([[[1, 0]]]))
    box = model(image_embeddings=seen, input_boxes=torch.tensor([[[8.0, 10.0, 40.0, 50.0]]]), multimask_output=False)
    keep(folder, seen=seen, one=one.pred_masks[0, 0], one_iou=one.iou_scores[0, 0], two=two.pred_masks[0, 0],
         two_iou=two.iou_scores[0, 0], box=box.pred_masks[0, 0], box_iou=box.iou_scores[0, 0])


def autoencoder():
    model = AutoencoderKLFlux2(block_out_channels=(8, 8, 16, 16), layers_per_block=1, norm_num_groups=4, latent_channels=32,
                               down_block_types=("DownEncoderBlock2D",) * 4, up_block_types=("UpDecoderBlock2D",) * 4)
    model, folder = made_up_model(model, "autoencoder")
    # As the FLUX.2 pipeline does: the diffusion model's latents are those of patches of 2x2, normalized.
    latents = torch.from_numpy(made_up(9, (1, 32, 4, 6)))
    patches = latents.view(1, 32, 2, 2, 3, 2).permute(0, 1, 3, 5, 2, 4).reshape(1, 128, 2, 3)
    patches = patches * torch.sqrt(model.bn.running_var + 1e-4).view(1, -1, 1, 1) + model.bn.running_mean.view(1, -1, 1, 1)
    raw = patches.reshape(1, 32, 2, 2, 2, 3).permute(0, 1, 4, 2, 5, 3).reshape(1, 32, 4, 6)
    keep(folder, photo=model.decode(raw).sample)


if __name__ == "__main__":
    torch.manual_seed(0)
    with torch.no_grad():
        blip()
        sam()
        autoencoder()

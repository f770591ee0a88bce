"""Makes two pairs of small pictures and their structural similarity by scikit-image.

Origin: this script, scikit-image 0.26, numpy seed 7. No photograph involved.
Run: python make.py
"""
import numpy as np
import skimage
from PIL import Image, ImageFilter
from skimage.metrics import structural_similarity

rng = np.random.default_rng(7)


def texture(width, height):
    y, x = np.mgrid[0:height, 0:width]
    waves = [np.sin(x / a + c) * np.cos(y / b - c) for a, b, c in rng.uniform(2, 12, (3, 3))]
    noise = rng.normal(0, 12, (height, width, 3))
    return np.clip(128 + 80 * np.stack(waves, 2) + noise, 0, 255).astype(np.uint8)


for name, width, height, distort in [
    ("blurred", 61, 43, lambda p: p.filter(ImageFilter.GaussianBlur(1.2))),
    ("noisy", 33, 70, lambda p: Image.fromarray(
        np.clip(np.asarray(p) * 0.9 + rng.normal(0, 20, (70, 33, 3)), 0, 255).astype(np.uint8))),
]:
    picture = Image.fromarray(texture(width, height))
    other = distort(picture)
    picture.save(f"{name}-reference.png", optimize=True)
    other.save(f"{name}-distorted.png", optimize=True)
    value = structural_similarity(
        np.asarray(picture), np.asarray(other), gaussian_weights=True, sigma=1.5,
        use_sample_covariance=False, channel_axis=2, data_range=255)
    print(name, skimage.__version__, f"{value:.8f}")

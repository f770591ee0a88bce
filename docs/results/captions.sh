#!/usr/bin/env bash
# The captioner's weights, figures and page of pictures from a run of training/train_captioner.py:
#     docs/results/captions.sh FLICKR8K RUN KODAK ECSSD
# Afterwards the tables of captions.md and weights/captioner.md (hash, bytes, minutes, figures) are to be brought up to date.
set -euo pipefail
[ $# -eq 4 ] || { echo "found $# words, allowed FLICKR8K RUN KODAK ECSSD"; exit 2; }
flickr8k=$(realpath "$1") run=$(realpath "$2") kodak=$(realpath "$3") ecssd=$(realpath "$4")
cd "$(dirname "$0")/../.."
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

(cd training && python export_captioner.py --run "$run" --out "$out")
cp "$out/captioner.words" weights/
cargo run --release --locked -- quantize "$out/captioner.safetensors" --type q6_k --out weights/captioner.gguf
cargo build --release --locked --workspace --example captions
captions=${CARGO_TARGET_DIR:-target}/release/examples/captions

sed "s|^|$flickr8k/data/images/|" "$flickr8k/Flickr_8k.testImages.txt" | xargs "$captions" photos weights/captioner.gguf weights/captioner.words > "$out/test.tsv"
(cd training && python evaluate_captioner.py --data "$flickr8k" --part test --found "$out/test.tsv" --out ../docs/results/captions/test.json)
"$captions" photos weights/captioner.gguf weights/captioner.words "$kodak"/*.png "$ecssd"/*.jpg > "$out/page.tsv"
python docs/results/captions-page.py "$out/page.tsv" "$kodak" "$ecssd" docs/images/captions-page.jpg
sha256sum weights/captioner.gguf

//! Names of SAM's tensors: candle has those of the original program, `transformers` writes others.

/// Parts of a name: in the original, in `transformers`. The longer ones stand before those that they contain.
const PARTS: [(&str, &str); 17] = [
    (
        "image_encoder.patch_embed.proj.",
        "vision_encoder.patch_embed.projection.",
    ),
    ("image_encoder.neck.0.", "vision_encoder.neck.conv1."),
    ("image_encoder.neck.1.", "vision_encoder.neck.layer_norm1."),
    ("image_encoder.neck.2.", "vision_encoder.neck.conv2."),
    ("image_encoder.neck.3.", "vision_encoder.neck.layer_norm2."),
    ("image_encoder.blocks.", "vision_encoder.layers."),
    ("image_encoder.", "vision_encoder."),
    (
        "prompt_encoder.pe_layer.positional_encoding_gaussian_matrix",
        "shared_image_embedding.positional_embedding",
    ),
    (
        "prompt_encoder.point_embeddings.",
        "prompt_encoder.point_embed.",
    ),
    (
        "mask_decoder.output_upscaling.0.",
        "mask_decoder.upscale_conv1.",
    ),
    (
        "mask_decoder.output_upscaling.1.",
        "mask_decoder.upscale_layer_norm.",
    ),
    (
        "mask_decoder.output_upscaling.3.",
        "mask_decoder.upscale_conv2.",
    ),
    (
        "mask_decoder.transformer.norm_final_attn.",
        "mask_decoder.transformer.layer_norm_final_attn.",
    ),
    (".norm1.", ".layer_norm1."),
    (".norm2.", ".layer_norm2."),
    (".norm3.", ".layer_norm3."),
    (".norm4.", ".layer_norm4."),
];

/// Tells which names a file has: some stand in both for different tensors.
pub(super) const ONLY_IN_TRANSFORMERS: &str = "shared_image_embedding.positional_embedding";

/// Perceptrons of three layers.
const PERCEPTRONS: [&str; 2] = [
    "mask_decoder.output_hypernetworks_mlps.",
    "mask_decoder.iou_prediction_head.",
];
const THEIR_LAYERS: [(&str, &str); 3] = [
    ("layers.0.", "proj_in."),
    ("layers.1.", "layers.0."),
    ("layers.2.", "proj_out."),
];

/// A name of the original in `transformers`.
pub(super) fn in_transformers(original: &str) -> String {
    let replaced = |name: String, (from, to): &(&str, &str)| name.replace(from, to);
    let name = PARTS.iter().fold(original.to_owned(), replaced);
    let is_perceptron = PERCEPTRONS.iter().any(|part| original.starts_with(part));
    let mut layers = THEIR_LAYERS.iter().filter(|_| is_perceptron);
    let layer = layers.find(|(from, _)| name.contains(from));
    match layer {
        Some((from, to)) => name.replacen(from, to, 1),
        None => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_name_is_translated() {
        for (original, expected) in [
            ("image_encoder.pos_embed", "vision_encoder.pos_embed"),
            (
                "image_encoder.blocks.11.norm2.bias",
                "vision_encoder.layers.11.layer_norm2.bias",
            ),
            (
                "mask_decoder.output_hypernetworks_mlps.3.layers.2.weight",
                "mask_decoder.output_hypernetworks_mlps.3.proj_out.weight",
            ),
            (
                "mask_decoder.iou_prediction_head.layers.1.bias",
                "mask_decoder.iou_prediction_head.layers.0.bias",
            ),
            (
                "mask_decoder.transformer.layers.1.norm4.weight",
                "mask_decoder.transformer.layers.1.layer_norm4.weight",
            ),
            (
                "mask_decoder.transformer.norm_final_attn.weight",
                "mask_decoder.transformer.layer_norm_final_attn.weight",
            ),
        ] {
            assert_eq!(in_transformers(original), expected);
        }
    }
}

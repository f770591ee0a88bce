//! Which components are means of a block.

/// Of a flat component's analysis vector, the power that is its mean over the places; as in training/field.py.
const FLATNESS: f32 = 0.8;

/// Of other weights all may be flat; more than these would not fit into the side information.
const MOST_FLAT: usize = 8;

/// Columns of `v`, `[channels * places][components]`, that are nearly the same at all places of a block; in order.
pub(in crate::codec) fn flat(v: &[f32], components: usize, places: usize) -> Vec<usize> {
    let is_flat = |&component: &usize| {
        let vector = v.iter().skip(component).step_by(components);
        let vector: Vec<f32> = vector.copied().collect();
        let power_of_mean = |x: &[f32]| x.iter().sum::<f32>().powi(2) / places as f32;
        let flat: f32 = vector.chunks_exact(places).map(power_of_mean).sum();
        flat > FLATNESS * vector.iter().map(|x| x * x).sum::<f32>()
    };
    (0..components).filter(is_flat).take(MOST_FLAT).collect()
}

//! The codes that are measured, and where their waterfalls lie.

/// A code and its points.
pub struct Case {
    pub name: &'static str,
    /// K, CRC included.
    pub information_bits: usize,
    pub coded_bits: usize,
    pub es_n0_db: &'static [f64],
    /// Words a point for the own decoders.
    pub words: u64,
    /// Points at which the reference runs too: it is some fifty times slower.
    pub reference_es_n0_db: &'static [f64],
    pub reference_words: u64,
}

/// Headers in 3, 3.5 and 4 OFDM symbols, captions, and the neighbours of AFF3CT's published points.
pub const CASES: [Case; 10] = [
    case("header-1152", 191, 1152)
        .own(&[-4.0, -3.75, -3.5, -3.25, -3.0], 60_000)
        .reference(&[-3.75, -3.5, -3.25], 20_000),
    case("header-1344", 191, 1344).own(&[-5.0, -4.5, -4.0, -3.5], 30_000),
    case("header-1536", 191, 1536).own(&[-5.5, -5.0, -4.5, -4.0], 30_000),
    case("caption-300-third", 300, 900)
        .own(&[-1.0, -0.75, -0.5, -0.25, 0.0], 40_000)
        .reference(&[-0.75, -0.5, -0.25], 15_000),
    case("caption-300-fifth", 300, 1500)
        .own(&[-3.5, -3.25, -3.0, -2.75], 30_000)
        .reference(&[-3.25, -3.0], 10_000),
    case("caption-1400-third", 1400, 4200)
        .own(&[-1.5, -1.375, -1.25, -1.0], 10_000)
        .reference(&[-1.5, -1.375, -1.25], 3_000),
    case("caption-1400-fifth", 1400, 7000)
        .own(&[-4.1, -4.0, -3.9, -3.75], 8_000)
        .reference(&[-4.1, -4.0, -3.9], 2_000),
    case("aff3ct-128-64", 64, 128)
        .own(&[2.0, 2.5, 3.0, 3.5, 4.0], 40_000)
        .reference(&[2.5, 3.0, 3.5], 40_000),
    case("aff3ct-576-288", 288, 576)
        .own(&[1.5, 1.75, 2.0, 2.25, 2.5], 30_000)
        .reference(&[1.75, 2.0, 2.25], 15_000),
    case("aff3ct-7680-3840", 3840, 7680)
        .own(&[0.7, 0.8, 0.9, 1.0, 1.1], 3_000)
        .reference(&[0.7, 0.8], 1_500),
];

const fn case(name: &'static str, information_bits: usize, coded_bits: usize) -> Case {
    Case {
        name,
        information_bits,
        coded_bits,
        es_n0_db: &[],
        words: 0,
        reference_es_n0_db: &[],
        reference_words: 0,
    }
}

impl Case {
    const fn own(self, es_n0_db: &'static [f64], words: u64) -> Case {
        Case {
            es_n0_db,
            words,
            ..self
        }
    }

    const fn reference(self, es_n0_db: &'static [f64], words: u64) -> Case {
        Case {
            reference_es_n0_db: es_n0_db,
            reference_words: words,
            ..self
        }
    }
}

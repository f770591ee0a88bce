//! What a check node answers: the two rules of the decoder, on lanes of checks at once.
//!
//! Offset min-sum (Chen et al., "Reduced-complexity decoding of LDPC codes", IEEE Trans. Commun. 2005) is the
//! cheap one. The low-rate extension of base graph 2 consists of checks of degree 3 to 6 on weak bits, where a
//! constant offset is either too much or too little, so the default is the exact box-plus of the sum-product
//! algorithm in the form L1 ⊞ L2 = g(|L1 + L2|) - g(|L1 - L2|), g(x) = ln(2 cosh(x / 2)), whose logarithm is
//! replaced by a polynomial. Loss against an exact decoder (ldpc-toolbox HLPhif64, as many iterations) at a frame
//! error rate of 1e-3, from docs/results/ldpc.json: box-plus 0.02 dB or less, which is the accuracy of the
//! measurement; offset min-sum 0.24 dB on the header's code, 0.16 and 0.28 dB on captions at rate 1/3 and 1/5.
//!
//! Only additions, multiplications and selections, no fused operations: every machine gives the same bits.

/// Checks processed together: two of the widest SIMD registers, so that two chains of sums overlap.
pub(super) const LANES: usize = 32;

/// One value for each check of a group.
pub(super) type Lanes = [f32; LANES];

/// How a check node combines its inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CheckRule {
    /// The smallest magnitude of the others less 0.45.
    OffsetMinSum,
    /// Sum-product with a polynomial for ln(1 + exp(-x)).
    #[default]
    BoxPlus,
}

/// Offset of [`CheckRule::OffsetMinSum`] in LLR units: the best single one over the codes of docs/results/ldpc.json.
const OFFSET: f32 = 0.45;

/// Answers of a row of `D` edges to its inputs.
pub(super) trait CheckNode {
    fn answer<const D: usize>(inputs: &[Lanes; D]) -> [Lanes; D];
}

pub(super) struct OffsetMinSum;

pub(super) struct BoxPlus;

impl CheckNode for OffsetMinSum {
    #[inline(always)]
    fn answer<const D: usize>(inputs: &[Lanes; D]) -> [Lanes; D] {
        let mut smallest = [f32::MAX; LANES];
        let mut second = [f32::MAX; LANES];
        let mut signs = [0u32; LANES];
        for input in inputs {
            for lane in 0..LANES {
                let size = input[lane].abs();
                let larger = if size > smallest[lane] {
                    size
                } else {
                    smallest[lane]
                };
                second[lane] = if larger < second[lane] {
                    larger
                } else {
                    second[lane]
                };
                smallest[lane] = if size < smallest[lane] {
                    size
                } else {
                    smallest[lane]
                };
                signs[lane] ^= input[lane].to_bits() & SIGN;
            }
        }
        let mut answers = [[0.0; LANES]; D];
        for (answer, input) in answers.iter_mut().zip(inputs) {
            for lane in 0..LANES {
                let is_smallest = input[lane].abs() == smallest[lane];
                let size = if is_smallest {
                    second[lane]
                } else {
                    smallest[lane]
                } - OFFSET;
                let size = if size > 0.0 { size } else { 0.0 };
                let sign = (signs[lane] ^ input[lane].to_bits()) & SIGN;
                answer[lane] = f32::from_bits(size.to_bits() | sign);
            }
        }
        answers
    }
}

impl CheckNode for BoxPlus {
    /// Forward and backward partial sums: each answer leaves its own input out.
    #[inline(always)]
    fn answer<const D: usize>(inputs: &[Lanes; D]) -> [Lanes; D] {
        let mut answers = [[0.0; LANES]; D];
        if D < 2 {
            return answers;
        }
        let mut forward = inputs[0];
        for edge in 1..D - 1 {
            answers[edge] = forward;
            forward = box_plus(&forward, &inputs[edge]);
        }
        answers[D - 1] = forward;
        let mut backward = inputs[D - 1];
        for edge in (1..D - 1).rev() {
            answers[edge] = box_plus(&answers[edge], &backward);
            backward = box_plus(&backward, &inputs[edge]);
        }
        answers[0] = backward;
        answers
    }
}

const SIGN: u32 = 0x8000_0000;

#[inline(always)]
fn box_plus(a: &Lanes, b: &Lanes) -> Lanes {
    let mut sum = [0.0; LANES];
    for lane in 0..LANES {
        sum[lane] = log_cosh((a[lane] + b[lane]).abs()) - log_cosh((a[lane] - b[lane]).abs());
    }
    sum
}

/// x/2 + ln(1 + exp(-x)) for x >= 0, the logarithm as ln 2 (1 - x / (12 ln 2))^6: value and slope are exact at 0,
/// the error stays below 0.009.
#[inline(always)]
fn log_cosh(x: f32) -> f32 {
    const LN_2: f32 = std::f32::consts::LN_2;
    let rest = 1.0 - x * (1.0 / (12.0 * LN_2));
    let rest = if rest > 0.0 { rest } else { 0.0 };
    let square = rest * rest;
    0.5 * x + LN_2 * (square * square * square)
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUES: [f32; 11] = [-12.0, -7.0, -2.5, -0.8, -0.1, 0.0, 0.3, 1.1, 2.0, 6.0, 11.0];

    fn exact_box_plus(a: f64, b: f64) -> f64 {
        2.0 * ((a / 2.0).tanh() * (b / 2.0).tanh()).atanh()
    }

    #[test]
    fn the_polynomial_box_plus_is_near_the_exact_one() {
        for a in VALUES {
            for b in VALUES {
                let approximate = box_plus(&[a; LANES], &[b; LANES])[0];
                let exact = exact_box_plus(f64::from(a), f64::from(b));
                assert!(
                    (f64::from(approximate) - exact).abs() < 0.02,
                    "{a} {b}: {approximate}"
                );
            }
        }
    }

    #[test]
    fn an_erasure_silences_a_check() {
        assert_eq!(box_plus(&[0.0; LANES], &[9.0; LANES])[0], 0.0);
    }

    fn answers<N: CheckNode, const D: usize>(values: [f32; D]) -> [f32; D] {
        N::answer(&values.map(|value| [value; LANES])).map(|lanes| lanes[3])
    }

    fn less_offset(value: f32) -> f32 {
        value - OFFSET.copysign(value)
    }

    #[test]
    fn offset_min_sum_answers_with_the_smallest_of_the_others() {
        let answer = answers::<OffsetMinSum, 3>;
        assert_eq!(answer([3.0, -2.0, 5.0]), [-2.0, 3.0, -2.0].map(less_offset));
        assert_eq!(answer([2.0, 2.0, 5.0]), [2.0; 3].map(less_offset));
        assert_eq!(answer([0.2, -2.0, 5.0])[2], 0.0);
    }

    #[test]
    fn box_plus_answers_leave_the_own_input_out() {
        let values = [1.2, -0.7, 3.0, 2.2, -5.0];
        for (own, answer) in answers::<BoxPlus, _>(values).into_iter().enumerate() {
            let others = values.iter().enumerate().filter(|&(index, _)| index != own);
            let exact = others
                .map(|(_, &value)| f64::from(value))
                .reduce(exact_box_plus)
                .unwrap();
            assert!(
                (f64::from(answer) - exact).abs() < 0.03,
                "{own}: {answer} {exact}"
            );
        }
    }
}

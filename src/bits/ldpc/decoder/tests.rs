use super::*;
use crate::bits::qpsk;
use ldpc_toolbox::codes::nr5g::{BaseGraph, LiftingSize as ReferenceSize};
use ldpc_toolbox::decoder::factory::{DecoderFactory, DecoderImplementation};
use rand::{RngExt, SeedableRng};
use rand_distr::StandardNormal;
use rand_xoshiro::Xoshiro256PlusPlus;

fn noisy_llrs(bits: &[u8], snr_db: f64, rng: &mut Xoshiro256PlusPlus) -> Vec<Llr> {
    let variance = 10f32.powf(-snr_db as f32 / 10.0);
    let mut symbols = qpsk::modulate(bits);
    for symbol in &mut symbols {
        let deviation = (variance / 2.0).sqrt();
        symbol.re += deviation * rng.sample::<f32, _>(StandardNormal);
        symbol.im += deviation * rng.sample::<f32, _>(StandardNormal);
    }
    let mut llrs = qpsk::demodulate(&symbols, &vec![variance; symbols.len()]);
    llrs.truncate(bits.len());
    llrs
}

fn random_bits(length: usize, rng: &mut Xoshiro256PlusPlus) -> Vec<u8> {
    (0..length).map(|_| rng.random_range(0..2)).collect()
}

#[test]
fn words_of_many_sizes_come_through_moderate_noise() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(1);
    for information_bits in [1, 2, 13, 40, 191, 192, 193, 560, 561, 640, 641, 1000, 3840] {
        let code = LdpcCode::new(information_bits).unwrap();
        for rule in [CheckRule::BoxPlus, CheckRule::OffsetMinSum] {
            let information = random_bits(information_bits, &mut rng);
            let buffer = code.encode(&information).unwrap();
            let llrs = noisy_llrs(&buffer, 2.0, &mut rng);
            let decoded = LdpcDecoder::new(code, buffer.len(), rule).decode(&llrs, 20);
            assert!(decoded.converged, "{information_bits} bits, {rule:?}");
            assert_eq!(decoded.information, information);
        }
    }
}

#[test]
fn high_rates_need_few_rows_and_still_decode() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
    let code = LdpcCode::new(1000).unwrap();
    for used_bits in [1250, 1600, 2100, 3000] {
        let information = random_bits(1000, &mut rng);
        let buffer = code.encode(&information).unwrap();
        let llrs = noisy_llrs(&buffer[..used_bits], 9.0, &mut rng);
        let decoded = LdpcDecoder::new(code, used_bits, CheckRule::BoxPlus).decode(&llrs, 30);
        assert_eq!(
            (decoded.converged, decoded.information),
            (true, information),
            "{used_bits}"
        );
    }
}

#[test]
fn what_nothing_is_known_of_does_not_converge() {
    let code = LdpcCode::new(191).unwrap();
    for rule in [CheckRule::BoxPlus, CheckRule::OffsetMinSum] {
        let mut decoder = LdpcDecoder::new(code, code.buffer_bits(), rule);
        assert!(!decoder.decode(&[], 10).converged);
        assert!(
            !decoder
                .decode(&vec![Llr::ERASED; code.buffer_bits()], 10)
                .converged
        );
        assert!(!decoder.decode(&[Llr(9.0); 70], 10).converged);
    }
}

#[test]
fn infinite_and_missing_values_are_survived() {
    let code = LdpcCode::new(100).unwrap();
    let buffer = code.encode(&[1; 100]).unwrap();
    let mut llrs: Vec<Llr> = buffer
        .iter()
        .map(|&bit| Llr(f32::INFINITY * (1.0 - 2.0 * f32::from(bit))))
        .collect();
    llrs[5] = Llr(f32::NAN);
    let decoded = LdpcDecoder::new(code, buffer.len(), CheckRule::BoxPlus).decode(&llrs, 10);
    assert_eq!(
        (decoded.converged, decoded.information),
        (true, vec![1; 100])
    );
}

#[test]
fn a_decoder_used_twice_forgets_the_first_word() {
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
    let code = LdpcCode::new(300).unwrap();
    let buffer = code.encode(&random_bits(300, &mut rng)).unwrap();
    let llrs = noisy_llrs(&buffer, -3.0, &mut rng);
    let mut decoder = LdpcDecoder::new(code, buffer.len(), CheckRule::BoxPlus);
    let first = decoder.decode(&llrs, 20);
    decoder.decode(&noisy_llrs(&buffer, -10.0, &mut rng), 20);
    assert_eq!(decoder.decode(&llrs, 20), first);
}

#[test]
fn it_decodes_the_words_that_an_exact_floating_point_decoder_decodes() {
    // Z_c = 32, all rows, 42 columns of parity, near the waterfall: both decoders see the same soft bits.
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(4);
    let code = LdpcCode::new(250).unwrap();
    assert_eq!(code.lifting_size().z_c(), 32);
    let mut exact =
        DecoderImplementation::HLTanhf64.build_decoder(BaseGraph::BG2.h(ReferenceSize::Z32));
    let mut ours = LdpcDecoder::new(code, code.buffer_bits(), CheckRule::BoxPlus);
    let (mut both, mut only_exact) = (0, 0);
    for _ in 0..40 {
        let information = random_bits(250, &mut rng);
        let llrs = noisy_llrs(&code.encode(&information).unwrap(), -4.0, &mut rng);
        let mut word = vec![0.0; 52 * 32];
        word[250..320].fill(64.0);
        for (buffer_index, llr) in llrs.iter().enumerate() {
            word[code.word_index(buffer_index)] = f64::from(llr.0);
        }
        let reference = exact
            .decode(&word, 30)
            .is_ok_and(|output| output.codeword[..250] == information);
        let decoded = ours.decode(&llrs, 30);
        let same = decoded.converged && decoded.information == information;
        both += usize::from(reference && same);
        only_exact += usize::from(reference && !same);
    }
    assert!(
        both >= 25 && only_exact <= 1,
        "both {both}, exact only {only_exact}"
    );
}

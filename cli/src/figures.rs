//! Figures in words: signs, units, groups of digits.

/// Groups of three digits: 49,152.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(c);
    }
    text
}

/// `value` with `decimals` and a true minus sign; a dash for what is no number, words for the infinite.
pub fn number(value: f64, decimals: usize) -> String {
    if value.is_nan() {
        return "–".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "∞" } else { "−∞" }.to_owned();
    }
    let text = format!("{:.decimals$}", value.abs());
    let is_zero = text.chars().all(|c| matches!(c, '0' | '.'));
    if value < 0.0 && !is_zero {
        format!("−{text}")
    } else {
        text
    }
}

/// A bandwidth ratio as people write it, 1/24; a small photo may take more than one use a colour value.
pub fn ratio(cbr: f64) -> String {
    if cbr > 1.0 {
        number(cbr, 1)
    } else {
        format!("1/{}", number(1.0 / cbr, 1).trim_end_matches(".0"))
    }
}

/// A time in the unit that suits it.
pub fn seconds(value: f64) -> String {
    if value < 1e-3 {
        format!("{} µs", number(value * 1e6, 0))
    } else if value < 1.0 {
        format!("{} ms", number(value * 1e3, 1))
    } else {
        format!("{} s", number(value, 2))
    }
}

/// A frequency in the unit that suits it.
pub fn hertz(value: f64) -> String {
    match value.abs() {
        v if v >= 1e9 => format!("{} GHz", trimmed(value / 1e9, 6)),
        v if v >= 1e6 => format!("{} MHz", trimmed(value / 1e6, 3)),
        v if v >= 1e3 => format!("{} kHz", trimmed(value / 1e3, 3)),
        _ => format!("{} Hz", number(value, 0)),
    }
}

/// Up to so many decimals, no zeros at the end.
fn trimmed(value: f64, decimals: usize) -> String {
    let text = number(value, decimals);
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// "1 burst", "3 bursts".
pub fn counted(n: u64, one: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{} {one}{plural}", grouped(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_by_three() {
        let all = [0, 999, 1000, 49_152, 1_234_567].map(grouped);
        assert_eq!(all, ["0", "999", "1,000", "49,152", "1,234,567"]);
    }

    #[test]
    fn numbers_have_a_true_minus_and_no_negative_zero() {
        assert_eq!(number(-27.1828, 2), "−27.18");
        assert_eq!(number(-0.001, 2), "0.00");
        assert_eq!(number(f64::INFINITY, 1), "∞");
        assert_eq!(number(f64::NAN, 1), "–");
    }

    #[test]
    fn units_suit_the_size() {
        assert_eq!(hertz(2e6), "2 MHz");
        assert_eq!(hertz(2.45e9), "2.45 GHz");
        assert_eq!(hertz(-12_345.6), "−12.346 kHz");
        assert_eq!(hertz(100_000.0), "100 kHz");
        assert_eq!(hertz(-40.0), "−40 Hz");
        assert_eq!(seconds(0.0419), "41.9 ms");
        assert_eq!(seconds(3.0), "3.00 s");
        assert_eq!(counted(1, "burst"), "1 burst");
        assert_eq!(counted(1200, "burst"), "1,200 bursts");
    }
}

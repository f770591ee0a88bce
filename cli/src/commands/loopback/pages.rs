//! A report as the pages show it.

use heliograph::link::ReceivedPicture;
use heliograph::photo::Photo;
use heliograph::waveform::snr::SnrEstimate;
use num_complex::Complex32;

use crate::figures::{counted, hertz, number, ratio, seconds};
use crate::render::View;
use crate::render::block_map::BlockMap;
use crate::render::constellation;
use crate::render::side_by_side::{Caption, Contents, Figure};
use crate::report::{Outcome, Program, Report, SectionState};

/// Contents of `side-by-side.png`.
pub fn side_by_side<'a>(
    report: &Report,
    sent: &'a Photo,
    received: Option<&'a Photo>,
    maps: Vec<BlockMap>,
) -> Contents<'a> {
    Contents {
        name: report.photo.name.clone(),
        sent: view(sent),
        received: received.map(view),
        quality: quality(report),
        maps,
        losses: losses(report),
        caption: caption(report),
        figures: figures(report),
        imprint: imprint(report),
    }
}

/// Contents of `constellation.png`.
pub fn constellation<'a>(
    report: &Report,
    digital: &'a [Complex32],
    analog: &'a [Complex32],
) -> constellation::Contents<'a> {
    let parts = [
        report.photo.name.clone(),
        format!("SNR {}", snr(report)),
        format!("EVM {}", db(report.evm_db, 1)),
        format!(
            "{} of {} received",
            report.bursts_received,
            counted(report.bursts_sent, "burst")
        ),
    ];
    constellation::Contents {
        digital,
        analog,
        subtitle: parts.join("  ·  "),
    }
}

/// Analog symbols that arrived.
pub fn received_symbols(picture: &ReceivedPicture) -> Vec<Complex32> {
    let symbols = picture.symbols.iter().zip(&picture.variances);
    let arrived = symbols.filter(|(_, variance)| variance.is_finite());
    arrived.map(|(symbol, _)| *symbol).collect()
}

fn view(photo: &Photo) -> View<'_> {
    let size = photo.size();
    View::from_raw(size.width(), size.height(), photo.rgb()).expect("a photo has all its pixels")
}

/// Decibels, or a dash.
pub fn db(value: Option<f64>, decimals: usize) -> String {
    match value {
        Some(value) => format!("{} dB", number(value, decimals)),
        None => "–".to_owned(),
    }
}

/// The SNR as the receiver knows it.
pub fn snr(report: &Report) -> String {
    match (report.snr_db_estimated, report.snr_db_standard_error) {
        (Some(value), _) if value >= f64::from(SnrEstimate::CEILING_DB) => {
            format!("{} dB or more", number(value, 0))
        }
        (Some(value), Some(error)) => format!("{} ± {} dB", number(value, 2), number(error, 2)),
        _ => "–".to_owned(),
    }
}

/// What was lost, a sentence each.
pub fn losses(report: &Report) -> Vec<String> {
    let mut losses = Vec::new();
    let (received, sent) = (report.bursts_received, report.bursts_sent);
    let lost = sent.saturating_sub(received);
    match report.outcome {
        Outcome::NothingReceived => {
            let sent = if sent == 1 { "1 burst" } else { &format!("{sent} bursts") };
            losses.push(format!("Nothing arrived: of {sent} not one was received, so there is no picture."));
        }
        Outcome::PaintedBlind => losses.push(format!(
            "{received} of {} arrived, but the codec's side information is lost: the picture cannot be painted.",
            counted(sent, "burst"),
        )),
        Outcome::ReceivedWithLosses => {
            let sent_bursts = counted(sent, "burst");
            let missing = match report.repeats {
                1 => String::new(),
                _ => format!(", {} in every repetition", report.bursts_missing),
            };
            losses.push(format!(
                "{lost} of {sent_bursts} lost{missing}: the picture is painted from the rest."
            ));
        }
        Outcome::Received if lost > 0 => losses.push(format!(
            "{lost} of {} lost; their repetitions arrived.",
            counted(sent, "burst"),
        )),
        Outcome::Received => {}
    }
    if report.bursts_clipped > 0 {
        losses.push(format!(
            "The receiver clipped in {}: its SNR estimate reads low.",
            counted(report.bursts_clipped, "burst")
        ));
    }
    if report.symbols_damaged > 0 {
        losses.push(format!(
            "{} cut off or drowned: they count for as little as they are worth.",
            counted(report.symbols_damaged, "OFDM symbol")
        ));
    }
    losses
}

fn caption(report: &Report) -> Caption {
    let sent = report.caption_sent.clone().unwrap_or_default();
    match (report.caption_state, &report.caption_received) {
        (SectionState::NotSent, _) => Caption::None,
        (SectionState::Received, Some(text)) => Caption::Received(text.clone()),
        _ => Caption::Lost(sent),
    }
}

fn quality(report: &Report) -> String {
    match report.outcome {
        Outcome::NothingReceived => "nothing arrived".to_owned(),
        Outcome::PaintedBlind => "side information lost".to_owned(),
        _ => format!("at SNR {}", snr(report)),
    }
}

fn figures(report: &Report) -> Vec<Figure> {
    let figure = |label: &str, value: String, remark: String| Figure {
        label: label.to_owned(),
        value,
        remark,
    };
    let ssim = report.ssim.map_or("–".to_owned(), |s| number(s, 3));
    let lpips = report.lpips_alex.map_or("–".to_owned(), |l| number(l, 3));
    let cfo = report.cfo_hz_estimated.map_or("–".to_owned(), hertz);
    let as_set = match report.snr_db_true {
        Some(db) => format!("{} dB as set", number(db, 2)),
        None => "no noise as set".to_owned(),
    };
    let share = number(100.0 * report.ledger.analog_share, 0);
    vec![
        figure(
            "PSNR",
            db(report.psnr_db, 2),
            "received against sent".to_owned(),
        ),
        figure("SSIM", ssim, "1 is equal".to_owned()),
        figure("LPIPS", lpips, "0 is equal".to_owned()),
        figure("SNR, estimated", snr(report), as_set),
        figure(
            "Carrier offset",
            cfo,
            format!("{} as set", hertz(report.cfo_hz_true)),
        ),
        figure("EVM", db(report.evm_db, 1), "of the header".to_owned()),
        figure(
            "Bandwidth ratio",
            ratio(report.cbr_total),
            format!("{} analog, {share} % of it", ratio(report.cbr_analog)),
        ),
        figure(
            "Bursts",
            format!("{} of {}", report.bursts_received, report.bursts_sent),
            repeats(report),
        ),
        figure(
            "Air time",
            seconds(report.air_time_seconds),
            format!("{} occupied", hertz(report.occupied_bandwidth_hz)),
        ),
        figure(
            "PAPR",
            db(report.papr_db, 1),
            "of the samples sent".to_owned(),
        ),
    ]
}

fn repeats(report: &Report) -> String {
    match report.repeats {
        1 => "received".to_owned(),
        n => format!("received, each sent {n} times"),
    }
}

fn imprint(report: &Report) -> String {
    let parts = [
        format!("Heliograph {}", Program::THIS.version),
        format!("codec {}", report.codec),
        format!("{} numerology", report.numerology),
        format!("{} sample rate", hertz(report.sample_rate_hz)),
        format!("channel {}", report.channel.name),
        format!("seed {}", report.seed),
    ];
    parts.join("  ·  ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::example;

    #[test]
    fn lost_bursts_are_said_with_their_number() {
        let said = losses(&example()).join(" ");
        assert!(said.contains("1 of 4 bursts lost"), "{said}");
        let mut report = example();
        report.outcome = Outcome::Received;
        report.bursts_received = 4;
        assert!(losses(&report).is_empty());
        report.outcome = Outcome::NothingReceived;
        assert!(losses(&report)[0].contains("Nothing arrived"));
    }

    #[test]
    fn an_snr_at_the_ceiling_is_not_shown_as_measured() {
        let mut report = example();
        report.snr_db_estimated = Some(80.0);
        assert_eq!(snr(&report), "80 dB or more");
    }

    #[test]
    fn a_lost_caption_is_never_shown_as_received() {
        assert_eq!(caption(&example()), Caption::Lost("A boat".to_owned()));
    }

    #[test]
    fn figures_of_a_picture_that_never_came_are_dashes() {
        let mut report = example();
        (report.psnr_db, report.ssim, report.snr_db_estimated) = (None, None, None);
        let figures = figures(&report);
        let dashes = figures.iter().filter(|f| f.value == "–").count();
        assert_eq!(dashes, 3);
    }
}

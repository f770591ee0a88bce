//! The summary on standard output: a few lines a photo.

use std::path::Path;

use super::pages::{db, losses, snr};
use crate::figures::{counted, hertz, number, seconds};
use crate::report::{Report, SectionState};

/// The summary, without a line break at its end.
pub fn words(report: &Report, folder: &Path) -> String {
    let mut lines = vec![format!(
        "{}, {}x{}",
        report.photo.name, report.photo.width, report.photo.height
    )];
    let mut line = |name: &str, text: String| lines.push(format!("  {name:<10} {text}"));
    line("picture", picture(report));
    line("channel", channel(report));
    line("air", air(report));
    line("caption", caption(report));
    for loss in losses(report) {
        line("loss", loss);
    }
    let total = report.seconds.get("total").copied().unwrap_or_default();
    line("time", format!("{} computing", seconds(total)));
    line(
        "files",
        format!("{}: {}", folder.display(), report.files.join(", ")),
    );
    lines.join("\n")
}

fn picture(report: &Report) -> String {
    let Some(ssim) = report.ssim else {
        return "none".to_owned();
    };
    let or_dash = |figure: Option<f64>| number(figure.unwrap_or(f64::NAN), 3);
    format!(
        "PSNR {}, SSIM {}, MS-SSIM {}, LPIPS {}",
        db(report.psnr_db, 2),
        number(ssim, 3),
        or_dash(report.ms_ssim),
        or_dash(report.lpips_alex),
    )
}

fn channel(report: &Report) -> String {
    let set = report.snr_db_true.map_or("no noise".to_owned(), |db| {
        format!("SNR {} dB", number(db, 2))
    });
    let name = &report.channel.name;
    match report.cfo_hz_estimated {
        Some(cfo) => format!(
            "{name}, {set}; estimated {}, carrier offset {}, EVM {}",
            snr(report),
            hertz(cfo),
            db(report.evm_db, 1)
        ),
        None => format!("{name}, {set}; nothing to estimate from"),
    }
}

fn air(report: &Report) -> String {
    format!(
        "{} of {} received, {} of {}, bandwidth ratio {} analog, {} in all",
        report.bursts_received,
        counted(report.bursts_sent, "burst"),
        seconds(report.air_time_seconds),
        hertz(report.occupied_bandwidth_hz),
        number(report.cbr_analog, 4),
        number(report.cbr_total, 4),
    )
}

fn caption(report: &Report) -> String {
    match (report.caption_state, &report.caption_received) {
        (SectionState::NotSent, _) => "none sent".to_owned(),
        (_, Some(text)) => format!("{text:?}"),
        _ => "lost".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::tests::example;

    #[test]
    fn a_summary_says_what_was_lost_and_where_the_files_are() {
        let words = words(&example(), Path::new("out/boat"));
        for said in [
            "boat.png",
            "PSNR 31.40 dB, SSIM 0.900, MS-SSIM 0.950, LPIPS 0.120",
            "1 of 4 bursts lost",
            "out/boat",
            "lost",
        ] {
            assert!(words.contains(said), "{said} in {words}");
        }
    }

    #[test]
    fn a_figure_the_picture_is_too_small_for_is_a_dash() {
        let mut report = example();
        (report.ms_ssim, report.lpips_alex) = (None, None);
        let words = words(&report, Path::new("out"));
        assert!(words.contains("MS-SSIM –, LPIPS –"), "{words}");
    }
}

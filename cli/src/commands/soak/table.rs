//! The figures for people.

use std::fmt::Write;

use super::statistics::{Figure, Rate};
use super::summary::{BurstFigures, SearchFigures, Spread, Summary};

/// The table of a summary.
pub fn render(summary: &Summary) -> String {
    let mut table = Table::default();
    if summary.interrupted {
        table
            .text
            .push_str("interrupted: figures of what was done\n");
    }
    search(&mut table, &summary.search);
    if let Some(bursts) = &summary.bursts {
        rates(&mut table, bursts);
        estimates(&mut table, bursts);
        symbols(&mut table, bursts);
    }
    table.text
}

fn search(table: &mut Table, search: &SearchFigures) {
    table.section("search");
    table.count("samples", search.samples);
    table.count("suspicions", search.suspicions);
    table.count("detections", search.detections);
    table.count("headers lost", search.headers_lost);
    table.count("bursts", search.bursts);
    table.count("bursts never sent", search.false_bursts);
    table.count("headers never sent", search.headers_wrong);
}

fn rates(table: &mut Table, bursts: &BurstFigures) {
    table.section("losses");
    table.rate("not detected", &bursts.detection_loss);
    table.rate("burst lost", &bursts.burst_loss);
    table.rate("lost though sent twice", &bursts.burst_loss_sent_twice);
    table.rate("caption lost", &bursts.caption_loss);
    table.count("captions never sent", bursts.captions_wrong);
    table.rate("clipping flagged", &bursts.clipping_flagged);
}

fn estimates(table: &mut Table, bursts: &BurstFigures) {
    table.section("estimates");
    if let Some(snr) = &bursts.snr_estimate {
        table.figure("SNR bias", &snr.bias_db, "dB");
        table.figure("SNR sigma", &snr.sigma_db, "dB");
        table.plain("SNR sigma claimed", snr.claimed_standard_error_db, "dB");
        table.figure("SNR error over claim", &snr.normalized_sigma, "sigma");
        table.figure("SNR against symbols", &snr.bias_against_effective_db, "dB");
    }
    table.spread("carrier offset", &bursts.cfo_error_hz, "Hz");
    table.spread("clock offset", &bursts.clock_error_ppm, "ppm");
    table.spread("timing", &bursts.timing_error_samples, "samples");
}

fn symbols(table: &mut Table, bursts: &BurstFigures) {
    table.section("symbols");
    table.figure("EVM of the analog", &bursts.analog.evm_db, "dB");
    table.figure("loss against ideal", &bursts.analog.loss_db, "dB");
    table.figure(
        "error over claim",
        &bursts.analog.error_over_claimed_db,
        "dB",
    );
    table.rate("analog lost", &bursts.analog.lost);
    table.figure("EVM of the header", &bursts.header_evm_db, "dB");
    table.figure(
        "damaged symbols",
        &bursts.damaged_symbols_per_burst,
        "a burst",
    );
    table.figure("PAPR", &bursts.papr_db, "dB");
}

#[derive(Default)]
struct Table {
    text: String,
}

impl Table {
    fn section(&mut self, name: &str) {
        let _ = writeln!(self.text, "{name}");
    }

    fn line(&mut self, name: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.text, "  {name:<24}{value}");
    }

    fn count(&mut self, name: &str, value: u64) {
        self.line(name, format_args!("{value:>12}"));
    }

    fn plain(&mut self, name: &str, value: f64, unit: &str) {
        self.line(name, format_args!("{value:>12.4} {unit}"));
    }

    fn figure(&mut self, name: &str, figure: &Option<Figure>, unit: &str) {
        if let Some(f) = figure {
            let range = format!("[{:.4}, {:.4}]", f.low_95, f.high_95);
            self.line(name, format_args!("{:>12.4} {unit:<8} {range}", f.value));
        }
    }

    fn spread(&mut self, name: &str, spread: &Spread, unit: &str) {
        self.figure(&format!("{name}, mean error"), &spread.mean, unit);
        self.figure(&format!("{name}, sigma"), &spread.sigma, unit);
    }

    fn rate(&mut self, name: &str, rate: &Option<Rate>) {
        if let Some(r) = rate {
            let range = format!("[{:.2e}, {:.2e}]", r.low_95, r.high_95);
            self.line(
                name,
                format_args!("{:>12.3e} {range}  {} of {}", r.rate, r.events, r.trials),
            );
        }
    }
}

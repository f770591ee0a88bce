//! The state for a rig's dashboard: the text format of Prometheus, version 0.0.4.

use std::fmt::Write;

use crate::state::{Live, Phase};

/// Kinds of metrics.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Only rises.
    Counter,
    /// Any number.
    Gauge,
}

/// All metrics. What is not known is left out.
pub fn text(live: &Live) -> String {
    let mut page = Page::default();
    let info = [
        ("version", live.program.version.as_str()),
        ("command", live.program.command.as_str()),
    ];
    page.labelled("info", "The program.", Kind::Gauge, &info, 1.0);
    let is_running = f64::from(u8::from(live.run.phase == Phase::Running));
    page.gauge("running", "1 while the run goes on.", is_running);
    page.gauge("run_seconds", "Seconds since the start.", live.run.seconds);
    page.gauge("viewers", "Pages that look on.", live.viewers as f64);
    samples(&mut page, live);
    bursts(&mut page, live);
    link(&mut page, live);
    page.0
}

fn samples(page: &mut Page, live: &Live) {
    let now = &live.samples;
    page.counter("samples_received", "Samples heard.", now.received);
    page.counter("samples_lost", "Samples reported missing.", now.lost);
    page.counter("sample_gaps", "Times that samples were missing.", now.gaps);
    let help = "Samples with I or Q at full scale.";
    page.counter("samples_at_full_scale", help, now.at_full_scale);
    if let Some(level) = &live.level {
        let (mean, peak) = (level.mean_dbfs.into(), level.peak_dbfs.into());
        page.gauge("level_dbfs", "Mean power of the latest samples.", mean);
        page.gauge("peak_dbfs", "Peak of the latest samples.", peak);
    }
}

fn bursts(page: &mut Page, live: &Live) {
    let now = &live.bursts;
    page.counter("bursts_detected", "Preambles found.", now.detected);
    page.counter("bursts_received", "Bursts demodulated.", now.received);
    page.counter("bursts_lost", "Bursts missing in pictures.", now.lost);
    let help = "Lost repetitions that another one stood in for.";
    page.counter("bursts_repaired", help, now.repaired);
    page.counter("bursts_clipped", "Bursts that clipped.", now.clipped);
    page.counter("headers_lost", "Bursts not readable.", now.headers_lost);
    page.counter("bursts_refused", "Bursts not believed.", now.refused);
    if let Some(sent) = &live.sent {
        page.counter("pictures_sent", "Pictures sent.", sent.pictures);
        page.counter("bursts_sent", "Bursts sent.", sent.bursts);
        let help = "Samples beyond full scale.";
        page.counter("samples_clipped", help, sent.samples_clipped);
        page.counter("underflows", "Times the radio ran dry.", sent.underflows);
        page.counter("late", "Transmissions that came too late.", sent.late);
    }
}

fn link(page: &mut Page, live: &Live) {
    let Some(link) = &live.link else { return };
    let of_burst = [
        ("snr_db", "Es/N0 of the latest burst.", link.snr_db),
        (
            "snr_standard_error_db",
            "Its standard error.",
            link.snr_standard_error_db,
        ),
        ("evm_db", "Error vector magnitude.", link.evm_db),
        (
            "clock_offset_ppm",
            "Offset of the sampling clock.",
            Some(link.clock_offset_ppm),
        ),
    ];
    for (name, help, value) in of_burst {
        page.gauge(name, help, value.map_or(f64::NAN, f64::from));
    }
    page.gauge("cfo_hz", "Carrier offset.", link.cfo_hz);
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn counter(&mut self, name: &str, help: &str, value: u64) {
        let name = format!("{name}_total");
        self.labelled(&name, help, Kind::Counter, &[], value as f64);
    }

    fn gauge(&mut self, name: &str, help: &str, value: f64) {
        if value.is_finite() {
            self.labelled(name, help, Kind::Gauge, &[], value);
        }
    }

    fn labelled(
        &mut self,
        name: &str,
        help: &str,
        kind: Kind,
        labels: &[(&str, &str)],
        value: f64,
    ) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
        };
        let label = |(name, text): &(&str, &str)| format!("{name}=\"{}\"", escaped(text));
        let labels: Vec<String> = labels.iter().map(label).collect();
        let labels = match labels.is_empty() {
            true => String::new(),
            false => format!("{{{}}}", labels.join(",")),
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            self.0,
            "# HELP heliograph_{name} {help}\n# TYPE heliograph_{name} {kind}\nheliograph_{name}{labels} {value}"
        );
    }
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::Link;

    #[test]
    fn metrics_have_a_type_each_and_read_as_numbers() {
        let mut live = Live::new("a\"b");
        live.bursts.received = 12_345_678_901;
        live.link = Some(Link {
            snr_db: Some(7.25),
            evm_db: None,
            ..Link::default()
        });
        let text = text(&live);
        assert!(text.contains("\nheliograph_bursts_received_total 12345678901\n"));
        assert!(text.contains("\nheliograph_snr_db 7.25\n") && !text.contains("evm_db"));
        assert!(text.contains("command=\"a\\\"b\""));
        let mut types = 0;
        for line in text.lines() {
            if line.starts_with("# TYPE ") {
                types += 1;
            } else if !line.starts_with('#') {
                let value = line.rsplit(' ').next().unwrap();
                assert!(value.parse::<f64>().is_ok(), "{line}");
                types -= 1;
            }
        }
        assert_eq!(types, 0);
    }
}

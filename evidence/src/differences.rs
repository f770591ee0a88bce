//! `differences.csv`: a codec minus another on the same pictures and draws. What pictures have in common cancels, so intervals are
//! narrower than those of the means.

use std::collections::BTreeMap;

use crate::codecs::Label;
use crate::rows::Row;
use crate::statistics::Estimate;
use crate::summary::{Metric, Snr, Summary, columns, figures, write};

/// What everything is compared with, besides a family's own least-distortion end.
const REFERENCES: [&str; 2] = ["softcast", "digital"];

/// Pictures by seed: one draw of the channel each.
type Draws<'a> = BTreeMap<(&'a str, &'a str), &'a Row>;

/// One line a channel, CBR, SNR, codec and reference.
pub fn to_csv(rows: &[Row], summary: &Summary) -> Vec<u8> {
    let mut cells: BTreeMap<(&str, &str, Snr, &str), Draws> = BTreeMap::new();
    for row in rows {
        let key = (&*row.channel, &*row.cbr, Snr(row.snr_db), &*row.codec);
        let draws = cells.entry(key).or_default();
        draws.insert((&row.picture, &row.seed), row);
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut header = ["channel", "cbr", "snr_db", "codec", "reference"]
        .map(str::to_owned)
        .to_vec();
    header.extend(Metric::ALL.into_iter().flat_map(columns));
    write(&mut writer, &header);
    for ((channel, cbr, snr, codec), _) in summary.cells() {
        let (channel, cbr) = (&*summary.channels[*channel], &*summary.cbrs[*cbr]);
        let codec = &*summary.codecs[*codec];
        let draws = &cells[&(channel, cbr, *snr, codec)];
        for reference in references(codec) {
            let Some(others) = cells.get(&(channel, cbr, *snr, &*reference)) else {
                continue;
            };
            let mut line = [channel, cbr, &snr.0.to_string(), codec, &reference]
                .map(str::to_owned)
                .to_vec();
            for metric in Metric::ALL {
                line.extend(figures(difference(draws, others, metric)));
            }
            write(&mut writer, &line);
        }
    }
    writer.into_inner().expect("memory takes every line")
}

fn references(codec: &str) -> Vec<String> {
    let own = format!("{}-0", Label::new(codec).family);
    let all = [own].into_iter().chain(REFERENCES.map(str::to_owned));
    all.filter(|reference| reference != codec).collect()
}

/// Over the draws that both have a figure of.
fn difference(draws: &Draws, others: &Draws, metric: Metric) -> Option<Estimate> {
    let mut pictures: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for (draw, row) in draws {
        let of = |row: &Row| row.quality[metric as usize];
        let pair = of(row).zip(others.get(draw).and_then(|other| of(other)));
        if let Some((a, b)) = pair {
            pictures.entry(draw.0).or_default().push(a - b);
        }
    }
    Estimate::of_pictures(&pictures)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rows::Outcome;

    fn row(picture: &str, codec: &str, psnr: f64) -> Row {
        Row {
            picture: picture.to_owned(),
            channel: "awgn".to_owned(),
            cbr: "1/48".to_owned(),
            cbr_value: 1.0 / 48.0,
            snr: "7".to_owned(),
            snr_db: 7.0,
            codec: codec.to_owned(),
            seed: "0".to_owned(),
            outcome: Outcome::Received,
            cbr_total: None,
            quality: [Some(psnr), None, None, None, None, None],
        }
    }

    #[test]
    fn what_pictures_have_in_common_cancels() {
        let rows = [
            row("a", "softcast", 20.0),
            row("b", "softcast", 40.0),
            row("a", "deepjscc-0", 22.0),
            row("b", "deepjscc-0", 42.0),
            row("a", "deepjscc", 21.0),
            row("c", "deepjscc", 99.0),
        ];
        let csv = String::from_utf8(to_csv(&rows, &Summary::new(&rows))).unwrap();
        let figures = |start: &str| {
            let line = csv.lines().find(|line| line.starts_with(start));
            line.map(|line| {
                line.split(',')
                    .skip(5)
                    .take(4)
                    .collect::<Vec<_>>()
                    .join(",")
            })
        };
        let of = |codec, reference| figures(&format!("awgn,1/48,7,{codec},{reference},"));
        assert_eq!(
            of("deepjscc-0", "softcast").unwrap(),
            "2,2.000000,2.000000,2.000000"
        );
        // Only of the picture that both have.
        assert_eq!(of("deepjscc", "deepjscc-0").unwrap(), "1,-1.000000,,");
        assert_eq!(of("deepjscc", "softcast").unwrap(), "1,1.000000,,");
        assert_eq!(of("softcast", "softcast"), None);
        assert_eq!(csv.lines().count(), 4);
    }
}

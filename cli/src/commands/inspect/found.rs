//! What is found in a photo, and how it would be sent.

use std::path::Path;
use std::sync::Arc;

use heliograph::codec::{Cbr, Codec, RegionalCodec};
use heliograph::link::{Transmitter, TransmitterConfig};
use heliograph::photo::Photo;
use heliograph::regions::{BLOCK_PIXELS, Interest, Priorities};
use serde::Serialize;

use super::costs::{Bytes, Cost, costs};
use crate::figures::number;
use crate::render::View;
use crate::render::inspection::{Contents, Panel};

/// Side information of codecs with blocks, without a rate map.
const BYTES_WITHOUT_MAP: usize = 3;

/// How the photo would be sent.
pub struct Sending<'a> {
    pub codec: Arc<dyn Codec>,
    pub regions: Option<(Interest, Priorities)>,
    pub cbr: Cbr,
    pub caption: Option<&'a str>,
}

/// As `--json` prints it; grids are row by row from the top.
#[derive(Debug, Serialize)]
pub struct Found {
    photo: String,
    width: u32,
    height: u32,
    codec: &'static str,
    caption: Option<String>,
    block_pixels: usize,
    columns: usize,
    rows: usize,
    /// 0 to 1; `null` where nothing was asked to matter.
    importance: Option<Vec<f32>>,
    /// Analog symbols of each block; `null` for codecs without blocks.
    symbols: Option<Vec<f64>>,
    bytes: Bytes,
    cbr_analog: f64,
    cbr_total: f64,
    channel_uses: Vec<Cost>,
}

impl Found {
    /// Looks at the photo and encodes it.
    ///
    /// # Errors
    /// A region that it does not have; what the codec refuses.
    pub fn new(name: &str, photo: &Photo, sending: &Sending<'_>) -> anyhow::Result<Self> {
        let size = photo.size();
        let importance = sending
            .regions
            .as_ref()
            .map(|(interest, _)| interest.importance(photo))
            .transpose()?;
        let codec: Arc<dyn Codec> = match (&sending.regions, &importance) {
            (Some((_, priorities)), Some(importance)) => {
                let known = Interest::Known(importance.clone());
                Arc::new(RegionalCodec::new(
                    sending.codec.clone(),
                    known,
                    *priorities,
                ))
            }
            _ => sending.codec.clone(),
        };
        let budget = sending.cbr.symbols(size);
        let side_information = codec.encode(photo, None, budget)?.side_information;
        let blocks = codec.block_symbols(&side_information, size, budget)?;
        let config = TransmitterConfig {
            cbr: sending.cbr,
            ..TransmitterConfig::default()
        };
        let transmission =
            Transmitter::new(config, codec.clone())?.picture(photo, sending.caption)?;
        let ledger = transmission.ledger();
        let map = match blocks {
            Some(_) => side_information.len().saturating_sub(BYTES_WITHOUT_MAP),
            None => 0,
        };
        let bytes = Bytes {
            caption: sending.caption.map_or(0, str::len),
            rate_map: map,
            other: side_information.len() - map,
        };
        let values = 3.0 * size.pixels() as f64;
        let side = |pixels: u32| (pixels as usize).div_ceil(BLOCK_PIXELS);
        Ok(Self {
            photo: name.to_owned(),
            width: size.width(),
            height: size.height(),
            codec: codec.id().name(),
            caption: sending.caption.map(str::to_owned),
            block_pixels: BLOCK_PIXELS,
            columns: side(size.width()),
            rows: side(size.height()),
            importance: importance.as_ref().map(|found| found.values().to_vec()),
            symbols: blocks.map(|blocks| blocks.symbols),
            bytes,
            cbr_analog: budget as f64 / values,
            cbr_total: ledger.total() / values,
            channel_uses: costs(&ledger, bytes),
        })
    }

    /// What the picture shows.
    pub fn contents<'a>(&'a self, photo: &'a Photo) -> Contents<'a> {
        let size = photo.size();
        let view = View::from_raw(size.width(), size.height(), photo.rgb());
        let importance = self.importance.as_ref().map(|values| Panel {
            title: "Importance".to_owned(),
            remark: format!("{} % of the blocks stand out", self.share_of_key(values)),
            values: values.iter().map(|v| f64::from(*v)).collect(),
            highest: 1.0,
        });
        let symbols = self.symbols.as_ref().map(|values| {
            let highest = values.iter().copied().fold(1.0, f64::max);
            Panel {
                title: "Symbols a block".to_owned(),
                remark: format!("0 to {}", number(highest, 0)),
                values: values.clone(),
                highest,
            }
        });
        Contents {
            name: self.photo.clone(),
            photo: view.expect("a photo has all its pixels"),
            grid: (self.columns, self.rows),
            block_pixels: self.block_pixels as u32,
            panels: importance.into_iter().chain(symbols).collect(),
            caption: self.caption.as_deref(),
            costs: self
                .channel_uses
                .iter()
                .map(|cost| (words(cost.kind), cost.uses))
                .collect(),
            total: format!(
                "{} channel uses, 1/{} of a use per colour value; analog symbols alone 1/{}; codec {}",
                number(self.uses(), 0),
                number(1.0 / self.cbr_total, 1),
                number(1.0 / self.cbr_analog, 1),
                self.codec
            ),
        }
    }

    /// What is printed.
    pub fn words(&self, out: &Path) -> String {
        let total = self.uses();
        let mut lines = vec![format!("{}: {}x{}", self.photo, self.width, self.height)];
        if let Some(values) = &self.importance {
            lines.push(format!(
                "{} % of the blocks stand out",
                self.share_of_key(values)
            ));
        }
        for cost in self.channel_uses.iter().filter(|cost| cost.uses > 0.0) {
            let share = number(100.0 * cost.uses / total, 1);
            let uses = number(cost.uses, 0);
            lines.push(format!("{:>10}  {share:>5} %  {}", uses, words(cost.kind)));
        }
        let total = number(total, 0);
        lines.push(format!(
            "{total:>10}  channel uses, CBR 1/{}",
            number(1.0 / self.cbr_total, 1)
        ));
        lines.push(out.display().to_string());
        lines.join("\n")
    }

    fn uses(&self) -> f64 {
        self.channel_uses.iter().map(|cost| cost.uses).sum()
    }

    fn share_of_key(&self, values: &[f32]) -> String {
        let key = values.iter().filter(|v| **v >= 0.5).count();
        number(100.0 * key as f64 / values.len() as f64, 0)
    }
}

/// A kind as people call it.
fn words(kind: &'static str) -> &'static str {
    match kind {
        "rate_map" => "rate map",
        "side_information" => "other side information",
        "empty_centre" => "empty centre",
        "analog" => "picture (analog)",
        other => other,
    }
}

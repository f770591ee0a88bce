//! What is found in a photo, and how it would be sent.

use std::path::Path;
use std::sync::Arc;

use heliograph::codec::{Cbr, Codec, RegionalCodec};
use heliograph::link::{Transmitter, TransmitterConfig};
use heliograph::photo::Photo;
use heliograph::regions::{BLOCK_PIXELS, Interest, Priorities};
use serde::Serialize;

use super::caption::{Caption, Origin};
use super::costs::{Bytes, Cost, costs};
use crate::figures::{counted, number, ratio};
use crate::live::figures::one_line;
use crate::render::View;
use crate::render::block_map::{BlockMap, key_share};
use crate::render::inspection::Contents;

/// How the photo would be sent.
pub struct Sending {
    pub codec: Arc<dyn Codec>,
    /// As it was asked for.
    pub allocation: Option<&'static str>,
    pub regions: Option<(Interest, Priorities)>,
    pub cbr: Cbr,
    pub caption: Option<Caption>,
}

/// As `--json` prints it; grids are row by row from the top.
#[derive(Debug, Serialize)]
pub struct Found {
    photo: String,
    width: u32,
    height: u32,
    codec: &'static str,
    /// How it was asked to share the symbols among the blocks.
    #[serde(skip_serializing_if = "Option::is_none")]
    allocation: Option<&'static str>,
    caption: Option<String>,
    /// Who said it; `null` without a caption.
    caption_origin: Option<Origin>,
    /// Its UTF-8; `bytes` has what is sent of it.
    caption_text_bytes: usize,
    block_pixels: usize,
    columns: usize,
    rows: usize,
    /// 0 to 1; `null` where nothing was asked to matter.
    importance: Option<Vec<f32>>,
    /// Share of the blocks that matter more than background.
    key_share: Option<f64>,
    /// Analog symbols of each block; `null` for codecs without blocks.
    symbols: Option<Vec<f64>>,
    bytes: Bytes,
    cbr_analog: f64,
    cbr_total: f64,
    channel_uses: Vec<Cost>,
    /// Importance and symbols, as they are drawn.
    #[serde(skip)]
    maps: Vec<BlockMap>,
}

impl Found {
    /// Looks at the photo and encodes it.
    ///
    /// # Errors
    /// A region that it does not have; what the codec refuses.
    pub fn new(name: &str, photo: &Photo, sending: &Sending) -> anyhow::Result<Self> {
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
        let config = TransmitterConfig {
            cbr: sending.cbr,
            ..TransmitterConfig::default()
        };
        let text = sending
            .caption
            .as_ref()
            .map(|caption| caption.text.as_str());
        let transmission = Transmitter::new(config, codec.clone())?.picture(photo, text)?;
        let ledger = transmission.ledger();
        let side_information = transmission.side_information();
        let blocks = codec.block_symbols(side_information, size, budget)?;
        let shown = importance.as_ref().map(BlockMap::importance);
        let maps = shown
            .into_iter()
            .chain(blocks.clone().map(BlockMap::symbols));
        let map = blocks.as_ref().map_or(0, |blocks| blocks.rate_map_bytes);
        let bytes = Bytes {
            caption: sending.caption.as_ref().map_or(0, Caption::bytes),
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
            allocation: sending.allocation,
            caption: text.map(str::to_owned),
            caption_origin: sending.caption.as_ref().map(|caption| caption.origin),
            caption_text_bytes: text.map_or(0, str::len),
            block_pixels: BLOCK_PIXELS,
            columns: side(size.width()),
            rows: side(size.height()),
            importance: importance.as_ref().map(|found| found.values().to_vec()),
            key_share: importance.as_ref().map(key_share),
            symbols: blocks.map(|blocks| blocks.symbols),
            bytes,
            cbr_analog: budget as f64 / values,
            cbr_total: ledger.total() / values,
            channel_uses: costs(&ledger, bytes),
            maps: maps.collect(),
        })
    }

    /// What the picture shows.
    pub fn contents<'a>(&'a self, photo: &'a Photo) -> Contents<'a> {
        let size = photo.size();
        let view = View::from_raw(size.width(), size.height(), photo.rgb());
        Contents {
            name: self.photo.clone(),
            photo: view.expect("a photo has all its pixels"),
            maps: self.maps.clone(),
            caption: self.caption.as_deref(),
            costs: self
                .channel_uses
                .iter()
                .map(|cost| (words(cost.kind), cost.uses))
                .collect(),
            total: format!(
                "{} channel uses, {} of a use per colour value; analog symbols alone {}; codec {}{}",
                number(self.uses(), 0),
                ratio(self.cbr_total),
                ratio(self.cbr_analog),
                self.codec,
                self.allocation
                    .map_or_else(String::new, |name| format!(", allocation {name}"))
            ),
        }
    }

    /// What is printed.
    pub fn words(&self, out: &Path) -> String {
        let total = self.uses();
        let mut lines = vec![format!("{}: {}x{}", self.photo, self.width, self.height)];
        match self.key_share {
            Some(0.0) => lines.push("nothing stands out: sent as without --roi".to_owned()),
            Some(_) => lines.push(format!("{} of the blocks stand out", self.share_in_words())),
            None => {}
        }
        if let Some(caption) = &self.caption {
            lines.push(format!("“{}”{}", one_line(caption), self.origin_in_words()));
            lines.push(format!(
                "{} sent for {} of caption",
                counted(self.bytes.caption as u64, "byte"),
                self.caption_text_bytes
            ));
        }
        for cost in self.channel_uses.iter().filter(|cost| cost.uses > 0.0) {
            let share = number(100.0 * cost.uses / total, 1);
            let uses = number(cost.uses, 0);
            lines.push(format!("{:>10}  {share:>5} %  {}", uses, words(cost.kind)));
        }
        let total = number(total, 0);
        lines.push(format!(
            "{total:>10}  channel uses, CBR {}",
            ratio(self.cbr_total)
        ));
        lines.push(out.display().to_string());
        lines.join("\n")
    }

    fn uses(&self) -> f64 {
        self.channel_uses.iter().map(|cost| cost.uses).sum()
    }

    fn origin_in_words(&self) -> &'static str {
        match self.caption_origin {
            Some(Origin::Found) => " (found by the captioner)",
            _ => "",
        }
    }

    fn share_in_words(&self) -> String {
        format!("{} %", number(100.0 * self.key_share.unwrap_or(0.0), 0))
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

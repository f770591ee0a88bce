//! What a run brought.

use serde::Serialize;

/// Figures of a run. What was not measured is absent, and a limit on it is broken.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Measured {
    pub pictures_sent: u64,
    /// Those that were received.
    pub pictures: Vec<PictureFigures>,
    pub bursts_sent: Option<u64>,
    pub bursts_detected: Option<u64>,
    pub captions_sent: u64,
    /// Samples that the receiver lost; `None` if some of its losses are of unknown length.
    pub samples_lost: Option<u64>,
    /// Wall clock of the run, seconds.
    pub seconds: f64,
    /// Why the run ended before its time: a timeout, a radio that is gone.
    pub error: Option<String>,
    /// For people: what the radios made of the settings, underflows and the like.
    pub notes: Vec<String>,
}

/// Figures of one picture.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct PictureFigures {
    /// Name of the photo.
    pub name: String,
    /// As in the receiver's report: `received`, `received_with_losses`, ...
    pub outcome: String,
    /// Estimated Es/N0 on an occupied carrier, dB.
    pub snr_db: Option<f64>,
    pub evm_db: Option<f64>,
    pub psnr_db: Option<f64>,
    pub lpips_alex: Option<f64>,
    /// Was the caption received to the letter? `None` if none was sent.
    pub caption_exact: Option<bool>,
    pub caption: Option<String>,
    /// File of the photo sent, relative to the report.
    pub sent: Option<String>,
    /// File of the picture received, relative to the report.
    pub received: Option<String>,
}

type Figure = fn(&PictureFigures) -> Option<f64>;

impl Measured {
    fn figures(&self, figure: Figure) -> impl Iterator<Item = f64> {
        self.pictures.iter().filter_map(figure)
    }

    fn mean(&self, figure: Figure) -> Option<f64> {
        let count = self.figures(figure).count();
        (count > 0).then(|| self.figures(figure).sum::<f64>() / count as f64)
    }

    pub(super) fn snr_db_lowest(&self) -> Option<f64> {
        self.figures(|p| p.snr_db).reduce(f64::min)
    }

    pub(super) fn snr_db_highest(&self) -> Option<f64> {
        self.figures(|p| p.snr_db).reduce(f64::max)
    }

    pub(super) fn evm_db_mean(&self) -> Option<f64> {
        self.mean(|p| p.evm_db)
    }

    pub(super) fn psnr_db_mean(&self) -> Option<f64> {
        self.mean(|p| p.psnr_db)
    }

    pub(super) fn lpips_alex_mean(&self) -> Option<f64> {
        self.mean(|p| p.lpips_alex)
    }

    pub(super) fn detection(&self) -> Option<f64> {
        share(self.bursts_detected?, self.bursts_sent?)
    }

    /// The number of [`pictures`](Self::pictures).
    pub(super) fn pictures_received(&self) -> Option<f64> {
        Some(self.pictures.len() as f64)
    }

    pub(super) fn pictures_lost(&self) -> Option<f64> {
        let received = self.pictures.len() as u64;
        Some(self.pictures_sent.saturating_sub(received) as f64)
    }

    pub(super) fn captions_exact(&self) -> Option<f64> {
        let exact = |p: &&PictureFigures| p.caption_exact == Some(true);
        share(
            self.pictures.iter().filter(exact).count() as u64,
            self.captions_sent,
        )
    }

    pub(super) fn samples_lost(&self) -> Option<f64> {
        self.samples_lost.map(|samples| samples as f64)
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

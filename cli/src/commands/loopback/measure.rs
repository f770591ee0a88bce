//! All figures of one photo's way.

use heliograph::bits::digital::Section;
use heliograph::link::ReceivedPicture;
use heliograph::metrics::{self, MetricError};
use heliograph::photo::Photo;

use super::jobs::{Job, Source};
use super::journey;
use super::regions::Regions;
use super::settings::Settings;
use crate::chain::Crossing;
use crate::report::{
    ChannelInfo, Outcome, PhotoInfo, Program, Report, SCHEMA_VERSION, SectionState,
};

/// Largest photo whose LPIPS is taken, in pixels: a core takes some 3 s for each million of them.
const LPIPS_MAX_PIXELS: usize = 4 << 20;

/// Compares and counts.
///
/// # Errors
/// Pictures that cannot be compared, which a receiver that believes a wrong size would cause.
pub fn report(
    settings: &Settings,
    job: &Job,
    sent: &Photo,
    received: Option<&Photo>,
    crossing: &Crossing,
    regions: &Regions,
) -> anyhow::Result<Report> {
    let chain = &settings.chain;
    let picture = crossing.picture.as_deref();
    let link = picture.map(|p| &p.link);
    let ledger = crossing.ledger;
    let values = 3.0 * sent.size().pixels() as f64;
    let received_bursts = picture.map_or(0, |p| p.bursts_received as u64);
    let all_missing = crossing.bursts_sent / u64::from(chain.repeats);
    Ok(Report {
        schema_version: SCHEMA_VERSION,
        program: Program::THIS,
        photo: photo_info(&job.source, sent),
        outcome: outcome(picture),
        psnr_db: received.map(|r| metrics::psnr_db(sent, r)).transpose()?,
        ssim: received.map(|r| metrics::ssim(sent, r)).transpose()?,
        ms_ssim: where_defined(received.map(|r| metrics::ms_ssim(sent, r)))?,
        lpips_alex: where_defined(lpips_alex(sent, received))?,
        snr_db_true: chain.channel.snr_db,
        snr_db_estimated: link.map(|l| l.snr.db.into()),
        snr_db_standard_error: link.map(|l| l.snr.standard_error_db.into()),
        cfo_hz_true: chain.channel.cfo_hz,
        cfo_hz_estimated: link.map(|l| f64::from(l.cfo_cycles_per_sample) * chain.sample_rate_hz),
        sfo_ppm_true: chain.channel.sfo_ppm,
        sfo_ppm_estimated: link.map(|l| l.clock_ppm.into()),
        evm_db: link.map(|l| l.evm_db.into()),
        papr_db: crossing.papr_db,
        cbr: chain.cbr.to_string(),
        cbr_analog: ledger.analog / values,
        cbr_total: ledger.total() / values,
        ledger: ledger.into(),
        caption_sent: crossing.caption.clone(),
        caption_received: picture.and_then(|p| p.caption.received().cloned()),
        caption_state: caption_state(crossing),
        side_information_state: picture
            .map_or(SectionState::Lost, |p| (&p.side_information).into()),
        bursts_sent: crossing.bursts_sent,
        bursts_dropped: crossing.bursts_dropped,
        bursts_received: received_bursts,
        bursts_missing: picture.map_or(all_missing, |p| p.bursts_missing as u64),
        bursts_clipped: link.map_or(0, |l| l.bursts_clipped as u64),
        symbols_damaged: link.map_or(0, |l| l.damaged_symbols as u64),
        air_time_seconds: ledger.samples as f64 / chain.sample_rate_hz,
        occupied_bandwidth_hz: chain.numerology.occupied_bandwidth_hz(chain.sample_rate_hz),
        seconds: crossing.seconds.iter().copied().collect(),
        seed: chain.seed,
        codec: chain.codec.id().to_string(),
        weights_hash: settings
            .model
            .as_ref()
            .map(|_| format!("{:08x}", chain.codec.weights_hash())),
        model: settings.model.clone(),
        numerology: chain.numerology.to_string(),
        sample_rate_hz: chain.sample_rate_hz,
        repeats: chain.repeats,
        drop_probability: chain.drop_probability,
        peak_limit_db: chain.peak_limit_db,
        channel: ChannelInfo {
            name: settings.channel_name.clone(),
            config: chain.channel.clone(),
        },
        regions: regions.figures(sent, received),
        files: journey::files(picture.is_some()),
    })
}

/// Leaves out what a picture is too small for.
fn where_defined(figure: Option<Result<f64, MetricError>>) -> Result<Option<f64>, MetricError> {
    match figure {
        Some(Err(MetricError::TooSmall { .. })) => Ok(None),
        figure => figure.transpose(),
    }
}

fn lpips_alex(sent: &Photo, received: Option<&Photo>) -> Option<Result<f64, MetricError>> {
    let affordable = sent.size().pixels() <= LPIPS_MAX_PIXELS;
    let received = received.filter(|_| affordable)?;
    Some(metrics::lpips_alex(sent, received))
}

fn photo_info(source: &Source, photo: &Photo) -> PhotoInfo {
    let path = match source {
        Source::Shipped => None,
        Source::File(path) => Some(path.to_string_lossy().into_owned()),
    };
    PhotoInfo {
        path,
        name: source.name(),
        width: photo.size().width(),
        height: photo.size().height(),
    }
}

fn outcome(picture: Option<&ReceivedPicture>) -> Outcome {
    match picture {
        None => Outcome::NothingReceived,
        Some(p) if p.side_information == Section::Lost => Outcome::PaintedBlind,
        Some(p) if p.bursts_missing > 0 => Outcome::ReceivedWithLosses,
        Some(_) => Outcome::Received,
    }
}

impl<T> From<&Section<T>> for SectionState {
    fn from(section: &Section<T>) -> Self {
        match section {
            Section::Received(_) => Self::Received,
            Section::Lost => Self::Lost,
            Section::Absent => Self::NotSent,
        }
    }
}

/// A receiver that lost the whole digital stream cannot know whether there was a caption; the sender can.
fn caption_state(crossing: &Crossing) -> SectionState {
    match (&crossing.caption, &crossing.picture) {
        (None, _) => SectionState::NotSent,
        (Some(_), Some(p)) => match (&p.caption).into() {
            SectionState::Received => SectionState::Received,
            _ => SectionState::Lost,
        },
        (Some(_), None) => SectionState::Lost,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use heliograph::photo::PhotoSize;

    fn grey(width: u32, height: u32) -> Photo {
        Photo::filled(PhotoSize::new(width, height).unwrap(), [128; 3])
    }

    #[test]
    fn a_picture_too_small_has_no_figure_and_one_of_another_size_is_an_error() {
        let small = metrics::ms_ssim(&grey(160, 300), &grey(160, 300));
        assert_eq!(where_defined(Some(small)), Ok(None));
        let other = metrics::ms_ssim(&grey(200, 300), &grey(300, 200));
        assert!(where_defined(Some(other)).is_err());
        assert_eq!(where_defined(None), Ok(None));
    }

    #[test]
    fn lpips_of_a_picture_too_large_is_not_taken() {
        let photo = grey(2049, 2048);
        assert_eq!(lpips_alex(&photo, Some(&photo)), None);
        let photo = grey(64, 48);
        assert_eq!(lpips_alex(&photo, Some(&photo)), Some(Ok(0.0)));
        assert_eq!(lpips_alex(&photo, None), None);
    }
}

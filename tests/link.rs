//! Journeys of a photo over the link, without a runtime.

use std::sync::Arc;

use heliograph::bits::digital::Section;
use heliograph::codec::{Codec, SoftCast};
use heliograph::link::{
    Completion, ReceivedPicture, Receiver, ReceiverConfig, ReceiverEvent, Transmitter,
    TransmitterConfig,
};
use heliograph::metrics::psnr_db;
use heliograph::photo::{Photo, PhotoSize};
use heliograph::propagation::{Propagation, PropagationConfig};
use heliograph::waveform::Numerology;
use num_complex::Complex32;

/// A photo with detail everywhere, from arithmetic alone.
fn photo(width: u32, height: u32) -> Photo {
    let rgb = (0..width * height)
        .flat_map(|i| {
            let (x, y) = (f64::from(i % width), f64::from(i / width));
            let v = 128.0 + 60.0 * (x / 17.0).sin() + 50.0 * (x * y / 900.0).cos();
            [v as u8, (v * 0.8) as u8, (255.0 - v) as u8]
        })
        .collect();
    Photo::new(PhotoSize::new(width, height).unwrap(), rgb).unwrap()
}

fn bursts(config: TransmitterConfig, photo: &Photo, caption: &str) -> Vec<Vec<Complex32>> {
    let mut transmitter = Transmitter::new(config, Arc::new(SoftCast::default())).unwrap();
    transmitter.picture(photo, Some(caption)).unwrap().collect()
}

fn config(numerology: Numerology, repeats: u8) -> TransmitterConfig {
    TransmitterConfig {
        numerology,
        repeats,
        cbr: "1/6".parse().unwrap(),
        ..Default::default()
    }
}

fn through(channel: &PropagationConfig, samples: &[Complex32]) -> Vec<Complex32> {
    let mut propagation = Propagation::new(channel, 2e6, 3).unwrap();
    let mut out = propagation.push(samples);
    out.extend(propagation.finish());
    out
}

fn channel(name: &str, snr_db: Option<f64>) -> PropagationConfig {
    let mut channel = PropagationConfig::named(name).unwrap();
    channel.snr_db = snr_db;
    channel
}

fn receive(numerology: Numerology, samples: &[Complex32], chunk: usize) -> Vec<ReceivedPicture> {
    let mut receiver = Receiver::new(ReceiverConfig {
        numerology,
        ..Default::default()
    });
    let mut events: Vec<ReceiverEvent> = samples
        .chunks(chunk)
        .flat_map(|chunk| receiver.push(chunk))
        .collect();
    events.extend(receiver.finish());
    events
        .into_iter()
        .filter_map(|event| match event {
            ReceiverEvent::Picture(picture) => Some(*picture),
            ReceiverEvent::Burst(_) => None,
        })
        .collect()
}

#[test]
fn a_photo_crosses_noise_with_offsets_in_every_numerology() {
    let sent = photo(160, 120);
    for numerology in Numerology::ALL {
        let mut channel = channel("awgn", Some(12.0));
        channel.cfo_hz = -31_000.0;
        channel.sfo_ppm = 15.0;
        let samples = through(
            &channel,
            &bursts(config(numerology, 1), &sent, "hills").concat(),
        );
        let pictures = receive(numerology, &samples, 10_000);
        assert_eq!(pictures.len(), 1, "{numerology}");
        let picture = &pictures[0];
        assert_eq!(picture.completion, Completion::Complete);
        assert_eq!(picture.caption, Section::Received("hills".to_owned()));
        let snr = picture.link.snr;
        assert!((snr.db - 12.0).abs() < 0.6, "{numerology}: {snr:?}");
        assert!(
            (picture.link.clock_ppm - 15.0).abs() < 3.0,
            "{:?}",
            picture.link
        );
        let painted = picture.paint(&SoftCast::default()).unwrap();
        let quality = psnr_db(&sent, &painted).unwrap();
        assert!(quality > 27.0, "{numerology}: {quality}");
    }
}

#[test]
fn chunk_sizes_change_nothing() {
    let sent = bursts(config(Numerology::Standard, 1), &photo(64, 64), "x").concat();
    let samples = through(&channel("indoor", Some(15.0)), &sent);
    let whole = receive(Numerology::Standard, &samples, samples.len());
    assert_eq!(whole.len(), 1);
    for chunk in [1, 7, 1023, 1024, 4096] {
        let parts = receive(Numerology::Standard, &samples, chunk);
        assert_eq!(parts.len(), 1, "chunks of {chunk}");
        assert_eq!(parts[0].symbols, whole[0].symbols, "chunks of {chunk}");
        assert_eq!(parts[0].variances, whole[0].variances, "chunks of {chunk}");
    }
}

#[test]
fn a_picture_with_a_lost_burst_is_painted_with_the_loss_stated() {
    let sent = photo(512, 384);
    let config = TransmitterConfig {
        cbr: "1/12".parse().unwrap(),
        ..Default::default()
    };
    let mut all = bursts(config, &sent, "two boats");
    assert!(all.len() >= 4, "{}", all.len());
    all[1].fill(Complex32::default());
    let samples = through(&channel("awgn", Some(12.0)), &all.concat());
    let pictures = receive(Numerology::Standard, &samples, 4096);
    let picture = &pictures[0];
    assert_eq!(picture.completion, Completion::EndOfStream);
    assert_eq!(picture.bursts_missing, 1);
    let lost = picture.variances.iter().filter(|v| v.is_infinite()).count();
    let share = lost as f64 / picture.variances.len() as f64;
    assert!((share - 1.0 / all.len() as f64).abs() < 0.05, "{share}");
    assert_eq!(picture.caption, Section::Received("two boats".to_owned()));
    let painted = picture.paint(&SoftCast::default()).unwrap();
    assert!(psnr_db(&sent, &painted).unwrap() > 20.0);
}

#[test]
fn repetitions_add_their_power() {
    let sent = photo(96, 96);
    let snr_of = |repeats: u8| {
        let all = bursts(config(Numerology::Standard, repeats), &sent, "x").concat();
        let samples = through(&channel("awgn", Some(5.0)), &all);
        let picture = receive(Numerology::Standard, &samples, 5000).remove(0);
        let mean = picture.variances.iter().sum::<f32>() / picture.variances.len() as f32;
        -10.0 * mean.log10()
    };
    let (once, twice) = (snr_of(1), snr_of(2));
    assert!((twice - once - 3.0).abs() < 0.4, "{once} {twice}");
}

#[test]
fn the_receiver_goes_on_after_samples_that_are_no_numbers() {
    let sent = bursts(config(Numerology::Standard, 1), &photo(32, 32), "x").concat();
    let mut samples = vec![Complex32::new(f32::NAN, f32::INFINITY); 3000];
    samples.extend(vec![Complex32::new(1e30, -1e30); 3000]);
    samples.extend(through(&channel("awgn", Some(15.0)), &sent));
    assert_eq!(receive(Numerology::Standard, &samples, 777).len(), 1);
}

#[test]
fn dropped_samples_cost_a_burst_at_most_and_the_next_is_found() {
    let sent = photo(512, 384);
    let config = TransmitterConfig {
        cbr: "1/12".parse().unwrap(),
        ..Default::default()
    };
    let all = bursts(config, &sent, "x").concat();
    let whole = through(&channel("awgn", Some(20.0)), &all);
    for dropped in [40, 100, 333, 2000, 9000] {
        let mut samples = whole.clone();
        samples.drain(30_000..30_000 + dropped);
        let picture = receive(Numerology::Standard, &samples, 4096).remove(0);
        assert_eq!(
            picture.bursts_received, picture.bursts_expected,
            "{dropped}"
        );
        assert!(picture.link.damaged_symbols > 5, "{:?}", picture.link);
        let painted = picture.paint(&SoftCast::default()).unwrap();
        assert!(psnr_db(&sent, &painted).unwrap() > 22.0, "{dropped}");
    }
}

#[test]
fn clipping_is_flagged_and_its_absence_is_not() {
    let sent = bursts(config(Numerology::Standard, 1), &photo(64, 64), "x").concat();
    let mut clipped = channel("awgn", Some(25.0));
    clipped.clipping_db = Some(4.0);
    let flagged = |channel: &PropagationConfig| {
        let picture = receive(Numerology::Standard, &through(channel, &sent), 5000).remove(0);
        picture.link.bursts_clipped
    };
    assert_eq!(flagged(&channel("awgn", Some(25.0))), 0);
    assert!(flagged(&clipped) > 0);
}

#[test]
fn another_codec_or_other_weights_are_refused_in_words() {
    struct Other;
    impl Codec for Other {
        fn id(&self) -> heliograph::codec::CodecId {
            heliograph::codec::CodecId::SoftCast
        }
        fn weights_hash(&self) -> u32 {
            0xabcd
        }
        fn encode(
            &self,
            _: &Photo,
            _: Option<&heliograph::regions::RateMap>,
            _: usize,
        ) -> Result<heliograph::codec::Latents, heliograph::codec::CodecError> {
            Err(heliograph::codec::CodecError::Budget { found: 0 })
        }
        fn decode(
            &self,
            _: heliograph::codec::ReceivedLatents<'_>,
            _: &[u8],
            size: PhotoSize,
        ) -> Result<Photo, heliograph::codec::CodecError> {
            Ok(Photo::filled(size, [0; 3]))
        }
        fn decode_blind(&self, size: PhotoSize) -> Photo {
            Photo::filled(size, [0; 3])
        }
    }
    let sent = bursts(config(Numerology::Standard, 1), &photo(32, 32), "x").concat();
    let picture = receive(Numerology::Standard, &sent, 5000).remove(0);
    let error = picture.paint(&Other).unwrap_err().to_string();
    assert!(
        error.contains("00000000") && error.contains("0000abcd"),
        "{error}"
    );
}

#[test]
fn bursts_that_begin_at_the_very_first_samples_are_received_in_deep_noise_too() {
    let sent = bursts(config(Numerology::Standard, 1), &photo(16, 16), "x").concat();
    let mut found = 0;
    for lead in 40..80 {
        // Cut into the ramp and beyond: the preamble begins at 24 samples and less, or is cut itself.
        let samples = through(&channel("awgn", Some(0.0)), &sent[lead..]);
        found += receive(Numerology::Standard, &samples, 4096).len();
    }
    assert!(found >= 25, "{found}");
}

#[test]
fn noise_of_any_length_ends_the_search() {
    for seed in 0..40 {
        let mut propagation = Propagation::new(&channel("awgn", Some(0.0)), 2e6, seed).unwrap();
        let noise = propagation.push(&vec![Complex32::default(); 3000 + 997 * seed as usize]);
        assert!(receive(Numerology::Standard, &noise, 1000).is_empty());
    }
}

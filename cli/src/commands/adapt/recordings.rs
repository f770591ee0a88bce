//! What the user's own radios did to the photos.

use std::path::{Path, PathBuf};

use anyhow::Context;
use heliograph::link::{ReceivedPicture, Receiver, ReceiverConfig, ReceiverEvent};
use heliograph::waveform::Numerology;
use heliograph_adaptation::{Heard, Trainer};
use heliograph_hardware::sigmf::SigmfReader;
use heliograph_hardware::{Lost, Reception};
use num_complex::Complex32;
use serde::Serialize;

use crate::exit::UsageError;
use crate::figures::counted;
use crate::say::say;

/// Samples of a read.
const CHUNK: usize = 1 << 16;
/// A longer gap ends the pictures before it.
const LONGEST_GAP: u64 = 20_000_000;

/// Pictures that were heard.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Hearing {
    trained_on: usize,
    held_out: usize,
    not_used: usize,
}

/// Tells the trainer of every picture in the recordings; says what became of them.
///
/// # Errors
/// A recording that cannot be read or believed; recordings without a picture that is of use.
pub fn hear(
    recordings: &[PathBuf],
    numerology: Numerology,
    trainer: &mut Trainer,
) -> anyhow::Result<Hearing> {
    let mut hearing = Hearing::default();
    for path in recordings {
        let named = || format!("--recording: {}", path.display());
        let mut number = 0;
        pictures(path, numerology, |picture| {
            number += 1;
            match trainer.hear(&picture)? {
                Ok(Heard::TrainedOn) => hearing.trained_on += 1,
                Ok(Heard::HeldOut) => hearing.held_out += 1,
                Err(reason) => {
                    hearing.not_used += 1;
                    say!("{}: picture {number} is not used: {reason}", path.display());
                }
            }
            Ok(())
        })
        .with_context(named)?;
    }
    if recordings.is_empty() {
        return Ok(hearing);
    }
    say!(
        "heard: {} to train on, {} of photos held out, {} not used",
        counted(hearing.trained_on as u64, "picture"),
        hearing.held_out,
        hearing.not_used
    );
    if hearing.trained_on == 0 {
        let words = "--recording: found no picture to train on, allowed are recordings of the photos in --pictures";
        return Err(UsageError(words.to_owned()).into());
    }
    Ok(hearing)
}

/// Receives from a recording.
fn pictures(
    path: &Path,
    numerology: Numerology,
    mut take: impl FnMut(ReceivedPicture) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let mut reader = SigmfReader::open(path)?;
    let mut samples = vec![Complex32::default(); CHUNK];
    let receiver = || {
        Receiver::new(ReceiverConfig {
            numerology,
            ..Default::default()
        })
    };
    let mut now = receiver();
    let mut taken = |events: Vec<ReceiverEvent>| {
        events.into_iter().try_for_each(|event| match event {
            ReceiverEvent::Picture(picture) => take(*picture),
            ReceiverEvent::Burst(_) => Ok(()),
        })
    };
    while let Some(Reception {
        samples: count,
        lost,
        ..
    }) = reader.read(&mut samples)?
    {
        match lost {
            Lost::Nothing => {}
            Lost::Samples(gap) if gap <= LONGEST_GAP => {
                taken(now.push(&vec![Complex32::default(); gap as usize]))?
            }
            Lost::Samples(_) | Lost::Unknown => {
                taken(now.finish())?;
                now = receiver();
            }
        }
        taken(now.push(&samples[..count]))?;
    }
    taken(now.finish())
}

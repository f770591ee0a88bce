//! Flags that a codec does not know.

use heliograph::codec::{Allocation, CodecId};

use super::{ModelArgs, PainterArgs};
use crate::exit::UsageError;

/// Codecs restored and deepjscc have no painter to choose.
pub fn painter(codec: CodecId, painter: &PainterArgs) -> Result<(), UsageError> {
    let given = [
        ("--painter", painter.painter.is_some()),
        ("--steps", painter.steps.is_some()),
        ("--synthesis", painter.synthesis.is_some()),
    ];
    first(&given, || {
        format!(
            "codec {codec} has no painter; allowed with codec {}",
            CodecId::Latent
        )
    })
}

/// Adapters are trained for one codec.
pub fn adapter(codec: CodecId, model: &ModelArgs) -> Result<(), UsageError> {
    first(&[("--adapter", model.adapter.is_some())], || {
        format!(
            "codec {codec} has none; allowed with codec {}",
            CodecId::DeepJscc
        )
    })
}

/// Only one codec can share its symbols among blocks in several ways.
pub fn allocation(codec: CodecId, allocation: Option<Allocation>) -> Result<(), UsageError> {
    first(&[("--allocation", allocation.is_some())], || {
        format!(
            "codec {codec} has no choice; allowed with codec {}",
            CodecId::DeepJscc
        )
    })
}

/// Only one codec is a program.
pub fn external(codec: CodecId, model: &ModelArgs) -> Result<(), UsageError> {
    first(&[("--external", model.external.is_some())], || {
        format!(
            "codec {codec} is in this program; allowed with codec {}",
            CodecId::External
        )
    })
}

/// It brings weights and devices of its own.
pub fn weights(codec: CodecId, model: &ModelArgs) -> Result<(), UsageError> {
    let given = [
        ("--model", model.model.is_some()),
        ("--device", model.device.is_some()),
    ];
    first(&given, || {
        format!("codec {codec} is a program with networks of its own; tell it in --external")
    })
}

/// A receiver that publishes what it receives paints nothing.
pub fn painting(painter: &PainterArgs, model: &ModelArgs) -> Result<(), UsageError> {
    first(&all(painter, model), || {
        "with --publish others paint; allowed with heliograph paint, or without --publish"
            .to_owned()
    })
}

fn all(painter: &PainterArgs, model: &ModelArgs) -> [(&'static str, bool); 8] {
    [
        ("--painter", painter.painter.is_some()),
        ("--steps", painter.steps.is_some()),
        ("--perception", painter.perception.is_some()),
        ("--synthesis", painter.synthesis.is_some()),
        ("--model", model.model.is_some()),
        ("--adapter", model.adapter.is_some()),
        ("--external", model.external.is_some()),
        ("--device", model.device.is_some()),
    ]
}

/// Codec softcast has nothing that paints.
pub fn networks(painter: &PainterArgs, model: &ModelArgs) -> Result<(), UsageError> {
    first(&all(painter, model), || {
        format!(
            "codec {} has no networks; allowed with codec {}, {} and {}",
            CodecId::SoftCast,
            CodecId::DeepJscc,
            CodecId::Latent,
            CodecId::Restored
        )
    })
}

fn first(given: &[(&str, bool)], why: impl Fn() -> String) -> Result<(), UsageError> {
    match given.iter().find(|(_, given)| *given) {
        Some((flag, _)) => Err(UsageError(format!("{flag}: {}", why()))),
        None => Ok(()),
    }
}

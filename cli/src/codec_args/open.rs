//! Codecs as the flags ask for them.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use heliograph::codec::{
    Allocation, Codec, CodecId, DeepJsccCodec, LatentCodec, OnProgress, RestoredCodec, SoftCast,
};
use heliograph::nn::{self, Adapter};
use heliograph::regions::Interest;
use heliograph_external_codec::ExternalCodec;

use super::{ModelArgs, PainterArgs, refuse};
use crate::exit::UsageError;
use crate::large_models;
use crate::report::ModelInfo;

/// A codec, and how its networks are set.
pub struct Opened {
    pub codec: Arc<dyn Codec>,
    pub model: Option<ModelInfo>,
    /// What is asked to matter, where flags can say so.
    pub interest: Option<Interest>,
}

/// Makes a codec; `allocation` is a sender's.
///
/// # Errors
/// [`UsageError`] for flags that the codec does not know; weights or a device that cannot be opened.
pub fn open(
    codec: CodecId,
    painter: &PainterArgs,
    model: &ModelArgs,
    allocation: Option<Allocation>,
    on_progress: OnProgress,
) -> anyhow::Result<Opened> {
    if codec != CodecId::External {
        refuse::external(codec, model)?;
    }
    if codec != CodecId::DeepJscc {
        refuse::allocation(codec, allocation)?;
    }
    let (codec, model) = match codec {
        CodecId::SoftCast => {
            refuse::networks(painter, model)?;
            (Arc::new(SoftCast::default()) as Arc<dyn Codec>, None)
        }
        CodecId::Restored => {
            let opened = restored(painter, model)?.with_progress(on_progress);
            (Arc::new(opened) as _, Some(info(RESTORER, painter, model)))
        }
        CodecId::DeepJscc => {
            let opened = deepjscc(painter, model)?
                .with_allocation(allocation.unwrap_or_default())
                .with_progress(on_progress);
            let info = ModelInfo {
                allocation: allocation.map(Allocation::name),
                inpainter_hash: opened.inpainter_hash().map(hexadecimal),
                ..info(SYNTHESIS, painter, model)
            };
            (Arc::new(opened) as _, Some(info))
        }
        CodecId::Latent => {
            let (opened, info) = latent(painter, model)?;
            (Arc::new(opened.with_progress(on_progress)) as _, Some(info))
        }
        CodecId::External => {
            let opened = external(painter, model)?;
            let info = ModelInfo {
                program: Some(opened.name().to_owned()),
                device: PROGRAM.to_owned(),
                ..info(PROGRAM, painter, model)
            };
            (Arc::new(opened) as _, Some(info))
        }
        CodecId::Digital => anyhow::bail!(
            "codec {codec} is a baseline of studies: this program neither sends nor paints it"
        ),
    };
    Ok(Opened {
        codec,
        model,
        interest: None,
    })
}

/// What a report says of networks that have one way to paint.
fn info(name: &'static str, painter: &PainterArgs, model: &ModelArgs) -> ModelInfo {
    ModelInfo {
        painter: name,
        steps: None,
        painter_hash: None,
        inpainter_hash: None,
        synthesis: None,
        program: None,
        allocation: None,
        perception: painter.dial(),
        device: model.device().to_owned(),
    }
}

fn hexadecimal(hash: u32) -> String {
    format!("{hash:08x}")
}

fn restored(painter: &PainterArgs, model: &ModelArgs) -> anyhow::Result<RestoredCodec> {
    refuse::painter(CodecId::Restored, painter)?;
    refuse::adapter(CodecId::Restored, model)?;
    let device = nn::open_device(model.device())?;
    let restored = RestoredCodec::open(model.model.as_deref(), &device)?;
    Ok(restored.with_perception(painter.dial())?)
}

fn deepjscc(painter: &PainterArgs, model: &ModelArgs) -> anyhow::Result<DeepJsccCodec> {
    refuse::painter(CodecId::DeepJscc, painter)?;
    let (folder, adapter) = (model.model.as_deref(), model.adapter.as_deref());
    let deepjscc = adapted(folder, adapter, model.device())?;
    Ok(deepjscc.with_perception(painter.dial())?)
}

/// Codec deepjscc with an adapter, if there is one.
///
/// # Errors
/// Weights or an adapter that cannot be read, or do not belong together.
pub fn adapted(
    models: Option<&Path>,
    adapter: Option<&Path>,
    device: &str,
) -> anyhow::Result<DeepJsccCodec> {
    let device = nn::open_device(device)?;
    let Some(path) = adapter else {
        return Ok(DeepJsccCodec::open(models, &device)?);
    };
    let named = || format!("--adapter: {}", path.display());
    let mut weights = DeepJsccCodec::weights(models)?;
    Adapter::open(path)
        .and_then(|adapter| adapter.apply(&mut weights))
        .with_context(named)?;
    Ok(DeepJsccCodec::with_weights(&weights, models, &device)?)
}

fn latent(painter: &PainterArgs, model: &ModelArgs) -> anyhow::Result<(LatentCodec, ModelInfo)> {
    refuse::adapter(CodecId::Latent, model)?;
    let device = nn::open_device(model.device())?;
    let latent = LatentCodec::open(model.model.as_deref(), &device)?;
    let in_use = painter.painter()?;
    let mut latent = latent
        .with_painter(in_use)?
        .with_perception(painter.dial())?;
    if let Some(folder) = &painter.synthesis {
        latent = latent.with_synthesis(large_models::synthesis(folder, model.device())?);
    }
    let steps = in_use.steps();
    let hash = steps.and(latent.painter_hash());
    let folder = painter.synthesis.as_ref();
    let info = ModelInfo {
        steps,
        painter_hash: hash.map(hexadecimal),
        synthesis: folder.map(|folder| folder.display().to_string()),
        ..info(in_use.name(), painter, model)
    };
    Ok((latent, info))
}

fn external(painter: &PainterArgs, model: &ModelArgs) -> anyhow::Result<ExternalCodec> {
    refuse::painter(CodecId::External, painter)?;
    refuse::adapter(CodecId::External, model)?;
    refuse::weights(CodecId::External, model)?;
    started(model.external.as_deref(), painter.dial())
}

/// The program of codec external.
///
/// # Errors
/// [`UsageError`] without a command; a program that does not start.
pub fn started(command: Option<&str>, dial: f32) -> anyhow::Result<ExternalCodec> {
    let Some(command) = command else {
        let codec = CodecId::External;
        let words = format!("--external: missing; codec {codec} is a program of your own");
        return Err(UsageError(words).into());
    };
    ExternalCodec::open(command, dial).with_context(|| format!("--external: {command}"))
}

/// What stands in reports where codec latent has a painter.
const RESTORER: &str = "restorer";
/// See [`RESTORER`].
const SYNTHESIS: &str = "synthesis";
/// See [`RESTORER`].
const PROGRAM: &str = "program";

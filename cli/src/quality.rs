//! How close one picture is to another: the figures that `evaluate` and `metrics` share.

use std::fs;
use std::path::Path;

use anyhow::Context;
use heliograph::metrics::{
    self, LpipsReference, LpipsVgg, MetricError, SemanticNetwork, SemanticView,
};
use heliograph::nn::Weights;
use heliograph::photo::Photo;
use serde::Serialize;

/// Figures of a picture against its original.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Quality {
    /// Infinite for equal pictures.
    pub psnr_db: f64,
    pub ssim: f64,
    /// `None` when the picture is too small for it.
    pub ms_ssim: Option<f64>,
    pub lpips_alex: Option<f64>,
    /// Only with its network.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lpips_vgg: Option<f64>,
    /// 1 when the network names both alike, 0 when not; `None` without a network as well.
    pub semantic_top1: Option<f64>,
    pub semantic_cosine: Option<f64>,
}

/// The network of the semantic figures, and which weights it has.
pub struct Semantic {
    network: SemanticNetwork,
    /// First 32 bits of the file's SHA-256, in hexadecimal digits.
    pub hash: String,
}

impl Semantic {
    /// Reads the file that `training/export_efficientnet.py` writes.
    ///
    /// # Errors
    /// Names the file and what is wrong with it.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let named = || format!("--semantic: {}", path.display());
        let weights = read("--semantic", path)?;
        Ok(Self {
            network: SemanticNetwork::load(&weights).with_context(named)?,
            hash: format!("{:08x}", weights.hash32()),
        })
    }
}

/// LPIPS on VGG16, from the file that `training/export_vgg.py` writes.
///
/// # Errors
/// Names the file and what is wrong with it.
pub fn open_vgg(path: &Path) -> anyhow::Result<LpipsVgg> {
    let weights = read("--vgg", path)?;
    LpipsVgg::load(&weights).with_context(|| format!("--vgg: {}", path.display()))
}

fn read(flag: &str, path: &Path) -> anyhow::Result<Weights> {
    let named = || format!("{flag}: {}", path.display());
    let bytes = fs::read(path).with_context(named)?;
    Weights::from_bytes(&bytes).with_context(named)
}

/// Compares pictures with the one that was sent.
pub struct Judge<'a> {
    sent: &'a Photo,
    /// `None` when the photo is too small for it.
    lpips: Option<LpipsReference<'a>>,
    /// `None` without a network, and when the photo is too small for it.
    semantic: Option<(&'a SemanticNetwork, SemanticView)>,
    vgg: Option<&'a LpipsVgg>,
}

impl<'a> Judge<'a> {
    /// Looks at the photo that was sent.
    ///
    /// # Errors
    /// None but those of a metric that is not defined otherwise.
    pub fn new(sent: &'a Photo, semantic: Option<&'a Semantic>) -> Result<Self, MetricError> {
        let view = |semantic: &'a Semantic| {
            let view = where_defined(semantic.network.view(sent))?;
            Ok(view.map(|view| (&semantic.network, view)))
        };
        let semantic = semantic.map(view).transpose()?;
        Ok(Self {
            sent,
            lpips: where_defined(LpipsReference::new(sent))?,
            semantic: semantic.flatten(),
            vgg: None,
        })
    }

    /// With LPIPS on VGG16 as one more figure.
    pub fn with_vgg(self, vgg: Option<&'a LpipsVgg>) -> Self {
        Self { vgg, ..self }
    }

    /// Compares `received` with it.
    ///
    /// # Errors
    /// [`MetricError::SizesDiffer`].
    pub fn quality(&self, received: &Photo) -> Result<Quality, MetricError> {
        let sent = self.sent;
        let psnr_db = metrics::psnr_db(sent, received)?;
        let views = self.semantic.as_ref();
        let semantic = views.map(|(network, view)| Ok(view.beside(&network.view(received)?)));
        let semantic = semantic.transpose()?;
        let lpips = self.lpips.as_ref().map(|sent| sent.distance(received));
        let vgg = self
            .vgg
            .map(|vgg| where_defined(vgg.distance(sent, received)));
        Ok(Quality {
            psnr_db,
            ssim: metrics::ssim(sent, received)?,
            ms_ssim: where_defined(metrics::ms_ssim(sent, received))?,
            lpips_alex: lpips.transpose()?,
            lpips_vgg: vgg.transpose()?.flatten(),
            semantic_top1: semantic.map(|found| f64::from(u8::from(found.is_same_class))),
            semantic_cosine: semantic.map(|found| found.cosine),
        })
    }
}

/// Leaves out what a picture is too small for.
fn where_defined<T>(figure: Result<T, MetricError>) -> Result<Option<T>, MetricError> {
    match figure {
        Err(MetricError::TooSmall { .. }) => Ok(None),
        figure => figure.map(Some),
    }
}

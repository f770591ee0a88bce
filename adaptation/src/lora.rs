//! Changes of low rank that are trained: Hu and others, "LoRA", ICLR 2022.

use std::collections::BTreeMap;

use candle_core::{DType, Device, Result, Tensor, Var};
use heliograph::nn::{Adapter, Weights};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};
use safetensors::tensor::TensorView;

use crate::AdaptationError;

/// Highest rank: that of the narrowest matrices would be 96.
pub const MAX_RANK: usize = 64;

/// What is added to matrices: for each `[in, rank]` and `[rank, out]`.
pub(crate) struct Changes {
    matrices: BTreeMap<String, [Var; 2]>,
    rank: usize,
}

impl Changes {
    /// None yet: the second factors are zero.
    pub(crate) fn new(
        matrices: &[(String, usize, usize)],
        rank: usize,
        rng: &mut impl Rng,
    ) -> std::result::Result<Self, AdaptationError> {
        if !(1..=MAX_RANK).contains(&rank) {
            let most = MAX_RANK;
            return Err(AdaptationError::Rank { found: rank, most });
        }
        let mut changes = BTreeMap::new();
        for (name, inputs, outputs) in matrices {
            let scale = (*inputs as f32).sqrt().recip();
            let value = |_| {
                let value: f32 = StandardNormal.sample(rng);
                scale * value
            };
            let a = (0..inputs * rank).map(value).collect();
            let a = Var::from_vec(a, (*inputs, rank), &Device::Cpu)?;
            let b = Var::zeros((rank, *outputs), DType::F32, &Device::Cpu)?;
            changes.insert(name.clone(), [a, b]);
        }
        Ok(Self {
            matrices: changes,
            rank,
        })
    }

    /// What of `x`, `[places, in]`, is added behind the matrix `name`.
    pub(crate) fn of(&self, name: &str, x: &Tensor) -> Result<Option<Tensor>> {
        let pair = self.matrices.get(name);
        pair.map(|[a, b]| x.matmul(a)?.matmul(b)).transpose()
    }

    /// What is trained.
    pub(crate) fn variables(&self) -> Vec<Var> {
        self.matrices.values().flatten().cloned().collect()
    }

    /// The bytes of an adapter for `base`, in f16.
    ///
    /// # Errors
    /// None that a test does not rule out.
    pub(crate) fn to_bytes(&self, base: &Weights) -> std::result::Result<Vec<u8>, AdaptationError> {
        let mut tensors = Vec::new();
        for (name, pair) in &self.matrices {
            for (var, half) in pair.iter().zip(["a", "b"]) {
                let stored = var.t()?.contiguous()?.to_dtype(DType::F16)?;
                let bytes: Vec<u8> = stored
                    .flatten_all()?
                    .to_vec1::<half::f16>()?
                    .into_iter()
                    .flat_map(half::f16::to_le_bytes)
                    .collect();
                tensors.push((format!("{name}.{half}"), stored.dims().to_vec(), bytes));
            }
        }
        let views = tensors.iter().map(|(name, shape, bytes)| {
            let view = TensorView::new(safetensors::Dtype::F16, shape.clone(), bytes)?;
            Ok((name.as_str(), view))
        });
        let views = views.collect::<std::result::Result<Vec<_>, safetensors::SafeTensorError>>()?;
        Ok(safetensors::serialize(
            views,
            Some(Adapter::metadata(base)),
        )?)
    }

    /// Goes on from an adapter.
    ///
    /// # Errors
    /// [`AdaptationError::Resumed`] for one of other matrices or another rank.
    pub(crate) fn resume(&self, adapter: &Adapter) -> std::result::Result<(), AdaptationError> {
        let rank = self.rank;
        let tensors = adapter.tensors();
        let found = adapter.rank().unwrap_or(0);
        if tensors.names().len() != 2 * self.matrices.len() {
            return Err(AdaptationError::Resumed { found, rank });
        }
        for (name, pair) in &self.matrices {
            for (var, half) in pair.iter().zip(["a", "b"]) {
                let (columns, rows) = var.dims2()?;
                let stored =
                    tensors.tensor(&format!("{name}.{half}"), &[rows, columns], &Device::Cpu);
                let stored = stored.map_err(|_| AdaptationError::Resumed { found, rank })?;
                var.set(&stored.t()?.contiguous()?)?;
            }
        }
        Ok(())
    }
}

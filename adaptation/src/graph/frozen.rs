//! A matrix that is not trained: candle would compute a gradient of it as well.

use candle_core::{CpuStorage, CustomOp1, Device, Layout, Result, Shape, Tensor};

use super::unfold::values;

/// `x M + bias` for `x` of `[places, in]` and `M` of `[in, out]`.
#[derive(Clone)]
pub(crate) struct Frozen {
    matrix: Tensor,
    bias: Tensor,
}

impl Frozen {
    pub(crate) fn new(matrix: Tensor, bias: Tensor) -> Self {
        Self { matrix, bias }
    }

    /// Inputs and outputs.
    pub(crate) fn sides(&self) -> (usize, usize) {
        self.matrix.dims2().expect("a matrix")
    }

    pub(crate) fn forward(&self, x: &Tensor) -> Result<Tensor> {
        x.contiguous()?.apply_op1(self.clone())
    }
}

impl CustomOp1 for Frozen {
    fn name(&self) -> &'static str {
        "frozen"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let x = Tensor::from_slice(values(storage, layout)?, layout.shape(), &Device::Cpu)?;
        let y = x.matmul(&self.matrix)?.broadcast_add(&self.bias)?;
        let shape = y.shape().clone();
        Ok((CpuStorage::F32(y.flatten_all()?.to_vec1()?), shape))
    }

    fn bwd(&self, _: &Tensor, _: &Tensor, gradient: &Tensor) -> Result<Option<Tensor>> {
        gradient.matmul(&self.matrix.t()?).map(Some)
    }
}

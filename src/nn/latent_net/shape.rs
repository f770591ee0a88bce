//! How large a network is, and how far it sees.

/// Sizes of a network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::nn) struct Shape {
    /// Planes it takes.
    pub(in crate::nn) inputs: usize,
    /// Planes it gives.
    pub(in crate::nn) outputs: usize,
    /// Numbers a picture beside the planes.
    pub(in crate::nn) scalars: usize,
    /// Channels between the blocks, a multiple of 16.
    pub(in crate::nn) width: usize,
    /// Taps of a side of the depthwise filters, odd.
    pub(in crate::nn) around: usize,
    /// Blocks in a row.
    pub(in crate::nn) depth: usize,
}

impl Shape {
    /// Of a network on the latents.
    pub(in crate::nn) const fn of_latents(inputs: usize, outputs: usize, scalars: usize) -> Self {
        let (width, around, depth) = (192, 5, 10);
        Self {
            inputs,
            outputs,
            scalars,
            width,
            around,
            depth,
        }
    }

    /// Rows above and below that an output row depends on: the blocks', one each for entrance and exit.
    pub(super) fn reach(self) -> usize {
        self.depth * (self.around / 2) + 2
    }
}

//! Channel-first pictures and latents.

use super::NetworkError;

/// `channels` planes of `height x width` values, rows from the top.
#[derive(Debug, Clone, PartialEq)]
pub struct Planes {
    channels: usize,
    height: usize,
    width: usize,
    data: Vec<f32>,
}

impl Planes {
    /// Takes `channels * height * width` values, the column fastest, the channel slowest.
    ///
    /// # Errors
    /// [`NetworkError::Length`] when there are more or fewer.
    pub fn new(
        channels: usize,
        height: usize,
        width: usize,
        data: Vec<f32>,
    ) -> Result<Self, NetworkError> {
        let expected = channels
            .checked_mul(height)
            .and_then(|n| n.checked_mul(width));
        if expected != Some(data.len()) {
            let (expected, found) = ([channels, height, width], data.len());
            return Err(NetworkError::Length { found, expected });
        }
        Ok(Self {
            channels,
            height,
            width,
            data,
        })
    }

    /// Zeros everywhere.
    pub fn zeros(channels: usize, height: usize, width: usize) -> Self {
        let data = vec![0.0; channels * height * width];
        Self {
            channels,
            height,
            width,
            data,
        }
    }

    /// Channels, rows, columns.
    pub fn shape(&self) -> [usize; 3] {
        [self.channels, self.height, self.width]
    }

    /// Number of planes.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Rows of a plane.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Columns of a plane.
    pub fn width(&self) -> usize {
        self.width
    }

    /// All values: plane by plane, row by row.
    pub fn data(&self) -> &[f32] {
        &self.data
    }

    /// All values, to be changed.
    pub fn data_mut(&mut self) -> &mut [f32] {
        &mut self.data
    }

    /// All values, given away.
    pub fn into_data(self) -> Vec<f32> {
        self.data
    }

    /// Row `y` of plane `channel`.
    ///
    /// # Panics
    /// When there is no such row.
    pub fn row(&self, channel: usize, y: usize) -> &[f32] {
        assert!(channel < self.channels && y < self.height);
        &self.data[(channel * self.height + y) * self.width..][..self.width]
    }

    /// Fills row `y` of every plane from channel-last pixels of `stride` values, of which the first are used.
    pub(super) fn set_row(&mut self, y: usize, pixels: &[f32], stride: usize) {
        for channel in 0..self.channels {
            let from = (channel * self.height + y) * self.width;
            let row = &mut self.data[from..][..self.width];
            for (value, pixel) in row.iter_mut().zip(pixels.chunks_exact(stride)) {
                *value = pixel[channel];
            }
        }
    }

    /// Fills rows `rows` of every plane from planes of so many rows.
    pub(super) fn set_rows(&mut self, rows: std::ops::Range<usize>, values: &[f32]) {
        let (plane, part) = (self.height * self.width, rows.len() * self.width);
        let planes = self.data.chunks_exact_mut(plane);
        for (plane, values) in planes.zip(values.chunks_exact(part)) {
            plane[rows.start * self.width..][..part].copy_from_slice(values);
        }
    }

    /// Copies row `y` of every plane into channel-last pixels of `stride` values, from the value `first` on.
    pub(super) fn get_row(&self, y: usize, pixels: &mut [f32], (first, stride): (usize, usize)) {
        for channel in 0..self.channels {
            for (value, pixel) in self
                .row(channel, y)
                .iter()
                .zip(pixels.chunks_exact_mut(stride))
            {
                pixel[first + channel] = *value;
            }
        }
    }
}

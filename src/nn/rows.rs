//! A window of a picture's rows, channel last, with a pixel of zeros at either end of every row.

/// Rows `first..end` of a picture of `height` rows.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    channels: usize,
    height: usize,
    width: usize,
    first: usize,
    data: Vec<f32>,
    zeros: Vec<f32>,
}

impl Rows {
    /// None of the rows yet.
    pub(super) fn new(channels: usize, height: usize, width: usize) -> Self {
        let zeros = vec![0.0; (width + 2) * channels];
        Self {
            channels,
            height,
            width,
            first: 0,
            data: Vec::new(),
            zeros,
        }
    }

    pub(super) fn channels(&self) -> usize {
        self.channels
    }

    pub(super) fn height(&self) -> usize {
        self.height
    }

    pub(super) fn width(&self) -> usize {
        self.width
    }

    /// Values of a row, its zeros included.
    pub(super) fn row_len(&self) -> usize {
        self.zeros.len()
    }

    /// The row after the last one present.
    pub(super) fn end(&self) -> usize {
        self.first + self.len()
    }

    /// Row `y`; zeros outside the picture.
    ///
    /// # Panics
    /// When the row is of the picture and not present: a fault of the schedule.
    pub(super) fn row(&self, y: isize) -> &[f32] {
        match usize::try_from(y) {
            Ok(y) if y < self.height => {
                &self.data[(y - self.first) * self.row_len()..][..self.row_len()]
            }
            _ => &self.zeros,
        }
    }

    /// Row `y` without its zeros at the ends.
    pub(super) fn pixels(&self, y: usize) -> &[f32] {
        let row = self.row(y as isize);
        &row[self.channels..row.len() - self.channels]
    }

    /// Number of rows present.
    pub(super) fn len(&self) -> usize {
        self.data.len() / self.row_len()
    }

    /// All rows present.
    pub(super) fn data(&self) -> &[f32] {
        &self.data
    }

    /// All rows present, for changes in place.
    pub(super) fn data_mut(&mut self) -> &mut [f32] {
        &mut self.data
    }

    /// Appends `n` rows of zeros, to be filled between their ends.
    pub(super) fn grow(&mut self, n: usize) -> &mut [f32] {
        let from = self.data.len();
        self.data.resize(from + n * self.row_len(), 0.0);
        &mut self.data[from..]
    }

    /// Forgets the rows above `y`.
    pub(super) fn drop_before(&mut self, y: usize) {
        let gone = y.min(self.end()).saturating_sub(self.first);
        self.data.drain(..gone * self.row_len());
        self.first += gone;
    }
}

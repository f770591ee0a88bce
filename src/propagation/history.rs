//! Samples that a filter still needs, real and imaginary parts apart for vector arithmetic.

use num_complex::Complex32;

/// A queue of samples as two arrays of equal length.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    pub re: Vec<f32>,
    pub im: Vec<f32>,
}

impl History {
    /// `count` samples of silence.
    pub fn silence(count: usize) -> Self {
        Self {
            re: vec![0.0; count],
            im: vec![0.0; count],
        }
    }

    pub fn len(&self) -> usize {
        self.re.len()
    }

    pub fn extend(&mut self, samples: &[Complex32]) {
        self.re.extend(samples.iter().map(|x| x.re));
        self.im.extend(samples.iter().map(|x| x.im));
    }

    pub fn extend_silence(&mut self, count: usize) {
        self.re.resize(self.re.len() + count, 0.0);
        self.im.resize(self.im.len() + count, 0.0);
    }

    pub fn truncate(&mut self, len: usize) {
        self.re.truncate(len);
        self.im.truncate(len);
    }

    pub fn drop_front(&mut self, count: usize) {
        self.re.drain(..count);
        self.im.drain(..count);
    }
}

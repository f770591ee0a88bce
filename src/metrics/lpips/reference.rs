//! A picture that others are compared with: the network looks at it once.

use super::tiles::{LAYERS, Span, cut};
use super::{ALEX_NET, AlexNet, LPIPS_MIN_SIDE, Network, TILE_SIDE, check_sides};
use crate::metrics::{MetricError, equal_sizes};
use crate::photo::Photo;

/// A picture that others are compared with by LPIPS (v0.1, AlexNet), as [`lpips_alex`](super::lpips_alex) does, to the bit,
/// for half of the work.
///
/// ```no_run
/// use heliograph::metrics::LpipsReference;
/// use heliograph::photo::Photo;
///
/// let sent = Photo::open("sent.png")?;
/// let reference = LpipsReference::new(&sent)?;
/// for received in ["at-1-db.png", "at-7-db.png"] {
///     println!("{received}: {:.4}", reference.distance(&Photo::open(received)?)?);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct LpipsReference<'a>(Reference<'a, AlexNet>);

impl<'a> LpipsReference<'a> {
    /// Looks at the picture.
    ///
    /// # Errors
    /// [`MetricError::TooSmall`] for a side below [`LPIPS_MIN_SIDE`].
    pub fn new(photo: &'a Photo) -> Result<Self, MetricError> {
        check_sides("LPIPS", photo.size(), LPIPS_MIN_SIDE)?;
        Ok(Self(Reference::new(&*ALEX_NET, photo, TILE_SIDE)))
    }

    /// The distance of `distorted` from it: 0 for the same picture.
    ///
    /// # Errors
    /// [`MetricError::SizesDiffer`].
    pub fn distance(&self, distorted: &Photo) -> Result<f64, MetricError> {
        equal_sizes(self.0.photo, distorted)?;
        Ok(self.0.distance(distorted))
    }
}

/// The same for any network.
pub(super) struct Reference<'a, N: Network> {
    network: &'a N,
    photo: &'a Photo,
    /// Longest side of what a tile counts.
    side: usize,
    /// Maps of a picture of one tile; those of a larger one are made anew each time, since they grow with it.
    pub(super) whole: Option<N::Maps>,
}

impl<'a, N: Network> Reference<'a, N> {
    pub(super) fn new(network: &'a N, photo: &'a Photo, side: usize) -> Self {
        let mut reference = Self {
            network,
            photo,
            side,
            whole: None,
        };
        let [rows, columns] = reference.spans();
        if let ([rows], [columns]) = (&rows[..], &columns[..]) {
            reference.whole = Some(reference.maps(photo, rows, columns));
        }
        reference
    }

    /// Rows and columns of the tiles.
    fn spans(&self) -> [Vec<Span>; 2] {
        let size = self.photo.size();
        let sides = [size.height(), size.width()];
        sides.map(|length| N::TILING.spans(length as usize, self.side))
    }

    fn maps(&self, photo: &Photo, rows: &Span, columns: &Span) -> N::Maps {
        let sides = (rows.read.len(), columns.read.len());
        self.network.maps(&cut(photo, rows, columns), sides)
    }

    pub(super) fn distance(&self, distorted: &Photo) -> f64 {
        let [row_spans, column_spans] = self.spans();
        let mut sums = [0.0; LAYERS];
        for rows in &row_spans {
            for columns in &column_spans {
                let parts = self.tile(distorted, rows, columns);
                sums.iter_mut()
                    .zip(parts)
                    .for_each(|(sum, part)| *sum += part);
            }
        }
        let size = self.photo.size();
        let [widths, heights] =
            [size.width(), size.height()].map(|length| N::map_sides(length as usize));
        let counts = widths.into_iter().zip(heights);
        let means = sums.iter().zip(counts);
        means.map(|(sum, (w, h))| sum / (w * h) as f64).sum()
    }

    /// Sums over what the tile counts of each map.
    fn tile(&self, distorted: &Photo, rows: &Span, columns: &Span) -> [f64; LAYERS] {
        let anew;
        let seen = match &self.whole {
            Some(whole) => whole,
            None => {
                anew = self.maps(self.photo, rows, columns);
                &anew
            }
        };
        let sides = (rows.read.len(), columns.read.len());
        let distorted = self.maps(distorted, rows, columns);
        let maps = self.network.distance_maps([seen, &distorted], sides);
        std::array::from_fn(|layer| {
            let map = &maps[layer];
            map.sum(
                rows.counted(layer, map.height),
                columns.counted(layer, map.width),
            )
        })
    }
}

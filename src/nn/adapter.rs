//! Small changes of a network's matrices, for one kind of pictures or one site.
//!
//! Hu, Shen, Wallis, Allen-Zhu, Li, Wang, Wang and Chen, "LoRA: low-rank adaptation of large language models", ICLR 2022: a
//! matrix `W` of shape `[out, in]` becomes `W + B A`, `B` of `[out, rank]` and `A` of `[rank, in]`. The file is safetensors: `NAME.b` and
//! `NAME.a` for each matrix `NAME`, and in its metadata the weights it was made for.

use std::collections::HashMap;
use std::path::Path;
use std::{fs, io};

use sha2::{Digest, Sha256};
use thiserror::Error;

use super::weights::{Weights, WeightsError};

/// Largest file that is read, in bytes.
const MAX_BYTES: u64 = 64 << 20;
/// The word of the metadata under which a file says its version and the hash of the weights it was made for. One, so that equal
/// adapters are equal files.
const FOR: &str = "heliograph-adapter";
const VERSION: &str = "1 ";

/// Why an adapter cannot be used.
#[derive(Debug, Error)]
pub enum AdapterError {
    /// It cannot be read, or is no file.
    #[error("{0}")]
    File(#[from] io::Error),
    /// A folder, a pipe.
    #[error("found no file, allowed is one")]
    NoFile,
    /// Larger than any.
    #[error("found {found} bytes; a file of at most {MAX_BYTES} is read")]
    Size { found: u64 },
    /// No safetensors file, or tensors that do not fit the weights.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// A file of something else.
    #[error("metadata {FOR}: found {found:?}, allowed {allowed}")]
    Metadata { found: String, allowed: String },
    /// A tensor without its other half, or for no matrix.
    #[error("tensor {name}: {reason}")]
    Tensor { name: String, reason: &'static str },
}

/// An adapter that was read.
#[derive(Debug)]
pub struct Adapter {
    tensors: Weights,
}

impl Adapter {
    /// Reads a file.
    ///
    /// # Errors
    /// [`AdapterError`] with what was found and what is allowed.
    pub fn open(path: &Path) -> Result<Self, AdapterError> {
        // Asked before it is opened: a pipe would wait for a writer.
        let known = fs::metadata(path)?;
        if !known.is_file() {
            return Err(AdapterError::NoFile);
        }
        if known.len() > MAX_BYTES {
            let found = known.len();
            return Err(AdapterError::Size { found });
        }
        Self::from_bytes(&fs::read(path)?)
    }

    /// Reads the bytes of a file.
    ///
    /// # Errors
    /// [`AdapterError`]; bytes from anywhere are safe.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, AdapterError> {
        let tensors = Weights::from_safetensors(bytes)?;
        let found = tensors.metadata(FOR).unwrap_or_default();
        if !found.starts_with(VERSION) {
            return Err(AdapterError::Metadata {
                found: crate::shortened(found),
                allowed: format!("{VERSION:?} and a hash"),
            });
        }
        Ok(Self { tensors })
    }

    /// First 32 bits of the file's SHA-256.
    pub fn hash32(&self) -> u32 {
        self.tensors.hash32()
    }

    /// Rank of the changes: rows of the first factor.
    pub fn rank(&self) -> Option<usize> {
        let names = self.tensors.names();
        let first = names.iter().find(|name| name.ends_with(".a"))?;
        self.tensors.shape(first)?.first().copied()
    }

    /// The factors: `NAME.a` and `NAME.b`.
    pub fn tensors(&self) -> &Weights {
        &self.tensors
    }

    /// What the metadata of a file for `base` says.
    pub fn metadata(base: &Weights) -> HashMap<String, String> {
        [(FOR.to_owned(), made_for(base))].into()
    }

    /// Changes the weights; their hash becomes that of both.
    ///
    /// # Errors
    /// [`AdapterError::Metadata`] for other weights than it was made for; tensors that do not fit.
    pub fn apply(&self, weights: &mut Weights) -> Result<(), AdapterError> {
        let found = self.tensors.metadata(FOR).unwrap_or_default();
        if found != made_for(weights) {
            return Err(AdapterError::Metadata {
                found: crate::shortened(found),
                allowed: format!("{:?}, the weights in use", made_for(weights)),
            });
        }
        for name in self.tensors.names() {
            self.apply_one(name, weights)?;
        }
        let both = [weights.sha256(), self.tensors.sha256()].concat();
        weights.set_adapted(Sha256::digest(both).into());
        Ok(())
    }

    /// Adds the product that the tensor `name` is the first half of.
    fn apply_one(&self, name: &str, weights: &mut Weights) -> Result<(), AdapterError> {
        let wrong = |reason| AdapterError::Tensor {
            name: crate::shortened(name),
            reason,
        };
        let (matrix, other) = match (name.strip_suffix(".a"), name.strip_suffix(".b")) {
            (Some(matrix), _) => (matrix, format!("{matrix}.b")),
            // Its other half brings it.
            (_, Some(matrix)) if self.tensors.shape(&format!("{matrix}.a")).is_some() => {
                return Ok(());
            }
            (_, Some(_)) => return Err(wrong("its other half, .a, is missing")),
            _ => return Err(wrong("allowed are names that end in .a and .b")),
        };
        let shape = weights.shape(matrix).map(<[usize]>::to_vec);
        let Some([out, inputs, rest @ ..]) = shape.as_deref() else {
            return Err(wrong("the weights have no such matrix"));
        };
        let Some([rank, _]) = self.tensors.shape(name) else {
            return Err(wrong("allowed are two dimensions"));
        };
        if rest.iter().any(|side| *side != 1) {
            return Err(wrong("the weights have a kernel there, no matrix"));
        }
        if *inputs == 0 {
            return Err(wrong("the weights have an empty matrix there"));
        }
        let a = self.tensors.values(name, &[*rank, *inputs])?;
        let b = self.tensors.values(&other, &[*out, *rank])?;
        let rows = weights.values_mut(matrix).chunks_exact_mut(*inputs);
        for (row, b) in rows.zip(b.chunks_exact((*rank).max(1))) {
            for (a, b) in a.chunks_exact(*inputs).zip(b) {
                row.iter_mut().zip(a).for_each(|(w, a)| *w += b * a);
            }
        }
        if !weights.values_mut(matrix).iter().all(|w| w.is_finite()) {
            return Err(wrong("the product of its halves is too large"));
        }
        Ok(())
    }
}

fn made_for(weights: &Weights) -> String {
    format!("{VERSION}{:08x}", weights.hash32())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::made_up::{self, Tensor};

    fn bytes(values: &[f32]) -> Vec<u8> {
        values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect()
    }

    /// A matrix of two rows of three, one of none, a kernel, and a vector.
    fn base() -> Weights {
        let tensors: [Tensor; 4] = [
            ("empty".into(), vec![2, 0], Vec::new()),
            ("m.weight".into(), vec![2, 3, 1, 1], bytes(&[1.0; 6])),
            ("k.weight".into(), vec![2, 3, 1, 3], bytes(&[1.0; 18])),
            ("v".into(), vec![2], bytes(&[1.0; 2])),
        ];
        Weights::from_safetensors(&made_up::file(&tensors)).unwrap()
    }

    fn adapter(
        tensors: &[Tensor],
        metadata: HashMap<String, String>,
    ) -> Result<Adapter, AdapterError> {
        Adapter::from_bytes(&made_up::file_with(tensors, metadata))
    }

    fn halves(name: &str) -> Vec<Tensor> {
        vec![
            (format!("{name}.a"), vec![1, 3], bytes(&[1.0, 2.0, 3.0])),
            (format!("{name}.b"), vec![2, 1], bytes(&[10.0, -1.0])),
        ]
    }

    #[test]
    fn a_matrix_becomes_itself_and_the_product() {
        let mut weights = base();
        let before = weights.hash32();
        let found = adapter(&halves("m.weight"), Adapter::metadata(&weights)).unwrap();
        found.apply(&mut weights).unwrap();
        let values = weights.values("m.weight", &[2, 3, 1, 1]).unwrap();
        assert_eq!(values, [11.0, 21.0, 31.0, 0.0, -1.0, -2.0]);
        assert_ne!(weights.hash32(), before);
        assert_eq!(weights.unadapted_hash32(), before);
        // Once is enough: the weights are others now.
        let again = found.apply(&mut weights).unwrap_err().to_string();
        assert!(
            again.starts_with("metadata heliograph-adapter: found"),
            "{again}"
        );
    }

    #[test]
    fn what_does_not_fit_is_refused_by_name() {
        let known = || Adapter::metadata(&base());
        let refused = |tensors: &[Tensor]| {
            let found = adapter(tensors, known()).unwrap();
            found.apply(&mut base()).unwrap_err().to_string()
        };
        for (tensors, words) in [
            (halves("x"), "tensor x.a: the weights have no such matrix"),
            (halves("k.weight"), "a kernel there"),
            (halves("v"), "no such matrix"),
            (
                halves("m.weight")[..1].to_vec(),
                "tensor m.weight.b is missing",
            ),
            (
                halves("m.weight")[1..].to_vec(),
                "its other half, .a, is missing",
            ),
            (
                vec![("m.weight".into(), vec![1], bytes(&[1.0]))],
                "names that end in .a and .b",
            ),
            (
                vec![("m.weight.a".into(), vec![3], bytes(&[1.0; 3]))],
                "two dimensions",
            ),
            (
                vec![
                    ("empty.a".into(), vec![1, 0], Vec::new()),
                    ("empty.b".into(), vec![2, 1], bytes(&[1.0; 2])),
                ],
                "an empty matrix",
            ),
            (
                vec![
                    ("m.weight.a".into(), vec![1, 3], bytes(&[1e30; 3])),
                    ("m.weight.b".into(), vec![2, 1], bytes(&[1e30; 2])),
                ],
                "too large",
            ),
        ] {
            let said = refused(&tensors);
            assert!(said.contains(words), "{said}");
        }
        let said = adapter(&halves("m.weight"), HashMap::new())
            .unwrap_err()
            .to_string();
        assert_eq!(
            said,
            "metadata heliograph-adapter: found \"\", allowed \"1 \" and a hash"
        );
    }
}

//! Large models from local files behind the library's traits: BLIP puts photos into words ([`Blip`]), Segment Anything finds
//! what a box or points mean ([`Sam`]), and a full-size autoencoder's decoder paints latents ([`FullSizeDecoder`]).
//!
//! Nothing is fetched: a model is a folder as Hugging Face's `transformers` and `diffusers` write it ([`ModelFolder`]), with
//! `config.json` and one file of weights, `.safetensors` or `.gguf`. [`search`] says which are there, [`named`] finds one.
//! The networks are candle-transformers'. Tests hold them against the Python packages on small models.

mod autoencoder;
mod blip;
mod checked;
mod error;
mod folder;
#[cfg(test)]
mod made_up;
mod memory;
mod sam;
mod search;
mod tensors;
#[cfg(test)]
mod test_models;

pub use autoencoder::FullSizeDecoder;
pub use blip::Blip;
pub use error::ModelError;
pub use folder::{Kind, ModelFolder};
pub use memory::Memory;
pub use sam::{Point, Prompt, Sam, SamFinder, Seen};
pub use search::{Found, Places, Usable, named, search};

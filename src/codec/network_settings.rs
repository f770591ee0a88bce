//! What the codecs with networks share: the receiver's dial, and who hears how far the networks are.

use std::sync::Arc;

use super::CodecError;

/// Where the dial stands when nobody turns it.
pub const DEFAULT_PERCEPTION: f32 = 0.5;

/// A stage of the networks and how much of it is done: `(stage, done, total)`.
pub type OnProgress = Arc<dyn Fn(&'static str, usize, usize) + Send + Sync>;

/// How the networks of a codec are used.
#[derive(Clone)]
pub(super) struct NetworkSettings {
    /// 0 for least distortion, 1 for best perception.
    perception: f32,
    pub(super) on_progress: Option<OnProgress>,
}

impl Default for NetworkSettings {
    fn default() -> Self {
        Self {
            perception: DEFAULT_PERCEPTION,
            on_progress: None,
        }
    }
}

impl NetworkSettings {
    pub(super) fn perception(&self) -> f32 {
        self.perception
    }

    /// # Errors
    /// [`CodecError::Perception`] outside 0 to 1.
    pub(super) fn turn(&mut self, perception: f32) -> Result<(), CodecError> {
        if !(0.0..=1.0).contains(&perception) {
            let found = perception.to_string();
            return Err(CodecError::Perception { found });
        }
        self.perception = perception;
        Ok(())
    }

    /// What a stage's network is to tell.
    pub(super) fn tell(&self, stage: &'static str) -> impl FnMut(usize, usize) {
        move |done, total| {
            if let Some(on_progress) = &self.on_progress {
                on_progress(stage, done, total);
            }
        }
    }
}

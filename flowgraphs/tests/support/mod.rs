//! Shared by the tests of flowgraphs: pictures, settings, a time limit.
#![allow(dead_code)] // Each test file uses its share.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use heliograph::codec::SoftCast;
use heliograph::link::ReceivedPicture;
use heliograph::photo::{Photo, PhotoSize};
use heliograph_flowgraphs::FlowgraphError;
use heliograph_flowgraphs::event::Event;
use heliograph_flowgraphs::loopback::{LoopbackConfig, LoopbackSummary, run};

/// Fails a test that hangs; panics of `test` go on.
pub fn within<T: Send + 'static>(seconds: u64, test: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = channel();
    let thread = std::thread::spawn(move || {
        let _ = sender.send(test());
    });
    match receiver.recv_timeout(Duration::from_secs(seconds)) {
        Ok(value) => value,
        Err(RecvTimeoutError::Timeout) => panic!("did not end within {seconds} s"),
        Err(RecvTimeoutError::Disconnected) => match thread.join() {
            Err(panic) => std::panic::resume_unwind(panic),
            Ok(()) => unreachable!("the result is sent before the thread ends"),
        },
    }
}

/// A picture with edges and gradients; `variant` makes it another one.
pub fn photo(width: u32, height: u32, variant: u32) -> Photo {
    let size = PhotoSize::new(width, height).unwrap();
    let pixel = |x: u32, y: u32| {
        let stripe = if (x / 8 + y / 8 + variant).is_multiple_of(2) {
            160
        } else {
            60
        };
        [
            stripe as u8,
            (x * 255 / width) as u8,
            (y * 255 / height) as u8,
        ]
    };
    let rows = (0..height).flat_map(|y| (0..width).flat_map(move |x| pixel(x, y)));
    Photo::new(size, rows.collect()).unwrap()
}

/// `count` small pictures with captions.
pub fn pictures(count: u32) -> Vec<(Photo, Option<String>)> {
    (0..count)
        .map(|i| (photo(96, 64, i), Some(format!("Picture {i}"))))
        .collect()
}

/// Default settings with SoftCast.
pub fn config() -> LoopbackConfig {
    LoopbackConfig::new(Arc::new(SoftCast::default()))
}

/// Runs and keeps the pictures.
pub fn receive(
    config: LoopbackConfig,
    pictures: Vec<(Photo, Option<String>)>,
) -> Result<(LoopbackSummary, Vec<ReceivedPicture>), FlowgraphError> {
    let mut received = Vec::new();
    let summary = run(config, pictures, |event| {
        if let Event::Picture(picture) = event {
            received.push(*picture);
        }
    })?;
    Ok((summary, received))
}

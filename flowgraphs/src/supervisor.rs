//! What the blocks of one run share: the first failure with its cause, the time of every stage, and the wish to stop.
//!
//! A panic in a block would hang a FutureSDR graph or end the process, and of an `Err` only a log line remains. So all
//! computing goes through [`Supervisor::attend`], which catches both and keeps the cause.
//!
//! ```
//! use heliograph_flowgraphs::supervisor::{Stage, Supervisor};
//!
//! let supervisor = Supervisor::default();
//! let result = supervisor.attend(Stage::Encode, || Err::<(), _>("no lens"));
//! assert!(result.is_err());
//! assert_eq!(supervisor.take_failure().unwrap().to_string(), "encode: no lens");
//! ```

use std::convert::Infallible;
use std::error::Error;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futuresdr::runtime::dev::{BufferWriter, MessageOutputs, WorkIo};

use crate::error::FlowgraphError;
use crate::gate::{Gate, Opened, Parcel};

/// A kind of work in a graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Getting the next photo.
    Read,
    /// Photo to symbols.
    Encode,
    /// Symbols to samples.
    Modulate,
    /// Losing bursts on purpose.
    Drop,
    /// Samples through the channel.
    Propagate,
    /// Samples to a radio.
    Transmit,
    /// Samples from a radio.
    Receive,
    /// Finding bursts.
    Synchronize,
    /// Bursts to soft bits and symbols.
    Demodulate,
    /// Bursts to pictures.
    Assemble,
    /// Handing pictures to the caller.
    Deliver,
}

impl Stage {
    /// All stages in the order of the flow.
    pub const ALL: [Self; 11] = [
        Self::Read,
        Self::Encode,
        Self::Modulate,
        Self::Drop,
        Self::Propagate,
        Self::Transmit,
        Self::Receive,
        Self::Synchronize,
        Self::Demodulate,
        Self::Assemble,
        Self::Deliver,
    ];

    /// Those of the loopback, which has no radio.
    pub fn of_loopback() -> impl Iterator<Item = Self> {
        let radio = [Self::Transmit, Self::Receive];
        Self::ALL.into_iter().filter(move |s| !radio.contains(s))
    }

    /// Name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Encode => "encode",
            Self::Modulate => "modulate",
            Self::Drop => "drop",
            Self::Propagate => "propagate",
            Self::Transmit => "transmit",
            Self::Receive => "receive",
            Self::Synchronize => "synchronize",
            Self::Demodulate => "demodulate",
            Self::Assemble => "assemble",
            Self::Deliver => "deliver",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Asks a run to end: no further bursts are sent, what is on the air still arrives. Clones share the wish.
#[derive(Clone, Debug, Default)]
pub struct StopFlag(Arc<AtomicBool>);

impl StopFlag {
    /// Ends the run soon.
    pub fn stop(&self) {
        self.0.store(true, Ordering::Release);
    }

    /// Was [`stop`](Self::stop) called?
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// Asks a run to rest between two pictures, and to go on. Clones share the wish.
#[derive(Clone, Debug, Default)]
pub struct HoldFlag(Arc<AtomicBool>);

impl HoldFlag {
    /// Rests, or goes on.
    pub fn set(&self, on: bool) {
        self.0.store(on, Ordering::Release);
    }

    /// Is the run to rest?
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }
}

/// What a block does when its work is over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Retirement {
    /// It finishes, as FutureSDR's own blocks do.
    #[default]
    Finish,
    /// It tells its successors and stays until the graph is stopped. A control call or description that meets a finished
    /// block hangs the graph of FutureSDR 0.0.40 for ever.
    StayReachable,
}

/// Shared by the blocks of one run.
#[derive(Clone, Default)]
pub struct Supervisor(Arc<Inner>);

#[derive(Default)]
struct Inner {
    retirement: Retirement,
    /// Holds the sources while there is a parcel in its gate.
    start: Mutex<Option<(Gate, Parcel<()>)>>,
    stop: StopFlag,
    failed: AtomicBool,
    failure: Mutex<Option<FlowgraphError>>,
    nanoseconds: [AtomicU64; Stage::ALL.len()],
    #[cfg(test)]
    sabotage: Mutex<Option<tests::Sabotage>>,
}

impl Supervisor {
    /// A supervisor of blocks that end as `retirement` says, or sooner when `stop` is set. It holds sources until
    /// [`start`](Self::start); a default one does not.
    pub fn new(retirement: Retirement, stop: StopFlag) -> Self {
        let gate = Gate::new(1);
        let parcel = gate.admit(1, ()).expect("nothing else is in this gate");
        Self(Arc::new(Inner {
            retirement,
            start: Mutex::new(Some((gate, parcel))),
            stop,
            ..Inner::default()
        }))
    }

    /// Lets sources begin. To be called when the graph runs: FutureSDR 0.0.40 lets blocks work before their successors are
    /// initialized, and those lose the messages and ends of streams that reach them by then.
    pub fn start(&self) {
        drop(self.held().take());
    }

    /// Resolves when sources may begin; `None` if they may already.
    pub(crate) fn held_until(&self) -> Option<Opened> {
        self.held().as_ref().map(|(gate, _)| gate.opened(1))
    }

    fn held(&self) -> MutexGuard<'_, Option<(Gate, Parcel<()>)>> {
        self.0.start.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does work of a fallible kind: counts its time, keeps the cause if it fails or panics.
    ///
    /// # Errors
    /// The cause in words, for `Kernel::work` to return; [`take_failure`](Self::take_failure) has the cause itself.
    pub fn attend<T, E>(
        &self,
        stage: Stage,
        work: impl FnOnce() -> Result<T, E>,
    ) -> anyhow::Result<T>
    where
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let start = Instant::now();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            #[cfg(test)]
            self.sabotage(stage)?;
            work().map_err(Into::into)
        }));
        let spent = u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.0.nanoseconds[stage as usize].fetch_add(spent, Ordering::Relaxed);
        match outcome {
            Ok(Ok(value)) => Ok(value),
            Ok(Err(cause)) => Err(self.fail(FlowgraphError::Block { stage, cause })),
            Err(payload) => {
                let message = words(payload.as_ref());
                Err(self.fail(FlowgraphError::Panic { stage, message }))
            }
        }
    }

    /// As [`attend`](Self::attend) for work that can only fail by a panic.
    ///
    /// # Errors
    /// The panic in words.
    pub fn tend<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> anyhow::Result<T> {
        self.attend(stage, || Ok::<T, Infallible>(work()))
    }

    /// Ends a block without stream outputs; its successors are told.
    pub(crate) async fn end(&self, io: &mut WorkIo, mo: &mut MessageOutputs) {
        match self.0.retirement {
            Retirement::Finish => io.finished = true,
            Retirement::StayReachable => mo.notify_finished().await,
        }
    }

    /// As [`end`](Self::end) for a block with a stream output.
    pub(crate) async fn end_stream<W: BufferWriter>(
        &self,
        output: &mut W,
        io: &mut WorkIo,
        mo: &mut MessageOutputs,
    ) {
        if self.0.retirement == Retirement::StayReachable {
            output.notify_finished().await;
        }
        self.end(io, mo).await;
    }

    /// Shall the run end early?
    pub fn is_stopping(&self) -> bool {
        self.0.stop.is_set()
    }

    /// Did a block fail?
    pub fn has_failed(&self) -> bool {
        self.0.failed.load(Ordering::Acquire)
    }

    /// The first failure; later ones are its consequences.
    pub fn take_failure(&self) -> Option<FlowgraphError> {
        self.failure().take()
    }

    /// Time that blocks spent on `stage` so far.
    pub fn time(&self, stage: Stage) -> Duration {
        Duration::from_nanos(self.0.nanoseconds[stage as usize].load(Ordering::Relaxed))
    }

    /// Keeps a failure that ends the stream as if it were over: what was received before still goes through the graph.
    pub(crate) fn note(&self, stage: Stage, cause: impl Into<Box<dyn Error + Send + Sync>>) {
        let cause = cause.into();
        self.failure()
            .get_or_insert(FlowgraphError::Block { stage, cause });
    }

    fn fail(&self, failure: FlowgraphError) -> anyhow::Error {
        let words = anyhow::Error::msg(failure.to_string());
        self.failure().get_or_insert(failure);
        self.0.failed.store(true, Ordering::Release);
        words
    }

    fn failure(&self) -> MutexGuard<'_, Option<FlowgraphError>> {
        self.0
            .failure
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a panic said.
fn words(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message")
        .to_owned()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// What a test makes of a stage.
    #[derive(Clone, Copy, Debug)]
    pub(crate) enum Sabotage {
        Panic(Stage),
        Error(Stage),
    }

    impl Supervisor {
        /// Makes the next work of a stage fail.
        pub(crate) fn plant(&self, sabotage: Sabotage) {
            *self.0.sabotage.lock().unwrap() = Some(sabotage);
        }

        pub(super) fn sabotage(&self, at: Stage) -> Result<(), Box<dyn Error + Send + Sync>> {
            let planted = *self.0.sabotage.lock().unwrap();
            match planted {
                Some(Sabotage::Panic(stage)) if stage == at => panic!("sabotaged {stage}"),
                Some(Sabotage::Error(stage)) if stage == at => {
                    Err(format!("out of luck in {stage}").into())
                }
                _ => Ok(()),
            }
        }
    }

    #[test]
    fn the_first_failure_is_kept_and_panics_are_told_in_their_words() {
        let supervisor = Supervisor::default();
        let panicked: anyhow::Result<()> = supervisor.tend(Stage::Modulate, || panic!("at {}", 7));
        assert!(panicked.is_err() && supervisor.has_failed());
        let _ = supervisor.attend(Stage::Encode, || Err::<(), _>("later"));
        let failure = supervisor.take_failure().unwrap().to_string();
        assert_eq!(failure, "modulate: the block panicked: at 7");
    }

    #[test]
    fn time_is_counted_for_the_stage_that_spent_it() {
        let supervisor = Supervisor::default();
        let nap = Duration::from_millis(5);
        supervisor
            .tend(Stage::Propagate, || std::thread::sleep(nap))
            .unwrap();
        assert!(supervisor.time(Stage::Propagate) >= nap);
        assert_eq!(supervisor.time(Stage::Encode), Duration::ZERO);
    }
}

//! What was turned on the page: the painter for pictures to come, wishes for the radio.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use heliograph::codec::{CodecId, Painter};
use heliograph::nn;
use heliograph_flowgraphs::{HoldFlag, StopFlag};
use heliograph_page::state::{Controls, Dial, Phase};
use heliograph_page::{Command, Order, Orders, Publisher};

use super::studio::Bell;
use crate::codec_args::PainterArgs;

/// How often it is looked whether the run is over.
const WATCH: Duration = Duration::from_millis(50);
/// Steps of the dial.
const PERCEPTION_STEP: f64 = 0.05;

/// Something that only the command can do: its radio, its recording.
pub type Wish = Arc<dyn Fn(&Command) -> Result<(), String> + Send + Sync>;

/// How painter and run are set now. Clones share it.
#[derive(Clone)]
pub struct Dials {
    set: Arc<Mutex<Set>>,
    hold: HoldFlag,
}

struct Set {
    painter: PainterArgs,
    can_pause: bool,
    paints: bool,
    /// Of the latest picture; the codec of the default before the first.
    codec: CodecId,
    wish: Option<Wish>,
}

impl Dials {
    pub fn new(painter: PainterArgs) -> Self {
        let set = Set {
            painter,
            can_pause: false,
            paints: true,
            codec: CodecId::DeepJscc,
            wish: None,
        };
        Self {
            set: Arc::new(Mutex::new(set)),
            hold: HoldFlag::default(),
        }
    }

    fn set(&self) -> MutexGuard<'_, Set> {
        self.set.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The painter's flags.
    pub fn painter(&self) -> PainterArgs {
        self.set().painter.clone()
    }

    /// Is the run to rest?
    pub fn is_paused(&self) -> bool {
        self.hold.is_set()
    }

    /// The same for a flowgraph.
    pub fn hold(&self) -> HoldFlag {
        self.hold.clone()
    }

    /// The command rests while [`Self::is_paused`].
    pub(super) fn allow_pause(&self) {
        self.set().can_pause = true;
    }

    pub(super) fn obey(&self, command: &Command) -> Result<(), String> {
        let mut set = self.set();
        if !set.paints && command.is_of_painter() {
            return Err("this run paints nothing".to_owned());
        }
        let painter = match command {
            Command::Perception { value } => set.painter.with_perception(*value)?,
            Command::Painter { name } => set.painter.with_painter(name)?,
            Command::Steps { value } => set.painter.with_steps(usize::from(*value))?,
            Command::Pause { on } if set.can_pause => {
                self.hold.set(*on);
                return Ok(());
            }
            other => {
                let wish = set.wish.clone();
                // It may take its time; nobody else has to wait for it.
                drop(set);
                let wish = wish.ok_or("this run has no such control")?;
                return wish(other);
            }
        };
        set.painter = painter;
        Ok(())
    }

    fn show(&self, controls: &mut Controls) {
        let set = self.set();
        // Only what means something to the codec at hand.
        let has_networks = set.paints && set.codec != CodecId::SoftCast;
        let painter = (set.paints && set.codec == CodecId::Latent).then(|| set.painter.chosen());
        controls.perception = has_networks.then(|| Dial {
            value: (f64::from(set.painter.dial()) * 1e4).round() / 1e4,
            min: 0.0,
            max: 1.0,
            step: PERCEPTION_STEP,
        });
        controls.painter = painter.map(|p| p.name().to_owned());
        controls.painters = Painter::ALL.map(|p| p.name().to_owned()).to_vec();
        controls.steps = painter.and_then(Painter::steps).map(|steps| Dial {
            value: steps as f64,
            min: 1.0,
            max: nn::MAX_STEPS as f64,
            step: 1.0,
        });
        controls.paused = set.can_pause.then_some(self.hold.is_set());
    }
}

/// Answers orders until it is dropped.
pub struct Clerk {
    dials: Dials,
    publisher: Publisher,
    over: StopFlag,
    thread: Option<thread::JoinHandle<()>>,
}

impl Clerk {
    pub fn start(orders: Option<Orders>, dials: Dials, bell: Bell, publisher: Publisher) -> Self {
        let over = StopFlag::default();
        let (flag, own) = (over.clone(), dials.clone());
        let shown = publisher.clone();
        let thread = orders.map(|orders| {
            thread::spawn(move || {
                while !flag.is_set() {
                    if let Some(order) = orders.next(WATCH) {
                        answer(order, &own, &bell, &publisher);
                    }
                }
            })
        });
        let clerk = Self {
            dials,
            publisher: shown,
            over,
            thread,
        };
        clerk.show();
        clerk
    }

    pub fn dials(&self) -> &Dials {
        &self.dials
    }

    /// The command rests while [`Dials::is_paused`].
    pub fn allow_pause(&self) {
        self.dials.allow_pause();
        self.show();
    }

    /// The command paints nothing.
    pub fn paint_nothing(&self) {
        self.dials.set().paints = false;
        self.show();
    }

    /// The command answers what is beyond the painter.
    pub fn answer_with(&self, wish: Wish) {
        self.dials.set().wish = Some(wish);
    }

    /// The codec of the latest picture.
    pub fn codec(&self, codec: CodecId) {
        let before = std::mem::replace(&mut self.dials.set().codec, codec);
        if before != codec {
            self.show();
        }
    }

    fn show(&self) {
        self.publisher
            .update(|live| self.dials.show(&mut live.controls));
    }
}

fn answer(order: Order, dials: &Dials, bell: &Bell, publisher: &Publisher) {
    let outcome = dials.obey(&order.command);
    if outcome.is_ok() {
        publisher.update(|live| {
            dials.show(&mut live.controls);
            live.run.phase = match (live.run.phase, dials.is_paused()) {
                (Phase::Running, true) => Phase::Paused,
                (Phase::Paused, false) => Phase::Running,
                (phase, _) => phase,
            };
        });
        bell.ring(&order.command);
    }
    order.answer(outcome);
}

impl Drop for Clerk {
    fn drop(&mut self) {
        self.over.stop();
        if let Some(thread) = self.thread.take() {
            // Orders that nobody answers are no reason to fail.
            let _ = thread.join();
        }
    }
}

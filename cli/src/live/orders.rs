//! What was turned on the page: the painter for pictures to come, wishes for the radio.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use heliograph::codec::Painter;
use heliograph::nn;
use heliograph_flowgraphs::StopFlag;
use heliograph_page::state::{Controls, Dial, Phase};
use heliograph_page::{Command, Order, Orders, Publisher};

use super::studio::Bell;
use crate::codec_args::PainterArgs;

/// How often it is looked whether the run is over.
const WATCH: Duration = Duration::from_millis(50);
/// Steps of the dial.
const PERCEPTION_STEP: f64 = 0.05;

/// Something that only the command can do: its radio, its recording.
pub type Wish = Box<dyn Fn(&Command) -> Result<(), String> + Send>;

/// How painter and run are set now. Clones share it.
#[derive(Clone)]
pub struct Dials(Arc<Mutex<Set>>);

struct Set {
    painter: PainterArgs,
    paused: bool,
    can_pause: bool,
    wish: Option<Wish>,
}

impl Dials {
    pub fn new(painter: PainterArgs) -> Self {
        Self(Arc::new(Mutex::new(Set {
            painter,
            paused: false,
            can_pause: false,
            wish: None,
        })))
    }

    fn set(&self) -> MutexGuard<'_, Set> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The painter's flags.
    pub fn painter(&self) -> PainterArgs {
        self.set().painter.clone()
    }

    /// Is the run to rest?
    pub fn is_paused(&self) -> bool {
        self.set().paused
    }

    /// The command asks [`Self::is_paused`].
    pub fn allow_pause(&self) {
        self.set().can_pause = true;
    }

    /// The command answers what is beyond the painter.
    pub fn answer_with(&self, wish: Wish) {
        self.set().wish = Some(wish);
    }

    fn obey(&self, command: &Command) -> Result<(), String> {
        let mut set = self.set();
        let painter = match command {
            Command::Perception { value } => set.painter.with_perception(*value)?,
            Command::Painter { name } => set.painter.with_painter(name)?,
            Command::Steps { value } => set.painter.with_steps(usize::from(*value))?,
            Command::Pause { on } if set.can_pause => {
                set.paused = *on;
                return Ok(());
            }
            other => {
                return match &set.wish {
                    Some(wish) => wish(other),
                    None => Err("this run has no such control".to_owned()),
                };
            }
        };
        set.painter = painter;
        Ok(())
    }

    fn show(&self, controls: &mut Controls) {
        let set = self.set();
        let painter = set.painter.chosen();
        controls.perception = Some(Dial {
            value: f64::from(set.painter.dial()),
            min: 0.0,
            max: 1.0,
            step: PERCEPTION_STEP,
        });
        controls.painter = Some(painter.name().to_owned());
        controls.painters = Painter::ALL.map(|p| p.name().to_owned()).to_vec();
        controls.steps = painter.steps().map(|steps| Dial {
            value: steps as f64,
            min: 1.0,
            max: nn::MAX_STEPS as f64,
            step: 1.0,
        });
        controls.paused = set.can_pause.then_some(set.paused);
    }
}

/// Answers orders until it is dropped.
pub struct Clerk {
    dials: Dials,
    over: StopFlag,
    thread: Option<thread::JoinHandle<()>>,
}

impl Clerk {
    pub fn start(orders: Option<Orders>, dials: Dials, bell: Bell, publisher: Publisher) -> Self {
        let over = StopFlag::default();
        let (flag, own) = (over.clone(), dials.clone());
        publisher.update(|live| own.show(&mut live.controls));
        let thread = orders.map(|orders| {
            thread::spawn(move || {
                while !flag.is_set() {
                    if let Some(order) = orders.next(WATCH) {
                        answer(order, &own, &bell, &publisher);
                    }
                }
            })
        });
        Self {
            dials,
            over,
            thread,
        }
    }

    pub fn dials(&self) -> &Dials {
        &self.dials
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

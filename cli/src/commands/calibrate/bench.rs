//! Both ends of a link, opened anew for every gain.

use std::time::{Duration, Instant};

use anyhow::Context;
use heliograph_hardware::{
    BurstEnd, Capabilities, Direction, Duplex, Radio, RadioError, RadioSettings, TxStart,
};
use num_complex::Complex32;

use super::Profiles;
use super::args::CalibrateArgs;
use super::probe::{self, Ear, Point};
use crate::exit::UsageError;

/// Time for the test bursts to come through.
const LIMIT: Duration = Duration::from_secs(3);
/// A read waits at most so long.
const READ_LIMIT: Duration = Duration::from_millis(100);
/// Samples that are asked for at a time.
const PIECE: usize = 1 << 14;
/// Gains of a sweep differ by this much at least.
const LEAST_STEP_DB: f64 = 0.5;

/// Both ends.
pub struct Bench {
    transmitter: Box<dyn Radio>,
    /// `None`: the transmitter is the receiver too.
    receiver: Option<Box<dyn Radio>>,
    transmit: RadioSettings,
    receive: RadioSettings,
    bursts: usize,
    samples: Vec<Complex32>,
}

impl Bench {
    /// Opens both ends.
    ///
    /// # Errors
    /// Names the radio that cannot be opened; one half-duplex radio cannot be both ends.
    pub fn open(profiles: &Profiles, args: &CalibrateArgs) -> anyhow::Result<Self> {
        let open = |profile| heliograph_hardware::open(profile);
        let transmitter = open(&profiles.transmitter).context("--transmitter")?;
        let receiver = profiles.receiver.as_ref();
        let receiver = receiver.map(open).transpose().context("--receiver")?;
        if receiver.is_none()
            && transmitter.capabilities(Direction::Transmit).duplex == Duplex::Half
        {
            let why = "--receiver: needed, since the transmitter cannot send and receive at once";
            return Err(UsageError(why.to_owned()).into());
        }
        let of_receiver = profiles.receiver.as_ref().unwrap_or(&profiles.transmitter);
        let mut bench = Self {
            transmitter,
            receiver,
            transmit: profiles
                .transmitter
                .transmit
                .clone()
                .context("transmit settings")?,
            receive: of_receiver.receive.clone().context("receive settings")?,
            bursts: usize::from(args.bursts),
            samples: probe::samples(usize::from(args.bursts), args.level_dbfs)?,
        };
        // Gains of single stages become one: only that is swept.
        for direction in [Direction::Receive, Direction::Transmit] {
            let range = bench.capabilities(direction).gain_db;
            let settings = bench.settings_mut(direction);
            let stages: f64 = settings.gain_elements_db.values().sum();
            let all = settings
                .gain_db
                .unwrap_or(match settings.gain_elements_db.is_empty() {
                    true => (range.min + range.max) / 2.0,
                    false => stages,
                });
            settings.gain_elements_db.clear();
            settings.gain_db = Some(all.clamp(range.min, range.max));
        }
        Ok(bench)
    }

    /// The gains to try, from low to high.
    ///
    /// # Errors
    /// [`UsageError`] for a range beyond that of the radio.
    pub fn gains(&self, direction: Direction, args: &CalibrateArgs) -> anyhow::Result<Vec<f64>> {
        let (flag, asked) = match direction {
            Direction::Receive => ("--receiver-gains", &args.receiver_gains),
            Direction::Transmit => ("--transmitter-gains", &args.transmitter_gains),
        };
        let range = self.capabilities(direction).gain_db;
        let (from, to) = match asked.as_deref() {
            Some([from, to]) => (*from, *to),
            _ => (range.min, range.max),
        };
        if !(range.contains(from) && range.contains(to) && from <= to) {
            let why = format!("{flag}: found {from} {to}, allowed {range}, the lower one first");
            return Err(UsageError(why).into());
        }
        let most = ((to - from) / LEAST_STEP_DB) as usize + 1;
        let steps = usize::from(args.steps).min(most);
        let step = (to - from) / (steps.max(2) - 1) as f64;
        Ok((0..steps).map(|i| from + step * i as f64).collect())
    }

    /// The settings of a direction.
    pub fn settings(&self, direction: Direction) -> &RadioSettings {
        match direction {
            Direction::Receive => &self.receive,
            Direction::Transmit => &self.transmit,
        }
    }

    fn settings_mut(&mut self, direction: Direction) -> &mut RadioSettings {
        match direction {
            Direction::Receive => &mut self.receive,
            Direction::Transmit => &mut self.transmit,
        }
    }

    /// The gain of a direction, dB.
    pub fn gain_db(&self, direction: Direction) -> f64 {
        self.settings(direction).gain_db.unwrap_or_default()
    }

    /// Sets the gain of a direction for all that follows.
    pub fn set_gain(&mut self, direction: Direction, gain_db: f64) {
        self.settings_mut(direction).gain_db = Some(gain_db);
    }

    fn capabilities(&self, direction: Direction) -> Capabilities {
        match (&self.receiver, direction) {
            (Some(receiver), Direction::Receive) => receiver.capabilities(direction),
            _ => self.transmitter.capabilities(direction),
        }
    }

    /// Sends the test bursts with a gain and hears what comes of them.
    ///
    /// # Errors
    /// A radio that fails.
    pub fn measure(&mut self, direction: Direction, gain_db: f64) -> anyhow::Result<Point> {
        let before = self.gain_db(direction);
        self.set_gain(direction, gain_db);
        let point = self.send_and_hear(gain_db);
        self.set_gain(direction, before);
        Ok(point?)
    }

    fn send_and_hear(&mut self, gain_db: f64) -> Result<Point, RadioError> {
        let receiver = self.receiver.as_mut().unwrap_or(&mut self.transmitter);
        receiver.configure(Direction::Receive, &self.receive)?;
        let mut rx = match &mut self.receiver {
            Some(receiver) => receiver.receive()?,
            None => {
                self.transmitter
                    .configure(Direction::Transmit, &self.transmit)?;
                self.transmitter.receive()?
            }
        };
        if self.receiver.is_some() {
            self.transmitter
                .configure(Direction::Transmit, &self.transmit)?;
        }
        let mut tx = self.transmitter.transmit()?;
        let samples = std::mem::take(&mut self.samples);
        let (outcome, samples) = std::thread::scope(|scope| {
            // Where the ether is in lock-step, a sender waits for its hearers.
            let sending = scope.spawn(move || {
                let sent = tx.send(&samples, TxStart::Now, BurstEnd::Here, LIMIT);
                (sent.map(|()| tx), samples)
            });
            let mut ear = Ear::new(gain_db, self.bursts);
            let heard = hear(&mut *rx, &mut ear);
            let (sent, samples) = sending.join().expect("sending does not panic");
            (sent.and(heard).map(|()| ear.finish()), samples)
        });
        self.samples = samples;
        outcome
    }
}

/// Hears until all bursts came or the time is over.
fn hear(rx: &mut dyn heliograph_hardware::RxStream, ear: &mut Ear) -> Result<(), RadioError> {
    let start = Instant::now();
    let mut piece = vec![Complex32::ZERO; PIECE];
    while !ear.is_satisfied() && start.elapsed() < LIMIT {
        match rx.read(&mut piece, READ_LIMIT) {
            Ok(reception) => ear.push(&piece[..reception.samples]),
            Err(RadioError::Timeout { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use heliograph_hardware::Loopback;

    #[test]
    fn a_radio_that_hears_itself_is_measured() {
        let settings = RadioSettings {
            gain_db: Some(0.0),
            ..RadioSettings::new(433e6, 2e6)
        };
        let mut bench = Bench {
            transmitter: Box::new(Loopback::new(1 << 20)),
            receiver: None,
            transmit: settings.clone(),
            receive: settings,
            bursts: 2,
            samples: probe::samples(2, -12.0).unwrap(),
        };
        let point = bench.measure(Direction::Receive, 0.0).unwrap();
        assert_eq!((point.bursts, point.gain_db), (2, 0.0));
        assert!(point.evm_db.unwrap() < -40.0);
    }
}

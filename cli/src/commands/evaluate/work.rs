//! The loop over the units: threads that take one after the other, and one file that their rows go to.

use std::cell::OnceCell;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use heliograph::metrics::MetricError;
use heliograph::photo::Photo;
use heliograph_baselines::Fitter;

use super::air::{Air, seed_of};
use super::contender::Sender;
use super::digital::{DigitalLink, Scheme};
use super::grid::Unit;
use super::journal::{Found, Journal};
use super::kept;
use super::link::{AnalogLink, Arrived};
use super::plan::{Painter, Party, Plan};
use super::row::{Figures, Key, Row};
use crate::progress::Progress;
use crate::quality::{Judge, Quality};

/// What the threads share.
pub struct Work<'a> {
    pub plan: &'a Plan,
    /// Rows of an earlier run.
    pub found: &'a Found,
    pub journal: Mutex<Journal>,
    pub progress: &'a Progress,
    /// Set by Ctrl-C, and by the first error.
    pub stop: &'a AtomicBool,
    pub failed: AtomicBool,
    /// Remembers files of pictures for all digital senders.
    pub fitter: Arc<Fitter>,
}

/// What of a unit is still to be done at one SNR: places in the list of painters.
struct Pending {
    snr: usize,
    painters: Vec<usize>,
}

impl Work<'_> {
    /// Does the units, each once.
    ///
    /// # Errors
    /// The first that a thread met; the others stop.
    pub fn run(&self, pool: &rayon::ThreadPool, units: &[Unit]) -> anyhow::Result<()> {
        let next = AtomicUsize::new(0);
        // Not a parallel iterator: a thread that waits inside a network would begin another unit on top.
        let results = pool.broadcast(|_| -> anyhow::Result<()> {
            while let Some(unit) = units.get(next.fetch_add(1, Ordering::Relaxed)) {
                if self.stops() {
                    break;
                }
                self.unit(unit)
                    .inspect_err(|_| self.failed.store(true, Ordering::Relaxed))?;
            }
            Ok(())
        });
        results.into_iter().collect()
    }

    fn stops(&self) -> bool {
        self.stop.load(Ordering::Relaxed) || self.failed.load(Ordering::Relaxed)
    }

    /// Rows of `units` that are not there yet.
    pub fn remaining(&self, units: &[Unit]) -> usize {
        let rows = |unit| {
            self.pending(unit)
                .iter()
                .map(|p| p.painters.len())
                .sum::<usize>()
        };
        units.iter().map(rows).sum()
    }

    fn pending(&self, unit: &Unit) -> Vec<Pending> {
        let painters = &self.plan.parties[unit.sender].painters;
        let at = |snr| {
            let open = |i: &usize| self.is_open(&self.plan.key(unit, snr, &painters[*i]));
            let painters: Vec<usize> = (0..painters.len()).filter(open).collect();
            (!painters.is_empty()).then_some(Pending { snr, painters })
        };
        (0..self.plan.snrs_db.len()).filter_map(at).collect()
    }

    fn is_open(&self, key: &Key) -> bool {
        let is_missing = || !kept::received(&self.plan.out, key).is_file();
        !self.found.contains_key(key) || (self.plan.keeps(key) && is_missing())
    }

    fn unit(&self, unit: &Unit) -> anyhow::Result<()> {
        let pending = self.pending(unit);
        if pending.is_empty() {
            return Ok(());
        }
        let plan = self.plan;
        let photo = Photo::open(&plan.photos.pictures[unit.picture].path)?;
        let first = plan.key(unit, 0, &plan.parties[unit.sender].painters[0]);
        if plan.keeps(&first) {
            let path = kept::sent(&plan.out, &first.picture);
            if !path.is_file() {
                kept::write(&path, &photo)?;
            }
        }
        let receiver = Showing {
            sent: &photo,
            judge: Judge::new(&photo, plan.semantic.as_ref())?,
            grey: OnceCell::new(),
        };
        let channel = &plan.channels[unit.channel];
        let picture = &plan.settings.pictures[unit.picture];
        let air = Air {
            medium: &channel.medium,
            sample_rate_hz: plan.settings.sample_rate_hz,
            seed: seed_of(picture, &channel.name, unit.seed),
        };
        let party = &plan.parties[unit.sender];
        let cbr = &plan.cbrs.0[unit.cbr];
        let named = || format!("{picture}, CBR {}, {}", cbr.text, channel.name);
        let link = Link::new(&photo, party, cbr.value, &self.fitter);
        let mut link = link.with_context(named)?;
        for Pending { snr, painters } in pending {
            if self.stops() {
                break;
            }
            let painters: Vec<&Painter> = painters.iter().map(|i| &party.painters[*i]).collect();
            let arrived = link.receive(&air, plan.snrs_db[snr], &painters);
            let arrived = arrived.with_context(named)?;
            let mut rows = Vec::new();
            for (painter, arrived) in painters.iter().zip(arrived) {
                rows.push(self.row(plan.key(unit, snr, painter), &arrived, &receiver)?);
            }
            self.append(&rows)?;
        }
        Ok(())
    }

    fn row(&self, key: Key, arrived: &Arrived, receiver: &Showing) -> anyhow::Result<Row> {
        // Before its row: a row that is on disk has its picture.
        if self.plan.keeps(&key) {
            let grey = || receiver.grey();
            let photo = arrived.photo.clone().unwrap_or_else(grey);
            kept::write(&kept::received(&self.plan.out, &key), &photo)?;
        }
        let figures = Figures {
            outcome: arrived.outcome,
            detail: arrived.detail.clone(),
            cbr_total: arrived.cbr_total,
            bursts_missing: arrived.bursts_missing,
            quality: receiver.quality(arrived.photo.as_ref())?,
        };
        Ok(Row {
            key,
            result: figures.columns(),
        })
    }

    fn append(&self, rows: &[Row]) -> anyhow::Result<()> {
        let new = rows.iter().filter(|row| !self.found.contains_key(&row.key));
        let new: Vec<Row> = new.cloned().collect();
        let mut journal = self.journal.lock().unwrap_or_else(PoisonError::into_inner);
        journal.append(&new)?;
        rows.iter().for_each(|_| self.progress.step());
        Ok(())
    }
}

/// The link of any sender.
enum Link<'a> {
    Analog(AnalogLink),
    Digital(DigitalLink<'a>),
}

impl<'a> Link<'a> {
    fn new(
        photo: &'a Photo,
        party: &Party,
        cbr_total: f64,
        fitter: &Arc<Fitter>,
    ) -> anyhow::Result<Self> {
        let digital = |scheme| DigitalLink::new(photo, scheme, cbr_total, fitter.clone());
        Ok(match party.sender {
            Sender::Analog(..) => Self::Analog(AnalogLink::new(photo, party, cbr_total)?),
            Sender::Digital(mcs) => Self::Digital(digital(Scheme::Fixed(mcs))?),
            Sender::Genie => Self::Digital(digital(Scheme::Genie)?),
        })
    }

    fn receive(
        &mut self,
        air: &Air,
        snr_db: f64,
        painters: &[&Painter],
    ) -> anyhow::Result<Vec<Arrived>> {
        match self {
            Self::Analog(link) => link.receive(air, snr_db, painters),
            Self::Digital(link) => Ok(vec![link.receive(air, snr_db)?; painters.len()]),
        }
    }
}

/// What a receiver shows, judged; the grey picture only once.
struct Showing<'a> {
    sent: &'a Photo,
    judge: Judge<'a>,
    grey: OnceCell<Quality>,
}

impl Showing<'_> {
    /// What a receiver shows that has nothing.
    fn grey(&self) -> Photo {
        Photo::filled(self.sent.size(), [128; 3])
    }

    fn quality(&self, received: Option<&Photo>) -> Result<Quality, MetricError> {
        match (received, self.grey.get()) {
            (Some(photo), _) => self.judge.quality(photo),
            (None, Some(quality)) => Ok(*quality),
            (None, None) => {
                let quality = self.judge.quality(&self.grey())?;
                Ok(*self.grey.get_or_init(|| quality))
            }
        }
    }
}

//! `heliograph paint`: pictures that others received, from a work queue.

mod args;
mod deliveries;
mod in_hand;
mod orders;
mod shop;
mod summary;

use heliograph_queue::Worker;

pub use args::PaintArgs;

use crate::exit::Ending;
use crate::interrupt;
use crate::json;
use crate::output;
use crate::painters::Painters;
use crate::reception::{KeepSymbols, PictureFiles};

/// Paints what is in line until something ends it.
///
/// # Errors
/// Flags that do not go together, weights that cannot be used, a folder that cannot be written.
pub fn run(args: PaintArgs) -> anyhow::Result<Ending> {
    let painters = Painters::new(args.painter.clone(), args.model.clone())?;
    let symbols = match args.symbols {
        true => KeepSymbols::OfAll,
        false => KeepSymbols::OfUnpainted,
    };
    let files = PictureFiles::new(&args.out, symbols)?;
    let server = args.server.connect("--subscribe", &args.subscribe)?;
    let stop = interrupt::take_first();
    let (summary, ended) = shop::work(&args, &files, painters, Worker::new(server), stop);
    let told = match args.json {
        true => output::print(&json::line(&summary)?),
        false => output::print(&summary.words()),
    };
    // What ended it says more than a closed pipe.
    ended.and(told)?;
    Ok(match summary.pictures + summary.known {
        0 => Ending::NothingArrived,
        _ => Ending::Done,
    })
}

//! The live page of a running command: what the receiver hears and paints, on its way to `heliograph-page`.
//!
//! The page is bound before any radio is opened. Afterwards nothing here can fail a run, and the receiver waits for none of it:
//! a feeder thread reads the window of the flowgraph ten times a second, a studio thread paints previews.

mod album;
mod args;
mod feeder;
pub mod figures;
mod look;
mod orders;
mod pausable;
mod studio;

use std::path::PathBuf;
use std::sync::Arc;

use heliograph::codec::CodecId;
use heliograph::link::ReceivedPicture;
use heliograph::photo::Photo;
use heliograph::waveform::Numerology;
use heliograph::waveform::demodulator::BurstReport;
use heliograph_flowgraphs::window::Window;
use heliograph_page::state::{Phase, Radio, Recording};
use heliograph_page::{Command, Orders, Publisher, Server, ServerConfig};

use crate::codec_args::{ModelArgs, PainterArgs};
use crate::figures::hertz;
use crate::say::say;
pub use album::{Album, Look, SentPhoto};
pub use args::PageArgs;
use feeder::{Feed, Feeder};
pub use look::Converter;
pub use orders::Dials;
pub use pausable::{Pausable, WhilePaused};
use studio::Studio;

/// A page that was asked for.
pub struct Page {
    // The order in which they end: nobody feeds a server that is gone.
    _feeder: Feeder,
    studio: Studio,
    orders: orders::Clerk,
    feed: Feed,
    album: Album,
    publisher: Publisher,
    _server: Server,
}

/// What the page knows of a run before it starts.
pub struct Link {
    pub radio: Radio,
    pub numerology: Numerology,
    pub converter: Converter,
}

impl PageArgs {
    /// Opens the page, if it was asked for, and says where it is.
    ///
    /// # Errors
    /// The port is taken, or the address cannot be had.
    pub fn open(
        &self,
        command: &str,
        painter: &PainterArgs,
        model: &ModelArgs,
    ) -> anyhow::Result<Option<Page>> {
        let Some(address) = self.page else {
            return Ok(None);
        };
        let publisher = Publisher::new(command);
        let config = ServerConfig::at(address);
        let config = match self.page_control {
            true => config.with_control(),
            false => config,
        };
        let mut server = Server::bind(config, publisher.clone())
            .map_err(|error| anyhow::anyhow!("--page: {error}"))?;
        // Standard output may be a pipe of reports.
        say!("page: {}", server.url());
        if let Some(token) = server.token() {
            say!("token for its controls: {token}");
        }
        let orders = server.take_orders();
        Ok(Some(Page::start(publisher, server, orders, painter, model)))
    }
}

impl Page {
    fn start(
        publisher: Publisher,
        server: Server,
        orders: Option<Orders>,
        painter: &PainterArgs,
        model: &ModelArgs,
    ) -> Self {
        let window = Window::default();
        let feed = Feed::new(window.clone());
        let album = Album::new(publisher.clone());
        let dials = Dials::new(painter.clone());
        let studio = Studio::start(window, album.clone(), dials.clone(), model.clone());
        Self {
            _feeder: Feeder::start(feed.clone(), publisher.clone()),
            orders: orders::Clerk::start(orders, dials, studio.bell(), publisher.clone()),
            studio,
            feed,
            album,
            publisher,
            _server: server,
        }
    }

    /// The window to put into the flowgraph.
    pub fn window(&self) -> Window {
        self.feed.window()
    }

    /// What was turned on the page.
    pub fn dials(&self) -> &Dials {
        self.orders.dials()
    }

    /// The command rests while [`Dials::is_paused`].
    pub fn allow_pause(&self) {
        self.orders.allow_pause();
    }

    /// The command paints nothing: there is nothing to turn of a painter.
    pub fn paints_nothing(&self) {
        self.orders.paint_nothing();
    }

    /// Fills the page's state beside the feeder.
    pub fn publisher(&self) -> &Publisher {
        &self.publisher
    }

    /// The command answers what is beyond the painter.
    pub fn answer_with(
        &self,
        wish: impl Fn(&Command) -> Result<(), String> + Send + Sync + 'static,
    ) {
        self.orders.answer_with(Arc::new(wish));
    }

    /// Where the latest recording comes from.
    pub fn shows_recording(
        &self,
        latest: impl Fn() -> Option<(Recording, Vec<PathBuf>)> + Send + Sync + 'static,
    ) {
        self.feed.set_recording(Arc::new(latest));
    }

    /// What is wrong with the radio goes to the page too; that the page has the run paused is said with it.
    pub fn overhears(
        &self,
        trouble: Box<dyn Fn() -> Option<String> + Send>,
    ) -> Box<dyn Fn() -> Option<String> + Send> {
        let (publisher, dials) = (self.publisher.clone(), self.dials().clone());
        Box::new(move || {
            let words = trouble();
            publisher.update(|live| live.run.trouble.clone_from(&words));
            let paused = || "paused on the page".to_owned();
            words.or_else(|| dials.is_paused().then(paused))
        })
    }

    /// The run begins, or goes on with another picture.
    pub fn running(&self, link: Link, words: String) {
        self.feed.set_link(&link);
        self.publisher.update(|live| {
            live.radio = Some(link.radio);
            live.run.words = words;
            live.run.phase = Phase::Running;
        });
    }

    /// What is done now, in a few words.
    pub fn say(&self, words: String) {
        self.publisher.update(|live| live.run.words = words);
    }

    /// The run is over.
    pub fn ended(&self, words: String) {
        self.feed.flush(&self.publisher);
        self.publisher.update(|live| {
            live.run.phase = Phase::Ended;
            live.run.words = words;
        });
    }

    /// A burst was received.
    pub fn burst(&self, report: &BurstReport) {
        self.feed.burst(report);
    }

    /// Photos that are sent now: previews are compared with them.
    pub fn expects(&self, sent: Arc<Photo>) {
        self.studio.expects(sent);
    }

    /// All that comes of a picture is there: the studio paints its previews. Gives its number on the page.
    pub fn arrived(&self, picture: &Arc<ReceivedPicture>) -> u64 {
        let id = self.album.arrived(picture);
        self.feed.picture(picture);
        if let Ok(codec) = CodecId::try_from(picture.header.fields().codec) {
            self.orders.codec(codec);
        }
        self.studio.arrived(id, picture);
        id
    }

    /// A photo went out.
    pub fn sent(&self, sent: &SentPhoto<'_>) {
        self.feed.sent(sent.ledger, sent.photo.size().pixels());
        self.album.sent(sent);
    }

    /// The album, for what the program made of a picture.
    pub fn album(&self) -> &Album {
        &self.album
    }

    /// Waits until the previews of what arrived are there, so that a run that ends shows all of them.
    pub fn settle(&self) {
        self.studio.settle();
    }
}

/// A radio's settings as the page shows them.
pub fn radio(
    name: &str,
    settings: &heliograph_hardware::RadioSettings,
    numerology: Numerology,
) -> Radio {
    let rate_hz = settings.sample_rate_hz;
    Radio {
        name: name.to_owned(),
        frequency_hz: Some(settings.frequency_hz),
        sample_rate_hz: rate_hz,
        gain_db: settings.gain_db,
        occupied_bandwidth_hz: numerology.occupied_bandwidth_hz(rate_hz),
        numerology: numerology.to_string(),
    }
}

/// A simulated channel as the page shows it.
pub fn channel(name: &str, sample_rate_hz: f64, numerology: Numerology) -> Radio {
    Radio {
        name: format!(
            "channel {name}, {} wide",
            hertz(numerology.occupied_bandwidth_hz(sample_rate_hz))
        ),
        frequency_hz: None,
        sample_rate_hz,
        gain_db: None,
        occupied_bandwidth_hz: numerology.occupied_bandwidth_hz(sample_rate_hz),
        numerology: numerology.to_string(),
    }
}

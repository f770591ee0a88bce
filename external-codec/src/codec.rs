//! The codec itself: photo to symbols and back, through the program.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use heliograph::codec::{Codec, CodecError, CodecId, Latents, ReceivedLatents};
use heliograph::photo::{Photo, PhotoSize};
use heliograph::regions::RateMap;

use crate::ExternalError;
use crate::hello::Hello;
use crate::session::{Request, Session, locked};
use crate::spare;

/// Side information of this crate before the program's own, little endian: how many symbols are the program's (u32), and what they were
/// divided by (f32).
const OWN_BYTES: usize = 8;

/// Real and imaginary parts are at most 1e6.
const MAX_DEVIATION: f32 = 2e6;

/// The codec of a program. It is asked one thing at a time; what it gives is checked before anything goes on the air.
pub struct ExternalCodec {
    session: Arc<Mutex<Session>>,
    hello: Hello,
    perception: f32,
}

impl ExternalCodec {
    /// Starts a command of the shell, or takes the program of that command which runs already; `perception`, 0 to 1, is told to the
    /// program with every picture that it paints.
    ///
    /// # Errors
    /// [`ExternalError`] for a command that cannot be started or does not say who it is.
    pub fn open(command: &str, perception: f32) -> Result<Self, ExternalError> {
        Ok(Self::new(Session::shared(command)?, perception))
    }

    /// [`Self::open`] with a program of its own, and a limit of what an answer may take (else 600 s).
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_alone(
        command: &str,
        perception: f32,
        limit: Duration,
    ) -> Result<Self, ExternalError> {
        let session = Session::start(command, limit)?;
        Ok(Self::new(Arc::new(Mutex::new(session)), perception))
    }

    fn new(session: Arc<Mutex<Session>>, perception: f32) -> Self {
        let hello = locked(&session).hello().clone();
        Self {
            session,
            hello,
            perception,
        }
    }

    /// The name that the program gave itself.
    pub fn name(&self) -> &str {
        &self.hello.name
    }
}

impl Codec for ExternalCodec {
    fn id(&self) -> CodecId {
        CodecId::External
    }

    fn weights_hash(&self) -> u32 {
        self.hello.weights_hash
    }

    fn encode(
        &self,
        photo: &Photo,
        _rate_map: Option<&RateMap>,
        budget: usize,
    ) -> Result<Latents, CodecError> {
        if budget == 0 {
            return Err(CodecError::Budget { found: budget });
        }
        let mut session = locked(&self.session);
        session.exchange.begin();
        let path = session.exchange.write_photo(photo)?;
        let encoded = session.exchange.encoded();
        session.ask(&Request::Encode {
            photo: &path,
            width: photo.size().width(),
            height: photo.size().height(),
            symbols: budget,
            encoded: &encoded,
        })?;
        let found = session.exchange.read_encoded(budget)?;
        // A budget counts the symbols of one picture, less than 2^32.
        let count = (found.symbols.len() as u32).to_le_bytes();
        let (symbols, deviation) = spare::repeated(&found.symbols, budget);
        let deviation = deviation.to_le_bytes();
        Ok(Latents {
            symbols,
            side_information: [&count, &deviation, &found.side_information[..]].concat(),
        })
    }

    fn decode(
        &self,
        received: ReceivedLatents<'_>,
        side_information: &[u8],
        size: PhotoSize,
    ) -> Result<Photo, CodecError> {
        let (symbols, variances) = (received.symbols.len(), received.variances.len());
        if symbols != variances {
            return Err(CodecError::Lengths { symbols, variances });
        }
        let wrong = |reason| CodecError::SideInformation {
            length: side_information.len(),
            reason,
        };
        let Some((own, rest)) = side_information.split_first_chunk::<OWN_BYTES>() else {
            return Err(wrong("the number of symbols or their deviation is cut off"));
        };
        let [a, b, c, d, e, f, g, h] = *own;
        let own = u32::from_le_bytes([a, b, c, d]) as usize;
        let deviation = f32::from_le_bytes([e, f, g, h]);
        if !(1..=symbols).contains(&own) {
            return Err(wrong("more symbols than were sent, or none"));
        }
        if !(deviation.is_normal() && (0.0..=MAX_DEVIATION).contains(&deviation)) {
            return Err(wrong("the deviation of the symbols is out of range"));
        }
        let (symbols, variances) = spare::combined(received, own, deviation);
        let mut session = locked(&self.session);
        session.exchange.begin();
        let path = session
            .exchange
            .write_received(&symbols, &variances, rest)?;
        let painted = session.exchange.painted();
        session.ask(&Request::Decode {
            received: &path,
            width: size.width(),
            height: size.height(),
            perception: self.perception,
            painted: &painted,
        })?;
        Ok(session.exchange.read_painted(size)?)
    }

    fn decode_blind(&self, size: PhotoSize) -> Photo {
        Photo::filled(size, [128; 3])
    }
}

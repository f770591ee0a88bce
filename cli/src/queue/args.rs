//! The flags of the queue, as typed.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use clap::Args;
use heliograph::link::PictureMessage;
use heliograph_queue::{Publisher, QueueError, Server, ServerSettings};

use crate::exit::UsageError;
use crate::say::say;

/// Longest name of a receiver: run and number of a picture stand behind it.
const MAX_RECEIVER: usize = 28;

/// How the server is spoken to.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Queue")]
pub struct ServerArgs {
    /// Credentials for the server, as nsc writes them
    #[arg(long, value_name = "FILE.creds", help_heading = "Queue")]
    queue_credentials: Option<PathBuf>,

    /// Certificates to trust instead of the system's
    #[arg(long, value_name = "FILE.pem", help_heading = "Queue")]
    queue_ca: Option<PathBuf>,

    /// This client's certificate
    #[arg(
        long,
        value_name = "FILE.pem",
        requires = "queue_key",
        help_heading = "Queue"
    )]
    queue_cert: Option<PathBuf>,

    /// Its key
    #[arg(
        long,
        value_name = "FILE.pem",
        requires = "queue_cert",
        help_heading = "Queue"
    )]
    queue_key: Option<PathBuf>,
}

impl ServerArgs {
    /// The first flag that is given.
    fn given(&self) -> Option<&'static str> {
        let flags = [
            ("--queue-credentials", self.queue_credentials.is_some()),
            ("--queue-ca", self.queue_ca.is_some()),
            ("--queue-cert", self.queue_cert.is_some()),
        ];
        flags
            .into_iter()
            .find_map(|(flag, given)| given.then_some(flag))
    }

    /// Begins to connect; what becomes of it is said on standard error.
    ///
    /// # Errors
    /// [`UsageError`] for an address that is none; files that cannot be read.
    pub fn connect(&self, flag: &'static str, address: &str) -> anyhow::Result<Arc<Server>> {
        let settings = ServerSettings {
            address: address.to_owned(),
            credentials: self.queue_credentials.clone(),
            authority: self.queue_ca.clone(),
            identity: self.queue_cert.clone().zip(self.queue_key.clone()),
        };
        // A server that is away or refuses is tried again and again: said once.
        let said = Mutex::new(String::new());
        let listener = Arc::new(move |words: &str| {
            let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
            if *said != words {
                say!("queue: {words}");
                *said = words.to_owned();
            }
        });
        match Server::connect(&settings, listener) {
            Ok(server) => Ok(Arc::new(server)),
            Err(error @ QueueError::Address { .. }) => {
                Err(UsageError(format!("{flag}: {error}")).into())
            }
            Err(error) => Err(anyhow::Error::new(error).context(flag)),
        }
    }
}

/// A receiver that leaves painting to others.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Queue")]
pub struct PublishArgs {
    /// Paint nothing: put every picture into the work queue of a NATS server with JetStream, for heliograph paint
    #[arg(long, value_name = "nats://HOST:PORT", help_heading = "Queue")]
    publish: Option<String>,

    /// This receiver's name there: up to 28 letters, digits, - and _ [default: receiver]
    #[arg(long, value_name = "NAME", requires = "publish", value_parser = receiver, help_heading = "Queue")]
    publish_as: Option<String>,

    #[command(flatten)]
    server: ServerArgs,
}

impl PublishArgs {
    /// The receiver's name with its publisher, if it publishes.
    ///
    /// # Errors
    /// As [`ServerArgs::connect`]; [`UsageError`] for flags of a server where nothing is published.
    pub fn open(&self) -> anyhow::Result<Option<(String, Publisher)>> {
        let Some(address) = &self.publish else {
            return match self.server.given() {
                Some(flag) => Err(UsageError(format!("{flag}: needs --publish")).into()),
                None => Ok(None),
            };
        };
        let name = self.publish_as.clone().unwrap_or("receiver".to_owned());
        let server = self.server.connect("--publish", address)?;
        let publisher = Publisher::new(server, &name)?;
        Ok(Some((name, publisher)))
    }
}

fn receiver(text: &str) -> Result<String, String> {
    match PictureMessage::is_name(text) && text.len() <= MAX_RECEIVER {
        true => Ok(text.to_owned()),
        false => Err(format!(
            "found {text:?}, allowed 1 to {MAX_RECEIVER} letters, digits, - and _"
        )),
    }
}

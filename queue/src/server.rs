//! The connection: made in the background, and made again when it breaks.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::connection::State;
use async_nats::jetstream::{self, Context};
use async_nats::{Client, ConnectOptions, Event, ServerAddr};
use percent_encoding::percent_decode_str;
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use tokio::runtime::{Builder, Runtime};

use crate::QueueError;

/// Longest wait for an answer of the server.
const ANSWER: Duration = Duration::from_secs(10);
/// Pause between attempts to connect: the first, and the longest.
const PAUSES: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(5)];
/// Between two looks whether there is a connection.
const LOOK: Duration = Duration::from_millis(20);

/// Where the server is, and who asks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerSettings {
    /// `nats://host:port` or `tls://host:port`; several with commas between.
    pub address: String,
    /// A `.creds` file, as `nsc` writes it.
    pub credentials: Option<PathBuf>,
    /// Certificates to trust, PEM; else those of the system.
    pub authority: Option<PathBuf>,
    /// The client's certificate and key, PEM.
    pub identity: Option<(PathBuf, PathBuf)>,
}

/// Hears in words what becomes of the connection.
pub type Listener = Arc<dyn Fn(&str) + Send + Sync>;

/// A connection with the threads that serve it.
pub struct Server {
    pub(crate) runtime: Runtime,
    pub(crate) client: Client,
    pub(crate) jetstream: Context,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").finish_non_exhaustive()
    }
}

impl Server {
    /// Begins to connect, and goes on for as long as it lives.
    ///
    /// # Errors
    /// [`QueueError::Address`], [`QueueError::File`]; that nobody answers is said to `listener`, not here.
    pub fn connect(settings: &ServerSettings, listener: Listener) -> Result<Self, QueueError> {
        let addresses = addresses(&settings.address)?;
        // One thread beside the caller's: it keeps connection and tickets alive while a picture is painted.
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let client = runtime.block_on(async {
            let named = words(&settings.address);
            let options = signed_in(options(settings, named, listener).await?, &addresses);
            let connected = options.connect(addresses).await;
            connected.map_err(|error| QueueError::Server {
                doing: "connecting",
                reason: error.to_string(),
            })
        })?;
        // It starts a task of its own.
        let entered = runtime.enter();
        let mut jetstream = jetstream::new(client.clone());
        jetstream.set_timeout(ANSWER);
        drop(entered);
        Ok(Self {
            runtime,
            client,
            jetstream,
        })
    }
}

impl Server {
    /// Whether there is a connection, or one comes in that time.
    pub(crate) fn connected_within(&self, wait: Duration) -> bool {
        let until = Instant::now() + wait;
        loop {
            if self.client.connection_state() == State::Connected {
                return true;
            }
            if Instant::now() >= until {
                return false;
            }
            std::thread::sleep(LOOK);
        }
    }
}

fn addresses(words: &str) -> Result<Vec<ServerAddr>, QueueError> {
    let address = |word: &str| {
        let wrong = |reason: String| QueueError::Address {
            found: without_secrets(word),
            reason,
        };
        let (scheme, rest) = word.split_once("://").unwrap_or_default();
        if !matches!(scheme, "nats" | "tls") {
            return Err(wrong("no nats:// or tls://".to_owned()));
        }
        let host = rest.rsplit('@').next().unwrap_or_default();
        if host.is_empty() || host.starts_with([':', '/']) {
            return Err(wrong("no host".to_owned()));
        }
        word.parse::<ServerAddr>()
            .map_err(|error| wrong(error.to_string()))
    };
    words.split(',').map(|word| address(word.trim())).collect()
}

/// Several addresses in one message.
fn words(addresses: &str) -> String {
    let each = addresses
        .split(',')
        .map(|word| without_secrets(word.trim()));
    each.collect::<Vec<_>>().join(", ")
}

/// Names and passwords stay out of messages.
fn without_secrets(address: &str) -> String {
    match (address.find("://"), address.rfind('@')) {
        (Some(scheme), Some(at)) if at > scheme => {
            format!("{}…{}", &address[..scheme + 3], &address[at..])
        }
        _ => address.to_owned(),
    }
}

async fn options(
    settings: &ServerSettings,
    named: String,
    listener: Listener,
) -> Result<ConnectOptions, QueueError> {
    let pause = |attempts: usize| PAUSES[0].saturating_mul(attempts as u32).min(PAUSES[1]);
    let mut options = ConnectOptions::new()
        .name("heliograph")
        .retry_on_initial_connect()
        .request_timeout(Some(ANSWER))
        .reconnect_delay_callback(pause)
        .event_callback(move |event| {
            let (listener, named) = (listener.clone(), named.clone());
            async move { tell(&listener, &named, &event) }
        });
    if let Some(path) = &settings.credentials {
        let read = options.credentials_file(path).await;
        options = read.map_err(|error| unreadable(path, &error))?;
    }
    if let Some(path) = &settings.authority {
        certificates(path)?;
        options = options.add_root_certificates(path.clone());
    }
    if let Some((certificate, key)) = &settings.identity {
        certificates(certificate)?;
        private_key(key)?;
        options = options.add_client_certificate(certificate.clone(), key.clone());
    }
    Ok(options)
}

/// With the name and password of the first address that has them: the client does not look there.
fn signed_in(options: ConnectOptions, addresses: &[ServerAddr]) -> ConnectOptions {
    let found = addresses.iter().find_map(|address| {
        let name = address.username()?;
        Some([name, address.password().unwrap_or_default()])
    });
    match found {
        Some(words) => {
            let plain = |word| percent_decode_str(word).decode_utf8_lossy().into_owned();
            let [name, password] = words.map(plain);
            options.user_and_password(name, password)
        }
        None => options,
    }
}

/// The client says neither whom it asked nor why it failed.
const PERHAPS: &str =
    "nobody there, TLS asked for on one side only, or a certificate that does not fit";

fn tell(listener: &Listener, named: &str, event: &Event) {
    match event {
        Event::Connected => listener("connected"),
        Event::Disconnected => listener("connection lost"),
        Event::ServerError(error) => listener(&format!("server: {error}")),
        Event::ClientError(error) => match error.to_string() {
            words if words.contains("IO error") => {
                listener(&format!("{named}: {words} ({PERHAPS})"));
            }
            words => listener(&format!("{named}: {words}")),
        },
        _ => {}
    }
}

/// The client reads it only once it connects, where nobody hears what is wrong.
fn certificates(path: &Path) -> Result<(), QueueError> {
    let mut found = 0;
    for certificate in
        CertificateDer::pem_file_iter(path).map_err(|error| unreadable(path, &error))?
    {
        certificate.map_err(|error| unreadable(path, &error))?;
        found += 1;
    }
    match found {
        0 => Err(unreadable(path, &"found no certificate in PEM")),
        _ => Ok(()),
    }
}

fn private_key(path: &Path) -> Result<(), QueueError> {
    let read = PrivateKeyDer::from_pem_file(path);
    read.map(drop).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &dyn fmt::Display) -> QueueError {
    QueueError::File {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_none_are_named_without_their_secrets() {
        for good in ["nats://localhost:4222", "tls://a.example, nats://me:x@b:1/"] {
            assert!(addresses(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "localhost",
            "http://localhost",
            "nats://",
            "nats://:1",
            "nats://a,",
        ] {
            let said = addresses(bad).unwrap_err().to_string();
            assert!(said.contains("allowed an address like nats://"), "{said}");
        }
        let said = addresses("ws://me:secret@host").unwrap_err().to_string();
        assert!(
            said.contains("ws://…@host") && !said.contains("secret"),
            "{said}"
        );
    }

    #[test]
    fn files_that_cannot_be_read_are_named() {
        let settings = ServerSettings {
            address: "nats://localhost:1".to_owned(),
            credentials: Some("/no/such.creds".into()),
            ..ServerSettings::default()
        };
        let said = Server::connect(&settings, Arc::new(|_| ())).unwrap_err();
        assert!(said.to_string().starts_with("/no/such.creds"), "{said}");
    }

    #[test]
    fn what_is_no_certificate_and_no_key_is_said_before_anyone_connects() {
        let folder = std::env::temp_dir().join(format!("heliograph-pem-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let written = |name: &str, text: &str| {
            let path = folder.join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let (certificate, key) = ("CERTIFICATE", "PRIVATE KEY");
        let pem = |kind: &str| format!("-----BEGIN {kind}-----\nAAAA\n-----END {kind}-----\n");
        let (good, good_key) = (
            written("a.pem", &pem(certificate)),
            written("b.pem", &pem(key)),
        );
        assert!(certificates(&good).is_ok() && private_key(&good_key).is_ok());
        let cut = written("cut.pem", "-----BEGIN CERTIFICATE-----\nAAAA\n");
        let words = written("words.pem", "a certificate");
        let found = [&cut, &words, &good_key].map(|path| certificates(path).unwrap_err());
        let keys = [&words, &good].map(|path| private_key(path).unwrap_err());
        std::fs::remove_dir_all(&folder).unwrap();
        for (error, name) in found.iter().zip(["cut.pem", "words.pem", "b.pem"]) {
            assert!(error.to_string().contains(name), "{error}");
        }
        for (error, name) in keys.iter().zip(["words.pem", "a.pem"]) {
            assert!(error.to_string().contains(name), "{error}");
        }
    }
}

//! Programs of the shell, and what they hand out.

use heliograph::codec::{Codec, CodecError};
use heliograph::photo::{Photo, PhotoSize};
use heliograph_external_codec::ExternalCodec;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, serialize};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub const LIMIT: Duration = Duration::from_secs(20);
pub const HELLO: &str = r#"echo '{"name": "test", "weights_hash": "00c0ffee"}'"#;

/// A field of the request in `$line`.
pub const FIELD: &str =
    r#"field() { printf '%s' "$line" | sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }"#;

/// A folder with what programs of the shell hand out.
pub struct Bench(pub TempDir);

impl Bench {
    pub fn new() -> Self {
        Self(TempDir::with_prefix("heliograph-external-test-").unwrap())
    }

    pub fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// The symbols that it encodes to, and side information.
    pub fn encodes(&self, parts: &[f32], side: Option<&[u8]>) {
        let bytes: Vec<u8> = parts.iter().flat_map(|part| part.to_le_bytes()).collect();
        let view = |dtype, shape, bytes| TensorView::new(dtype, shape, bytes).unwrap();
        let symbols = view(Dtype::F32, vec![parts.len() / 2, 2], &bytes);
        let side = side.map(|side| ("side_information", view(Dtype::U8, vec![side.len()], side)));
        let tensors = [("symbols", symbols)].into_iter().chain(side);
        fs::write(self.path("symbols"), serialize(tensors, None).unwrap()).unwrap();
    }

    pub fn paints(&self, width: u32, height: u32) {
        let size = PhotoSize::new(width, height).unwrap();
        let picture = Photo::filled(size, [9, 99, 199]);
        picture.save_png(self.path("picture.png")).unwrap();
    }

    /// A command that answers each request with `answer`, a line of the shell.
    pub fn command(&self, answer: &str) -> String {
        let script = format!("{FIELD}\n{HELLO}\nwhile read -r line; do\n{answer}\ndone\n");
        fs::write(self.path("codec.sh"), script).unwrap();
        format!("sh {}", self.path("codec.sh"))
    }

    /// One that hands out what lies there, and keeps requests and what it received.
    pub fn good(&self) -> String {
        let folder = self.0.path().display();
        self.command(&format!(
            r#"printf '%s\n' "$line" >> {folder}/asked
            case $line in
                *encode*) cp {folder}/symbols "$(field encoded)" ;;
                *) cp "$(field received)" {folder}/received; cp {folder}/picture.png "$(field painted)" ;;
            esac
            echo '{{}}'"#
        ))
    }
}

pub fn open(command: &str) -> ExternalCodec {
    ExternalCodec::open_alone(command, 0.25, LIMIT).unwrap()
}

pub fn photo() -> Photo {
    Photo::filled(PhotoSize::new(8, 6).unwrap(), [10, 20, 30])
}

pub fn encode_error(command: &str) -> String {
    let error = open(command).encode(&photo(), None, 4).unwrap_err();
    assert!(matches!(error, CodecError::External { .. }), "{error}");
    error.to_string()
}

/// Waits for what another process does.
pub fn wait_until(is_so: impl Fn() -> bool) {
    let until = Instant::now() + LIMIT;
    while !is_so() {
        assert!(Instant::now() < until, "not within {LIMIT:?}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Waits until the process whose number stands in a file has ended.
pub fn wait_for_the_end_of(file: &str) {
    let pid = fs::read_to_string(file).unwrap();
    let stat = Path::new("/proc").join(pid.trim()).join("stat");
    // A zombie until whoever inherited it looks.
    wait_until(|| fs::read_to_string(&stat).map_or(true, |stat| stat.contains(") Z ")));
}

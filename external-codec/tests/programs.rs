//! Programs of the shell as codecs: what goes well, and everything that does not.

use std::fs;
use std::path::Path;
use std::time::Duration;

use heliograph::codec::{Codec, CodecError, ReceivedLatents};
use heliograph::photo::{Photo, PhotoSize};
use heliograph_external_codec::ExternalCodec;
use num_complex::Complex32;
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors, serialize};
use tempfile::TempDir;

const LIMIT: Duration = Duration::from_secs(20);
const HELLO: &str = r#"echo '{"name": "test", "weights_hash": "00c0ffee"}'"#;

/// A field of the request in `$line`.
const FIELD: &str =
    r#"field() { printf '%s' "$line" | sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }"#;

/// A folder with what programs of the shell hand out.
struct Bench(TempDir);

impl Bench {
    fn new() -> Self {
        Self(TempDir::with_prefix("heliograph-external-test-").unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// The symbols that it encodes to, and side information.
    fn encodes(&self, parts: &[f32], side: Option<&[u8]>) {
        let bytes: Vec<u8> = parts.iter().flat_map(|part| part.to_le_bytes()).collect();
        let view = |dtype, shape, bytes| TensorView::new(dtype, shape, bytes).unwrap();
        let symbols = view(Dtype::F32, vec![parts.len() / 2, 2], &bytes);
        let side = side.map(|side| ("side_information", view(Dtype::U8, vec![side.len()], side)));
        let tensors = [("symbols", symbols)].into_iter().chain(side);
        fs::write(self.path("symbols"), serialize(tensors, None).unwrap()).unwrap();
    }

    fn paints(&self, width: u32, height: u32) {
        let size = PhotoSize::new(width, height).unwrap();
        let picture = Photo::filled(size, [9, 99, 199]);
        picture.save_png(self.path("picture.png")).unwrap();
    }

    /// A command that answers each request with `answer`, a line of the shell.
    fn command(&self, answer: &str) -> String {
        let script = format!("{FIELD}\n{HELLO}\nwhile read -r line; do\n{answer}\ndone\n");
        fs::write(self.path("codec.sh"), script).unwrap();
        format!("sh {}", self.path("codec.sh"))
    }

    /// One that hands out what lies there, and keeps requests and what it received.
    fn good(&self) -> String {
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

fn open(command: &str) -> ExternalCodec {
    ExternalCodec::open_alone(command, 0.25, LIMIT).unwrap()
}

fn photo() -> Photo {
    Photo::filled(PhotoSize::new(8, 6).unwrap(), [10, 20, 30])
}

fn encode_error(command: &str) -> String {
    let error = open(command).encode(&photo(), None, 4).unwrap_err();
    assert!(matches!(error, CodecError::External { .. }), "{error}");
    error.to_string()
}

#[test]
fn symbols_and_pictures_pass_through_a_program() {
    let bench = Bench::new();
    bench.encodes(&[1.0, 0.0, 0.0, -1.0], Some(b"side"));
    bench.paints(8, 6);
    let codec = open(&bench.good());
    assert_eq!((codec.name(), codec.weights_hash()), ("test", 0x00c0_ffee));
    // Two of four symbols are its own.
    let sent = codec.encode(&photo(), None, 4).unwrap();
    let [one, i] = [Complex32::ONE, -Complex32::I];
    assert_eq!(sent.symbols, [one, i, one, i]);
    assert_eq!(sent.side_information.len(), 8 + 4);
    let received = ReceivedLatents {
        symbols: &[one, i, one, Complex32::ZERO],
        variances: &[0.5, 0.25, 0.5, f32::INFINITY],
    };
    let size = photo().size();
    let found = codec.decode(received, &sent.side_information, size);
    assert_eq!(found.unwrap().pixel(3, 3), [9, 99, 199]);
    let bytes = fs::read(bench.path("received")).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(file.tensor("symbols").unwrap().shape(), [2, 2]);
    let (noise, _) = file.tensor("variances").unwrap().data().as_chunks::<4>();
    let noise: Vec<f32> = noise.iter().map(|v| f32::from_le_bytes(*v)).collect();
    assert_eq!(noise, [0.25, 0.25]);
    assert_eq!(file.tensor("side_information").unwrap().data(), b"side");
    let asked = fs::read_to_string(bench.path("asked")).unwrap();
    let asked: Vec<&str> = asked.lines().collect();
    assert!(
        asked[0].starts_with(r#"{"do":"encode","photo":"#),
        "{}",
        asked[0]
    );
    assert!(
        asked[0].contains(r#""width":8,"height":6,"symbols":4"#),
        "{}",
        asked[0]
    );
    assert!(asked[1].contains(r#""perception":0.25"#), "{}", asked[1]);
}

#[test]
fn what_it_writes_is_checked_before_it_goes_on_the_air() {
    let bench = Bench::new();
    let command = bench.good();
    for (parts, words) in [
        (&[1.0, 0.0, f32::NAN, 0.0][..], "found NaN in row 1"),
        (&[2e6, 0.0, 0.0, 2.0], "found 2000000 in row 0"),
        (
            &[1.0, 0.0].repeat(5),
            "found F32 [5, 2], allowed F32 [N, 2] with N of 1 to 4",
        ),
        (&[], "found F32 [0, 2], allowed"),
    ] {
        bench.encodes(parts, None);
        let said = encode_error(&command);
        assert!(said.contains(words), "{said}");
    }
    fs::write(bench.path("symbols"), "no safetensors").unwrap();
    assert!(encode_error(&command).contains("encoded.safetensors"));
    fs::write(bench.path("symbols"), vec![0; 1 << 20]).unwrap();
    assert!(encode_error(&command).contains("found 1048576 bytes, allowed"));
    bench.encodes(&[1.0, 0.0].repeat(4), Some(&vec![0; 40_000]));
    assert!(encode_error(&command).contains("side_information: found U8 [40000]"));
    // All zero: nothing to send.
    bench.encodes(&[0.0; 8], None);
    open(&command).encode(&photo(), None, 4).unwrap();
    bench.paints(6, 8);
    let codec = open(&command);
    let received = ReceivedLatents {
        symbols: &[Complex32::ONE; 4],
        variances: &[0.1; 4],
    };
    let size = photo().size();
    let painted = |count: u32, deviation: f32| {
        let side = [count.to_le_bytes(), deviation.to_le_bytes()].concat();
        codec.decode(received, &side, size).unwrap_err().to_string()
    };
    assert!(painted(4, 1.0).contains("painted.png: found 6x8, allowed 8x6"));
    // From the air.
    for (count, deviation) in [
        (0, 1.0),
        (5, 1.0),
        (u32::MAX, 1.0),
        (4, 0.0),
        (4, -1.0),
        (4, f32::NAN),
        (4, 1e9),
    ] {
        let said = painted(count, deviation);
        assert!(
            said.contains("side information"),
            "{count} {deviation}: {said}"
        );
    }
    let cut = codec.decode(received, &[4, 0, 0, 0, 0, 0, 0], size);
    assert!(cut.unwrap_err().to_string().contains("cut off"));
}

#[test]
fn a_program_that_fails_is_named_and_started_again() {
    let bench = Bench::new();
    let said = encode_error(&bench.command(r#"echo '{"error": "no GPU"}'"#));
    assert_eq!(said, "codec external: asked to encode, it said: no GPU");
    let said = encode_error(&bench.command("exit 3"));
    assert!(
        said.contains("ended (exit status: 3) while it should encode"),
        "{said}"
    );
    let said = encode_error(&bench.command("echo loading weights"));
    assert!(
        said.contains(r#"printed "loading weights"; allowed is {}"#),
        "{said}"
    );
    let said = encode_error(&bench.command("echo '{}'"));
    assert!(
        said.ends_with("encoded.safetensors: the program did not write it"),
        "{said}"
    );
    let said =
        encode_error(&bench.command("echo '{\"error\": \"'$(printf 'x%.0s' $(seq 600))'\"}'"));
    assert!(said.ends_with("xxx…") && said.len() < 600, "{said}");
    // It fails once, and goes on in a new program.
    bench.encodes(&[1.0, 0.0].repeat(4), None);
    bench.paints(8, 6);
    let (good, once) = (bench.good(), bench.path("once"));
    let inner = bench.path("inner.sh");
    fs::rename(bench.path("codec.sh"), &inner).unwrap();
    let script = format!(
        "if [ ! -e {once} ]; then : > {once}; {HELLO}; read -r line; exit 1; fi\nexec sh {inner}\n"
    );
    fs::write(bench.path("codec.sh"), script).unwrap();
    let codec = open(&good);
    codec.encode(&photo(), None, 4).unwrap_err();
    codec.encode(&photo(), None, 4).unwrap();
}

#[test]
fn who_it_is_is_asked_at_once_and_nobody_waits_for_ever() {
    let start = |command: &str, limit: u64| {
        let limit = Duration::from_millis(limit);
        let found = ExternalCodec::open_alone(command, 0.5, limit);
        found
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default()
    };
    // What the shell knows.
    let command = format!("cd / && NAME=test && {HELLO}; exec cat");
    assert_eq!(start(&command, 9000), "");
    let said = start("/nowhere/codec", 9000);
    assert!(
        said.contains("exit status: 127) while it should say who it is"),
        "{said}"
    );
    let said = start("echo hello", 9000);
    assert!(
        said.contains(r#"printed "hello"; allowed is one line like"#),
        "{said}"
    );
    let said = start("sleep 60", 50);
    assert!(
        said.contains("no answer within 50ms to: say who it is"),
        "{said}"
    );
    let said = start("head -c 100000 /dev/zero", 9000);
    assert!(said.contains("a line of more than 65536 bytes"), "{said}");
}

#[test]
fn codecs_of_one_command_share_a_program_which_ends_with_the_last() {
    let bench = Bench::new();
    let started = bench.path("started");
    let command = bench.command("echo '{}'");
    let script = fs::read_to_string(bench.path("codec.sh")).unwrap();
    fs::write(
        bench.path("codec.sh"),
        format!("echo $$ >> {started}\n{script}"),
    )
    .unwrap();
    let pids = || -> Vec<String> {
        let text = fs::read_to_string(&started).unwrap();
        text.lines().map(str::to_owned).collect()
    };
    let both = [0.0, 1.0].map(|dial| ExternalCodec::open(&command, dial).unwrap());
    let [pid] = &pids()[..] else {
        panic!("{:?}", pids());
    };
    assert!(Path::new("/proc").join(pid).exists());
    drop(both);
    assert!(!Path::new("/proc").join(pid).exists());
    ExternalCodec::open(&command, 0.5).unwrap();
    assert_eq!(pids().len(), 2);
}

#[test]
fn a_budget_that_is_too_small_is_known_from_a_failure() {
    let bench = Bench::new();
    let command = bench.command(r#"echo '{"least": 7}'"#);
    let found = open(&command).encode(&photo(), None, 4).unwrap_err();
    assert_eq!(found, CodecError::TooFew { found: 4, least: 7 });
}

#[test]
fn what_ended_or_spoke_unasked_between_two_photos_is_noticed() {
    let bench = Bench::new();
    bench.encodes(&[1.0, 0.0].repeat(4), None);
    let copy = format!(
        r#"cp {} "$(field encoded)"; echo '{{}}'"#,
        bench.path("symbols")
    );
    // Ends after each answer: the next photo gets a new one.
    let codec = open(&bench.command(&format!("{copy}; exit 0")));
    for _ in 0..2 {
        codec.encode(&photo(), None, 4).unwrap();
        std::thread::sleep(Duration::from_millis(200));
    }
    let codec = open(&bench.command(&format!("{copy}; echo by the way")));
    codec.encode(&photo(), None, 4).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    let said = codec.encode(&photo(), None, 4).unwrap_err().to_string();
    assert!(
        said.contains(r#"it printed "by the way" without being asked"#),
        "{said}"
    );
    codec.encode(&photo(), None, 4).unwrap();
}

#[test]
fn another_program_under_the_same_command_is_refused() {
    let bench = Bench::new();
    let command = bench.command("exit 1");
    let codec = open(&command);
    let script = fs::read_to_string(bench.path("codec.sh")).unwrap();
    fs::write(bench.path("codec.sh"), script.replace("test", "other")).unwrap();
    codec.encode(&photo(), None, 4).unwrap_err();
    let said = codec.encode(&photo(), None, 4).unwrap_err().to_string();
    let words = "started again, it is other 00c0ffee; before it was test 00c0ffee";
    assert!(said.ends_with(words), "{said}");
}

#[test]
fn what_a_program_started_ends_with_it() {
    let bench = Bench::new();
    let pid = bench.path("pid");
    // It hangs, and so does what it started.
    let command = bench.command(&format!("sleep 60 & echo $! > {pid}; wait"));
    let limit = Duration::from_millis(300);
    let codec = ExternalCodec::open_alone(&command, 0.5, limit).unwrap();
    let said = codec.encode(&photo(), None, 4).unwrap_err().to_string();
    assert!(
        said.ends_with("no answer within 300ms to: encode"),
        "{said}"
    );
    let pid = fs::read_to_string(pid).unwrap();
    let stat = Path::new("/proc").join(pid.trim()).join("stat");
    // A zombie until whoever inherited it looks.
    let stat = fs::read_to_string(stat).unwrap_or_default();
    assert!(stat.is_empty() || stat.contains(") Z "), "{stat}");
}

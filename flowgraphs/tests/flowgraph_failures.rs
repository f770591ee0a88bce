//! What the caller supplies may fail too: its codec, its pictures, its own callback, its settings.

mod support;

use std::net::TcpListener;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use heliograph::codec::{Codec, CodecError, CodecId, Latents, ReceivedLatents};
use heliograph::photo::{Photo, PhotoSize};
use heliograph::regions::RateMap;
use heliograph_flowgraphs::FlowgraphError;
use heliograph_flowgraphs::loopback::{LoopbackConfig, run};
use support::{config, photo, pictures, receive, within};

/// A codec that cannot encode.
struct Broken(fn() -> CodecError);

impl Codec for Broken {
    fn id(&self) -> CodecId {
        CodecId::SoftCast
    }

    fn encode(&self, _: &Photo, _: Option<&RateMap>, _: usize) -> Result<Latents, CodecError> {
        Err(self.0())
    }

    fn decode(
        &self,
        _: ReceivedLatents<'_>,
        _: &[u8],
        size: PhotoSize,
    ) -> Result<Photo, CodecError> {
        Ok(self.decode_blind(size))
    }

    fn decode_blind(&self, size: PhotoSize) -> Photo {
        Photo::filled(size, [128; 3])
    }
}

fn failure_of(fault: fn() -> CodecError) -> FlowgraphError {
    within(20, move || {
        receive(LoopbackConfig::new(Arc::new(Broken(fault))), pictures(1)).unwrap_err()
    })
}

#[test]
fn a_codec_that_refuses_ends_the_run_with_its_cause() {
    let failure = failure_of(|| CodecError::Budget { found: 0 });
    let words = failure.to_string();
    assert!(words.starts_with("encode: budget of 0 symbols"), "{words}");
}

#[test]
fn a_codec_that_panics_ends_the_run_with_its_words() {
    let failure = failure_of(|| panic!("lens cap on"));
    assert_eq!(
        failure.to_string(),
        "encode: the block panicked: lens cap on"
    );
}

#[test]
fn pictures_that_panic_end_the_run_after_those_before() {
    let failure = within(20, || {
        let pictures = (0..).map(|i| match i {
            0..3 => (photo(32, 32, i), None),
            _ => panic!("film is full"),
        });
        run(config(), pictures, |_| ()).unwrap_err()
    });
    assert_eq!(
        failure.to_string(),
        "read: the block panicked: film is full"
    );
}

#[test]
fn a_callback_that_panics_takes_the_graph_down_and_goes_on_panicking() {
    within(20, || {
        let endless = (0..).map(|i| (photo(32, 32, i), None));
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            run(config(), endless, |_| panic!("not interested"))
        }));
        let payload = outcome.expect_err("the panic is swallowed");
        assert_eq!(payload.downcast_ref(), Some(&"not interested"));
    });
}

#[test]
fn settings_out_of_range_are_refused_with_what_is_allowed() {
    let refuse = |change: fn(&mut LoopbackConfig)| {
        let mut config = config();
        change(&mut config);
        receive(config, Vec::new()).unwrap_err().to_string()
    };
    assert_eq!(
        refuse(|c| c.drop_probability = 1.5),
        "drop_probability: found 1.5, allowed 0 to 1"
    );
    assert_eq!(
        refuse(|c| c.sample_rate_hz = f64::NAN),
        "sample_rate_hz: found NaN, allowed above 0"
    );
    assert_eq!(
        refuse(|c| c.transmitter.repeats = 9),
        "repeats: found 9, allowed: 1 to 8"
    );
    assert!(refuse(|c| c.propagation.snr_db = Some(900.0)).contains("snr_db"));
}

#[test]
fn a_control_port_that_is_taken_is_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut config = config();
    config.control_port = Some(taken.local_addr().unwrap());
    let failure = within(20, || receive(config, pictures(1)).unwrap_err());
    assert!(
        matches!(failure, FlowgraphError::ControlPort { .. }),
        "{failure}"
    );
}

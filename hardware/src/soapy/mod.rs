//! Radios through SoapySDR: one code path for a USRP, a HackRF and the virtual radio.
//!
//! SoapySDR is thin, and drivers differ in what they keep of its contract. What this adds:
//! - lost samples are counted from timestamps ([`crate::streaming`]), with or without an overflow report;
//! - bursts end with whole transfers where the radio knows nothing else, and are reported as sent by the clock where the
//!   radio does not report them;
//! - on a half-duplex radio both streams exist and take turns (`duplex`);
//! - offset tuning ([`crate::offset`]) needs nothing from the driver;
//! - samples are limited to full scale, where drivers would let them wrap around;
//! - errors carry the driver's own words.

mod channel;

mod convert;

mod device;

mod discovery;

mod duplex;

mod module;

mod reporter;

mod rx;

mod settings;

mod stream;

mod tx;

mod writer;

use std::sync::Arc;

use crate::discovery::{ChannelProbe, hull};
use crate::error::RadioError;
use crate::offset::{ShiftedReceiver, ShiftedTransmitter};
use crate::profile::DeviceTraits;
use crate::radio::{Radio, RxStream, TxStream};
use crate::settings::{Capabilities, Direction, Duplex, RadioSettings, Range, Timestamps};
use device::Device;
pub(crate) use discovery::{discover, probe};
use duplex::{Claim, Switch};
use rx::Receiver;
use settings::Tuning;
use stream::Stream;
use tx::Transmitter;

/// A radio behind SoapySDR.
///
/// Half duplex ([`DeviceTraits::duplex`], or if the driver says so): a burst waits for a read in progress, at most 20 ms,
/// and stops the receiver until the burst is out; reads wait for that and run into [`RadioError::Timeout`] at most. The
/// first read after says [`crate::Lost::Unknown`]. By the clock of the program a burst is out when its air time has
/// passed, and that of four transfers more, which may be on the way to the antenna.
///
/// ```no_run
/// use heliograph_hardware::profile::DeviceTraits;
/// use heliograph_hardware::{Direction, Radio, RadioSettings, SoapyRadio};
///
/// let mut radio = SoapyRadio::open("driver=uhd,type=b200", DeviceTraits::default())?;
/// let mut settings = RadioSettings::new(433.92e6, 2e6);
/// settings.gain_db = Some(40.0);
/// println!("{:?}", radio.configure(Direction::Receive, &settings)?);
/// let mut stream = radio.receive()?;
/// # Ok::<(), heliograph_hardware::RadioError>(())
/// ```
pub struct SoapyRadio {
    device: Arc<Device>,
    /// The driver that was asked for.
    driver: String,
    traits: DeviceTraits,
    clock_sources: Vec<String>,
    channels: [usize; 2],
    /// What the first channel of each direction can do; `None` where there is none.
    limits: [Option<ChannelProbe>; 2],
    tunings: [Option<Tuning>; 2],
    switch: Arc<Switch>,
}

impl SoapyRadio {
    /// Opens the first radio that fits SoapySDR's device arguments, `driver=hackrf,serial=...`; `traits` are what SoapySDR
    /// does not tell about it.
    ///
    /// # Errors
    /// [`RadioError::NotFound`] with the drivers there are, [`RadioError::Driver`] in the driver's words.
    pub fn open(arguments: &str, traits: DeviceTraits) -> Result<Self, RadioError> {
        module::load_for(arguments)?;
        let device = Device::open(arguments)?;
        let directions = [Direction::Receive, Direction::Transmit];
        let channels = directions.map(|direction| discovery::channels(&device, direction));
        let mut limits = [None, None];
        for direction in directions {
            if channels[direction as usize] > 0 {
                let probe = discovery::probe_channel(&device, direction, 0)?;
                limits[direction as usize] = Some(probe);
            }
        }
        let traits = agreed(traits, &device, &limits);
        Ok(Self {
            driver: argument(arguments, "driver").unwrap_or_else(|| device.driver().to_owned()),
            traits,
            clock_sources: discovery::clock_sources(&device),
            channels,
            limits,
            tunings: [None, None],
            switch: Switch::new(traits.duplex),
            device,
        })
    }

    fn limits(&self, direction: Direction) -> Result<&ChannelProbe, RadioError> {
        let limits = self.limits[direction as usize].as_ref();
        limits.ok_or_else(|| RadioError::Unsupported {
            radio: self.device.name().to_owned(),
            what: match direction {
                Direction::Receive => "receive",
                Direction::Transmit => "transmit",
            },
        })
    }

    /// Claims a direction and opens its stream.
    fn open_stream(&self, direction: Direction) -> Result<(Stream, Claim, Tuning), RadioError> {
        self.limits(direction)?;
        let Some(tuning) = self.tunings[direction as usize].clone() else {
            return Err(RadioError::NotConfigured { direction });
        };
        let claim = self.switch.claim(direction)?;
        let stream = Stream::open(&self.device, direction, tuning.settings.channel)?;
        Ok((stream, claim, tuning))
    }
}

/// What both the profile and the driver believe in.
fn agreed(
    traits: DeviceTraits,
    device: &Device,
    limits: &[Option<ChannelProbe>; 2],
) -> DeviceTraits {
    let half = |probe: &ChannelProbe| probe.duplex == Duplex::Half;
    DeviceTraits {
        duplex: match limits.iter().flatten().any(half) {
            true => Duplex::Half,
            false => traits.duplex,
        },
        timestamps: match discovery::timestamps(device) {
            Timestamps::Supported => traits.timestamps,
            Timestamps::Unsupported => Timestamps::Unsupported,
        },
        ..traits
    }
}

/// The value of a key in device arguments.
fn argument(arguments: &str, key: &str) -> Option<String> {
    let pairs = arguments.split(',').filter_map(|pair| pair.split_once('='));
    let mut values = pairs.filter(|(name, _)| name.trim() == key);
    values.next().map(|(_, value)| value.trim().to_lowercase())
}

impl Radio for SoapyRadio {
    fn capabilities(&self, direction: Direction) -> Capabilities {
        let limits = self.limits[direction as usize].as_ref();
        let ranges = |of: fn(&ChannelProbe) -> &[Range]| hull(limits.map_or(&[], of));
        let bandwidth_hz = ranges(|limits| &limits.bandwidths_hz);
        Capabilities {
            name: self.device.name().to_owned(),
            frequency_hz: ranges(|limits| &limits.frequencies_hz),
            sample_rate_hz: ranges(|limits| &limits.sample_rates_hz),
            bandwidth_hz: (bandwidth_hz.min <= bandwidth_hz.max).then_some(bandwidth_hz),
            gain_db: limits.map_or(hull(&[]), |limits| limits.gain_db),
            gain_elements_db: limits.map_or_else(Default::default, |l| l.gain_elements_db.clone()),
            antennas: limits.map_or_else(Vec::new, |limits| limits.antennas.clone()),
            clock_sources: self.clock_sources.clone(),
            channels: self.channels[direction as usize],
            duplex: self.traits.duplex,
            timestamps: self.traits.timestamps,
            mtu_samples: limits.and_then(|limits| limits.mtu_samples).unwrap_or(1),
        }
    }

    fn configure(
        &mut self,
        direction: Direction,
        settings: &RadioSettings,
    ) -> Result<RadioSettings, RadioError> {
        let limits = self.limits(direction)?;
        self.capabilities(direction).check(settings)?;
        self.switch.check_idle(direction)?;
        let tuning = settings::apply(&self.device, direction, settings, limits)?;
        let made = tuning.settings.clone();
        self.tunings[direction as usize] = Some(tuning);
        Ok(made)
    }

    fn receive(&mut self) -> Result<Box<dyn RxStream>, RadioError> {
        let (stream, claim, tuning) = self.open_stream(Direction::Receive)?;
        let (shift_hz, rate_hz) = (tuning.shift_hz(), tuning.settings.sample_rate_hz);
        let receiver = Receiver::start(stream, claim, tuning, self.traits.timestamps)?;
        let receiver = Box::new(receiver);
        Ok(match shift_hz == 0.0 {
            true => receiver,
            false => Box::new(ShiftedReceiver::new(receiver, shift_hz, rate_hz)),
        })
    }

    fn transmit(&mut self) -> Result<Box<dyn TxStream>, RadioError> {
        let (stream, claim, tuning) = self.open_stream(Direction::Transmit)?;
        let (shift_hz, rate_hz) = (tuning.shift_hz(), tuning.settings.sample_rate_hz);
        let transmitter = Transmitter::start(stream, claim, tuning, self.traits, &self.driver)?;
        let transmitter = Box::new(transmitter);
        Ok(match shift_hz == 0.0 {
            true => transmitter,
            false => Box::new(ShiftedTransmitter::new(transmitter, shift_hz, rate_hz)),
        })
    }
}

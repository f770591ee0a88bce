//! Bits and what protects them: CRC, 5G NR LDPC, QPSK with exact LLRs, the burst header, the digital stream.
//!
//! Sources: 3GPP TS 38.212 (CRC, LDPC, rate matching, segmentation) and TS 38.211 (QPSK, Gold sequence).
//! Bits are `u8` 0 or 1, one a byte; a soft bit is an [`llr::Llr`], positive for 0.
//!
//! ```
//! use heliograph::bits::{llr::Llr, qpsk};
//! let bits = [0, 1, 1, 0];
//! let symbols = qpsk::modulate(&bits);
//! let llrs = qpsk::demodulate(&symbols, &[0.1, 0.1]);
//! let decided: Vec<u8> = llrs.iter().map(|llr: &Llr| llr.hard_decision()).collect();
//! assert_eq!(decided, bits);
//! ```

pub mod llr;

pub mod qpsk;

pub mod crc;

pub mod prbs;

pub mod spread;

pub mod ldpc;

pub mod header;

pub mod digital;

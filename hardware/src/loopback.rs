//! A radio without hardware: its receiver hears its transmitter.

//! Bookkeeping of streams that no driver does for us, as pure functions of what the driver said.

pub(crate) mod bursts;

pub(crate) mod deadline;

pub(crate) mod timeline;

pub(crate) mod transfers;

//! FutureSDR blocks and graphs.

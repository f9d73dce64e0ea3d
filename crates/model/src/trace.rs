//! The words by which the floors agree on traces. Spans are made where the work is and exported by the
//! binary alone.

/// The target of spans that are made for traces; the log leaves it out.
pub const TARGET: &str = "larkspur::trace";
/// How a request's log id is handed down to what the request causes; it goes no further than the process.
pub const LOG_ID: &str = "log_id";

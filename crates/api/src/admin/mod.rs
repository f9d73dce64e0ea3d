//! Larkspur's own API beside the platform's, under `/larkspur/v1`: what the platform never tells.

pub(crate) mod task;

//! Bytes as the reader of html files meets them.
#![no_main]

use larkspur_fuzz::document;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| document("html", bytes));

//! Bytes as the reader of docx files meets them.
#![no_main]

use larkspur_fuzz::{document, mutate_archive};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_target!(|bytes: &[u8]| document("docx", bytes));

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutate_archive(data, size, max_size, seed)
});

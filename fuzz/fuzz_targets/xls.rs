//! Bytes as the reader of xls files meets them.
#![no_main]

use larkspur_fuzz::workbook;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| workbook("xls", bytes));

//! What no reader of a file can be faster than: the parts of a zip archive inflated and forgotten, the
//! records of a csv split and forgotten.

use std::fs::File;
use std::io::{BufReader, copy, sink};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let mut arguments = std::env::args().skip(1);
    let (Some(what), Some(path)) = (arguments.next(), arguments.next()) else {
        return Err("usage: floors inflate ARCHIVE | floors csv FILE".into());
    };
    let file = File::open(path)?;
    match what.as_str() {
        "inflate" => {
            let mut archive = zip::ZipArchive::new(BufReader::new(file))?;
            let mut bytes = 0;
            for index in 0..archive.len() {
                bytes += copy(&mut archive.by_index(index)?, &mut sink())?;
            }
            println!("{bytes} bytes");
        }
        "csv" => {
            let mut reader = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .buffer_capacity(1 << 18)
                .from_reader(file);
            let (mut record, mut records) = (csv::ByteRecord::new(), 0_u64);
            while reader.read_byte_record(&mut record)? {
                records += 1;
            }
            println!("{records} records");
        }
        other => return Err(format!("no floor is called {other}").into()),
    }
    Ok(())
}

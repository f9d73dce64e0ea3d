//! Hostile files: whatever they are read as, it ends soon, and says what they are.

use std::time::Duration;

use larkspur_formats::{Error, Limits, Unwatched};

use crate::kept::read_as;
use crate::{corpus, files};

/// Longest a file may take.
const LIMIT: Duration = Duration::from_secs(20);

#[test]
fn hostile_files_end_soon_and_say_what_they_are() {
    let Some(corpus) = corpus() else {
        println!("no corpus here: 34 hostile files could not be run");
        return;
    };
    for (name, bytes) in files(&corpus.join("hostile")) {
        for extension in ["xlsx", "xls", "csv"] {
            let is_right = match extension {
                "xlsx" => bytes.starts_with(b"PK"),
                "xls" => bytes.starts_with(b"\xd0\xcf") || bytes.starts_with(b"\x09\x08"),
                _ => true,
            };
            let (send, receive) = std::sync::mpsc::channel();
            let bytes = bytes.clone();
            std::thread::spawn(move || {
                let read = read_as(extension, &bytes, &Limits::default(), &mut Unwatched);
                send.send(read.map(|book| book.sheets.len()))
            });
            let result = receive
                .recv_timeout(LIMIT)
                .unwrap_or_else(|_| panic!("{name} as {extension} takes too long"));
            if name.ends_with(extension) {
                println!("{name}: {result:?}");
            }
            match result {
                Ok(_) | Err(Error::Damaged(_) | Error::TooLarge(_)) => {
                    assert!(is_right, "{name} as {extension}: {result:?}");
                }
                Err(Error::Encrypted | Error::Mismatch { .. }) => {}
                // Almost anything can be a csv.
                Err(Error::Unsupported(_)) if extension == "csv" => {}
                Err(error) => panic!("{name} as {extension}: {error}"),
            }
        }
    }
}

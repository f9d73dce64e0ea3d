//! The files the demo brings along.

use std::io;
use std::path::{Path, PathBuf};

const SAMPLES: [(&str, &[u8]); 4] = [
    ("handbook.md", include_bytes!("../../../samples/handbook.md")),
    ("minutes-gb18030.txt", include_bytes!("../../../samples/minutes-gb18030.txt")),
    ("orders.csv", include_bytes!("../../../samples/orders.csv")),
    ("sales.xlsx", include_bytes!("../../../samples/sales.xlsx")),
];

/// Writes them to `folder` and says where they are.
pub(super) fn unpack(folder: &Path) -> io::Result<Vec<PathBuf>> {
    SAMPLES
        .iter()
        .map(|(name, bytes)| {
            let path = folder.join(name);
            std::fs::write(&path, bytes)?;
            Ok(path)
        })
        .collect()
}

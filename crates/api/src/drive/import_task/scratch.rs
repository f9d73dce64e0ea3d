//! What a conversion left in its folder, read.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use larkspur_engine::Stop;
use larkspur_formats::cells::Manifest;
use serde::de::DeserializeOwned;

use crate::stored;

/// A value kept as JSON.
pub(super) async fn json<T: DeserializeOwned + Send + 'static>(path: &Path) -> Result<T, Stop> {
    let path = path.to_owned();
    stored::blocking(move || Ok(serde_json::from_reader(BufReader::new(File::open(path)?))?))
        .await
        .map_err(Stop::retry)
}

/// The manifest of a workbook's cells.
pub(super) async fn manifest(path: &Path) -> Result<Manifest, Stop> {
    let bytes = tokio::fs::read(path).await.map_err(Stop::retry)?;
    stored::blocking(move || Manifest::from_bytes(&bytes).map_err(io::Error::other))
        .await
        .map_err(Stop::retry)
}

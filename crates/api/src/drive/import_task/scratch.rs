//! What a conversion left in its folder, read.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::Path;

use larkspur_engine::Stop;
use larkspur_formats::cells::Manifest;
use larkspur_model::workbook::Workbook;
use serde::de::DeserializeOwned;

use crate::stored;

/// A value kept as JSON.
pub(super) async fn json<T: DeserializeOwned + Send + 'static>(path: &Path) -> Result<T, Stop> {
    let path = path.to_owned();
    stored::blocking(move || Ok(serde_json::from_reader(BufReader::new(File::open(path)?))?))
        .await
        .map_err(Stop::retry)
}

/// The workbook of a manifest.
pub(super) async fn workbook(manifest: &Path) -> Result<Workbook, Stop> {
    let bytes = tokio::fs::read(manifest).await.map_err(Stop::retry)?;
    stored::blocking(move || Manifest::from_bytes(&bytes).map_err(io::Error::other))
        .await
        .map(|manifest| manifest.workbook)
        .map_err(Stop::retry)
}

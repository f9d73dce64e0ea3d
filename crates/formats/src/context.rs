//! What a conversion is given beside its bytes: limits, options, a place for pictures, somebody to
//! tell the progress to, and the list of losses.

use std::io::{self, Read};
use std::path::PathBuf;

use larkspur_model::document::AssetId;
use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::workbook::PictureAsset;
use serde::{Deserialize, Serialize};

use crate::{Error, Limits};

/// Choices of one conversion.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// Title where the source has none, usually the file's name without its ending.
    pub title: String,
    /// Which sheet a csv is written from; the first when `None`.
    pub sheet: Option<usize>,
    /// Whether a csv starts with a byte order mark.
    pub byte_order_mark: bool,
    /// Folders with further fonts.
    pub font_directories: Vec<PathBuf>,
    /// Text laid faintly over every page of a print; empty for none.
    pub watermark: String,
    /// Whether pictures become blocks that hold their address alone, wherever they lie.
    pub pictures_as_addresses: bool,
}

/// Hears how far a conversion is, and may stop it.
pub trait Monitor {
    /// Told at each stage's start and now and then within it, at the latest every 100 ms or so of
    /// work. `total` is 0 where nobody knows it. Returning [`Error::Cancelled`] stops the work.
    fn progress(&mut self, stage: &'static str, done: u64, total: u64) -> Result<(), Error>;
}

/// A monitor that hears nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unwatched;

impl Monitor for Unwatched {
    fn progress(&mut self, _: &'static str, _: u64, _: u64) -> Result<(), Error> {
        Ok(())
    }
}

/// What a conversion is given beside its bytes.
pub struct Context<'a> {
    /// The caps to obey.
    pub limits: &'a Limits,
    /// Choices.
    pub options: &'a Options,
    /// What was lost so far.
    pub losses: Losses,
    /// Who takes the pictures of a workbook that is read; without, they are left out.
    pub assets: Option<&'a mut dyn AssetSink>,
    /// The pictures that were taken, by index.
    pub pictures: Vec<PictureAsset>,
    /// Who gives the pictures of a workbook that is written; without, they are left out.
    pub asset_source: Option<&'a mut dyn AssetSource>,
    monitor: &'a mut dyn Monitor,
}

impl<'a> Context<'a> {
    /// A context without losses yet.
    pub fn new(limits: &'a Limits, options: &'a Options, monitor: &'a mut dyn Monitor) -> Self {
        let (assets, asset_source) = (None, None);
        let (losses, pictures) = (Losses::new(), Vec::new());
        Self { limits, options, losses, assets, pictures, asset_source, monitor }
    }

    /// A context of the same limits, options and monitor, without losses and pictures yet.
    pub fn within(&mut self) -> Context<'_> {
        Context::new(self.limits, self.options, &mut *self.monitor)
    }

    /// Tells the progress; see [`Monitor::progress`].
    pub fn progress(&mut self, stage: &'static str, done: u64, total: u64) -> Result<(), Error> {
        self.monitor.progress(stage, done, total)
    }

    /// Notes a loss.
    pub fn lose(&mut self, kind: LossKind, place: impl Into<String>, detail: impl Into<String>) {
        self.losses.add(kind, place, detail);
    }
}

/// Takes the pictures and files of a document that is being read.
pub trait AssetSink {
    /// Keeps all of `bytes` and answers how many those were. Called once for each asset, with 0, 1,
    /// 2, ... as `id`, which is the asset's index in the finished document.
    fn put(&mut self, id: AssetId, bytes: &mut dyn Read) -> io::Result<u64>;
}

/// Gives the pictures and files of a document that is being written.
pub trait AssetSource {
    /// Opens an asset's bytes.
    fn open(&mut self, id: AssetId) -> io::Result<Box<dyn Read>>;
}

/// Forgets what it is given and has nothing to give.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoAssets;

impl AssetSink for NoAssets {
    fn put(&mut self, _: AssetId, bytes: &mut dyn Read) -> io::Result<u64> {
        io::copy(bytes, &mut io::sink())
    }
}

impl AssetSource for NoAssets {
    fn open(&mut self, _: AssetId) -> io::Result<Box<dyn Read>> {
        Err(io::Error::from(io::ErrorKind::NotFound))
    }
}

/// Assets in memory, by index: enough for tests and small documents.
impl AssetSink for Vec<Vec<u8>> {
    fn put(&mut self, id: AssetId, bytes: &mut dyn Read) -> io::Result<u64> {
        let mut kept = Vec::new();
        bytes.read_to_end(&mut kept)?;
        let size = kept.len() as u64;
        self.resize((id.0 as usize + 1).max(self.len()), Vec::new());
        self[id.0 as usize] = kept;
        Ok(size)
    }
}

impl AssetSource for Vec<Vec<u8>> {
    fn open(&mut self, id: AssetId) -> io::Result<Box<dyn Read>> {
        let bytes = self.get(id.0 as usize).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(io::Cursor::new(bytes.clone())))
    }
}

//! What a child can be asked to do and what comes back. Paths are absolute; results lie in the
//! folder that the work was given.

use std::path::{Path, PathBuf};

use larkspur_model::loss::Losses;
use serde::{Deserialize, Serialize};

/// One conversion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Work {
    /// A file becomes an online document.
    ReadDocument {
        /// The file.
        input: PathBuf,
        /// Its format, by file name ending.
        extension: String,
        /// Title where the file has none.
        title: String,
        /// Whether pictures become blocks that hold their address alone.
        pictures_as_addresses: bool,
    },
    /// A file becomes an online workbook.
    ReadWorkbook {
        /// The file.
        input: PathBuf,
        /// Its format, by file name ending.
        extension: String,
    },
    /// A file becomes a base.
    ReadBase {
        /// The file.
        input: PathBuf,
        /// Its format, by file name ending.
        extension: String,
        /// Name of its table where the file has none.
        title: String,
    },
    /// An online document becomes a file.
    WriteDocument {
        /// JSON of the document.
        document: PathBuf,
        /// Its pictures and files, by index.
        assets: Vec<PathBuf>,
        /// Format to write, by file name ending.
        extension: String,
        /// Text laid faintly over every page of a print; empty for none.
        watermark: String,
    },
    /// An online workbook becomes a file.
    WriteWorkbook {
        /// The workbook without its cells, as `formats::cells` keeps it.
        manifest: PathBuf,
        /// Its files of cells, as the manifest numbers them.
        cells: Vec<PathBuf>,
        /// Format to write, by file name ending.
        extension: String,
        /// The one sheet to write, for formats that hold one.
        sheet: Option<usize>,
        /// Its pictures, by index.
        pictures: Vec<PathBuf>,
    },
    /// A base becomes a file.
    WriteBase {
        /// JSON of its tables, as `formats::base` reads them.
        tables: PathBuf,
        /// Manifest and cells that a file brought.
        imported: Option<(PathBuf, PathBuf)>,
        /// Manifest and cells of the records that were added later.
        added: (PathBuf, PathBuf),
        /// Format to write, by file name ending.
        extension: String,
        /// The one table to write, for formats that hold one.
        table: Option<usize>,
    },
}

impl Work {
    /// The files the work reads.
    pub fn inputs(&self) -> Vec<&Path> {
        match self {
            Self::ReadDocument { input, .. }
            | Self::ReadWorkbook { input, .. }
            | Self::ReadBase { input, .. } => vec![input],
            Self::WriteDocument { document, assets, .. } => std::iter::once(document.as_path())
                .chain(assets.iter().map(PathBuf::as_path))
                .collect(),
            Self::WriteWorkbook { manifest, cells, pictures, .. } => {
                std::iter::once(manifest.as_path())
                    .chain(cells.iter().chain(pictures).map(PathBuf::as_path))
                    .collect()
            }
            Self::WriteBase { tables, imported, added, .. } => {
                let pairs = imported.iter().chain([added]);
                let files = pairs.flat_map(|(manifest, cells)| [manifest.as_path(), cells]);
                std::iter::once(tables.as_path()).chain(files).collect()
            }
        }
    }

    /// The format on the file's side, by file name ending.
    pub fn extension(&self) -> &str {
        match self {
            Self::ReadDocument { extension, .. }
            | Self::ReadWorkbook { extension, .. }
            | Self::ReadBase { extension, .. }
            | Self::WriteDocument { extension, .. }
            | Self::WriteWorkbook { extension, .. }
            | Self::WriteBase { extension, .. } => extension,
        }
    }

    /// Whether a file is being read, rather than written.
    pub const fn is_reading(&self) -> bool {
        matches!(
            self,
            Self::ReadDocument { .. } | Self::ReadWorkbook { .. } | Self::ReadBase { .. }
        )
    }
}

/// A finished conversion.
#[derive(Debug, Clone, PartialEq)]
pub struct Produced {
    /// What could not be carried over.
    pub losses: Losses,
    /// The files.
    pub made: Made,
    /// What it took.
    pub usage: Usage,
}

/// The files of a finished conversion, in the folder it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Made {
    /// Of [`Work::ReadDocument`].
    Document {
        /// JSON of the document, without ids.
        document: PathBuf,
        /// Its pictures and files, by index.
        assets: Vec<PathBuf>,
    },
    /// Of [`Work::ReadWorkbook`].
    Workbook {
        /// The workbook without its cells, as `formats::cells` keeps it.
        manifest: PathBuf,
        /// Its cells.
        cells: PathBuf,
        /// Its pictures, by index.
        pictures: Vec<PathBuf>,
    },
    /// Of [`Work::ReadBase`].
    Base {
        /// JSON of what the file became: tables, fields, where pictures belong.
        base: PathBuf,
        /// The index of its cells, as `formats::cells` keeps it.
        manifest: PathBuf,
        /// Its cells.
        cells: PathBuf,
        /// Its pictures, by index.
        pictures: Vec<PathBuf>,
    },
    /// Of [`Work::WriteDocument`], [`Work::WriteWorkbook`] and [`Work::WriteBase`].
    File {
        /// The file.
        path: PathBuf,
        /// Its size.
        size_bytes: u64,
    },
}

impl Made {
    pub(crate) const DOCUMENT: &'static str = "document.json";
    pub(crate) const BASE: &'static str = "base.json";
    pub(crate) const MANIFEST: &'static str = "manifest";
    pub(crate) const CELLS: &'static str = "cells";
    pub(crate) const OUTPUT: &'static str = "output";

    /// Where the bytes of an asset go.
    pub(crate) fn asset(out: &Path, index: usize) -> PathBuf {
        out.join(format!("asset-{index}"))
    }
}

/// What a conversion took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Usage {
    /// Time on the wall, milliseconds.
    pub wall_ms: u64,
    /// Most memory that was resident at a time, bytes; 0 where the system does not say.
    pub peak_memory_bytes: u64,
}

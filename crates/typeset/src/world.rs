//! What the typesetter sees of the world: one source text, the pictures, the fonts. No file system,
//! no packages, no clock.

use std::sync::LazyLock;

use typst::comemo;
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

use crate::Fonts;

static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

/// Virtual names are interned for the life of the process in a table of 65,535: prints share these.
pub(crate) const MOST_PICTURES: usize = 20_000;
pub(crate) const MOST_RUNS: usize = 20_000;

fn file_id(name: String) -> FileId {
    let path = VirtualPath::new(name).expect("our own names are valid paths");
    FileId::new(RootedPath::new(VirtualRoot::Project, path))
}

/// Everything one run of the typesetter may look at.
pub(crate) struct Desk<'a> {
    fonts: &'a Fonts,
    pictures: &'a [Bytes],
    source: Source,
}

impl<'a> Desk<'a> {
    /// A desk with `text` on it. Each run of a print has its own number, so that no two elements
    /// of the print share a location.
    pub(crate) fn new(fonts: &'a Fonts, pictures: &'a [Bytes], run: usize, text: String) -> Self {
        let id = file_id(format!("/run-{}", run.min(MOST_RUNS)));
        Self { fonts, pictures, source: Source::new(id, text) }
    }
}

impl World for Desk<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.fonts.book
    }

    fn main(&self) -> FileId {
        self.source.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.source.id() { Ok(self.source.clone()) } else { Err(FileError::AccessDenied) }
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        id.vpath()
            .get_without_slash()
            .strip_prefix("picture-")
            .and_then(|number| number.parse::<usize>().ok())
            .and_then(|number| self.pictures.get(number))
            .cloned()
            .ok_or(FileError::AccessDenied)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.faces.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// Forgets what the typesetter remembers, whichever way a print ends; its memory is global.
pub(crate) struct Forget;

impl Drop for Forget {
    fn drop(&mut self) {
        comemo::evict(0);
    }
}

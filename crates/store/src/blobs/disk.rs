//! What blobs on a disk need beyond the object store's interface: a file's path, a file moved in,
//! and the removal of what a crash left half-written.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use larkspur_model::time::Millis;
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;

use crate::error::Error;

/// Bytes written at a time.
pub(super) const PART_BYTES: usize = 1 << 20;
/// A task's folder can vanish between its making and its use when its last blob is deleted then.
const ADOPT_TRIES: usize = 8;

/// The folder that holds the blobs.
#[derive(Debug, Clone)]
pub(super) struct Disk {
    root: PathBuf,
    durable: bool,
}

/// Opens the folder `root`, made where it is missing.
pub(super) fn open(root: &Path, durable: bool) -> Result<(Disk, LocalFileSystem), Error> {
    fs::create_dir_all(root)?;
    let root = root.canonicalize()?;
    let store = LocalFileSystem::new_with_prefix(&root)
        .map_err(|source| Error::blob("", source))?
        .with_fsync(durable);
    Ok((Disk { root, durable }, store))
}

impl Disk {
    /// Whether the folder is there. Blocks.
    pub(super) fn check(&self) -> io::Result<()> {
        fs::read_dir(&self.root).map(drop)
    }

    /// The file of the blob at `place`.
    pub(super) fn path(&self, place: &ObjectPath) -> PathBuf {
        self.root.join(place.as_ref())
    }

    /// Removes the folders above a deleted blob that are empty now, but not those that spread the
    /// blobs of a room: making one again costs every blob that comes first two waits for the disk.
    /// Blocks.
    pub(super) fn remove_empty_above(&self, place: &ObjectPath) {
        let spreading = self.root.components().count() + 2;
        let above = self.path(place);
        for folder in above.ancestors().skip(1) {
            if folder.components().count() <= spreading || fs::remove_dir(folder).is_err() {
                return;
            }
        }
    }

    /// Renames the file `from` to the blob at `place` and answers its size. Blocks.
    pub(super) fn adopt(&self, place: &ObjectPath, from: &Path) -> io::Result<u64> {
        let file = File::open(from)?;
        let size = file.metadata()?.len();
        if self.durable {
            file.sync_all()?;
        }
        let to = self.path(place);
        let mut tries = 0;
        loop {
            tries += 1;
            match self.make_parents(&to).and_then(|parent| {
                fs::rename(from, &to)?;
                self.sync(&parent)
            }) {
                Err(error) if error.kind() == io::ErrorKind::NotFound && tries < ADOPT_TRIES => {}
                done => return done.map(|()| size),
            }
        }
    }

    /// Makes the folders above `file`, each one durable in the folder above it.
    fn make_parents(&self, file: &Path) -> io::Result<PathBuf> {
        let parent = file.parent().unwrap_or(&self.root).to_path_buf();
        let missing: Vec<&Path> = parent
            .ancestors()
            .take_while(|folder| *folder != self.root && !folder.is_dir())
            .collect();
        for folder in missing.into_iter().rev() {
            match fs::create_dir(folder) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
                _ => self.sync(folder.parent().unwrap_or(&self.root))?,
            }
        }
        Ok(parent)
    }

    fn sync(&self, folder: &Path) -> io::Result<()> {
        if self.durable { File::open(folder)?.sync_all() } else { Ok(()) }
    }

    /// Removes half-written blobs (`name#1`) last touched before `before_ms` by the system's
    /// clock, and answers how many. Blocks.
    pub(super) fn remove_staged(&self, before_ms: Millis) -> io::Result<u64> {
        let mut removed = 0;
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            for entry in entries {
                let entry = entry?;
                let name = entry.file_name();
                // Whatever goes meanwhile is gone, which is as good.
                let Ok(metadata) = entry.metadata() else { continue };
                if metadata.is_dir() {
                    folders.push(entry.path());
                } else if name.to_string_lossy().contains('#')
                    && modified_ms(&metadata) < before_ms
                    && fs::remove_file(entry.path()).is_ok()
                {
                    removed += 1;
                }
            }
        }
        Ok(removed)
    }
}

/// Removes everything in `folder` last touched before `before_ms`, and answers how many. Blocks.
pub(super) fn remove_older(folder: &Path, before_ms: Millis) -> io::Result<u64> {
    let mut removed = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(metadata) = entry.metadata() else { continue };
        if modified_ms(&metadata) >= before_ms {
            continue;
        }
        let gone = if metadata.is_dir() {
            fs::remove_dir_all(entry.path())
        } else {
            fs::remove_file(entry.path())
        };
        removed += u64::from(gone.is_ok());
    }
    Ok(removed)
}

fn modified_ms(metadata: &fs::Metadata) -> Millis {
    metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
        .map_or(0, |since| since.as_millis() as Millis)
}

//! Large bytes by key, on a disk or in S3: written once, read whole or in part, deleted. Which of
//! them count is decided by rows of the database (`claims`), never by their presence here.

mod claims;
mod disk;
mod key;
#[cfg(feature = "s3")]
mod s3;
mod write;

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use larkspur_model::time::Millis;
use object_store::path::Path as ObjectPath;
use object_store::{
    GetOptions, GetRange, GetResult, GetResultPayload, ObjectStore, ObjectStoreExt as _,
};
use tempfile::{TempDir, TempPath};
use tokio::io::AsyncWriteExt as _;
use tokio_util::io::ReaderStream;

use crate::error::Error;

pub use self::claims::{Swept, claim, release, sweep, usage};

/// Bytes asked of a file at a time while it is sent.
const READ_BYTES: usize = 256 << 10;
/// No blob has this key; a bucket that says so answers.
const NOWHERE: &str = "check/nothing";

/// Where blobs are kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlobLocation {
    /// In this folder, which is created where it is missing.
    Directory(PathBuf),
    /// In a folder of the system's temporary directory that goes when the last [`Blobs`] does;
    /// nothing is forced to the disk.
    Temporary,
    /// In a bucket: `s3://bucket/folder?endpoint=…&region=…`; keys come from the environment
    /// (`AWS_ACCESS_KEY_ID` and its sisters). Needs the feature `s3`.
    S3(String),
}

impl BlobLocation {
    /// Reads a configured value: an `s3://` address or a folder.
    pub fn parse(text: &str) -> Self {
        if text.starts_with("s3://") {
            Self::S3(text.to_owned())
        } else {
            Self::Directory(PathBuf::from(text))
        }
    }
}

/// What was measured of a blob while it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlobInfo {
    /// Bytes.
    pub size_bytes: u64,
    /// Adler-32 of all bytes (contract, NOTES §4 `checksum`).
    pub adler32: u32,
}

/// A blob on its way out.
pub struct BlobStream {
    /// Bytes of the whole blob.
    pub size_bytes: u64,
    /// The part of it that `stream` gives.
    pub range: Range<u64>,
    /// The bytes.
    pub stream: BoxStream<'static, io::Result<Bytes>>,
}

impl std::fmt::Debug for BlobStream {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("BlobStream")
            .field("size_bytes", &self.size_bytes)
            .field("range", &self.range)
            .finish_non_exhaustive()
    }
}

/// A blob that lies there, claimed or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobEntry {
    /// Its key.
    pub key: String,
    /// Bytes.
    pub size_bytes: u64,
    /// When it was last written, by the clock of its backend.
    pub modified_ms: Millis,
}

/// A blob as a file: the very file on disk, or a copy that goes when this value does. Read only.
#[derive(Debug)]
pub struct LocalFile(Local);

#[derive(Debug)]
enum Local {
    Own(PathBuf),
    Copy(TempPath),
}

impl LocalFile {
    /// Where it lies.
    pub fn path(&self) -> &Path {
        match &self.0 {
            Local::Own(path) => path,
            Local::Copy(path) => path,
        }
    }
}

impl AsRef<Path> for LocalFile {
    fn as_ref(&self) -> &Path {
        self.path()
    }
}

/// The blob store. Cheap to clone.
#[derive(Clone)]
pub struct Blobs {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn ObjectStore>,
    /// The folder behind `store`, where it is one.
    disk: Option<disk::Disk>,
    /// Folder for files on their way in or out.
    scratch: PathBuf,
    /// Bytes gathered before they are sent on.
    part_bytes: usize,
    /// Held so that the folder goes with the last user.
    _temporary: Option<TempDir>,
}

impl std::fmt::Debug for Blobs {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Blobs({})", self.inner.store)
    }
}

impl Blobs {
    /// Opens the blobs at `location`.
    ///
    /// # Errors
    /// [`Error::Io`] where a folder cannot be made; [`Error::BlobLocation`] for an S3 address that
    /// does not parse, or in a build without S3.
    pub fn open(location: &BlobLocation) -> Result<Self, Error> {
        match location {
            BlobLocation::Directory(root) => Self::on_disk(root, true, None),
            BlobLocation::Temporary => {
                let folder = tempfile::Builder::new().prefix("larkspur-").tempdir()?;
                let root = folder.path().to_path_buf();
                Self::on_disk(&root, false, Some(folder))
            }
            #[cfg(feature = "s3")]
            BlobLocation::S3(address) => {
                let folder = tempfile::Builder::new().prefix("larkspur-").tempdir()?;
                Ok(Self {
                    inner: Arc::new(Inner {
                        store: s3::open(address)?,
                        disk: None,
                        scratch: folder.path().to_path_buf(),
                        part_bytes: s3::PART_BYTES,
                        _temporary: Some(folder),
                    }),
                })
            }
            #[cfg(not(feature = "s3"))]
            BlobLocation::S3(address) => Err(Error::BlobLocation {
                address: address.clone(),
                reason: "this build has no S3 support (feature `s3`)".to_owned(),
            }),
        }
    }

    fn on_disk(root: &Path, durable: bool, temporary: Option<TempDir>) -> Result<Self, Error> {
        let (disk, store) = disk::open(&root.join("objects"), durable)?;
        let scratch = root.join("scratch");
        std::fs::create_dir_all(&scratch)?;
        Ok(Self {
            inner: Arc::new(Inner {
                store: Arc::new(store),
                disk: Some(disk),
                scratch,
                part_bytes: disk::PART_BYTES,
                _temporary: temporary,
            }),
        })
    }

    /// A folder of its own for a piece of work, gone with the value. On the disk of the blobs where
    /// they are on one, so that [`Blobs::put_file`] from it is a rename.
    ///
    /// # Errors
    /// [`Error::Io`].
    pub fn scratch(&self) -> Result<TempDir, Error> {
        Ok(tempfile::Builder::new().prefix("work-").tempdir_in(&self.inner.scratch)?)
    }

    /// Whether blobs can be written here, and read where they lie.
    ///
    /// # Errors
    /// [`Error::Io`] where the disk does not take a file, [`Error::Blob`] where the bucket does not
    /// answer.
    pub async fn check(&self) -> Result<(), Error> {
        let blobs = self.clone();
        let tried = tokio::task::spawn_blocking(move || {
            if let Some(disk) = &blobs.inner.disk {
                disk.check()?;
            }
            blobs.scratch().map(drop)
        });
        tried.await.map_err(io::Error::other)??;
        if self.inner.disk.is_none() {
            let place = key::place(NOWHERE)?;
            match self.inner.store.head(&place).await {
                Ok(_) | Err(object_store::Error::NotFound { .. }) => {}
                Err(source) => return Err(Error::blob(NOWHERE, source)),
            }
        }
        Ok(())
    }

    /// Reads the blob, or the bytes of `range` in it; an end beyond the blob's means its end.
    ///
    /// # Errors
    /// [`Error::BlobMissing`], [`Error::BlobRange`] where `range` is empty or starts behind the
    /// end, [`Error::Blob`].
    pub async fn get(&self, key: &str, range: Option<Range<u64>>) -> Result<BlobStream, Error> {
        let got = self.open_range(key, range).await?;
        let (size_bytes, range) = (got.meta.size, got.range.clone());
        let stream = match got.payload {
            GetResultPayload::File(file, _) => {
                let mut file = tokio::fs::File::from_std(file);
                tokio::io::AsyncSeekExt::seek(&mut file, io::SeekFrom::Start(range.start)).await?;
                let part = tokio::io::AsyncReadExt::take(file, range.end - range.start);
                ReaderStream::with_capacity(part, READ_BYTES).boxed()
            }
            GetResultPayload::Stream(stream) => {
                stream.map(|chunk| chunk.map_err(io::Error::other)).boxed()
            }
        };
        Ok(BlobStream { size_bytes, range, stream })
    }

    /// Reads `length` bytes from `offset`, fewer at the end of the blob.
    ///
    /// # Errors
    /// As [`Blobs::get`].
    pub async fn read_at(&self, key: &str, offset: u64, length: u64) -> Result<Bytes, Error> {
        let range = offset..offset.saturating_add(length);
        let got = self.open_range(key, Some(range)).await?;
        got.bytes().await.map_err(|source| Error::blob(key, source))
    }

    /// Reads the whole blob, provided it has at most `most_bytes`.
    ///
    /// # Errors
    /// [`Error::BlobTooLarge`], else as [`Blobs::get`].
    pub async fn read(&self, key: &str, most_bytes: u64) -> Result<Bytes, Error> {
        let got = self.open_range(key, None).await?;
        if got.meta.size > most_bytes {
            return Err(Error::BlobTooLarge { key: key.to_owned(), size_bytes: got.meta.size });
        }
        got.bytes().await.map_err(|source| Error::blob(key, source))
    }

    async fn open_range(&self, key: &str, range: Option<Range<u64>>) -> Result<GetResult, Error> {
        let place = key::place(key)?;
        let outside = |size_bytes| Error::BlobRange { key: key.to_owned(), size_bytes };
        if range.as_ref().is_some_and(Range::is_empty) {
            return Err(outside(self.size(key, &place).await?));
        }
        let start = range.as_ref().map(|range| range.start);
        let options = GetOptions { range: range.map(GetRange::Bounded), ..GetOptions::default() };
        match self.inner.store.get_opts(&place, options).await {
            Ok(got) => Ok(got),
            Err(missing @ object_store::Error::NotFound { .. }) => Err(Error::blob(key, missing)),
            // Backends word a range behind the end in their own ways: the size tells.
            Err(other) => match (start, self.size(key, &place).await) {
                (Some(start), Ok(size_bytes)) if start >= size_bytes => Err(outside(size_bytes)),
                _ => Err(Error::blob(key, other)),
            },
        }
    }

    async fn size(&self, key: &str, place: &ObjectPath) -> Result<u64, Error> {
        let head = self.inner.store.head(place).await;
        head.map(|meta| meta.size).map_err(|source| Error::blob(key, source))
    }

    /// The blob as a file that stays as long as the value, whatever becomes of the blob.
    ///
    /// # Errors
    /// As [`Blobs::as_file`].
    pub async fn held_file(&self, key: &str) -> Result<LocalFile, Error> {
        let file = self.as_file(key).await?;
        let Local::Own(path) = &file.0 else { return Ok(file) };
        let (path, scratch) = (path.clone(), self.inner.scratch.clone());
        let linked = tokio::task::spawn_blocking(move || {
            let link = |to: &Path| std::fs::hard_link(&path, to);
            tempfile::Builder::new().prefix("held-").make_in(scratch, link)
        });
        let linked = linked.await.map_err(io::Error::other)?;
        // A disk without links keeps a released blob for some minutes, as for every reader.
        Ok(linked.map_or(file, |held| LocalFile(Local::Copy(held.into_temp_path()))))
    }

    /// The blob as a file to hand to a reader that needs to seek.
    ///
    /// # Errors
    /// [`Error::BlobMissing`], [`Error::Blob`], [`Error::Io`].
    pub async fn as_file(&self, key: &str) -> Result<LocalFile, Error> {
        if let Some(disk) = &self.inner.disk {
            let place = key::place(key)?;
            self.size(key, &place).await?;
            return Ok(LocalFile(Local::Own(disk.path(&place))));
        }
        let copy = tempfile::NamedTempFile::new_in(&self.inner.scratch)?;
        let (file, path) = copy.into_parts();
        let mut file = tokio::fs::File::from_std(file);
        let mut blob = self.get(key, None).await?;
        while let Some(chunk) = blob.stream.next().await {
            file.write_all(&chunk?).await?;
        }
        file.flush().await?;
        Ok(LocalFile(Local::Copy(path)))
    }

    /// Deletes the blob; one that is not there counts as deleted.
    ///
    /// # Errors
    /// [`Error::Blob`].
    pub async fn delete(&self, key: &str) -> Result<(), Error> {
        let place = key::place(key)?;
        match self.inner.store.delete(&place).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(source) => return Err(Error::blob(key, source)),
        }
        if let (Some(disk), true) = (&self.inner.disk, key.split('/').count() > 2) {
            let disk = disk.clone();
            let tidied = tokio::task::spawn_blocking(move || disk.remove_empty_above(&place)).await;
            tidied.map_err(io::Error::other)?;
        }
        Ok(())
    }

    /// All blobs whose keys start with the whole parts of `prefix` (`""` for all), in no order.
    ///
    /// # Errors
    /// [`Error::BlobKey`] for a prefix no key can have; the stream's items: [`Error::Blob`].
    pub fn list(
        &self,
        prefix: &str,
    ) -> Result<BoxStream<'static, Result<BlobEntry, Error>>, Error> {
        let place = key::place_of_prefix(prefix)?;
        let prefix = prefix.to_owned();
        let entries = self.inner.store.list(Some(&place)).filter_map(move |entry| {
            let entry = match entry {
                Err(source) => Some(Err(Error::blob(&prefix, source))),
                Ok(meta) => key::key_of(&meta.location).map(|key| {
                    Ok(BlobEntry {
                        key,
                        size_bytes: meta.size,
                        modified_ms: meta.last_modified.timestamp_millis(),
                    })
                }),
            };
            std::future::ready(entry)
        });
        Ok(entries.boxed())
    }
}

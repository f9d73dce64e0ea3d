//! How blobs come in: as a stream in constant memory, as bytes, or as a finished file. Nothing
//! counts, and nothing is seen by readers, before the last byte is safe.

use std::io;
use std::path::Path;
use std::pin::pin;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _};
use object_store::path::Path as ObjectPath;
use object_store::{MultipartUpload, ObjectStoreExt as _};
use simd_adler32::Adler32;
use tokio::task::JoinHandle;
use tokio_util::io::ReaderStream;

use super::{BlobInfo, Blobs, READ_BYTES, key};
use crate::error::Error;

impl Blobs {
    /// Keeps all that `chunks` gives under `key`, in place of what was there. When this returns it
    /// is durable; when the stream or the store fails, or this future is dropped, nothing was
    /// changed. Memory: three parts at most (of 1 MiB on a disk, 8 MiB in S3).
    ///
    /// # Errors
    /// [`Error::Source`] is the stream's own error; [`Error::Blob`] is the store's.
    pub async fn put_stream(
        &self,
        key: &str,
        chunks: impl Stream<Item = io::Result<Bytes>> + Send,
    ) -> Result<BlobInfo, Error> {
        let mut upload = Upload::new(self, key)?;
        match upload.take_all(chunks).await {
            Ok(info) => Ok(info),
            Err(error) => {
                upload.abort().await;
                Err(error)
            }
        }
    }

    /// Keeps `bytes` under `key`, durably.
    ///
    /// # Errors
    /// [`Error::Blob`].
    pub async fn put(&self, key: &str, bytes: impl Into<Bytes>) -> Result<BlobInfo, Error> {
        let bytes = bytes.into();
        self.put_stream(key, futures_util::stream::iter([Ok(bytes)])).await
    }

    /// Keeps the file at `path` under `key`, durably, and answers its size. The file is gone
    /// afterwards: on the blobs' own disk it is renamed into place.
    ///
    /// # Errors
    /// [`Error::Io`] for the file, [`Error::Blob`] for the store.
    pub async fn put_file(&self, key: &str, path: &Path) -> Result<u64, Error> {
        if let Some(disk) = &self.inner.disk {
            let (disk, place, from) = (disk.clone(), key::place(key)?, path.to_path_buf());
            let moved = tokio::task::spawn_blocking(move || disk.adopt(&place, &from)).await;
            match moved.map_err(io::Error::other)? {
                Err(other) if other.kind() == io::ErrorKind::CrossesDevices => {}
                result => return Ok(result?),
            }
        }
        let file = tokio::fs::File::open(path).await?;
        let info = self.put_stream(key, ReaderStream::with_capacity(file, READ_BYTES)).await?;
        tokio::fs::remove_file(path).await?;
        Ok(info.size_bytes)
    }

    /// Keeps the blobs `parts`, one behind the other, as the blob `key`. The parts stay.
    ///
    /// # Errors
    /// As [`Blobs::get`] for the parts and [`Blobs::put_stream`] for the whole.
    pub async fn concatenate(&self, key: &str, parts: &[String]) -> Result<BlobInfo, Error> {
        let mut upload = Upload::new(self, key)?;
        match upload.take_blobs(parts).await {
            Ok(info) => Ok(info),
            Err(error) => {
                upload.abort().await;
                Err(error)
            }
        }
    }
}

/// One blob on its way in.
struct Upload<'a> {
    blobs: &'a Blobs,
    key: &'a str,
    place: ObjectPath,
    buffer: BytesMut,
    checksum: Adler32,
    size_bytes: u64,
    /// There is one once a part is full: small blobs go in one call.
    multipart: Option<Box<dyn MultipartUpload>>,
    sending: Option<JoinHandle<object_store::Result<()>>>,
}

impl<'a> Upload<'a> {
    fn new(blobs: &'a Blobs, key: &'a str) -> Result<Self, Error> {
        Ok(Self {
            blobs,
            key,
            place: key::place(key)?,
            buffer: BytesMut::new(),
            checksum: Adler32::new(),
            size_bytes: 0,
            multipart: None,
            sending: None,
        })
    }

    async fn take_all(
        &mut self,
        chunks: impl Stream<Item = io::Result<Bytes>> + Send,
    ) -> Result<BlobInfo, Error> {
        let mut chunks = pin!(chunks);
        while let Some(chunk) = chunks.next().await {
            self.take(&chunk.map_err(Error::Source)?).await?;
        }
        self.finish().await
    }

    async fn take_blobs(&mut self, parts: &[String]) -> Result<BlobInfo, Error> {
        for part in parts {
            let mut blob = self.blobs.get(part, None).await?;
            while let Some(chunk) = blob.stream.next().await {
                self.take(&chunk?).await?;
            }
        }
        self.finish().await
    }

    async fn take(&mut self, mut chunk: &[u8]) -> Result<(), Error> {
        let part_bytes = self.blobs.inner.part_bytes;
        self.checksum.write(chunk);
        self.size_bytes += chunk.len() as u64;
        while !chunk.is_empty() {
            let (now, later) = chunk.split_at(chunk.len().min(part_bytes - self.buffer.len()));
            self.buffer.extend_from_slice(now);
            chunk = later;
            if self.buffer.len() == part_bytes {
                self.send_part().await?;
            }
        }
        Ok(())
    }

    /// Sends the full buffer in the background, once the part before it has arrived.
    async fn send_part(&mut self) -> Result<(), Error> {
        self.settle().await?;
        if self.multipart.is_none() {
            let started = self.blobs.inner.store.put_multipart(&self.place).await;
            self.multipart = Some(started.map_err(|source| Error::blob(self.key, source))?);
        }
        if let Some(multipart) = &mut self.multipart {
            let part = std::mem::take(&mut self.buffer).freeze();
            self.sending = Some(tokio::spawn(multipart.put_part(part.into())));
        }
        Ok(())
    }

    async fn settle(&mut self) -> Result<(), Error> {
        match self.sending.take() {
            None => Ok(()),
            Some(sending) => sending
                .await
                .map_err(io::Error::other)?
                .map_err(|source| Error::blob(self.key, source)),
        }
    }

    async fn finish(&mut self) -> Result<BlobInfo, Error> {
        if self.multipart.is_some() && !self.buffer.is_empty() {
            self.send_part().await?;
        }
        self.settle().await?;
        let stored = if let Some(multipart) = &mut self.multipart {
            multipart.complete().await
        } else {
            let all = std::mem::take(&mut self.buffer).freeze();
            self.blobs.inner.store.put(&self.place, all.into()).await
        };
        stored.map_err(|source| Error::blob(self.key, source))?;
        self.multipart = None;
        Ok(BlobInfo { size_bytes: self.size_bytes, adler32: self.checksum.finish() })
    }

    /// Lets go of what was sent. What cannot be reached now is swept later, so failures are ignored.
    async fn abort(mut self) {
        if let Some(sending) = self.sending.take() {
            let _ = sending.await;
        }
        if let Some(mut multipart) = self.multipart.take() {
            let _ = multipart.abort().await;
        }
    }
}

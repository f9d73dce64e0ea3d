//! The bytes of one archive entry: inflated, checked against the directory, and stopped at the caps.

use std::io::{self, Read, SeekFrom};

use flate2::{Decompress, FlushDecompress, Status};

use super::archive::{Entry, data_start};
use crate::{Error, Input, Limits};

/// Bytes of packed input read at a time.
const PACKED_BYTES: usize = 128 << 10;
/// Below this no ratio is suspicious: tables full of zeros shrink well.
const UNSUSPICIOUS_BYTES: u64 = 16 << 20;

/// One entry's bytes as a stream.
pub(super) struct Inflater<'a> {
    input: &'a mut dyn Input,
    budget: &'a mut u64,
    packed_left: u64,
    packed: Vec<u8>,
    from: usize,
    to: usize,
    state: Option<Decompress>,
    crc: crc32fast::Hasher,
    expected_crc: u32,
    expected_size: u64,
    most: u64,
    produced: u64,
    finished: bool,
}

impl<'a> Inflater<'a> {
    /// Starts reading `entry`; `budget` is what the whole container may still inflate to.
    pub(super) fn open(
        input: &'a mut dyn Input,
        entry: &Entry,
        limits: &Limits,
        budget: &'a mut u64,
    ) -> Result<Self, Error> {
        if entry.encrypted {
            return Err(Error::Encrypted);
        }
        let state = match entry.method {
            0 => None,
            8 => Some(Decompress::new(false)),
            other => return Err(Error::Unsupported(format!("zip compression method {other}"))),
        };
        let start = data_start(input, entry)?;
        input.seek(SeekFrom::Start(start))?;
        let by_ratio = entry.packed.saturating_mul(limits.inflate_ratio).max(UNSUSPICIOUS_BYTES);
        Ok(Self {
            input,
            budget,
            packed_left: entry.packed,
            packed: vec![0; PACKED_BYTES.min(entry.packed as usize + 1)],
            from: 0,
            to: 0,
            state,
            crc: crc32fast::Hasher::new(),
            expected_crc: entry.crc,
            expected_size: entry.size,
            most: limits.entry_bytes.min(by_ratio),
            produced: 0,
            finished: false,
        })
    }

    /// Fills `out` as far as there are bytes; less than `out.len()` means the end was reached.
    pub(super) fn fill(&mut self, out: &mut [u8]) -> Result<usize, Error> {
        let mut filled = 0;
        while filled < out.len() && !self.finished {
            if self.from == self.to && self.packed_left > 0 {
                self.read_packed()?;
            }
            let before = filled;
            filled += self.step(&mut out[filled..])?;
            let fresh = &out[before..filled];
            self.crc.update(fresh);
            self.account(fresh.len() as u64)?;
            if self.finished {
                self.verify()?;
            }
        }
        Ok(filled)
    }

    fn read_packed(&mut self) -> Result<(), Error> {
        let want = self.packed.len().min(usize::try_from(self.packed_left).unwrap_or(usize::MAX));
        let got = self.input.read(&mut self.packed[..want])?;
        if got == 0 {
            return Err(Error::damaged("the file is cut off"));
        }
        (self.from, self.to) = (0, got);
        self.packed_left -= got as u64;
        Ok(())
    }

    fn step(&mut self, out: &mut [u8]) -> Result<usize, Error> {
        let input = &self.packed[self.from..self.to];
        let Some(state) = &mut self.state else {
            let size = input.len().min(out.len());
            out[..size].copy_from_slice(&input[..size]);
            self.from += size;
            self.finished = self.from == self.to && self.packed_left == 0;
            return Ok(size);
        };
        let (read, written) = (state.total_in(), state.total_out());
        let status = state
            .decompress(input, out, FlushDecompress::None)
            .map_err(|_| Error::damaged("the packed data of the container is broken"))?;
        let read = (state.total_in() - read) as usize;
        let written = (state.total_out() - written) as usize;
        self.from += read;
        self.finished = status == Status::StreamEnd;
        if !self.finished && read == 0 && written == 0 && self.packed_left == 0 {
            return Err(Error::damaged("the packed data of the container is cut off"));
        }
        Ok(written)
    }

    fn account(&mut self, fresh: u64) -> Result<(), Error> {
        self.produced += fresh;
        if self.produced > self.most {
            return Err(Error::TooLarge(format!(
                "a part of the container inflates to more than {} bytes",
                self.most
            )));
        }
        *self.budget = self.budget.checked_sub(fresh).ok_or_else(|| {
            Error::TooLarge("the parts of the container inflate to too many bytes".into())
        })?;
        if self.produced > self.expected_size {
            return Err(Error::damaged("a part of the container is longer than it says"));
        }
        Ok(())
    }

    fn verify(&self) -> Result<(), Error> {
        if self.produced != self.expected_size || self.crc.clone().finalize() != self.expected_crc {
            return Err(Error::damaged("a part of the container fails its checksum"));
        }
        Ok(())
    }
}

impl Read for Inflater<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.fill(out).map_err(|error| match error {
            Error::Io(error) => error,
            other => io::Error::new(io::ErrorKind::InvalidData, other),
        })
    }
}

//! Many texts in few blocks of memory. What exceeds a first share is kept packed: files that large
//! are rare, and their cells mostly name texts in the order in which these stand.

use crate::Error;

/// Bytes from which a block is full.
const BLOCK_BYTES: usize = 64 << 10;
/// Bytes of text kept as it is.
const PLAIN_BYTES: usize = 160 << 20;
/// Bytes of packed text.
const PACKED_BYTES: usize = 160 << 20;
/// Packed blocks kept ready at a time.
const READY_BLOCKS: usize = 256;
/// Texts between two whose block is known outright.
const STRIDE: usize = 64;
/// Packing effort: the fastest of the usual ones.
const LEVEL: i32 = 1;

#[derive(Debug)]
enum Block {
    Plain(Box<str>),
    Packed(Box<[u8]>),
}

/// Texts by index, in the order in which they were added.
#[derive(Debug)]
pub(super) struct Arena {
    blocks: Vec<Block>,
    /// For each block, and then the open one, the index of its first text.
    firsts: Vec<u32>,
    open: String,
    /// Where each text ends within its block.
    ends: Vec<u32>,
    /// Of every [`STRIDE`]th text the block: from there the block of any text is a few steps away.
    hints: Vec<u32>,
    plain_bytes: usize,
    packed_bytes: usize,
    plain_limit: usize,
    /// Unpacked blocks, each in the slot that its number leaves over.
    ready: Vec<Option<(usize, String)>>,
}

impl Default for Arena {
    fn default() -> Self {
        Self::with_plain_limit(PLAIN_BYTES)
    }
}

impl Arena {
    fn with_plain_limit(plain_limit: usize) -> Self {
        Self {
            blocks: Vec::new(),
            firsts: vec![0],
            open: String::new(),
            ends: Vec::new(),
            hints: Vec::new(),
            plain_bytes: 0,
            packed_bytes: 0,
            plain_limit,
            ready: Vec::new(),
        }
    }

    /// How many texts there are.
    pub(super) const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Where the next text goes: append it here, then call [`Self::end_text`].
    pub(super) const fn open(&mut self) -> &mut String {
        &mut self.open
    }

    /// Ends the text that was appended.
    pub(super) fn end_text(&mut self) -> Result<(), Error> {
        let end = u32::try_from(self.open.len()).map_err(|_| too_much())?;
        if self.ends.len().is_multiple_of(STRIDE) {
            self.hints.push(self.blocks.len() as u32);
        }
        self.ends.push(end);
        if self.open.len() >= BLOCK_BYTES { self.close_block() } else { Ok(()) }
    }

    fn close_block(&mut self) -> Result<(), Error> {
        let block = if self.plain_bytes + self.open.len() <= self.plain_limit {
            self.plain_bytes += self.open.len();
            Block::Plain(self.open.as_str().into())
        } else {
            let packed = zstd::bulk::compress(self.open.as_bytes(), LEVEL)?;
            self.packed_bytes += packed.len();
            Block::Packed(packed.into())
        };
        if self.packed_bytes > PACKED_BYTES {
            return Err(too_much());
        }
        self.open.clear();
        self.open.shrink_to(BLOCK_BYTES * 2);
        self.blocks.push(block);
        self.firsts.push(self.ends.len() as u32);
        Ok(())
    }

    /// The text of an index.
    pub(super) fn get(&mut self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)? as usize;
        let mut block = *self.hints.get(index / STRIDE)? as usize;
        while self.firsts.get(block + 1).is_some_and(|&first| first as usize <= index) {
            block += 1;
        }
        let start =
            if self.firsts[block] as usize == index { 0 } else { self.ends[index - 1] as usize };
        let text = match self.blocks.get(block) {
            None => &self.open,
            Some(Block::Plain(text)) => &**text,
            Some(Block::Packed(packed)) => {
                let next = self.firsts[block + 1] as usize;
                let size = self.ends[next - 1] as usize;
                unpacked(&mut self.ready, block, packed, size)?
            }
        };
        text.get(start..end)
    }
}

/// The text of a packed block, from those kept ready or as one of them.
fn unpacked<'r>(
    ready: &'r mut Vec<Option<(usize, String)>>,
    block: usize,
    packed: &[u8],
    size: usize,
) -> Option<&'r str> {
    ready.resize(READY_BLOCKS, None);
    let slot = &mut ready[block % READY_BLOCKS];
    if slot.as_ref().is_none_or(|(number, _)| *number != block) {
        let bytes = zstd::bulk::decompress(packed, size).ok()?;
        *slot = Some((block, String::from_utf8(bytes).ok()?));
    }
    slot.as_ref().map(|(_, text)| text.as_str())
}

fn too_much() -> Error {
    Error::TooLarge("the workbook has too much shared text".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_packed_or_not() {
        let text = |index: usize| match index % 5 {
            0 => String::new(),
            1 => "表".repeat(index % 700),
            _ => format!("text {index}"),
        };
        let mut arena = Arena::with_plain_limit(3 * BLOCK_BYTES);
        for index in 0..9_000 {
            arena.open().push_str(&text(index));
            arena.end_text().unwrap();
        }
        assert!(arena.packed_bytes > 0 && arena.plain_bytes > 0 && !arena.open.is_empty());
        for index in (0..9_000).chain((0..9_000).rev().step_by(7)) {
            assert_eq!(arena.get(index), Some(text(index).as_str()));
        }
        assert_eq!(arena.get(9_000), None);
        assert_eq!(arena.len(), 9_000);
    }
}

//! Makes Word files from characters and single properties written out by hand.

use std::io::{Cursor, Write as _};

use cfb::CompoundFile;

/// Where the text starts in its stream.
const TEXT_AT: usize = 0x600;
const PAGE: usize = 512;

/// A Word file in the making.
#[derive(Default)]
pub(crate) struct Build {
    units: Vec<u16>,
    /// Ends of runs and their properties.
    runs: Vec<(usize, Vec<u8>)>,
    /// Ends of paragraphs, their styles and properties.
    paragraphs: Vec<(usize, u16, Vec<u8>)>,
    styles: Vec<Vec<u8>>,
    tables: Vec<(usize, Vec<u8>)>,
    /// Lengths of the stories that are over.
    lengths: Vec<(usize, usize)>,
    story: usize,
    narrow: bool,
    change: u16,
    lists: Option<Vec<u8>>,
    pub(crate) data: Vec<u8>,
    pub(crate) flags: u16,
}

/// Properties one after the other.
pub(crate) fn sprms(list: &[(u16, &[u8])]) -> Vec<u8> {
    list.iter().flat_map(|(number, value)| [&number.to_le_bytes()[..], value].concat()).collect()
}

/// Positions, then entries.
pub(crate) fn plc(positions: &[u32], entries: &[u8]) -> Vec<u8> {
    let mut bytes: Vec<u8> = positions.iter().flat_map(|place| place.to_le_bytes()).collect();
    bytes.extend(entries);
    bytes
}

/// A length, then so many characters.
pub(crate) fn counted(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut bytes = (units.len() as u16).to_le_bytes().to_vec();
    bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    bytes
}

/// The definition of a row: edges of its cells, and their flags.
pub(crate) fn row(edges: &[i16], flags: &[u16]) -> Vec<u8> {
    let cells = edges.len() - 1;
    let mut value = vec![cells as u8];
    value.extend(edges.iter().flat_map(|edge| edge.to_le_bytes()));
    for index in 0..cells {
        value.extend(flags.get(index).copied().unwrap_or_default().to_le_bytes());
        value.extend([0; 18]);
    }
    let length = (value.len() as u16 + 1).to_le_bytes();
    [&[0x08, 0xD6], &length[..], &value].concat()
}

/// A list of levels, each by its kind of number, its text, and where it stands.
pub(crate) fn list(levels: &[(u8, &str, i16)]) -> (Vec<u8>, Vec<u8>) {
    let mut heads = 1_u16.to_le_bytes().to_vec();
    heads.extend(77_u32.to_le_bytes());
    heads.extend([0; 22]);
    heads.extend([u8::from(levels.len() == 1), 0]);
    for index in 0..if levels.len() == 1 { 1 } else { 9 } {
        let (kind, text, left) = levels.get(index).copied().unwrap_or((0, "\u{0}", 0));
        let mut level = 1_i32.to_le_bytes().to_vec();
        level.extend([kind, 0]);
        level.extend([0; 18]);
        let paragraph = sprms(&[(0x840F, &left.to_le_bytes())]);
        level.extend([0, paragraph.len() as u8, 0, 0]);
        level.extend(paragraph);
        level.extend(counted(text));
        heads.extend(level);
    }
    let mut instances = 1_u32.to_le_bytes().to_vec();
    instances.extend(77_u32.to_le_bytes());
    instances.extend([0; 12]);
    instances.extend([0xFF; 4]);
    (heads, instances)
}

impl Build {
    /// A file with the style of plain text.
    pub(crate) fn new() -> Self {
        Self::default().style(0, "Normal", 1, 0x0FFF, &[], &[])
    }

    /// Adds a style: its number among those every Word has, its name, 1 for paragraphs or 2 for
    /// characters, what it is based on, its properties.
    pub(crate) fn style(
        mut self,
        known: u16,
        name: &str,
        kind: u16,
        base: u16,
        paragraph: &[u8],
        character: &[u8],
    ) -> Self {
        let own = self.styles.len() as u16;
        let parts: Vec<Vec<u8>> = if kind == 1 {
            vec![[&own.to_le_bytes()[..], paragraph].concat(), character.to_vec()]
        } else {
            vec![character.to_vec()]
        };
        let mut entry = Vec::new();
        for number in [known, kind | (base << 4), parts.len() as u16, 0, 0] {
            entry.extend(number.to_le_bytes());
        }
        entry.extend(counted(name));
        entry.extend([0, 0]);
        for part in parts {
            entry.resize(entry.len().next_multiple_of(2), 0);
            entry.extend((part.len() as u16).to_le_bytes());
            entry.extend(part);
        }
        self.styles.push(entry);
        self
    }

    /// Adds text with these properties of characters.
    pub(crate) fn run(mut self, text: &str, properties: &[u8]) -> Self {
        self.units.extend(text.encode_utf16());
        self.runs.push((self.units.len(), properties.to_vec()));
        self
    }

    /// Ends a paragraph with the mark `end`.
    pub(crate) fn end(self, end: &str, style: u16, properties: &[u8]) -> Self {
        let mut build = self.run(end, &[]);
        build.paragraphs.push((build.units.len(), style, properties.to_vec()));
        build
    }

    /// Adds a paragraph of plain characters.
    pub(crate) fn p(self, style: u16, properties: &[u8], text: &str) -> Self {
        self.run(text, &[]).end("\r", style, properties)
    }

    /// Adds a cell.
    pub(crate) fn cell(self, text: &str) -> Self {
        self.run(text, &[]).end("\u{7}", 0, &sprms(&[(0x2416, &[1])]))
    }

    /// Ends a row whose edges and cells `definition` names.
    pub(crate) fn row(self, definition: &[u8]) -> Self {
        let marks = sprms(&[(0x2416, &[1]), (0x2417, &[1])]);
        self.end("\u{7}", 0, &[&marks[..], definition].concat())
    }

    /// Ends the story; the next one is that whose length stands at `next`.
    pub(crate) fn story(mut self, next: usize) -> Self {
        let before: usize = self.lengths.iter().map(|(_, length)| length).sum();
        self.lengths.push((self.story, self.units.len() - before));
        self.story = next;
        self
    }

    /// Adds a table by its index.
    pub(crate) fn table(mut self, index: usize, bytes: Vec<u8>) -> Self {
        self.tables.push((index, bytes));
        self
    }

    /// Adds lists.
    pub(crate) fn lists(mut self, (definitions, instances): (Vec<u8>, Vec<u8>)) -> Self {
        self.lists = Some(definitions);
        self.table(74, instances)
    }

    /// Writes characters of one byte.
    pub(crate) fn narrow(mut self) -> Self {
        self.narrow = true;
        self
    }

    /// Lays a property over the whole text: its short number and its value.
    pub(crate) fn change(mut self, number: u8, value: u8) -> Self {
        self.change = (u16::from(number) << 1) | (u16::from(value) << 8);
        self
    }

    /// The file.
    pub(crate) fn finish(self) -> Vec<u8> {
        let mut build = self.story(0);
        let width = if build.narrow { 1 } else { 2 };
        let mut text = vec![0; TEXT_AT];
        if build.narrow {
            text.extend(build.units.iter().map(|unit| *unit as u8));
        } else {
            text.extend(build.units.iter().flat_map(|unit| unit.to_le_bytes()));
        }
        let place = |at: usize| (TEXT_AT + at * width) as u32;
        let mut start = 0;
        let mut characters = Vec::new();
        for (end, properties) in &build.runs {
            let data = [&[properties.len() as u8], &properties[..]].concat();
            characters.push((place(start), place(*end), data));
            start = *end;
        }
        start = 0;
        let mut paragraphs = Vec::new();
        for (end, style, properties) in &build.paragraphs {
            let mut data = [&style.to_le_bytes()[..], properties].concat();
            data.resize(data.len().next_multiple_of(2), 0);
            let words = (data.len() / 2) as u8;
            paragraphs.push((place(start), place(*end), [&[0, words], &data[..]].concat()));
            start = *end;
        }
        build.tables.push((12, pages(&mut text, 1, &characters)));
        build.tables.push((13, pages(&mut text, 13, &paragraphs)));
        if !build.tables.iter().any(|(index, _)| *index == 33) {
            build.tables.push((33, build.pieces(place(0))));
        }
        build.tables.push((1, build.sheet()));
        build.write(text)
    }

    fn pieces(&self, place: u32) -> Vec<u8> {
        let at = if self.narrow { (place * 2) | 0x4000_0000 } else { place };
        let mut piece = vec![0, 0];
        piece.extend(at.to_le_bytes());
        piece.extend(self.change.to_le_bytes());
        let table = plc(&[0, self.units.len() as u32], &piece);
        [&[2], &(table.len() as u32).to_le_bytes()[..], &table].concat()
    }

    fn sheet(&self) -> Vec<u8> {
        let mut sheet = Vec::new();
        for number in [18, self.styles.len() as u16, 10, 1, 0, 0, 0, 0, 0, 0] {
            sheet.extend(number.to_le_bytes());
        }
        for style in &self.styles {
            sheet.extend((style.len() as u16).to_le_bytes());
            sheet.extend(style);
            sheet.resize(sheet.len().next_multiple_of(2), 0);
        }
        sheet
    }

    fn write(self, mut text: Vec<u8>) -> Vec<u8> {
        let mut put = |at: usize, bytes: &[u8]| text[at..at + bytes.len()].copy_from_slice(bytes);
        put(0, &[0xEC, 0xA5, 0xC1, 0]);
        put(0x0A, &(self.flags | 0x0200).to_le_bytes());
        put(0x18, &(TEXT_AT as u32).to_le_bytes());
        put(0x98, &93_u16.to_le_bytes());
        for (slot, length) in &self.lengths {
            put(0x4C + 4 * slot, &(*length as u32).to_le_bytes());
        }
        let mut stream = vec![0; 8];
        let mut locate = |index: usize, bytes: &[u8], length: usize| {
            put(0x9A + 8 * index, &(stream.len() as u32).to_le_bytes());
            put(0x9E + 8 * index, &(length as u32).to_le_bytes());
            stream.extend(bytes);
        };
        for (index, bytes) in &self.tables {
            locate(*index, bytes, bytes.len());
        }
        if let Some(lists) = &self.lists {
            // Levels lie behind what the length says.
            locate(73, lists, 30);
        }
        let mut file = CompoundFile::create(Cursor::new(Vec::new())).expect("memory takes all");
        for (name, bytes) in [("WordDocument", text), ("1Table", stream), ("Data", self.data)] {
            let mut stream = file.create_stream(name).expect("a new stream");
            stream.write_all(&bytes).expect("memory takes all");
        }
        file.flush().expect("memory takes all");
        file.into_inner().into_inner()
    }
}

/// Appends pages of formatting to the stream and answers the table of them.
fn pages(text: &mut Vec<u8>, entry: usize, runs: &[(u32, u32, Vec<u8>)]) -> Vec<u8> {
    text.resize(text.len().next_multiple_of(PAGE), 0);
    let (mut starts, mut numbers) = (Vec::new(), Vec::new());
    let mut rest = runs;
    while !rest.is_empty() {
        let mut count = 0;
        let mut room = PAGE - 1 - 4;
        for (_, _, data) in rest {
            let need = 4 + entry + data.len().next_multiple_of(2);
            if need > room || count == 20 {
                break;
            }
            room -= need;
            count += 1;
        }
        let (here, later) = rest.split_at(count);
        let mut page = vec![0; PAGE];
        let mut end = PAGE - 2;
        for (index, (start, _, data)) in here.iter().enumerate() {
            page[4 * index..4 * index + 4].copy_from_slice(&start.to_le_bytes());
            end -= data.len().next_multiple_of(2);
            page[end..end + data.len()].copy_from_slice(data);
            page[4 * (count + 1) + entry * index] = (end / 2) as u8;
        }
        let last = here[count - 1].1;
        page[4 * count..4 * count + 4].copy_from_slice(&last.to_le_bytes());
        page[PAGE - 1] = count as u8;
        starts.push(here[0].0);
        numbers.extend(((text.len() / PAGE) as u32).to_le_bytes());
        text.extend(page);
        rest = later;
        if rest.is_empty() {
            starts.push(last);
        }
    }
    plc(&starts, &numbers)
}

//! Streams of records, as Excel would write them, without a container around them.

/// A text of Excel 97 behind its length in two bytes, or in one.
pub(crate) fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut bytes = (units.len() as u16).to_le_bytes().to_vec();
    bytes.push(1);
    bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    bytes
}

/// A text of Excel 97 behind its length in one byte.
pub(crate) fn short(text: &str) -> Vec<u8> {
    let mut bytes = wide(text);
    bytes.remove(1);
    bytes
}

/// Numbers of two bytes.
pub(crate) fn words(numbers: &[u16]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// Records, one after the other.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stream {
    pub(crate) bytes: Vec<u8>,
}

impl Stream {
    pub(crate) fn with(mut self, number: u16, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        self.bytes.extend(number.to_le_bytes());
        self.bytes.extend((body.len() as u16).to_le_bytes());
        self.bytes.extend(body);
        self
    }

    /// A cell format: of a font, with a number format, bytes of its look from byte 6 on.
    pub(crate) fn format(self, font: u16, number_format: u16, look: [u8; 14]) -> Self {
        self.with(0xE0, [words(&[font, number_format, 1]), look.to_vec()].concat())
    }

    pub(crate) fn font(
        self,
        size_pt: u16,
        flags: u16,
        color: u16,
        weight: u16,
        name: &str,
    ) -> Self {
        let head = words(&[size_pt * 20, flags, color, weight, 0, 0, 0]);
        self.with(0x31, [head, short(name)].concat())
    }

    pub(crate) fn number(self, row: u16, column: u16, format: u16, number: f64) -> Self {
        let head = words(&[row, column, format]);
        self.with(0x203, [head, number.to_le_bytes().to_vec()].concat())
    }

    pub(crate) fn label(self, row: u16, column: u16, text: &str) -> Self {
        self.with(0x204, [words(&[row, column, 0]), wide(text)].concat())
    }

    /// A formula that came to a number.
    pub(crate) fn formula(self, row: u16, column: u16, number: f64, tokens: &[u8]) -> Self {
        self.formula_of(row, column, number.to_le_bytes(), tokens, &[])
    }

    /// A formula, what it came to, and what stands behind its tokens.
    pub(crate) fn formula_of(
        self,
        row: u16,
        column: u16,
        cached: [u8; 8],
        tokens: &[u8],
        extra: &[u8],
    ) -> Self {
        let mut body = words(&[row, column, 0]);
        body.extend(cached);
        body.extend(words(&[0, 0, 0, tokens.len() as u16]));
        body.extend(tokens);
        body.extend(extra);
        self.with(0x06, body)
    }
}

/// A book of Excel 97: what holds for all of it, and its sheets.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) globals: Stream,
    /// Names, flags of being hidden, kinds, records.
    pub(crate) sheets: Vec<(String, u8, u16, Stream)>,
}

impl Book {
    /// A book of one sheet.
    pub(crate) fn of(sheet: Stream) -> Self {
        Self::default().sheet("S", sheet)
    }

    pub(crate) fn globals(mut self, globals: Stream) -> Self {
        self.globals = globals;
        self
    }

    pub(crate) fn sheet(self, name: &str, records: Stream) -> Self {
        self.sheet_of(name, 0, 0x10, records)
    }

    pub(crate) fn sheet_of(mut self, name: &str, hidden: u8, kind: u16, records: Stream) -> Self {
        self.sheets.push((name.to_owned(), hidden, kind, records));
        self
    }

    /// The stream.
    pub(crate) fn finish(&self) -> Vec<u8> {
        let begin = |kind| Stream::default().with(0x809, words(&[0x600, kind, 0, 0, 0, 0, 0, 0]));
        let bodies: Vec<Vec<u8>> = self
            .sheets
            .iter()
            .map(|(_, _, kind, records)| {
                let mut stream = begin(*kind);
                stream.bytes.extend(&records.bytes);
                stream.with(0x0A, []).bytes
            })
            .collect();
        let bound = |at: u32, index: usize| {
            let (name, hidden, ..) = &self.sheets[index];
            [at.to_le_bytes().to_vec(), vec![*hidden, 0], short(name)].concat()
        };
        let lists: usize = (0..self.sheets.len()).map(|index| bound(0, index).len() + 4).sum();
        let mut globals = begin(0x05);
        globals.bytes.extend(&self.globals.bytes);
        let mut at = globals.bytes.len() + lists + 4;
        for (index, body) in bodies.iter().enumerate() {
            globals = globals.with(0x85, bound(at as u32, index));
            at += body.len();
        }
        let mut bytes = globals.with(0x0A, []).bytes;
        bytes.extend(bodies.concat());
        bytes
    }

    /// The stream in a compound file, as files have it.
    pub(crate) fn in_container(&self, path: &str) -> Vec<u8> {
        use std::io::{Cursor, Write as _};

        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).expect("in memory");
        let mut stream = file.create_stream(path).expect("in memory");
        stream.write_all(&self.finish()).expect("in memory");
        drop(stream);
        file.flush().expect("in memory");
        file.into_inner().into_inner()
    }
}

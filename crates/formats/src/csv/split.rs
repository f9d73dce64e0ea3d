//! Bytes into records and fields: quotes, delimiters, line ends. Knows nothing of what fields mean.

/// Splits a stream of UTF-8 into records, one at a time.
///
/// A quote opens a quoted field only at the field's start; what follows a closing quote up to the
/// delimiter belongs to the field; a quote within an unquoted field stands for itself. CR, LF and
/// CRLF end a record.
#[derive(Debug)]
pub(super) struct Splitter {
    delimiter: u8,
    state: State,
    /// The record ended with CR: a LF right after it belongs to it.
    skip_line_feed: bool,
    /// A record has begun but not ended.
    begun: bool,
    text: Vec<u8>,
    ends: Vec<usize>,
    field_start: usize,
    field_limit: usize,
    columns_limit: usize,
    /// Fields that were longer than kept.
    pub(super) cut_fields: u64,
    /// Fields right of the last column kept that were not empty.
    pub(super) cut_columns: u64,
    field_was_cut: bool,
    dropped_field: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    FieldStart,
    Unquoted,
    Quoted,
    QuoteInQuoted,
}

/// Bytes of one record that are kept.
const RECORD_LIMIT: usize = 256 << 20;

impl Splitter {
    /// Keeps so many bytes of each field and so many fields of each record.
    pub(super) fn new(delimiter: u8, field_limit: usize, columns_limit: usize) -> Self {
        Self {
            delimiter,
            state: State::FieldStart,
            skip_line_feed: false,
            begun: false,
            text: Vec::new(),
            ends: Vec::new(),
            field_start: 0,
            field_limit: field_limit.min(64 << 20),
            columns_limit,
            cut_fields: 0,
            cut_columns: 0,
            field_was_cut: false,
            dropped_field: false,
        }
    }

    /// Text of all fields of the record that just ended, and where in it each field ends.
    pub(super) fn record(&self) -> (&str, &[usize]) {
        let text = std::str::from_utf8(&self.text)
            .expect("the text came as UTF-8 and was cut between characters only");
        (text, &self.ends)
    }

    /// Whether a quoted field has begun that has not ended.
    pub(super) fn is_in_quotes(&self) -> bool {
        self.state == State::Quoted
    }

    /// Reads on from `*at` and says whether a record ended there; otherwise all bytes are used up.
    pub(super) fn next_record(&mut self, bytes: &[u8], at: &mut usize) -> bool {
        if !self.begun {
            self.begun = true;
            self.text.clear();
            self.ends.clear();
            self.field_start = 0;
        }
        while let Some(&byte) = bytes.get(*at) {
            match self.state {
                State::FieldStart => {
                    let skip = std::mem::take(&mut self.skip_line_feed);
                    if skip && byte == b'\n' {
                        *at += 1;
                    } else if byte == b'"' {
                        *at += 1;
                        self.state = State::Quoted;
                    } else {
                        self.state = State::Unquoted;
                    }
                }
                State::Unquoted => {
                    let rest = &bytes[*at..];
                    let length = self.plain_length(rest);
                    self.keep(&rest[..length]);
                    *at += length;
                    let Some(&stop) = rest.get(length) else { return false };
                    *at += 1;
                    self.end_field();
                    if stop != self.delimiter {
                        self.skip_line_feed = stop == b'\r';
                        self.begun = false;
                        return true;
                    }
                }
                State::Quoted => {
                    let rest = &bytes[*at..];
                    if let Some(length) = memchr::memchr(b'"', rest) {
                        self.keep(&rest[..length]);
                        *at += length + 1;
                        self.state = State::QuoteInQuoted;
                    } else {
                        self.keep(rest);
                        *at = bytes.len();
                    }
                }
                State::QuoteInQuoted => {
                    if byte == b'"' {
                        self.keep(b"\"");
                        *at += 1;
                        self.state = State::Quoted;
                    } else {
                        self.state = State::Unquoted;
                    }
                }
            }
        }
        false
    }

    /// Ends the last record of the text; says whether there was one.
    pub(super) fn finish(&mut self) -> bool {
        if !self.begun || (self.state == State::FieldStart && self.ends.is_empty()) {
            return false;
        }
        self.end_field();
        self.begun = false;
        true
    }

    /// Bytes up to the next delimiter or line end. Most fields are short: a plain loop finds their
    /// end before a vector search has begun.
    fn plain_length(&self, rest: &[u8]) -> usize {
        const SHORT: usize = 24;
        let stops = |byte: u8| byte == self.delimiter || byte == b'\n' || byte == b'\r';
        let short = &rest[..rest.len().min(SHORT)];
        if let Some(length) = short.iter().position(|&byte| stops(byte)) {
            return length;
        }
        let long = &rest[short.len()..];
        short.len() + memchr::memchr3(self.delimiter, b'\n', b'\r', long).unwrap_or(long.len())
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.ends.len() >= self.columns_limit {
            self.dropped_field |= !bytes.is_empty();
            return;
        }
        let room = (self.field_limit - (self.text.len() - self.field_start).min(self.field_limit))
            .min(RECORD_LIMIT.saturating_sub(self.text.len()));
        if bytes.len() <= room && !self.field_was_cut {
            self.text.extend_from_slice(bytes);
        } else {
            self.keep_part(bytes, room);
        }
    }

    #[cold]
    fn keep_part(&mut self, bytes: &[u8], room: usize) {
        if std::mem::replace(&mut self.field_was_cut, true) {
            return;
        }
        let mut length = room;
        while length > 0 && bytes[length] & 0xC0 == 0x80 {
            length -= 1;
        }
        self.text.extend_from_slice(&bytes[..length]);
        self.drop_half_character();
        self.cut_fields += 1;
    }

    /// A character that began in one piece of the input and goes on in the next is dropped whole.
    fn drop_half_character(&mut self) {
        let field = &self.text[self.field_start..];
        let Some(lead) = field.iter().rposition(|byte| byte & 0xC0 != 0x80) else { return };
        let width = match field[lead] {
            0xF0.. => 4,
            0xE0.. => 3,
            0xC0.. => 2,
            _ => 1,
        };
        if field.len() - lead < width {
            self.text.truncate(self.field_start + lead);
        }
    }

    fn end_field(&mut self) {
        self.state = State::FieldStart;
        self.field_was_cut = false;
        if self.ends.len() < self.columns_limit {
            self.ends.push(self.text.len());
            self.field_start = self.text.len();
        } else {
            self.cut_columns += u64::from(std::mem::take(&mut self.dropped_field));
        }
    }
}

//! What holds for a whole book: sheets, styles, shared strings, what formulas may name. Before Excel 5 a
//! sheet was a file of its own and says all this itself.

use larkspur_model::loss::{LossKind, Losses};
use larkspur_model::workbook::DefinedName;

use super::code_page::CodePage;
use super::formula::{Home, Speller};
use super::records::{Biff, Kind, Records, beginning, id};
use super::scope::Scope;
use super::strings::Strings;
use super::styles::StyleParts;
use super::text::{Length, Pieces};
use crate::compound::bytes::{u8_at, u16_at, u32_at};
use crate::sheet_flow::names::{Names, is_mark, is_place};
use crate::{Error, Limits};

/// Names of a book, by the number of [MS-XLS] 2.5.66, that it made itself.
const BUILT_IN_NAMES: [&str; 14] = [
    "Consolidate_Area",
    "Auto_Open",
    "Auto_Close",
    "Extract",
    "Database",
    "Criteria",
    "Print_Area",
    "Print_Titles",
    "Recorder",
    "Data_Form",
    "Auto_Activate",
    "Auto_Deactivate",
    "Sheet_Title",
    "_FilterDatabase",
];

/// A sheet yet to be read.
#[derive(Debug, Clone)]
pub(super) struct SheetPlace {
    pub(super) name: String,
    pub(super) hidden: bool,
    /// Where its first record stands.
    pub(super) at: u64,
}

/// What holds for a book.
#[derive(Debug)]
pub(super) struct Globals {
    pub(super) biff: Biff,
    pub(super) kind: Kind,
    pub(super) page: CodePage,
    page_is_known: bool,
    /// Whether dates count from 1904.
    pub(super) from_1904: bool,
    pub(super) sheets: Vec<SheetPlace>,
    pub(super) scope: Scope,
    pub(super) strings: Strings,
    pub(super) styles: StyleParts,
    names: Vec<RawName>,
    name_bytes: usize,
    protected: bool,
}

/// A name as the file has it.
#[derive(Debug)]
pub(super) struct RawName {
    name: String,
    /// The sheet it holds in, by its number from 1; 0 for the whole book.
    sheet: u16,
    hidden: bool,
    is_macro: bool,
    /// What it stands for, and how much of that is tokens.
    tokens: Box<[u8]>,
    count: usize,
}

/// Names that are kept until their tokens can be told, and bytes of those.
const MOST_NAMES: usize = 65_536;
const NAME_BYTES: usize = 16 << 20;
/// Bytes of a name's tokens: a record holds no more.
const MOST_TOKENS: usize = 8 << 10;

impl Globals {
    /// Reads the stream within the stream that starts at `at`.
    pub(super) fn read(records: &mut Records<'_>, at: u64, limits: &Limits) -> Result<Self, Error> {
        records.seek(at);
        let begun = records.next().and_then(|number| beginning(number, records.body()));
        let (biff, kind) =
            begun.ok_or_else(|| Error::damaged("it does not begin as a workbook"))?;
        let mut globals = Self {
            biff,
            kind,
            page: CodePage::default(),
            page_is_known: biff == Biff::V8,
            from_1904: false,
            sheets: Vec::new(),
            scope: Scope::default(),
            strings: Strings::default(),
            styles: StyleParts::new(biff),
            names: Vec::new(),
            name_bytes: 0,
            protected: false,
        };
        let mut depth = 0_u32;
        while let Some(number) = records.next() {
            if id::BEGIN.contains(&number) {
                depth += 1;
            } else if number == id::EOF {
                match depth.checked_sub(1) {
                    Some(less) => depth = less,
                    None => break,
                }
            } else if depth == 0 {
                globals.record(number, records, limits)?;
            }
        }
        globals.scope.sheets = globals.sheets.iter().map(|sheet| sheet.name.clone()).collect();
        Ok(globals)
    }

    fn record(
        &mut self,
        number: u16,
        records: &mut Records<'_>,
        limits: &Limits,
    ) -> Result<(), Error> {
        let body = records.body();
        match number {
            id::FILE_PASS => return Err(Error::Encrypted),
            id::SHARED_STRINGS => {
                self.strings = Strings::read(records, &self.styles, limits.shared_string_bytes)?;
            }
            id::CODE_PAGE => self.code_page(u16_at(body, 0)),
            id::DATE_MODE => self.from_1904 = u16_at(body, 0) == Some(1),
            id::PROTECT => self.protected |= u16_at(body, 0) == Some(1),
            id::BOUND_SHEET => self.bound_sheet(records),
            id::SHEET_HEADER => self.sheet_header(records),
            id::FONT_COLOR => self.styles.font_color(body),
            id::PALETTE => self.styles.set_palette(body),
            id::BOOK => self.book(records),
            id::EXTERN_SHEET => self.extern_sheet(records),
            _ if id::FONT.contains(&number) => {
                let charset = self.styles.font(records, &self.page);
                let page = charset.filter(|_| !self.page_is_known).and_then(CodePage::of_charset);
                self.page = page.unwrap_or_else(|| self.page.clone());
            }
            _ if id::NUMBER_FORMAT.contains(&number) => {
                self.styles.number_format(records, &self.page);
            }
            _ if id::FORMAT_OF_CELL.contains(&number) => self.styles.cell_format(body),
            _ if id::NAME.contains(&number) => self.name(records),
            _ if id::EXTERN_NAME.contains(&number) => self.extern_name(records),
            _ if self.biff == Biff::V2 && is_old_cell(number) => {
                if let (Some(numbers), Some(look)) = (u8_at(body, 5), u8_at(body, 6)) {
                    self.styles.note_attributes([numbers, look]);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn code_page(&mut self, number: Option<u16>) {
        if let (Some(number), true) = (number, self.biff != Biff::V8) {
            self.page = CodePage::of(number);
            self.page_is_known = true;
        }
    }

    fn bound_sheet(&mut self, records: &mut Records<'_>) {
        let body = records.body();
        let (Some(at), Some(state)) = (u32_at(body, 0), u8_at(body, 4)) else { return };
        let mut name = String::new();
        Pieces::new(records, 6).text(self.biff, Length::Short, &self.page, &mut name);
        self.sheets.push(SheetPlace { name, hidden: state & 3 != 0, at: at.into() });
    }

    /// A sheet that follows at once, as in a workspace of Excel 4.
    fn sheet_header(&mut self, records: &mut Records<'_>) {
        let at = records.position();
        let mut name = String::new();
        Pieces::new(records, 4).text(self.biff, Length::Short, &self.page, &mut name);
        self.sheets.push(SheetPlace { name, hidden: false, at });
    }

    fn name(&mut self, records: &mut Records<'_>) {
        let body = records.body();
        let (flags, length) = (u16_at(body, 0).unwrap_or(0), u8_at(body, 3).unwrap_or(0));
        let (at, count, sheet) = match self.biff {
            Biff::V2 => (5, u8_at(body, 4).map(u16::from), None),
            Biff::V3 | Biff::V4 => (6, u16_at(body, 4), None),
            Biff::V5 | Biff::V8 => (14, u16_at(body, 4), u16_at(body, 8)),
        };
        // What Excel 2 says of a name is of its macros alone.
        let flags = if self.biff == Biff::V2 { 0 } else { flags };
        let mut name = String::new();
        let mut pieces = Pieces::new(records, at);
        pieces.text(self.biff, Length::Known(length.into()), &self.page, &mut name);
        let tokens = pieces.bytes(MOST_TOKENS);
        let built_in = flags & 0x20 != 0;
        if built_in {
            let number = name.chars().next().map_or(usize::MAX, |letter| letter as usize);
            BUILT_IN_NAMES.get(number).copied().unwrap_or_default().clone_into(&mut name);
        }
        if !built_in && is_place(&name) {
            // Sheets had fewer columns then; it was no cell.
            name.insert(0, '_');
        }
        self.scope.add_name(name.clone(), sheet.unwrap_or(0));
        self.name_bytes += tokens.len();
        if self.names.len() < MOST_NAMES && self.name_bytes <= NAME_BYTES {
            if built_in {
                name.insert_str(0, "_xlnm.");
            }
            let (hidden, is_macro) = (flags & 1 != 0, flags & 0x0E != 0);
            let (sheet, count) = (sheet.unwrap_or(0), usize::from(count.unwrap_or(0)));
            let tokens = tokens.into();
            self.names.push(RawName { name, sheet, hidden, is_macro, tokens, count });
        }
    }

    /// Adds the names that can be kept. `kept` gives of each sheet of the book, from 1, its number among
    /// those that are kept; where all names hold in one sheet, `own` is its number.
    pub(super) fn add_names(
        &mut self,
        names: &mut Names,
        kept: &dyn Fn(u16) -> Option<u32>,
        own: Option<u32>,
    ) {
        for raw in std::mem::take(&mut self.names) {
            if is_mark(&raw.name) {
                continue;
            }
            let sheet = match raw.sheet {
                0 => own,
                number => match kept(number) {
                    None => {
                        names.note_lost();
                        continue;
                    }
                    kept => kept,
                },
            };
            let speller = Speller { biff: self.biff, page: &self.page, scope: &self.scope };
            let parts = raw.tokens.split_at_checked(raw.count).filter(|_| !raw.is_macro);
            let home = Home { row: 0, column: 0 };
            let formula = parts.and_then(|(tokens, extra)| speller.spell(tokens, extra, home));
            let Some(formula) = formula else {
                if !raw.name.starts_with("_xlnm.") {
                    names.note_macro();
                }
                continue;
            };
            let RawName { name, hidden, .. } = raw;
            names.add(DefinedName { name, sheet, formula, hidden });
        }
    }

    /// The book itself, an add-in, another book ([MS-XLS] 2.4.271).
    fn book(&mut self, records: &mut Records<'_>) {
        let body = records.body();
        let (count, kind) = (u16_at(body, 0).unwrap_or(0), u16_at(body, 2));
        if body.len() <= 4 {
            self.scope.add_own_book(kind == Some(0x3A01));
            return;
        }
        let mut pieces = Pieces::new(records, 2);
        let mut path = String::new();
        pieces.text(self.biff, Length::Long, &self.page, &mut path);
        let mut sheets = Vec::new();
        for _ in 0..count {
            let mut name = String::new();
            if pieces.is_over()
                || pieces.text(self.biff, Length::Long, &self.page, &mut name).is_none()
            {
                break;
            }
            sheets.push(name);
        }
        self.scope.add_other_book(&path, sheets);
    }

    fn extern_sheet(&mut self, records: &mut Records<'_>) {
        if self.biff == Biff::V8 {
            let mut pieces = Pieces::new(records, 0);
            for _ in 0..pieces.u16().unwrap_or(0) {
                let parts = (pieces.u16(), pieces.u16(), pieces.u16());
                let (Some(book), Some(first), Some(last)) = parts else { break };
                self.scope.add_link(book, first, last);
            }
            return;
        }
        let body = records.body();
        let kind = u8_at(body, 1).unwrap_or(0);
        let count = usize::from(u8_at(body, 0).unwrap_or(0));
        // A sheet of the own book is named without its path, which is of no use here.
        if matches!(kind, 2 | 3) || count == 0 {
            self.scope.add_own_book(false);
            return;
        }
        let from = if kind == 1 { 2 } else { 1 };
        let bytes = body.get(from..).unwrap_or_default();
        let mut path = String::new();
        self.page.decode_into(&bytes[..count.min(bytes.len())], &mut path);
        self.scope.add_other_sheet(&path);
    }

    fn extern_name(&mut self, records: &mut Records<'_>) {
        let at = match self.biff {
            Biff::V2 => 0,
            Biff::V3 | Biff::V4 => 2,
            Biff::V5 | Biff::V8 => 6,
        };
        let mut name = String::new();
        Pieces::new(records, at).text(self.biff, Length::Short, &self.page, &mut name);
        self.scope.add_outer_name(name);
    }

    /// Notes what the model has no place for.
    pub(super) fn report(&self, losses: &mut Losses) {
        for (kind, place, what, count) in [
            (
                LossKind::FormattingDropped,
                "shared strings",
                "formatting within a cell's text",
                self.strings.unformatted,
            ),
            (
                LossKind::FormattingDropped,
                "shared strings",
                "raised and lowered text within a cell",
                self.strings.raised,
            ),
            (LossKind::FeatureDropped, "", "links to other workbooks", self.scope.other_books()),
            (
                LossKind::FeatureDropped,
                "",
                "protection of the workbook",
                u64::from(self.protected && self.kind == Kind::Globals),
            ),
        ] {
            if count > 0 {
                losses.add_many(kind, place, what, count);
            }
        }
    }
}

fn is_old_cell(number: u16) -> bool {
    matches!(number, 0x0001..=0x0006)
}

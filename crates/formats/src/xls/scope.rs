//! What formulas may name: sheets, names, add-ins' functions, other books.

/// Sheets of this and other books, and names, by the numbers formulas use.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// Every sheet of the book, also those that are no worksheets.
    pub(super) sheets: Vec<String>,
    /// Names, and the sheet each holds in, by its number from 1; 0 for the book.
    names: Vec<(String, u16)>,
    books: Vec<Book>,
    links: Vec<Link>,
}

/// A book that formulas refer to. Before Excel 97 each sheet of another book was one.
#[derive(Debug)]
struct Book {
    kind: BookKind,
    names: Vec<String>,
}

#[derive(Debug)]
enum BookKind {
    /// The book itself.
    Own,
    /// No book, but functions of add-ins.
    AddIn,
    /// Another book, by the name of its file, and its sheets.
    Other(String, Vec<String>),
}

/// Sheets of a book, the first and the last of them.
#[derive(Debug, Clone, Copy)]
struct Link {
    book: u16,
    first: u16,
    last: u16,
}

/// How a token says which sheets it means.
#[derive(Debug, Clone, Copy)]
pub(super) enum Place {
    /// By the number of a link.
    Linked(u16),
    /// By the number of an outer sheet, from 1; below 0 for the own book.
    Sheet(i16),
    /// By the numbers of sheets of the own book.
    Own(u16, u16),
}

impl Scope {
    /// Adds a name, the next by number.
    pub(super) fn add_name(&mut self, name: String, sheet: u16) {
        self.names.push((name, sheet));
    }

    /// The name of a number, from 1.
    pub(super) fn name(&self, number: u16) -> Option<&str> {
        let (name, _) = self.names.get(usize::from(number).checked_sub(1)?)?;
        (!name.is_empty()).then_some(name.as_str())
    }

    /// Adds the book itself, or what stands for the functions of add-ins.
    pub(super) fn add_own_book(&mut self, add_in: bool) {
        let kind = if add_in { BookKind::AddIn } else { BookKind::Own };
        self.books.push(Book { kind, names: Vec::new() });
    }

    /// Adds another book, by its path as files encode it ([MS-XLS] 2.5.277).
    pub(super) fn add_other_book(&mut self, path: &str, sheets: Vec<String>) {
        let kind = BookKind::Other(file_name(path), sheets);
        self.books.push(Book { kind, names: Vec::new() });
    }

    /// Adds a sheet of another book, by its path as files before Excel 97 encode it.
    pub(super) fn add_other_sheet(&mut self, path: &str) {
        let name = file_name(path);
        let (book, sheet) = match name.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((book, sheet)) => (book.to_owned(), sheet.to_owned()),
            None => (name, String::new()),
        };
        let kind = BookKind::Other(book, vec![sheet]);
        self.books.push(Book { kind, names: Vec::new() });
    }

    /// Adds a name of the book that was added last.
    pub(super) fn add_outer_name(&mut self, name: String) {
        if let Some(book) = self.books.last_mut() {
            book.names.push(name);
        }
    }

    /// Adds sheets of a book, the next by number.
    pub(super) fn add_link(&mut self, book: u16, first: u16, last: u16) {
        self.links.push(Link { book, first, last });
    }

    /// How many books but this one are referred to.
    pub(super) fn other_books(&self) -> u64 {
        let is_other = |book: &&Book| matches!(book.kind, BookKind::Other(..));
        self.books.iter().filter(is_other).count() as u64
    }

    /// Appends the name of sheets as it stands before a reference, `Sheet!`; nothing where the reference
    /// is to no sheet but to the book. `Some(false)` where the sheets are gone.
    pub(super) fn push_sheets(&self, place: Place, out: &mut String) -> Option<bool> {
        let (book, first, last) = match place {
            Place::Own(first, last) => (None, first, last),
            Place::Sheet(number) => {
                let number = usize::try_from(number).ok()?.checked_sub(1)?;
                (Some(self.books.get(number)?), 0, 0)
            }
            Place::Linked(number) => {
                let link = self.links.get(usize::from(number))?;
                (Some(self.books.get(usize::from(link.book))?), link.first, link.last)
            }
        };
        let (file, sheets) = match book.map(|book| &book.kind) {
            None | Some(BookKind::Own) => (None, &self.sheets),
            Some(BookKind::AddIn) => return Some(true),
            Some(BookKind::Other(file, sheets)) => (Some(file.as_str()), sheets),
        };
        // No sheet, but the book as a whole.
        if first == 0xFFFE {
            if let Some(file) = file {
                push_place(Some(file), "", None, out);
            }
            return Some(true);
        }
        let sheet = |number: u16| sheets.get(usize::from(number)).map(String::as_str);
        let (Some(first_name), Some(last_name)) = (sheet(first), sheet(last)) else {
            return Some(false);
        };
        push_place(file, first_name, (first != last).then_some(last_name), out);
        Some(true)
    }

    /// Appends a name that may be another book's.
    pub(super) fn push_linked_name(
        &self,
        place: Place,
        number: u16,
        out: &mut String,
    ) -> Option<()> {
        let book = match place {
            Place::Linked(link) => {
                let link = self.links.get(usize::from(link))?;
                self.books.get(usize::from(link.book))?
            }
            Place::Sheet(sheet) => {
                let sheet = usize::from(sheet.unsigned_abs());
                match self.books.get(sheet.checked_sub(1)?) {
                    Some(book) if !book.names.is_empty() => book,
                    _ => {
                        out.push_str(self.name(number)?);
                        return Some(());
                    }
                }
            }
            Place::Own(..) => return None,
        };
        match &book.kind {
            BookKind::Own => {
                let name = self.name(number)?;
                let (_, sheet) = self.names[usize::from(number) - 1];
                let sheet = usize::from(sheet).checked_sub(1).and_then(|at| self.sheets.get(at));
                // One of a sheet is known to others by the sheet's name before it.
                if let Some(sheet) = sheet {
                    push_place(None, sheet, None, out);
                }
                out.push_str(name);
                return Some(());
            }
            BookKind::AddIn => {}
            BookKind::Other(file, _) if file.is_empty() => {}
            BookKind::Other(file, _) => push_place(Some(file), "", None, out),
        }
        out.push_str(book.names.get(usize::from(number).checked_sub(1)?)?);
        Some(())
    }
}

/// The last part of an encoded path.
fn file_name(path: &str) -> String {
    let last = path.rsplit(['\u{3}', '\\', '/']).next().unwrap_or_default();
    // What is left of the encoding: that it is one, that the volume is the same, and so on.
    last.trim_start_matches(|letter: char| letter.is_control()).to_owned()
}

fn push_place(file: Option<&str>, first: &str, last: Option<&str>, out: &mut String) {
    let mut name = String::new();
    if let Some(file) = file.filter(|file| !file.is_empty()) {
        name.push('[');
        name.push_str(file);
        name.push(']');
    }
    name.push_str(first);
    if let Some(last) = last {
        name.push(':');
        name.push_str(last);
    }
    let parts = [file.unwrap_or("x"), first, last.unwrap_or("x")];
    if parts.into_iter().filter(|part| !part.is_empty()).all(is_plain) {
        out.push_str(&name);
    } else {
        out.push('\'');
        out.push_str(&name.replace('\'', "''"));
        out.push('\'');
    }
    out.push('!');
}

/// Whether a sheet's name can stand before a reference without quotes.
fn is_plain(name: &str) -> bool {
    let mut letters = name.chars();
    let starts = letters.next().is_some_and(|first| first.is_alphabetic() || first == '_');
    let goes_on = letters.all(|letter| letter.is_alphanumeric() || matches!(letter, '_' | '.'));
    let ascii = name.bytes().take_while(u8::is_ascii_alphabetic).count();
    let rest = &name[ascii..];
    let digits = rest.bytes().all(|byte| byte.is_ascii_digit());
    // `AB12` and `R1C1`, also `R` and `C` alone, would be cells.
    let cell = digits && ascii <= 3 && !rest.is_empty();
    let upper = name.to_ascii_uppercase();
    let numbered = upper.starts_with(['R', 'C'])
        && upper.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'R' | b'C'));
    starts && goes_on && !cell && !numbered
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_sheets_are_quoted_where_they_must_be() {
        for name in ["Sheet1", "表", "_x", "a.b", "ABCD1", "Ä1"] {
            assert!(is_plain(name), "{name}");
        }
        for name in ["A1", "xfd12", "R1C1", "r", "RC", "1a", "a b", "a-b", "O'x", ""] {
            assert!(!is_plain(name), "{name}");
        }
    }

    #[test]
    fn other_books_are_named_by_their_files() {
        let sheets = vec!["One".to_owned(), "The two".to_owned()];
        let mut scope = Scope { sheets, ..Scope::default() };
        scope.add_own_book(false);
        scope.add_other_book("\u{1}\u{1}Cdata\u{3}old.xls", vec!["S".to_owned()]);
        scope.add_other_sheet("\u{1}dir\u{3}[b k.xls]T");
        for (book, first, last) in [(0, 0, 0), (0, 0, 1), (1, 0, 0), (0, 7, 7), (1, 0xFFFE, 0xFFFE)]
        {
            scope.add_link(book, first, last);
        }
        let said = |place| {
            let mut text = String::new();
            (scope.push_sheets(place, &mut text), text)
        };
        for (number, text) in
            [(0, "One!"), (1, "'One:The two'!"), (2, "[old.xls]S!"), (4, "[old.xls]!")]
        {
            assert_eq!(said(Place::Linked(number)), (Some(true), text.to_owned()));
        }
        assert_eq!(said(Place::Linked(3)), (Some(false), String::new()));
        assert_eq!(said(Place::Sheet(3)), (Some(true), "'[b k.xls]T'!".to_owned()));
        assert_eq!(said(Place::Own(1, 1)), (Some(true), "'The two'!".to_owned()));
    }
}

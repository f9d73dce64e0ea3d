//! Reads the table's text. Strings are those of the text itself, which lives as long as the program.

use super::{Documented, DocumentedOperation, Extra, Family, Item, Outcome, Status};
use crate::ErrorCode;

/// Where the next rows go.
#[derive(Clone, Copy)]
enum Section {
    Platform,
    Operation,
    Statuses,
    Extras,
    Items,
}

/// Reads `text`; the error is the line that does not fit.
pub(super) fn parse(text: &'static str) -> Result<Documented, String> {
    let mut documented = Documented::default();
    let mut section = None;
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let misfit = || format!("the table of what is documented: {line}");
        if let Some(head) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            section = Some(open(&mut documented, head).ok_or_else(misfit)?);
        } else {
            let section = section.ok_or_else(misfit)?;
            row(&mut documented, section, line).ok_or_else(misfit)?;
        }
    }
    Ok(documented)
}

fn open(documented: &mut Documented, head: &'static str) -> Option<Section> {
    let mut words = head.split(' ');
    match words.next()? {
        "platform" => Some(Section::Platform),
        "operation" => {
            let id = words.next()?;
            let common = words.next() == Some("common");
            documented.operations.push(DocumentedOperation { id, errors: Vec::new(), common });
            Some(Section::Operation)
        }
        "family" => {
            let mut family = Family {
                name: words.next()?,
                creates: Vec::new(),
                poll: "",
                download: None,
                statuses: Vec::new(),
                extras: Vec::new(),
                items: Vec::new(),
            };
            for word in words {
                match word.split_once('=')? {
                    ("create", id) => family.creates.push(id),
                    ("poll", id) => family.poll = id,
                    ("download", id) => family.download = Some(id),
                    _ => return None,
                }
            }
            documented.families.push(family);
            Some(Section::Statuses)
        }
        "extra" => Some(Section::Extras),
        "items" => Some(Section::Items),
        _ => None,
    }
}

fn row(documented: &mut Documented, section: Section, line: &'static str) -> Option<()> {
    let mut columns = line.split('\t');
    let mut column = || columns.next();
    match section {
        Section::Platform | Section::Operation => {
            let (http, code) = (column()?.parse().ok()?, column()?.parse().ok()?);
            let error = ErrorCode::new(http, code, column()?);
            match section {
                Section::Platform => documented.platform.push(error),
                _ => documented.operations.last_mut()?.errors.push(error),
            }
        }
        Section::Statuses => {
            let number = column()?.parse().ok()?;
            let outcome = match column()? {
                "pending" => Outcome::Pending,
                "success" => Outcome::Success,
                "failed" => Outcome::Failed,
                _ => return None,
            };
            let status = Status { number, outcome, text: column()?, meaning: column()? };
            documented.families.last_mut()?.statuses.push(status);
        }
        Section::Extras => {
            let extra = Extra { number: column()?, target: column()?, meaning: column()? };
            documented.families.last_mut()?.extras.push(extra);
        }
        Section::Items => {
            let item = Item { code: column()?.parse().ok()?, msg: column()? };
            documented.families.last_mut()?.items.push(item);
        }
    }
    Some(())
}

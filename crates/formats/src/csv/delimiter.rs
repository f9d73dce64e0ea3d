//! Which character separates the fields of a text, guessed from its first lines.

use super::split::Splitter;

/// The delimiter, and how many bytes of a `sep=` line stand before the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) delimiter: u8,
    pub(super) skip: usize,
}

/// Bytes of text that are looked at.
pub(super) const SAMPLE_BYTES: usize = 64 * 1024;
const SAMPLE_RECORDS: usize = 400;

/// How well one delimiter explains a sample.
#[derive(Debug, Clone, Copy)]
struct Fit {
    delimiter: u8,
    /// Share of the records that have the most frequent number of fields, if that is above one.
    share: f64,
    fields: usize,
}

/// Finds the delimiter of a text that starts with `sample`; `complete` when nothing follows it.
///
/// A first line `sep=;` decides. Else the comma, unless another character splits more of the
/// records into equally many fields.
pub(super) fn find(sample: &[u8], complete: bool) -> Found {
    if let Some(found) = by_directive(sample) {
        return found;
    }
    let fits = [b',', b';', b'\t', b'|'].map(|delimiter| fit(sample, complete, delimiter));
    let [comma, others @ ..] = fits;
    let mut best = comma;
    for other in others {
        // A character in fewer than half of the records is part of the text.
        if other.share < 0.5 {
            continue;
        }
        let better = other.share > best.share + 0.02;
        let as_good = other.share >= best.share - 0.02;
        if better || (as_good && prefers(sample, best, other)) {
            best = other;
        }
    }
    Found { delimiter: best.delimiter, skip: 0 }
}

/// Of two that explain the sample equally well: a tab always; something else instead of a comma
/// where commas look like decimal points or punctuation; else what gives more fields.
fn prefers(sample: &[u8], best: Fit, other: Fit) -> bool {
    match (best.delimiter, other.delimiter) {
        (_, b'\t') => true,
        (b'\t', _) => false,
        (b',', _) => is_punctuation(sample, b','),
        _ => other.fields > best.fields,
    }
}

/// Whether nearly every comma stands between digits or before a blank.
fn is_punctuation(sample: &[u8], letter: u8) -> bool {
    let (mut all, mut soft) = (0_usize, 0_usize);
    for at in memchr::memchr_iter(letter, sample) {
        let before = at.checked_sub(1).and_then(|at| sample.get(at));
        let after = sample.get(at + 1);
        let digits =
            before.is_some_and(u8::is_ascii_digit) && after.is_some_and(u8::is_ascii_digit);
        all += 1;
        soft += usize::from(digits || after == Some(&b' '));
    }
    soft * 10 >= all * 9
}

fn by_directive(sample: &[u8]) -> Option<Found> {
    let line_end = memchr::memchr2(b'\n', b'\r', sample.get(..16.min(sample.len()))?)
        .unwrap_or(sample.len().min(16));
    let line = sample.get(..line_end)?;
    let bare = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    let delimiter = match bare {
        [s, e, p, b'=', delimiter]
            if [s, e, p].map(u8::to_ascii_lowercase) == *b"sep" && delimiter.is_ascii() =>
        {
            *delimiter
        }
        _ => return None,
    };
    if matches!(delimiter, b'"' | b'\n' | b'\r' | 0) || delimiter.is_ascii_alphanumeric() {
        return None;
    }
    let skip = match sample.get(line_end..) {
        Some([b'\r', b'\n', ..]) => line_end + 2,
        Some([_, ..]) => line_end + 1,
        _ => line_end,
    };
    Some(Found { delimiter, skip })
}

fn fit(sample: &[u8], complete: bool, delimiter: u8) -> Fit {
    let mut splitter = Splitter::new(delimiter, usize::MAX, usize::MAX);
    let mut counts: Vec<usize> = Vec::new();
    let mut at = 0;
    while counts.len() < SAMPLE_RECORDS && splitter.next_record(sample, &mut at) {
        note(&splitter, &mut counts);
    }
    // The last record may be cut; it counts only where nothing else does.
    if counts.len() < SAMPLE_RECORDS && (complete || counts.is_empty()) && splitter.finish() {
        note(&splitter, &mut counts);
    }
    let total = counts.len();
    counts.sort_unstable();
    let (times, fields) = counts
        .chunk_by(PartialEq::eq)
        .filter(|same| same[0] > 1)
        .map(|same| (same.len(), same[0]))
        .max()
        .unwrap_or((0, 1));
    Fit { delimiter, share: times as f64 / total.max(1) as f64, fields }
}

fn note(splitter: &Splitter, counts: &mut Vec<usize>) {
    let (text, ends) = splitter.record();
    // Blank lines and titles of one field say nothing about delimiters.
    if !text.is_empty() {
        counts.push(ends.len());
    }
}

//! What tests of readers have in common: the corpus, words that were kept, documents in a short form.

mod corpus;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use larkspur_model::document::{Content, Document, Text};

pub(crate) use self::corpus::{Outcome, hostile, read_as, recall};

/// The folder of the corpus, where it is at hand.
pub(crate) fn corpus() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = ["../../../shared/corpus", "../../../../shared/corpus"]
        .map(|path| root.join(path))
        .into_iter()
        .find(|folder| folder.is_dir());
    if found.is_none() {
        println!("the corpus is not here: none of its files was read");
    }
    found
}

/// Words in small letters; each Chinese or Japanese character is one.
pub(crate) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    for character in text.chars() {
        let alone = matches!(u32::from(character), 0x2E80..=0x9FFF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0x20000..=0x3FFFF);
        if alone || !character.is_alphanumeric() {
            if !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            if alone && character.is_alphanumeric() {
                words.push(character.to_string());
            }
        } else {
            word.extend(character.to_lowercase());
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// All text of a document, a paragraph a line, numbers of items written out.
pub(crate) fn shown(document: &Document) -> String {
    let mut shown = String::new();
    // Numbers of items stand in the style; other programs write them out.
    let mut numbers: Vec<u32> = Vec::new();
    document.walk(&mut |block, depth| {
        shown.push('\n');
        numbers.truncate(depth + 1);
        numbers.resize(depth + 1, 0);
        if let Content::Ordered(text) = &block.content {
            numbers[depth] = text.style.sequence.unwrap_or(numbers[depth] + 1);
            shown.extend([numbers[depth].to_string().as_str(), ". "]);
        }
        match &block.content {
            Content::Image(image) => shown.push_str(&image.caption),
            content => {
                shown.push_str(&content.text().map(Text::to_plain).unwrap_or_default());
            }
        }
    });
    shown
}

/// How often each word is there.
pub(crate) fn counts(words: &[String]) -> HashMap<&str, usize> {
    let mut counts = HashMap::new();
    for word in words {
        *counts.entry(word.as_str()).or_default() += 1;
    }
    counts
}

/// Words of `expected` that are found.
pub(crate) fn kept(expected: &[String], found: &[String]) -> usize {
    let there = counts(found);
    counts(expected)
        .into_iter()
        .map(|(word, times)| times.min(there.get(word).copied().unwrap_or_default()))
        .sum()
}

/// Length of the longest common subsequence, 64 places at a time.
pub(crate) fn common(one: &[String], other: &[String]) -> usize {
    let blocks = other.len().div_ceil(64);
    let mut places: HashMap<&str, Vec<u64>> = HashMap::new();
    for (at, word) in other.iter().enumerate() {
        places.entry(word).or_insert_with(|| vec![0; blocks])[at / 64] |= 1 << (at % 64);
    }
    let mut row = vec![u64::MAX; blocks];
    for word in one {
        let Some(hits) = places.get(word.as_str()) else { continue };
        let mut carry = 0_u64;
        for (cell, hit) in row.iter_mut().zip(hits) {
            let met = *cell & hit;
            let (sum, first) = cell.overflowing_add(met);
            let (sum, second) = sum.overflowing_add(carry);
            carry = u64::from(first || second);
            *cell = sum | (*cell & !hit);
        }
    }
    let last = other.len() % 64;
    row.iter()
        .enumerate()
        .map(|(index, cell)| {
            let mask = if index + 1 == blocks && last > 0 { (1 << last) - 1 } else { u64::MAX };
            (!cell & mask).count_ones() as usize
        })
        .sum()
}

/// Each block on a line, indented by depth, in a short form a person reads.
pub(crate) fn outline(document: &Document) -> String {
    use larkspur_model::document::{Content, Inline};
    let mut lines = String::new();
    document.walk(&mut |block, depth| {
        lines.push_str(&"  ".repeat(depth - 1));
        let name = match &block.content {
            Content::Text(_) => "text".to_owned(),
            Content::Heading { level, .. } => format!("h{level}"),
            Content::Bullet(_) => "-".to_owned(),
            Content::Ordered(text) => {
                text.style.sequence.map_or("+".to_owned(), |number| format!("{number}."))
            }
            Content::Code(_) => "code".to_owned(),
            Content::Quote(_) => "quote".to_owned(),
            Content::Todo(text) => (if text.style.done { "[x]" } else { "[ ]" }).to_owned(),
            Content::Divider => "---".to_owned(),
            Content::Image(image) => {
                format!("image {}x{} {}", image.width_px, image.height_px, image.caption)
            }
            Content::File { asset } => format!("file {}", document.assets[asset.0 as usize].name),
            Content::Table(table) => format!(
                "table {}x{}{}{}",
                table.rows,
                table.columns,
                if table.header_row { " headed" } else { "" },
                table
                    .merges
                    .iter()
                    .map(|merge| {
                        let (row, column) = (merge.row, merge.column);
                        format!(" {row},{column}+{}x{}", merge.row_span, merge.column_span)
                    })
                    .collect::<Vec<_>>()
                    .concat()
            ),
            Content::TableCell => "cell".to_owned(),
            Content::QuoteContainer => ">".to_owned(),
            other => format!("{other:?}"),
        };
        lines.push_str(&name);
        for element in block.content.text().map_or(&[][..], |text| text.elements.as_slice()) {
            let (open, content, close) = match element {
                Inline::Equation { content, .. } => ("$", content.as_str(), "$"),
                Inline::Run { content, .. } => ("", content.as_str(), ""),
                _ => ("?", "", "?"),
            };
            let style = element.style();
            let mut marks = String::new();
            for (set, mark) in [
                (style.bold, "b"),
                (style.italic, "i"),
                (style.underline, "u"),
                (style.strikethrough, "s"),
                (style.inline_code, "c"),
            ] {
                marks.push_str(if set { mark } else { "" });
            }
            for (colour, mark) in [(style.text_color, "t"), (style.background_color, "g")] {
                marks.push_str(&colour.map_or(String::new(), |number| format!("{mark}{number}")));
            }
            if let Some(link) = &style.link {
                marks.push('@');
                marks.push_str(link);
            }
            let marks = if marks.is_empty() { marks } else { format!("{{{marks}}}") };
            lines.push(' ');
            lines.push_str(&format!("{marks}{open}{content}{close}").replace('\n', "⏎"));
        }
        lines.push('\n');
    });
    lines
}

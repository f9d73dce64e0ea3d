//! What a person sees while work goes on: a moving bar on a terminal, plain lines otherwise. All of
//! it goes to standard error; results go to standard output.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// Shows how far one piece of work is.
#[derive(Debug)]
pub struct Meter {
    bar: Option<ProgressBar>,
    label: String,
    last: std::sync::Mutex<String>,
}

impl Meter {
    /// A meter for work called `label`; silent if `quiet`.
    pub fn new(label: impl Into<String>, quiet: bool) -> Self {
        let label = label.into();
        let moving = !quiet && std::io::stderr().is_terminal();
        let bar = moving.then(|| {
            let bar = ProgressBar::new_spinner().with_prefix(label.clone());
            bar.set_style(Self::style("{spinner} {prefix}: {wide_msg}"));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        // A finished sentence never equals it, so a quiet meter prints nothing.
        let last = if quiet { "quiet" } else { "" };
        Self { bar, label, last: std::sync::Mutex::new(last.to_owned()) }
    }

    fn style(template: &str) -> ProgressStyle {
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
    }

    /// Says what is being done now. Equal texts in a row are said once.
    pub fn say(&self, text: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(text.to_owned());
            return;
        }
        let mut last = self.last.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if *last != text && *last != "quiet" {
            eprintln!("{}: {text}", self.label);
            text.clone_into(&mut last);
        }
    }

    /// Begins a stretch of `total` bytes, shown as a bar.
    pub fn begin_bytes(&self, text: &str, total: u64) {
        match &self.bar {
            Some(bar) => {
                bar.set_length(total);
                bar.set_position(0);
                bar.set_style(Self::style(
                    "{prefix}: {msg} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec}",
                ));
                bar.set_message(text.to_owned());
            }
            None => self.say(&format!("{text}, {}", size_text(total))),
        }
    }

    /// Counts `bytes` more of the stretch.
    pub fn advance(&self, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.inc(bytes);
        }
    }

    /// Ends a stretch of bytes.
    pub fn end_bytes(&self) {
        if let Some(bar) = &self.bar {
            bar.set_style(Self::style("{spinner} {prefix}: {wide_msg}"));
        }
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Shows how far many pieces of work are: a bar on a terminal, a line for each that ended otherwise.
#[derive(Debug)]
pub struct Board {
    bar: Option<ProgressBar>,
    quiet: bool,
}

impl Board {
    /// A board of `total` pieces; `quiet` says failures alone.
    pub fn new(total: usize, quiet: bool) -> Self {
        let moving = !quiet && std::io::stderr().is_terminal();
        let bar = moving.then(|| {
            let bar = ProgressBar::new(total as u64);
            bar.set_style(Meter::style(
                "{spinner} [{bar:40}] {pos}/{len} {msg} {elapsed}, {eta} left",
            ));
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self { bar, quiet }
    }

    /// Says what became of a piece. On a terminal only what is `important` is a line of its own.
    pub fn line(&self, text: &str, important: bool) {
        match &self.bar {
            Some(bar) if important => bar.println(text),
            None if important || !self.quiet => eprintln!("{text}"),
            Some(_) | None => {}
        }
    }

    /// Says how many have ended.
    pub fn set(&self, done: usize, failed: usize) {
        if let Some(bar) = &self.bar {
            bar.set_position((done + failed) as u64);
            bar.set_message(if failed == 0 { String::new() } else { format!("{failed} failed") });
        }
    }

    /// Takes the bar away.
    pub fn clear(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

/// A size as people write it: `3 bytes`, `1.5 MB`.
pub fn size_text(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1_000 {
        return format!("{bytes} bytes");
    }
    let mut value = bytes as f64 / 1_000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1_000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// A table with columns as wide as their widest cell; Chinese characters count as two.
pub fn table(heading: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = heading.iter().map(|cell| width(cell)).collect();
    for row in rows {
        for (widest, cell) in widths.iter_mut().zip(row) {
            *widest = (*widest).max(width(cell));
        }
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let mut text = String::new();
        for (cell, widest) in cells.zip(&widths) {
            text.push_str(cell);
            text.extend(std::iter::repeat_n(' ', widest - width(cell) + 2));
        }
        text.trim_end().to_owned() + "\n"
    };
    let mut text = line(&mut heading.iter().copied());
    let rules: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
    text.push_str(&line(&mut rules.iter().map(String::as_str)));
    for row in rows {
        text.push_str(&line(&mut row.iter().map(String::as_str)));
    }
    text
}

/// Columns a text takes on a terminal.
fn width(text: &str) -> usize {
    unicode_width::UnicodeWidthStr::width(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_well() {
        let texts = [0, 999, 1_000, 20_971_520, 999_999_999].map(size_text);
        assert_eq!(texts, ["0 bytes", "999 bytes", "1.0 kB", "21.0 MB", "1.0 GB"]);
    }

    #[test]
    fn wide_characters_keep_columns_straight() {
        let rows = [vec!["手册.md".to_owned(), "1".to_owned()], vec!["a".into(), "2".into()]];
        assert_eq!(
            table(&["file", "n"], &rows),
            "file     n\n-------  -\n手册.md  1\na        2\n"
        );
    }
}

//! Text with its styles as Markdown: nesting of marks, and what has to be escaped so that it reads back
//! as what it was. Where Markdown's rules about marks fail (`**字。**字`), HTML tags stand instead.

use larkspur_model::document::{Inline, InlineStyle};

/// Where text is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spot {
    /// A paragraph: line ends are allowed.
    Paragraph,
    /// A heading: one line.
    Heading,
    /// A cell of a table: one line, bars escaped.
    Cell,
}

/// How styles are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marks {
    /// Markdown's marks where they work.
    Markdown,
    /// HTML tags always.
    Html,
}

/// One of the styles that surround text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Link,
    Bold,
    Italic,
    Strike,
    Underline,
    Highlight,
}

const MARKS: [Mark; 6] =
    [Mark::Link, Mark::Bold, Mark::Italic, Mark::Strike, Mark::Underline, Mark::Highlight];

impl Mark {
    fn is_on(self, style: &InlineStyle) -> bool {
        match self {
            Self::Link => style.link.is_some(),
            Self::Bold => style.bold,
            Self::Italic => style.italic,
            Self::Strike => style.strikethrough,
            Self::Underline => style.underline,
            Self::Highlight => style.background_color.is_some(),
        }
    }

    /// Whether both styles have this mark with the same value.
    fn is_shared(self, one: &InlineStyle, other: &InlineStyle) -> bool {
        self.is_on(one)
            && match self {
                Self::Link => one.link == other.link,
                _ => self.is_on(other),
            }
    }

    const fn delimiter(self) -> &'static str {
        match self {
            Self::Bold => "**",
            Self::Italic => "*",
            Self::Strike => "~~",
            _ => "",
        }
    }

    const fn tag(self) -> &'static str {
        match self {
            Self::Bold => "strong",
            Self::Italic => "em",
            Self::Strike => "s",
            Self::Underline => "u",
            Self::Highlight => "mark",
            Self::Link => "a",
        }
    }
}

/// `elements` as Markdown, without blanks at its ends.
pub(super) fn render(elements: &[Inline], spot: Spot, marks: Marks) -> String {
    let mut writer = Writer { out: String::new(), spot, marks, closed_at: None };
    writer.span(elements, &mut Vec::new());
    let trimmed = writer.out.trim_matches([' ', '\t', '\n']);
    // A backslash that now ends the text was a line end.
    let trimmed = match trimmed.strip_suffix('\\') {
        Some(rest) if !rest.ends_with('\\') => rest.trim_end(),
        _ => trimmed,
    };
    trimmed.to_owned()
}

struct Writer {
    out: String,
    spot: Spot,
    marks: Marks,
    /// Where the last closing delimiter ended; another must not open there.
    closed_at: Option<usize>,
}

impl Writer {
    /// Writes elements whose shared marks `open` are written already.
    fn span(&mut self, elements: &[Inline], open: &mut Vec<Mark>) {
        let mut rest = elements;
        while let Some(first) = rest.first() {
            let style = first.style();
            let extent = |mark: Mark| {
                rest.iter().take_while(|next| mark.is_shared(style, next.style())).count()
            };
            let widest = MARKS
                .into_iter()
                .filter(|mark| !open.contains(mark) && mark.is_on(style))
                .map(|mark| (extent(mark), mark))
                .rev()
                .max_by_key(|(extent, _)| *extent);
            let Some((count, mark)) = widest else {
                self.leaf(first);
                rest = rest.get(1..).unwrap_or_default();
                continue;
            };
            let (inside, after) = rest.split_at(count);
            open.push(mark);
            self.marked(mark, inside, after, open);
            open.pop();
            rest = after;
        }
    }

    fn marked(&mut self, mark: Mark, inside: &[Inline], after: &[Inline], open: &mut Vec<Mark>) {
        match mark {
            Mark::Link => self.link(inside, open),
            Mark::Underline | Mark::Highlight => self.tagged(mark, inside, open),
            Mark::Bold | Mark::Italic | Mark::Strike => {
                let first = edge(inside.first(), |text| text.chars().next());
                let last = edge(inside.last(), |text| text.chars().next_back());
                let next = edge(after.first(), |text| text.chars().next()).unwrap_or(' ');
                let next = if after.first().is_some_and(|next| has_marks(next.style(), open)) {
                    '*'
                } else {
                    next
                };
                let previous = self.out.chars().next_back().unwrap_or(' ');
                let fits = matches!((first, last), (Some(first), Some(last))
                    if opens(previous, first) && opens(next, last));
                if self.marks == Marks::Markdown && fits && self.closed_at != Some(self.out.len()) {
                    self.out.push_str(mark.delimiter());
                    self.span(inside, open);
                    self.out.push_str(mark.delimiter());
                    self.closed_at = Some(self.out.len());
                } else {
                    self.tagged(mark, inside, open);
                }
            }
        }
    }

    fn tagged(&mut self, mark: Mark, inside: &[Inline], open: &mut Vec<Mark>) {
        self.out.push('<');
        self.out.push_str(mark.tag());
        self.out.push('>');
        self.span(inside, open);
        self.out.push_str("</");
        self.out.push_str(mark.tag());
        self.out.push('>');
    }

    fn link(&mut self, inside: &[Inline], open: &mut Vec<Mark>) {
        let address =
            inside.first().and_then(|first| first.style().link.clone()).unwrap_or_default();
        if let [Inline::Run { content, style }] = inside
            && !style.inline_code
            && !has_marks(style, open)
            && *content == address
            && is_autolink(&address)
        {
            self.out.push('<');
            self.out.push_str(&address);
            self.out.push('>');
            return;
        }
        self.open_bracket();
        self.span(inside, open);
        self.out.push_str("](");
        self.out.push_str(&destination(&address, self.spot));
        self.out.push(')');
    }

    /// The start of a link, which an exclamation mark before it would make a picture.
    fn open_bracket(&mut self) {
        if self.out.ends_with('!') {
            self.out.pop();
            self.out.push_str("\\!");
        }
        self.out.push('[');
    }

    fn leaf(&mut self, element: &Inline) {
        match element {
            Inline::Run { content, style } if style.inline_code => self.code(content),
            Inline::Run { content, .. } => self.text(content),
            Inline::Equation { content, .. } => {
                let latex = content.replace(['\n', '\r'], " ");
                self.out.push('$');
                self.out.push_str(&self.in_cell(latex.trim()));
                self.out.push('$');
            }
            Inline::MentionUser { user, .. } => self.text(&format!("@{user}")),
            Inline::MentionDocument { url, title, style, .. } if style.link.is_none() => {
                self.open_bracket();
                self.text(title);
                self.out.push_str("](");
                self.out.push_str(&destination(url, self.spot));
                self.out.push(')');
            }
            Inline::MentionDocument { title, .. } => self.text(title),
            Inline::Reminder(reminder) => self.text(&reminder.to_plain()),
        }
    }

    fn in_cell(&self, text: &str) -> String {
        if self.spot == Spot::Cell { text.replace('|', "\\|") } else { text.to_owned() }
    }

    fn code(&mut self, content: &str) {
        let content = self.in_cell(&content.replace(['\n', '\r'], " "));
        let fence = "`".repeat(longest_run(&content, '`') + 1);
        let blank = content.chars().all(|c| c == ' ');
        let padded = content.starts_with('`')
            || content.ends_with('`')
            || (!blank && content.starts_with(' ') && content.ends_with(' '));
        let padding = if padded { " " } else { "" };
        for piece in [&fence, padding, content.as_str(), padding, &fence] {
            self.out.push_str(piece);
        }
    }

    fn text(&mut self, content: &str) {
        let mut characters = content.chars().peekable();
        let mut previous = self.out.chars().next_back();
        while let Some(character) = characters.next() {
            let next = characters.peek().copied();
            let line_start = self.at_line_start();
            match character {
                '\r' => {}
                '\n' if self.spot == Spot::Paragraph => self.out.push_str("\\\n"),
                '\n' => self.out.push_str("<br>"),
                ' ' if line_start => {}
                '\t' if line_start => self.out.push_str("&#9;"),
                '\\' | '`' | '*' | '[' | ']' | '<' | '$' | '~' => {
                    self.out.push('\\');
                    self.out.push(character);
                }
                '_' => {
                    let inside = previous.is_some_and(char::is_alphanumeric)
                        && next.is_some_and(char::is_alphanumeric);
                    self.out.push_str(if inside { "_" } else { "\\_" });
                }
                '&' if next.is_some_and(|c| c.is_ascii_alphanumeric() || c == '#') => {
                    self.out.push_str("\\&");
                }
                '|' if self.spot == Spot::Cell || line_start => self.out.push_str("\\|"),
                '#' if line_start || (self.spot == Spot::Heading && next.is_none()) => {
                    self.out.push_str("\\#");
                }
                '>' | '-' | '+' | '=' | ':' if line_start => {
                    self.out.push('\\');
                    self.out.push(character);
                }
                '.' | ')' if self.ends_with_number_line() => {
                    self.out.push('\\');
                    self.out.push(character);
                }
                '\u{0}' => self.out.push('\u{fffd}'),
                other => self.out.push(other),
            }
            previous = Some(character);
        }
    }

    fn at_line_start(&self) -> bool {
        self.out.is_empty() || self.out.ends_with('\n')
    }

    /// Whether the line so far is a number that a sign after it would make a list.
    fn ends_with_number_line(&self) -> bool {
        let line = self.out.rsplit('\n').next().unwrap_or_default();
        (1..10).contains(&line.len()) && line.bytes().all(|byte| byte.is_ascii_digit())
    }
}

fn has_marks(style: &InlineStyle, open: &[Mark]) -> bool {
    MARKS.into_iter().any(|mark| !open.contains(&mark) && mark.is_on(style))
}

/// The outermost character of a piece.
fn edge(element: Option<&Inline>, end: impl Fn(&str) -> Option<char>) -> Option<char> {
    match element? {
        Inline::Run { style, .. } if style.inline_code => Some('`'),
        Inline::Run { content, .. } => end(content),
        Inline::Equation { .. } => Some('$'),
        Inline::MentionUser { .. } => Some('@'),
        Inline::MentionDocument { .. } => Some('['),
        Inline::Reminder(_) => Some('0'),
    }
}

/// Whether a delimiter between these characters opens (outside first) or closes (inside first seen from
/// the other end): CommonMark's flanking rule.
fn opens(outside: char, inside: char) -> bool {
    let punctuation = |c: char| {
        !c.is_alphanumeric() && !c.is_whitespace() && (c.is_ascii_punctuation() || !c.is_ascii())
    };
    !inside.is_whitespace()
        && (!punctuation(inside) || outside.is_whitespace() || punctuation(outside))
}

/// Longest run of `wanted` in `text`.
pub(super) fn longest_run(text: &str, wanted: char) -> usize {
    let mut longest = 0;
    let mut run = 0;
    for character in text.chars() {
        run = if character == wanted { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    longest
}

fn is_autolink(address: &str) -> bool {
    let scheme = address.split(':').next().unwrap_or_default();
    (2..=32).contains(&scheme.len())
        && scheme.len() < address.len()
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c))
        && !address.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\\&".contains(c))
}

/// An address as the destination of a link.
pub(super) fn destination(address: &str, spot: Spot) -> String {
    let plain = !address.is_empty()
        && !address
            .contains(|c: char| c.is_whitespace() || c.is_control() || "()<>\\&|".contains(c));
    if plain {
        return address.to_owned();
    }
    let mut escaped = String::from("<");
    for character in address.chars() {
        match character {
            '<' | '>' | '\\' | '&' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '|' if spot == Spot::Cell => escaped.push_str("\\|"),
            '\n' | '\r' => escaped.push_str("%0A"),
            other => escaped.push(other),
        }
    }
    escaped.push('>');
    escaped
}

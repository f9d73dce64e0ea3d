//! From a format code to sections of tokens.

use super::section::{
    DatePart, Kind, Language, Numerals, Placeholder, Section, Token, parse_condition,
};
use super::{NumberFormat, Shortcut};

/// The most characters of a code that are looked at; spreadsheets accept 255.
const CODE_LIMIT: usize = 1_024;

pub(super) fn parse(code: &str) -> NumberFormat {
    let code = match code.char_indices().nth(CODE_LIMIT) {
        Some((end, _)) => &code[..end],
        None => code,
    };
    let trimmed = code.trim();
    if trimmed.is_empty() || trimmed.eq_ignore_ascii_case("general") {
        let section =
            Section { kind: Kind::General, tokens: vec![Token::General], ..Section::default() };
        return NumberFormat { numbers: vec![section], text: None, shortcut: Shortcut::General };
    }
    let mut sections: Vec<Section> =
        split_sections(code).into_iter().take(4).map(parse_section).collect();
    let text = match sections.len() {
        4 => sections.pop().map(as_text),
        _ => sections.pop_if(|last| last.kind == Kind::Text).map(as_text),
    };
    if sections.is_empty() {
        sections.push(Section { kind: Kind::Text, ..Section::default() });
    }
    let shortcut = match sections.as_slice() {
        [only] if only.condition.is_none() => shortcut_of(only),
        _ => Shortcut::None,
    };
    NumberFormat { numbers: sections, text, shortcut }
}

fn as_text(mut section: Section) -> Section {
    section.kind = Kind::Text;
    section
}

fn shortcut_of(section: &Section) -> Shortcut {
    let layout = section.layout;
    let tokens = section.tokens.as_slice();
    if section.kind != Kind::Number
        || section.numerals != Numerals::Arabic
        || layout.shift != 0
        || layout.decimals > 15
        || layout.whole == 0
        || tokens.len() != layout.whole + layout.decimals + usize::from(layout.decimals > 0)
    {
        return Shortcut::None;
    }
    let (whole, decimals) = tokens.split_at(layout.whole);
    let (leading, units) = whole.split_at(layout.whole - 1);
    let plain = leading.iter().all(|token| *token == Token::Digit(Placeholder::Hash))
        && units == [Token::Digit(Placeholder::Zero)]
        && decimals.iter().enumerate().all(|(place, token)| match place {
            0 => *token == Token::Point,
            _ => *token == Token::Digit(Placeholder::Zero),
        });
    if plain { Shortcut::Fixed(layout.decimals as u8, layout.thousands) } else { Shortcut::None }
}

/// Splits at semicolons that are not quoted, escaped or in brackets.
fn split_sections(code: &str) -> Vec<&str> {
    let mut sections = Vec::new();
    let (mut start, mut quoted, mut bracketed, mut escaped) = (0, false, false, false);
    for (at, letter) in code.char_indices() {
        if escaped {
            escaped = false;
            continue;
        }
        match letter {
            '"' if !bracketed => quoted = !quoted,
            _ if quoted => {}
            '\\' | '_' | '*' if !bracketed => escaped = true,
            '[' => bracketed = true,
            ']' => bracketed = false,
            ';' if !bracketed => {
                sections.push(&code[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    sections.push(&code[start..]);
    sections
}

struct Parser {
    letters: Vec<char>,
    at: usize,
    section: Section,
    /// Marks of commas: how many digit placeholders stood before each.
    commas: Vec<usize>,
    placeholders: usize,
    percents: i32,
    has_point: bool,
}

fn parse_section(code: &str) -> Section {
    let mut parser = Parser {
        letters: code.chars().collect(),
        at: 0,
        section: Section::default(),
        commas: Vec::new(),
        placeholders: 0,
        percents: 0,
        has_point: false,
    };
    while parser.at < parser.letters.len() {
        parser.step();
    }
    parser.finish()
}

impl Parser {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.letters.get(self.at + ahead).copied()
    }

    fn starts_with(&self, word: &str) -> bool {
        let mut at = self.at;
        word.chars().all(|expected| {
            let found = self.letters.get(at);
            at += 1;
            found.is_some_and(|found| found.eq_ignore_ascii_case(&expected))
        })
    }

    fn literal(&mut self, letter: char) {
        if let Some(Token::Literal(text)) = self.section.tokens.last_mut() {
            text.push(letter);
        } else {
            self.section.tokens.push(Token::Literal(letter.to_string()));
        }
    }

    fn date(&mut self, part: DatePart) {
        self.section.kind = Kind::Date;
        self.section.tokens.push(Token::Date(part));
    }

    /// How often the letter at hand repeats; steps over all of them.
    fn run(&mut self) -> usize {
        let first = self.letters[self.at].to_ascii_lowercase();
        let start = self.at;
        while self.peek(0).is_some_and(|letter| letter.to_ascii_lowercase() == first) {
            self.at += 1;
        }
        self.at - start
    }

    fn step(&mut self) {
        let letter = self.letters[self.at];
        match letter {
            '"' => {
                self.at += 1;
                while let Some(letter) = self.peek(0) {
                    self.at += 1;
                    if letter == '"' {
                        break;
                    }
                    self.literal(letter);
                }
            }
            '\\' => {
                if let Some(letter) = self.peek(1) {
                    self.literal(letter);
                }
                self.at += 2;
            }
            // The width of a character: a blank of it.
            '_' => {
                self.literal(' ');
                self.at += 2;
            }
            // Repeats a character to fill the column; a column has no width here.
            '*' => self.at += 2,
            '[' => self.bracket(),
            '0' | '#' | '?' => {
                self.placeholders += 1;
                self.section.tokens.push(Token::Digit(match letter {
                    '0' => Placeholder::Zero,
                    '#' => Placeholder::Hash,
                    _ => Placeholder::Blank,
                }));
                self.at += 1;
            }
            '.' => self.point(),
            ',' => {
                self.comma();
                self.at += 1;
            }
            '%' => {
                self.percents += 1;
                self.literal('%');
                self.at += 1;
            }
            '@' => {
                self.section.kind = Kind::Text;
                self.section.tokens.push(Token::Text);
                self.at += 1;
            }
            '/' if self.fraction() => {}
            _ if letter.is_alphabetic() => self.word(letter),
            _ => {
                self.literal(letter);
                self.at += 1;
            }
        }
    }

    fn point(&mut self) {
        let after_second = matches!(
            self.section.tokens.last(),
            Some(Token::Date(DatePart::Second(_) | DatePart::ElapsedSeconds(_)))
        );
        if after_second && self.peek(1) == Some('0') {
            self.at += 1;
            let digits = self.run();
            self.date(DatePart::Fraction(digits.min(9)));
            return;
        }
        self.at += 1;
        if self.section.kind == Kind::Date || self.has_point {
            self.literal('.');
        } else {
            self.has_point = true;
            self.section.layout.whole = self.placeholders;
            self.section.tokens.push(Token::Point);
        }
    }

    fn comma(&mut self) {
        if self.section.kind != Kind::Date && self.placeholders > 0 {
            self.commas.push(self.placeholders);
        } else {
            self.literal(',');
        }
    }

    fn word(&mut self, letter: char) {
        if self.starts_with("general") {
            self.section.kind = Kind::General;
            self.section.tokens.push(Token::General);
            self.at += 7;
            return;
        }
        for (word, part) in [
            ("am/pm", DatePart::HalfDay),
            ("上午/下午", DatePart::HalfDayChinese),
            ("a/p", DatePart::HalfDayLetter),
        ] {
            if self.starts_with(word) {
                self.date(part);
                self.at += word.chars().count();
                return;
            }
        }
        match letter.to_ascii_lowercase() {
            'e' if matches!(self.peek(1), Some('+' | '-')) && self.placeholders > 0 => {
                self.exponent();
            }
            'y' | 'e' => {
                let count = self.run();
                self.date(DatePart::Year(if letter.eq_ignore_ascii_case(&'e') {
                    4
                } else {
                    count
                }));
            }
            'b' => {
                let count = self.run();
                self.date(DatePart::BuddhistYear(count));
            }
            'm' => {
                let count = self.run();
                let minutes = count <= 2 && self.minutes_expected();
                self.date(if minutes { DatePart::Minute(count) } else { DatePart::Month(count) });
            }
            'd' => {
                let count = self.run();
                self.date(DatePart::Day(count));
            }
            'a' => match self.run() {
                count @ 3.. => self.date(DatePart::Weekday(count)),
                count => (0..count).for_each(|_| self.literal(letter)),
            },
            'h' => {
                let count = self.run();
                self.date(DatePart::Hour(count));
            }
            's' => {
                let count = self.run();
                self.second_follows();
                self.date(DatePart::Second(count));
            }
            // Eras: the Gregorian calendar has none to show.
            'g' => {
                self.run();
                self.section.kind = Kind::Date;
            }
            _ => {
                self.literal(letter);
                self.at += 1;
            }
        }
    }

    /// `m` is minutes right after hours; before seconds see [`Self::second_follows`].
    fn minutes_expected(&self) -> bool {
        let mut parts = self.section.tokens.iter().rev().filter_map(|token| match token {
            Token::Date(part) => Some(*part),
            _ => None,
        });
        matches!(
            parts.find(|part| {
                !matches!(
                    part,
                    DatePart::HalfDay | DatePart::HalfDayLetter | DatePart::HalfDayChinese
                )
            }),
            Some(DatePart::Hour(_) | DatePart::ElapsedHours(_))
        )
    }

    /// A month right before seconds was minutes.
    fn second_follows(&mut self) {
        let last = self.section.tokens.iter_mut().rev().find_map(|token| match token {
            Token::Date(part) => Some(part),
            _ => None,
        });
        if let Some(part) = last
            && let DatePart::Month(count @ 1..=2) = *part
        {
            *part = DatePart::Minute(count);
        }
    }

    fn exponent(&mut self) {
        let plus = self.peek(1) == Some('+');
        self.at += 2;
        let start = self.at;
        while matches!(self.peek(0), Some('0' | '#' | '?')) {
            self.at += 1;
        }
        let digits = self.at - start;
        if !self.has_point {
            self.section.layout.whole = self.placeholders;
        }
        self.section.layout.decimals = self.placeholders - self.section.layout.whole;
        self.section.kind = Kind::Scientific;
        self.section.tokens.push(Token::Exponent { plus, digits });
    }

    /// Reads a slash between digits; says whether it was one.
    fn fraction(&mut self) -> bool {
        if self.section.kind != Kind::Number || self.has_point {
            return false;
        }
        let numerator = self
            .section
            .tokens
            .iter()
            .rev()
            .take_while(|token| matches!(token, Token::Digit(_)))
            .count();
        let mut end = self.at + 1;
        // `# ?/ ?` has blanks after the slash, which are shown nowhere in particular.
        while self.letters.get(end) == Some(&' ') {
            end += 1;
        }
        let start = end;
        while self.letters.get(end).is_some_and(|letter| matches!(letter, '0'..='9' | '#' | '?')) {
            end += 1;
        }
        if numerator == 0 || start == end {
            return false;
        }
        let below: String = self.letters[start..end].iter().collect();
        let fixed = below.parse::<u32>().ok().filter(|&number| number > 0);
        let tokens = &mut self.section.tokens;
        tokens.truncate(tokens.len() - numerator);
        tokens.push(Token::Fraction { numerator, denominator: end - start, fixed });
        self.placeholders -= numerator;
        self.section.layout.whole = self.placeholders;
        self.section.kind = Kind::Fraction;
        self.at = end;
        true
    }

    fn bracket(&mut self) {
        let start = self.at + 1;
        let Some(length) = self.letters[start..].iter().position(|&letter| letter == ']') else {
            self.literal('[');
            self.at += 1;
            return;
        };
        let inside: String = self.letters[start..start + length].iter().collect();
        self.at = start + length + 1;
        if let Some(money) = inside.strip_prefix('$') {
            let (symbol, locale) = money.rsplit_once('-').unwrap_or((money, ""));
            symbol.chars().for_each(|letter| self.literal(letter));
            self.locale(locale);
            return;
        }
        let lower = inside.to_ascii_lowercase();
        let count = lower.len();
        if !lower.is_empty() && lower.bytes().all(|letter| letter == b'h') {
            self.date(DatePart::ElapsedHours(count));
        } else if !lower.is_empty() && lower.bytes().all(|letter| letter == b'm') {
            self.date(DatePart::ElapsedMinutes(count));
        } else if !lower.is_empty() && lower.bytes().all(|letter| letter == b's') {
            self.second_follows();
            self.date(DatePart::ElapsedSeconds(count));
        } else if let Some(condition) = parse_condition(&inside) {
            self.section.condition = Some(condition);
        } else {
            // Anything else is a colour or another mark that changes no text.
            self.section.numerals = match lower.as_str() {
                "dbnum1" => Numerals::Chinese,
                "dbnum2" => Numerals::ChineseFormal,
                "dbnum3" => Numerals::FullWidth,
                _ => self.section.numerals,
            };
        }
    }

    /// The locale of `[$-804]`, a hexadecimal Windows language identifier: the lowest ten bits are
    /// the language.
    fn locale(&mut self, tag: &str) {
        let tag = tag.split_once(',').map_or(tag, |(tag, _)| tag);
        let lower = tag.to_ascii_lowercase();
        let language = u32::from_str_radix(tag, 16).map_or(0, |number| number & 0x3ff);
        if language == 0x04 || lower.starts_with("zh") {
            self.section.language = Language::Chinese;
        } else if language == 0x11 || lower.starts_with("ja") {
            self.section.language = Language::Japanese;
        }
    }

    fn finish(mut self) -> Section {
        if self.section.tokens.iter().any(|token| matches!(token, Token::Date(_))) {
            self.section.kind = Kind::Date;
        }
        let exponent = self.section.kind == Kind::Scientific;
        let fraction = self.section.kind == Kind::Fraction;
        if !exponent && !fraction {
            if !self.has_point {
                self.section.layout.whole = self.placeholders;
            }
            self.section.layout.decimals = self.placeholders - self.section.layout.whole;
        }
        let whole = self.section.layout.whole;
        let all = self.placeholders;
        for &before in &self.commas {
            if before == all || before == whole {
                self.section.layout.shift -= 3;
            } else if before < whole {
                self.section.layout.thousands = true;
            }
        }
        self.section.layout.shift += 2 * self.percents;
        // A date never holds digits: `0` in one stands for itself.
        if self.section.kind == Kind::Date {
            for token in &mut self.section.tokens {
                let shown = match token {
                    Token::Digit(Placeholder::Zero) => "0",
                    Token::Digit(Placeholder::Hash) => "#",
                    Token::Digit(Placeholder::Blank) => "?",
                    Token::Point => ".",
                    _ => continue,
                };
                *token = Token::Literal(shown.to_owned());
            }
        }
        self.section
    }
}

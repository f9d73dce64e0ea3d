//! What a code is made of: sections, their tokens and conditions.

/// One of up to four parts of a code, between semicolons.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Section {
    pub(super) kind: Kind,
    pub(super) condition: Option<Condition>,
    pub(super) tokens: Vec<Token>,
    pub(super) language: Language,
    pub(super) numerals: Numerals,
    /// Layout of a number, empty for other kinds.
    pub(super) layout: Layout,
}

/// What a section shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Number,
    General,
    Scientific,
    Fraction,
    Date,
    Text,
}

/// Language of the names of months and days.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Language {
    #[default]
    English,
    Chinese,
    Japanese,
}

/// Which digits are used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Numerals {
    #[default]
    Arabic,
    /// `[DBNum1]`: 一二三.
    Chinese,
    /// `[DBNum2]`: 壹贰叁.
    ChineseFormal,
    /// `[DBNum3]`: full-width Arabic digits.
    FullWidth,
}

/// How the placeholders of a number section are laid out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Layout {
    /// Placeholders before the decimal point (of a fraction: of its whole part).
    pub(super) whole: usize,
    /// Placeholders after the decimal point.
    pub(super) decimals: usize,
    pub(super) thousands: bool,
    /// Powers of ten the number is multiplied with: 2 for each percent sign, -3 for each comma at
    /// the end.
    pub(super) shift: i32,
}

/// A comparison in brackets that chooses a section.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Condition {
    comparison: Comparison,
    value: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    GreaterOrEqual,
    Greater,
}

/// A piece of a section.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Literal(String),
    /// `0`, `#` or `?`.
    Digit(Placeholder),
    Point,
    /// The exponent of a scientific number, with whether a plus is shown and its least digits.
    Exponent {
        plus: bool,
        digits: usize,
    },
    /// Numerator, slash and denominator: places of each; a denominator that is given is `fixed`.
    Fraction {
        numerator: usize,
        denominator: usize,
        fixed: Option<u32>,
    },
    General,
    Text,
    Date(DatePart),
}

/// A place for a digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placeholder {
    /// `0`: a zero where there is no digit.
    Zero,
    /// `#`: nothing where there is no digit.
    Hash,
    /// `?`: a blank where there is no digit.
    Blank,
}

/// A piece of a date; the numbers are how often the letter is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DatePart {
    Year(usize),
    BuddhistYear(usize),
    Month(usize),
    Day(usize),
    /// `aaa`, `aaaa`: day of the week in East Asian codes.
    Weekday(usize),
    Hour(usize),
    Minute(usize),
    Second(usize),
    /// Decimals of the second, point included.
    Fraction(usize),
    ElapsedHours(usize),
    ElapsedMinutes(usize),
    ElapsedSeconds(usize),
    /// `AM/PM`.
    HalfDay,
    /// `A/P`.
    HalfDayLetter,
    /// `上午/下午`.
    HalfDayChinese,
}

impl Condition {
    pub(super) fn holds(self, number: f64) -> bool {
        match self.comparison {
            Comparison::Less => number < self.value,
            Comparison::LessOrEqual => number <= self.value,
            Comparison::Equal => number.total_cmp(&self.value).is_eq(),
            Comparison::NotEqual => number.total_cmp(&self.value).is_ne(),
            Comparison::GreaterOrEqual => number >= self.value,
            Comparison::Greater => number > self.value,
        }
    }

    /// Whether it can hold for negative numbers alone: those are shown without their sign.
    pub(super) fn only_negative(self) -> bool {
        match self.comparison {
            Comparison::Less => self.value <= 0.0,
            Comparison::LessOrEqual | Comparison::Equal => self.value < 0.0,
            _ => false,
        }
    }
}

impl Section {
    pub(super) fn is_plain_text(&self) -> bool {
        self.tokens == [Token::Text]
    }
}

/// The condition written in brackets, if it is one.
pub(super) fn parse_condition(inside: &str) -> Option<Condition> {
    let (comparison, rest) = [
        ("<=", Comparison::LessOrEqual),
        (">=", Comparison::GreaterOrEqual),
        ("<>", Comparison::NotEqual),
        ("<", Comparison::Less),
        (">", Comparison::Greater),
        ("=", Comparison::Equal),
    ]
    .into_iter()
    .find_map(|(sign, comparison)| Some((comparison, inside.strip_prefix(sign)?)))?;
    let value = rest.trim().parse().ok().filter(|value: &f64| value.is_finite())?;
    Some(Condition { comparison, value })
}

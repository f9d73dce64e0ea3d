//! Decimal digits of a number as spreadsheets know them: fifteen significant ones, rounded half up.

use std::fmt::Write as _;

/// A number without sign: `0.d1d2d3... * 10^point`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decimal {
    /// Digits 0 to 9, the first and the last of them not 0; none for zero.
    digits: Vec<u8>,
    /// How many digits stand before the decimal point.
    point: i32,
}

/// Significant digits a spreadsheet keeps.
const PRECISION: usize = 15;

impl Decimal {
    /// Digits of a finite number that is not negative.
    pub(super) fn from_number(number: f64) -> Self {
        // The shortest digits that read back as the number; where those are more than fifteen
        // (0.1+0.2), the first fifteen, rounded from the exact value.
        let mut text = String::with_capacity(32);
        let _ = write!(text, "{number:e}");
        let mut decimal = Self::from_scientific(&text);
        if decimal.digits.len() > PRECISION {
            text.clear();
            let _ = write!(text, "{number:.14e}");
            decimal = Self::from_scientific(&text);
        }
        decimal
    }

    fn from_scientific(text: &str) -> Self {
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let mut decimal = Self {
            digits: mantissa.bytes().filter(u8::is_ascii_digit).map(|digit| digit - b'0').collect(),
            point: exponent.parse::<i32>().unwrap_or(0) + 1,
        };
        decimal.trim();
        decimal
    }

    fn trim(&mut self) {
        while self.digits.last() == Some(&0) {
            self.digits.pop();
        }
        if self.digits.iter().all(|&digit| digit == 0) {
            self.digits.clear();
            self.point = 0;
        }
    }

    pub(super) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// Exponent of the first digit: 0 for 1 to 9.99, -1 for 0.1 to 0.99; 0 for zero.
    pub(super) fn exponent(&self) -> i32 {
        if self.is_zero() { 0 } else { self.point - 1 }
    }

    /// Multiplies with a power of ten.
    pub(super) fn shift(&mut self, powers: i32) {
        if !self.is_zero() {
            self.point += powers;
        }
    }

    /// Rounds half up to so many places after the decimal point.
    pub(super) fn round(&mut self, decimals: usize) {
        let keep = i64::from(self.point) + decimals as i64;
        if keep >= self.digits.len() as i64 {
            return;
        }
        if keep < 0 {
            self.digits.clear();
            self.point = 0;
            return;
        }
        let keep = keep as usize;
        let up = self.digits[keep] >= 5;
        self.digits.truncate(keep);
        if up {
            let mut carry = true;
            for digit in self.digits.iter_mut().rev() {
                if *digit < 9 {
                    *digit += 1;
                    carry = false;
                    break;
                }
                *digit = 0;
            }
            if carry {
                self.digits.insert(0, 1);
                self.point += 1;
            }
        }
        self.trim();
    }

    /// Rounds half up to so many significant digits.
    pub(super) fn round_significant(&mut self, digits: usize) {
        let decimals = digits as i64 - i64::from(self.point);
        if decimals >= 0 {
            self.round(decimals as usize);
        } else if self.digits.len() > digits {
            let point = self.point;
            self.point = digits as i32;
            self.round(0);
            self.point += point - digits as i32;
        }
    }

    /// The digit at a place: 0 is ones, 1 tens, -1 tenths.
    pub(super) fn digit(&self, place: i32) -> u8 {
        let index = i64::from(self.point) - 1 - i64::from(place);
        usize::try_from(index).ok().and_then(|index| self.digits.get(index)).copied().unwrap_or(0)
    }

    /// Digits before the decimal point, without leading zeros.
    pub(super) fn whole_digits(&self) -> usize {
        usize::try_from(self.point).unwrap_or(0)
    }

    /// Digits after the decimal point, without trailing zeros.
    pub(super) fn decimal_digits(&self) -> usize {
        usize::try_from(self.digits.len() as i64 - i64::from(self.point)).unwrap_or(0)
    }

    /// The whole part, and the rest as a fraction; a rest too small to matter is none.
    pub(super) fn split(&self) -> (Self, (u64, u64)) {
        let mut whole = self.clone();
        let decimals = self.decimal_digits();
        if decimals == 0 {
            return (whole, (0, 1));
        }
        whole.digits.truncate(self.whole_digits());
        whole.trim();
        let places = decimals.min(18);
        let above = (1..=places)
            .fold(0_u64, |sum, place| sum * 10 + u64::from(self.digit(-(place as i32))));
        (whole, (above, 10_u64.pow(places as u32)))
    }

    /// Adds one to a whole number.
    pub(super) fn increment(&mut self) {
        if self.is_zero() {
            *self = Self { digits: vec![1], point: 1 };
            return;
        }
        self.digits.resize(self.whole_digits().max(self.digits.len()), 0);
        for digit in self.digits.iter_mut().rev() {
            if *digit < 9 {
                *digit += 1;
                self.trim();
                return;
            }
            *digit = 0;
        }
        self.digits.insert(0, 1);
        self.point += 1;
        self.trim();
    }

    /// Appends the digits from place `from` down to place `to`.
    pub(super) fn write_places(&self, from: i32, to: i32, shown: &mut String) {
        for place in (to..=from).rev() {
            shown.push(char::from(b'0' + self.digit(place)));
        }
    }
}

/// Two digits for each number below a hundred.
const PAIRS: &str = "0001020304050607080910111213141516171819\
    2021222324252627282930313233343536373839\
    4041424344454647484950515253545556575859\
    6061626364656667686970717273747576777879\
    8081828384858687888990919293949596979899";

/// The two last digits of a number.
pub(super) fn two_digits(number: u64) -> &'static str {
    let at = (number % 100) as usize * 2;
    &PAIRS[at..at + 2]
}

/// Appends a whole number.
pub(super) fn write_integer(mut number: u64, shown: &mut String) {
    let mut digits = Digits::default();
    loop {
        digits.push((number % 10) as u8);
        number /= 10;
        if number == 0 {
            break;
        }
    }
    digits.append_to(shown);
}

/// Characters of a number, gathered from the last to the first.
struct Digits {
    bytes: [u8; Self::MOST],
    start: usize,
}

impl Default for Digits {
    fn default() -> Self {
        Self { bytes: [0; Self::MOST], start: Self::MOST }
    }
}

impl Digits {
    /// The longest number has 20 digits.
    const MOST: usize = 32;

    fn push(&mut self, digit: u8) {
        self.push_byte(b'0' + digit);
    }

    fn push_byte(&mut self, byte: u8) {
        self.start -= 1;
        self.bytes[self.start] = byte;
    }

    fn append_to(&self, shown: &mut String) {
        let text = std::str::from_utf8(&self.bytes[self.start..]);
        shown.push_str(text.expect("digits and marks are ASCII"));
    }
}

/// Appends `number` with exactly so many decimals where plain arithmetic is exact enough to know
/// the result; says whether it was.
pub(super) fn write_fixed(number: f64, decimals: u8, thousands: bool, shown: &mut String) -> bool {
    const POWERS: [f64; 10] = [1.0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
    let Some(&power) = POWERS.get(usize::from(decimals)) else { return false };
    let scaled = number.abs() * power;
    if scaled >= 1e12 {
        return false;
    }
    let floor = scaled as u64;
    let rest = scaled - floor as f64;
    // The product is off by at most one part in 2^53, below 2e-4 here: closer to a tie than that,
    // the decimal digits decide.
    if (rest - 0.5).abs() < 1e-3 {
        return false;
    }
    let mut units = floor + u64::from(rest > 0.5);
    // At most 13 digits, four commas, a point and a sign.
    let mut digits = Digits::default();
    for _ in 0..decimals {
        digits.push((units % 10) as u8);
        units /= 10;
    }
    if decimals > 0 {
        digits.push_byte(b'.');
    }
    let mut place = 0;
    loop {
        digits.push((units % 10) as u8);
        units /= 10;
        place += 1;
        if units == 0 {
            break;
        }
        if thousands && place % 3 == 0 {
            digits.push_byte(b',');
        }
    }
    if number < 0.0 {
        digits.push_byte(b'-');
    }
    digits.append_to(shown);
    true
}

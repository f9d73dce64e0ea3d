//! Sections of digits: whole numbers, decimals, percentages, scientific numbers and fractions.

use super::decimal::{Decimal, write_integer};
use super::section::{Kind, Numerals, Placeholder, Section, Token};
use super::{date, general};

/// Appends a number without sign.
pub(super) fn write(section: &Section, number: &Decimal, shown: &mut String) {
    match section.kind {
        Kind::Scientific => write_scientific(section, number.clone(), shown),
        Kind::Fraction => write_fraction(section, number, shown),
        _ => {
            let mut number = number.clone();
            number.shift(section.layout.shift);
            number.round(section.layout.decimals);
            write_digits(section, &number, 0, shown);
        }
    }
}

/// Appends a General number within its literals.
pub(super) fn write_general(section: &Section, magnitude: f64, shown: &mut String) {
    for token in &section.tokens {
        match token {
            Token::Literal(text) => shown.push_str(text),
            Token::General => match section.numerals {
                Numerals::Arabic => general::write(magnitude, shown),
                numerals => date::write_numeral(magnitude, numerals, shown),
            },
            _ => {}
        }
    }
}

/// Appends a text within its literals.
pub(super) fn write_text(section: &Section, text: &str, shown: &mut String) {
    for token in &section.tokens {
        match token {
            Token::Literal(literal) => shown.push_str(literal),
            Token::Text | Token::General => shown.push_str(text),
            _ => {}
        }
    }
}

/// Walks over the tokens of a number that is rounded already.
fn write_digits(section: &Section, number: &Decimal, exponent: i32, shown: &mut String) {
    let layout = section.layout;
    let mut place = layout.whole as i32 - 1;
    let mut before_point = true;
    let mut first = true;
    for token in &section.tokens {
        match token {
            Token::Literal(text) => shown.push_str(text),
            Token::Point => {
                if layout.whole == 0 {
                    write_whole(number, number.whole_digits() as i32 - 1, 0, false, shown);
                }
                shown.push('.');
                before_point = false;
                place = -1;
            }
            Token::Digit(placeholder) => {
                if before_point {
                    let from = if first { number.whole_digits() as i32 - 1 } else { place };
                    first = false;
                    if from >= place && number.whole_digits() as i32 > place {
                        write_whole(number, from, place, layout.thousands, shown);
                    } else {
                        pad(*placeholder, place, layout.thousands, shown);
                    }
                } else if -place <= number.decimal_digits() as i32 {
                    number.write_places(place, place, shown);
                } else {
                    pad(*placeholder, place, false, shown);
                }
                place -= 1;
            }
            Token::Exponent { plus, digits } => write_exponent(exponent, *plus, *digits, shown),
            _ => {}
        }
    }
}

/// Appends digits from one place down to another, with commas where they belong.
fn write_whole(number: &Decimal, from: i32, to: i32, thousands: bool, shown: &mut String) {
    for place in (to..=from).rev() {
        number.write_places(place, place, shown);
        if thousands && place > 0 && place % 3 == 0 {
            shown.push(',');
        }
    }
}

fn pad(placeholder: Placeholder, place: i32, thousands: bool, shown: &mut String) {
    match placeholder {
        Placeholder::Zero => {
            shown.push('0');
            if thousands && place > 0 && place % 3 == 0 {
                shown.push(',');
            }
        }
        Placeholder::Blank => shown.push(' '),
        Placeholder::Hash => {}
    }
}

fn write_exponent(exponent: i32, plus: bool, digits: usize, shown: &mut String) {
    shown.push('E');
    if exponent < 0 {
        shown.push('-');
    } else if plus {
        shown.push('+');
    }
    let mut text = String::new();
    write_integer(u64::from(exponent.unsigned_abs()), &mut text);
    (text.len()..digits).for_each(|_| shown.push('0'));
    shown.push_str(&text);
}

/// Scientific: the exponent is a multiple of the places before the point, so that `##0.0E+0` shows
/// thousands and millions.
fn write_scientific(section: &Section, mut number: Decimal, shown: &mut String) {
    number.shift(section.layout.shift);
    let step = section.layout.whole.clamp(1, 300) as i32;
    let mut exponent = number.exponent().div_euclid(step) * step;
    if section.layout.whole == 0 && !number.is_zero() {
        exponent += 1;
    }
    number.shift(-exponent);
    number.round(section.layout.decimals);
    if number.exponent() >= step {
        exponent += step;
        number.shift(-step);
    }
    write_digits(section, &number, exponent, shown);
}

fn write_fraction(section: &Section, number: &Decimal, shown: &mut String) {
    let Some((at, places, below_places, fixed)) =
        section.tokens.iter().enumerate().find_map(|(at, token)| match token {
            Token::Fraction { numerator, denominator, fixed } => {
                Some((at, *numerator, *denominator, *fixed))
            }
            _ => None,
        })
    else {
        return;
    };
    let mut number = number.clone();
    number.shift(section.layout.shift);
    let (mut whole, part) = number.split();
    let (mut above, below) = match fixed {
        Some(below) => {
            let scaled = part.0 as f64 / part.1 as f64 * f64::from(below);
            (scaled.round() as u64, u64::from(below))
        }
        None => approximate(part, 10_u64.pow(below_places.min(9) as u32) - 1),
    };
    let has_whole = section.layout.whole > 0;
    if !has_whole {
        // An improper fraction: `?/?` shows 3/2.
        let units = (0..whole.whole_digits().min(12) as i32)
            .rev()
            .fold(0_u64, |sum, place| sum * 10 + u64::from(whole.digit(place)));
        above += units * below;
    } else if above >= below {
        whole.increment();
        above = 0;
    }
    let before = Section { tokens: section.tokens[..at].to_vec(), ..section.clone() };
    let hide_zero = has_whole && above == 0;
    if hide_zero && whole.is_zero() {
        // Nothing but the fraction's place would be left of a zero.
        let last = before.tokens.iter().rposition(|token| matches!(token, Token::Digit(_)));
        for (index, token) in before.tokens.iter().enumerate() {
            match token {
                Token::Literal(text) => shown.push_str(text),
                Token::Digit(_) if Some(index) == last => shown.push('0'),
                _ => {}
            }
        }
    } else {
        write_digits(&before, &whole, 0, shown);
    }
    let mut below_text = String::new();
    write_integer(below, &mut below_text);
    if hide_zero {
        let blanks =
            places + 1 + below_places.max(if fixed.is_some() { below_text.len() } else { 0 });
        (0..blanks).for_each(|_| shown.push(' '));
    } else {
        let mut above_text = String::new();
        write_integer(above, &mut above_text);
        (above_text.len()..places).for_each(|_| shown.push(' '));
        shown.push_str(&above_text);
        shown.push('/');
        shown.push_str(&below_text);
        (below_text.len()..below_places).for_each(|_| shown.push(' '));
    }
    for token in &section.tokens[at + 1..] {
        if let Token::Literal(text) = token {
            shown.push_str(text);
        }
    }
}

/// The last convergent of the continued fraction of `above / below` whose denominator is at most
/// `limit`.
fn approximate((above, below): (u64, u64), limit: u64) -> (u64, u64) {
    let (mut numerator, mut denominator) = (0_u64, 1_u64);
    let (mut numerator_before, mut denominator_before) = (1_u64, 0_u64);
    let (mut dividend, mut divisor) = (below, above);
    while divisor > 0 {
        let step = dividend / divisor;
        let next =
            step.checked_mul(denominator).and_then(|part| part.checked_add(denominator_before));
        let Some(next_denominator) = next.filter(|&next| next <= limit) else { break };
        // The numerator is smaller than the denominator.
        let next_numerator = step * numerator + numerator_before;
        (numerator_before, denominator_before) = (numerator, denominator);
        (numerator, denominator) = (next_numerator, next_denominator);
        (dividend, divisor) = (divisor, dividend % divisor);
    }
    (numerator, denominator)
}

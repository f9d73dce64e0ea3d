//! General: as many digits as make eleven characters, scientific beyond.

use super::decimal::{Decimal, write_integer};

/// Characters of a General number, the sign not counted.
const WIDTH: usize = 11;

/// Appends a finite number as General.
pub(super) fn write(value: f64, shown: &mut String) {
    if value < 0.0 {
        shown.push('-');
    }
    let magnitude = value.abs();
    if magnitude < 1e11 && magnitude.fract() <= 0.0 {
        return write_integer(magnitude as u64, shown);
    }
    let decimal = Decimal::from_number(magnitude);
    let exponent = decimal.exponent();
    let fits_plain = match exponent {
        -4..=10 => true,
        // Smaller ones are written out while none of their digits is lost.
        -9..=-5 => decimal.decimal_digits() <= WIDTH - 2,
        _ => false,
    };
    if fits_plain {
        let mut rounded = decimal.clone();
        let whole = usize::try_from(exponent + 1).unwrap_or(0).max(1);
        rounded.round((WIDTH - 1).saturating_sub(whole));
        if rounded.whole_digits() <= WIDTH {
            return write_plain(&rounded, shown);
        }
    }
    write_scientific(decimal, shown);
}

/// Appends all digits without an exponent.
fn write_plain(decimal: &Decimal, shown: &mut String) {
    let whole = decimal.whole_digits() as i32;
    decimal.write_places(whole.max(1) - 1, 0, shown);
    let decimals = decimal.decimal_digits() as i32;
    if decimals > 0 {
        shown.push('.');
        decimal.write_places(-1, -decimals, shown);
    }
}

/// Appends six significant digits and an exponent of at least two digits.
fn write_scientific(mut decimal: Decimal, shown: &mut String) {
    decimal.round_significant(6);
    let exponent = decimal.exponent();
    decimal.shift(-exponent);
    write_plain(&decimal, shown);
    shown.push('E');
    shown.push(if exponent < 0 { '-' } else { '+' });
    if exponent.unsigned_abs() < 10 {
        shown.push('0');
    }
    write_integer(u64::from(exponent.unsigned_abs()), shown);
}

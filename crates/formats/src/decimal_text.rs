//! Numbers as text, and the decimals that tables are full of by a quicker way.

/// Appends a number of one or two decimals; `false`, and nothing written, for any other. Numbers of
/// at most 15 digits all differ, so there is no shorter text that reads back as the same.
pub(crate) fn write_hundredths(number: f64, buffer: &mut Vec<u8>) -> bool {
    let magnitude = number.abs();
    let hundredths = (magnitude * 100.0 + 0.5) as u64;
    if magnitude < 0.01 || hundredths >= 1_000_000_000_000_000 {
        return false;
    }
    if (hundredths as f64 / 100.0).to_bits() != magnitude.to_bits() {
        return false;
    }
    if number < 0.0 {
        buffer.push(b'-');
    }
    buffer.extend_from_slice(itoa::Buffer::new().format(hundredths / 100).as_bytes());
    let (tenth, hundredth) = ((hundredths / 10 % 10) as u8, (hundredths % 10) as u8);
    if hundredth > 0 {
        buffer.extend_from_slice(&[b'.', b'0' + tenth, b'0' + hundredth]);
    } else if tenth > 0 {
        buffer.extend_from_slice(&[b'.', b'0' + tenth]);
    }
    true
}

/// Appends a number with the fewest digits that read back as the same number.
pub(crate) fn write_shortest(buffer: &mut Vec<u8>, number: f64) {
    let integer = number as i64;
    // A negative zero is written as zero.
    if number - integer as f64 == 0.0 && integer.unsigned_abs() < 1_000_000_000_000_000 {
        buffer.extend_from_slice(itoa::Buffer::new().format(integer).as_bytes());
        return;
    }
    if write_hundredths(number, buffer) {
        return;
    }
    if !number.is_finite() {
        buffer.extend_from_slice(b"#NUM!");
        return;
    }
    let mut digits = ryu::Buffer::new();
    let text = digits.format_finite(number);
    let Some((mantissa, exponent)) = text.split_once('e') else {
        buffer.extend_from_slice(text.strip_suffix(".0").unwrap_or(text).as_bytes());
        return;
    };
    let (sign, power) = exponent.strip_prefix('-').map_or(("+", exponent), |power| ("-", power));
    buffer.extend_from_slice(mantissa.strip_suffix(".0").unwrap_or(mantissa).as_bytes());
    buffer.push(b'E');
    buffer.extend_from_slice(sign.as_bytes());
    if power.len() < 2 {
        buffer.push(b'0');
    }
    buffer.extend_from_slice(power.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_the_shortest_that_read_back() {
        let mut hundredths = 0;
        for units in (1..200_000_u32).chain((1..400_000).map(|step| step * 9_973)) {
            for sign in [1.0, -1.0] {
                let number = sign * f64::from(units) / 100.0;
                let mut text = Vec::new();
                let written = write_hundredths(number, &mut text);
                assert!(written, "{number}");
                if written {
                    hundredths += 1;
                    let expected = ryu::Buffer::new().format_finite(number).to_owned();
                    let expected = expected.strip_suffix(".0").unwrap_or(&expected);
                    assert_eq!(String::from_utf8(text).unwrap(), expected);
                }
            }
        }
        assert!(hundredths > 1_100_000);
    }

    #[test]
    fn other_numbers_are_left() {
        let others = [0.001, 1.005, 0.1 + 0.2, 1e15, 1e300, f64::NAN, f64::INFINITY, 5e-324, 0.0];
        for number in others {
            let mut text = Vec::new();
            assert!(!write_hundredths(number, &mut text) && text.is_empty(), "{number}");
        }
    }
}

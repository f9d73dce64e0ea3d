//! Numbers as spreadsheets write them, to the nearest double.

/// Powers of ten that are exact doubles.
const TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// The number in `text`, in any notation of XML's `double` but infinities and `NaN`, which no cell
/// holds. Blanks around it do not matter.
pub(super) fn parse_number(text: &[u8]) -> Option<f64> {
    parse_short(text).or_else(|| parse_any(text.trim_ascii()))
}

/// Digits with at most one point, few enough that one division rounds correctly.
fn parse_short(text: &[u8]) -> Option<f64> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        _ => (false, text),
    };
    if digits.is_empty() || digits.len() > 17 {
        return None;
    }
    let mut value = 0_u64;
    let mut point = None;
    for (index, &byte) in digits.iter().enumerate() {
        match byte {
            b'0'..=b'9' => value = value * 10 + u64::from(byte - b'0'),
            b'.' if point.is_none() => point = Some(index),
            _ => return None,
        }
    }
    let decimals = point.map_or(0, |point| digits.len() - 1 - point);
    if value > 1 << 53 || digits.len() == usize::from(point.is_some()) {
        return None;
    }
    let value = value as f64;
    let value = if decimals == 0 { value } else { value / TENS[decimals] };
    Some(if negative { -value } else { value })
}

fn parse_any(text: &[u8]) -> Option<f64> {
    let plain = |byte: &u8| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E');
    if !text.iter().all(plain) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok().filter(|value: &f64| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_the_nearest_doubles() {
        for text in [
            "0",
            "-0",
            "1",
            "-12",
            "3.14",
            "0.1",
            "-0.000123",
            "9007199254740993",
            "1e3",
            "1.5E-7",
            "44197.423726851855",
            "123456789012345678",
            "0.30000000000000004",
            "5e-324",
            ".5",
            "5.",
            "12345678901234567890123",
            "1.7976931348623157e308",
            "+1",
        ] {
            let expected: f64 = text.parse().unwrap();
            assert_eq!(
                parse_number(text.as_bytes()).unwrap().to_bits(),
                expected.to_bits(),
                "{text}"
            );
        }
        assert_eq!(parse_number(b" 12\n"), Some(12.0));
        for text in ["", "-", ".", "nan", "inf", "1e999", "1,5", "0x1", "1 2", "infinity"] {
            assert_eq!(parse_number(text.as_bytes()), None, "{text}");
        }
    }
}

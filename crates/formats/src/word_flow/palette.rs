//! Colours of any kind as the nearest of the platform's.

use super::colour;

/// Red, green and blue of `RRGGBB`; none for `auto` and what is no colour.
pub(crate) fn rgb(value: &str) -> Option<[u8; 3]> {
    let digits = value.trim().trim_start_matches('#');
    if digits.len() != 6 || !digits.is_ascii() {
        return None;
    }
    let number = u32::from_str_radix(digits, 16).ok()?;
    Some([(number >> 16) as u8, (number >> 8) as u8, number as u8])
}

fn distance(one: [u8; 3], other: [u8; 3]) -> i32 {
    one.iter().zip(other).map(|(one, other)| (i32::from(*one) - i32::from(other)).pow(2)).sum()
}

/// Hue in degrees, and how far the colour is from grey, 0 to 255.
fn hue([red, green, blue]: [u8; 3]) -> (i32, i32) {
    let [red, green, blue] = [red, green, blue].map(i32::from);
    let most = red.max(green).max(blue);
    let span = most - red.min(green).min(blue);
    if span == 0 {
        return (0, 0);
    }
    let hue = if most == red {
        60 * (green - blue) / span
    } else if most == green {
        120 + 60 * (blue - red) / span
    } else {
        240 + 60 * (red - green) / span
    };
    (hue.rem_euclid(360), span)
}

/// Colours of the palette by the hue up to which each is the nearest: red, orange, yellow, green,
/// blue, purple, red again.
const HUES: [(i32, u8); 7] = [(18, 1), (43, 2), (68, 3), (170, 4), (247, 5), (320, 6), (360, 1)];

fn by_hue(hue: i32) -> u8 {
    HUES.iter().find(|(until, _)| hue < *until).map_or(1, |(_, number)| *number)
}

/// Number of the colour of characters, 1 to 7; none for black, white and what is next to them.
pub(crate) fn text(value: &str) -> Option<u8> {
    let found = rgb(value)?;
    if let Some(exact) = nearest(&colour::TEXT, found, 0) {
        return Some(exact);
    }
    let (hue, span) = hue(found);
    let light = found.iter().map(|part| i32::from(*part)).sum::<i32>() / 3;
    match (span, light) {
        (0..32, 85..200) => Some(7),
        (0..32, _) | (_, 0..24) => None,
        _ => Some(by_hue(hue)),
    }
}

/// Number of the colour behind characters, 1 to 15; none for white.
pub(crate) fn background(value: &str) -> Option<u8> {
    let found = rgb(value)?;
    if found.iter().all(|part| *part >= 0xFC) {
        return None;
    }
    let (hue, span) = hue(found);
    nearest(&colour::BACKGROUND, found, 1_500).or(match span {
        0..24 => Some(14),
        _ => Some(7 + by_hue(hue)),
    })
}

/// Name of the background of a block; none for white.
pub(crate) fn block(found: [u8; 3]) -> Option<String> {
    if found.iter().all(|part| *part >= 0xFC) {
        return None;
    }
    let (name, _) = colour::BLOCK
        .iter()
        .min_by_key(|(_, known)| rgb(known).map_or(i32::MAX, |known| distance(known, found)))?;
    Some(format!("{name}Background"))
}

fn nearest(table: &[&str], found: [u8; 3], within: i32) -> Option<u8> {
    (1..)
        .zip(table)
        .filter_map(|(number, known)| Some((distance(rgb(known)?, found), number)))
        .min()
        .filter(|(distance, _)| *distance <= within)
        .map(|(_, number)| number)
}

/// Number of one of the named highlighters (ISO/IEC 29500-1, 17.18.40).
pub(crate) fn highlight(name: &str) -> Option<u8> {
    Some(match name {
        "red" | "darkRed" => 8,
        "yellow" | "darkYellow" => 10,
        "green" | "darkGreen" => 11,
        "blue" | "darkBlue" | "cyan" | "darkCyan" => 12,
        "magenta" | "darkMagenta" => 13,
        "lightGray" => 7,
        "darkGray" | "black" => 14,
        _ => return None,
    })
}

/// Whether programs give links this colour by themselves.
pub(crate) fn is_link_blue(value: &str) -> bool {
    rgb(value).is_some_and(|found| {
        let (hue, span) = hue(found);
        span > 80 && (190..260).contains(&hue)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_find_their_nearest() {
        assert_eq!([text("FF0000"), text("auto"), text("000000")], [Some(1), None, None]);
        assert_eq!([text("0070C0"), text("808080"), text("00B050")], [Some(5), Some(7), Some(4)]);
        for (number, known) in (1..).zip(colour::TEXT) {
            assert_eq!(text(known), Some(number));
        }
        for (number, known) in (1..).zip(colour::BACKGROUND) {
            assert_eq!(background(known), Some(number));
        }
        assert_eq!([background("FFFFFF"), background("FFFF00")], [None, Some(10)]);
        assert_eq!(block([0xFD, 0xE2, 0xE2]).as_deref(), Some("LightRedBackground"));
    }
}

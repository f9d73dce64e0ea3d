//! The pieces of a formula, as far as one must tell them apart to find names and references in it: quoted
//! texts, brackets, words. Whatever ends them is one byte, so that pieces are whole characters.

/// A piece of a formula.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece<'f> {
    /// What may be a name, a function or a reference.
    Word(&'f str),
    /// A quoted text, what stands in brackets, or one other character.
    Other(&'f str),
}

/// The pieces of a formula, in order; together they are the formula.
pub(crate) fn pieces(formula: &str) -> impl Iterator<Item = Piece<'_>> {
    let bytes = formula.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at;
        let first = *bytes.get(start)?;
        at = match first {
            b'"' | b'\'' => quoted_end(bytes, start, first),
            b'[' => bracketed_end(bytes, start),
            first if is_word(first) => word_end(bytes, start),
            _ => start + 1,
        };
        let piece = formula.get(start..at).unwrap_or_default();
        Some(if is_word(first) { Piece::Word(piece) } else { Piece::Other(piece) })
    })
}

/// Whether a byte may stand in a name, a number or a reference; all characters beyond ASCII may.
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(byte, b'$' | b'_' | b'.' | b'\\' | b'?')
        || byte >= 0x80
}

/// Behind the word at `at`.
pub(crate) fn word_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| is_word(**byte)).count()
}

/// Behind the quote that ends the piece at `at`; a doubled one stands for itself.
pub(crate) fn quoted_end(bytes: &[u8], at: usize, quote: u8) -> usize {
    let mut end = at + 1;
    while let Some(length) = memchr::memchr(quote, bytes.get(end..).unwrap_or_default()) {
        end += length + 1;
        if bytes.get(end) != Some(&quote) {
            return end;
        }
        end += 1;
    }
    bytes.len()
}

/// Behind the bracket that closes the one at `at`. Structured references nest them, and an apostrophe
/// escapes what follows it.
pub(crate) fn bracketed_end(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0_usize;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'\'' => at += 1,
            b'[' => depth += 1,
            b']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    at.min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_whole_and_nothing_is_left_out() {
        let formula = "SUM(表[[#All],[a']b]])&\"x \"\"y\"\"\"+'it''s'!$A$1+[1]S!B2";
        let all: Vec<Piece<'_>> = pieces(formula).collect();
        let text = |piece: &Piece<'_>| match piece {
            Piece::Word(text) | Piece::Other(text) => (*text).to_owned(),
        };
        assert_eq!(all.iter().map(text).collect::<String>(), formula);
        assert_eq!(all[2], Piece::Word("表"));
        assert_eq!(all[3], Piece::Other("[[#All],[a']b]]"));
        assert!(all.contains(&Piece::Other("\"x \"\"y\"\"\"")));
        assert!(all.contains(&Piece::Other("'it''s'")));
        assert!(all.contains(&Piece::Word("$A$1")));
        for cut in ["\"表", "'表", "[表", "['表", "['", "[[a]", "]", "\""] {
            assert_eq!(pieces(cut).map(|piece| text(&piece)).collect::<String>(), cut);
        }
    }
}

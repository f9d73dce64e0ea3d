//! Text whose pieces have looks of their own, on its way into cells.

use larkspur_model::workbook::{Font, Rich, RichPart};

/// Bytes of a packed text; a longer one goes plain, as many cells may share it.
const PACKED_BYTES: usize = 64 << 10;
/// Bytes that looks may add to all of a workbook's shared texts.
const LOOKS_BYTES: usize = 64 << 20;

/// Looks of the pieces of a text: where each starts, and how it looks if not as its cell does.
#[derive(Debug, Default)]
pub(crate) struct Looks {
    starts: Vec<(usize, Option<Font>)>,
}

/// What became of a text with looks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Packed {
    /// It has none of its own.
    Plain,
    /// Its packed form.
    Rich(String),
    /// It goes without, as they are too many.
    Dropped,
}

/// Room for the looks of texts that stay in memory.
#[derive(Debug)]
pub(crate) struct Room(usize);

impl Default for Room {
    fn default() -> Self {
        Self(LOOKS_BYTES)
    }
}

impl Room {
    /// The packed form of the text whose first byte has the number `from`, as long as there is room.
    pub(crate) fn pack(&mut self, looks: Looks, text: &str, from: usize) -> Packed {
        match looks.pack(text, from) {
            Packed::Rich(packed) => match self.0.checked_sub(packed.len()) {
                Some(left) => {
                    self.0 = left;
                    Packed::Rich(packed)
                }
                None => Packed::Dropped,
            },
            other => other,
        }
    }
}

impl Looks {
    /// Notes that from byte `at` on the text looks so.
    pub(crate) fn begin(&mut self, at: usize, look: Option<Font>) {
        // What began here has no text: it does not count.
        self.starts.pop_if(|(start, _)| *start == at);
        if self.starts.last().is_none_or(|(_, last)| *last != look) {
            self.starts.push((at, look));
        }
    }

    /// Packs the text whose first byte has the number `from`.
    pub(crate) fn pack(self, text: &str, from: usize) -> Packed {
        if self.starts.iter().all(|(_, look)| look.is_none()) || text.is_empty() {
            return Packed::Plain;
        }
        if text.len() > PACKED_BYTES || self.starts.len() > PACKED_BYTES / 16 {
            return Packed::Dropped;
        }
        let mut parts = Vec::new();
        let mut add = |piece: &str, look: Option<Font>| {
            if !piece.is_empty() {
                parts.push(RichPart::Text { text: piece.to_owned(), look });
            }
        };
        let mut at = 0;
        let mut current = None;
        for (start, look) in self.starts {
            let start = text.floor_char_boundary(start.saturating_sub(from)).max(at);
            add(&text[at..start], current.take());
            (at, current) = (start, look);
        }
        add(&text[at..], current);
        let packed = Rich::pack(&parts);
        if packed.len() > PACKED_BYTES { Packed::Dropped } else { Packed::Rich(packed) }
    }
}

/// The text of `rich` in a cell with `font`, if all of it looks as the cell does anyway. Many programs
/// write such text as one piece with a look.
pub(crate) fn plain_in(rich: Rich<'_>, font: &Font) -> Option<String> {
    // A quote within a text is escaped, so this stands between parts alone.
    if memchr::memmem::find(rich.packed().as_bytes(), br#"},{"kind""#).is_some() {
        return None;
    }
    match <[RichPart; 1]>::try_from(rich.parts()).ok()? {
        [RichPart::Text { text, look }] => look.is_none_or(|look| look == *font).then_some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bold() -> Font {
        Font { bold: true, ..Font::default() }
    }

    fn part(text: &str, look: Option<Font>) -> RichPart {
        RichPart::Text { text: text.into(), look }
    }

    #[test]
    fn pieces_keep_their_looks() {
        let mut looks = Looks::default();
        looks.begin(12, Some(bold()));
        looks.begin(13, Some(bold()));
        looks.begin(15, None);
        let Packed::Rich(packed) = looks.pack("ab表c", 10) else { panic!("it is rich") };
        let parts = Rich::from_packed(&packed).parts();
        assert_eq!(parts, [part("ab", None), part("表", Some(bold())), part("c", None)]);
        assert_eq!(Looks::default().pack("a", 0), Packed::Plain);
        let mut looks = Looks::default();
        looks.begin(0, Some(bold()));
        looks.begin(0, None);
        looks.begin(1, None);
        assert_eq!(looks.pack("ab", 0), Packed::Plain);
    }

    #[test]
    fn looks_that_take_too_much_are_left_out() {
        let mut looks = Looks::default();
        looks.begin(0, Some(bold()));
        assert_eq!(looks.pack(&"x".repeat(70_000), 0), Packed::Dropped);
        let mut room = Room(300);
        for packed in [true, true, false] {
            let mut looks = Looks::default();
            looks.begin(0, Some(bold()));
            assert_eq!(matches!(room.pack(looks, "x", 0), Packed::Rich(_)), packed);
        }
    }

    #[test]
    fn a_look_that_the_cell_has_is_none() {
        let font = bold();
        let one = Rich::pack(&[part("a},{\"kind\"", Some(bold()))]);
        let two = Rich::pack(&[part("a", Some(bold())), part("b", None)]);
        assert_eq!(plain_in(Rich::from_packed(&one), &font).as_deref(), Some("a},{\"kind\""));
        assert_eq!(plain_in(Rich::from_packed(&one), &Font::default()), None);
        assert_eq!(plain_in(Rich::from_packed(&two), &font), None);
    }
}

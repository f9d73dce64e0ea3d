//! Fonts as far as they mean something: those with one width for all letters, and those whose letters
//! are signs.

/// What a font says about its text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Face {
    Plain,
    /// All letters are equally wide: code.
    Monospace,
    /// Letters stand for the signs of a font.
    Signs(SignFont),
}

/// A font of signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignFont {
    Symbol,
    Wingdings,
    Wingdings2,
    Other,
}

const MONOSPACE: [&str; 27] = [
    "courier",
    "consolas",
    "lucida console",
    "lucida sans typewriter",
    "monaco",
    "menlo",
    "dejavu sans mono",
    "liberation mono",
    "source code",
    "cascadia",
    "fira code",
    "fira mono",
    "inconsolata",
    "ubuntu mono",
    "andale mono",
    "sf mono",
    "jetbrains mono",
    "roboto mono",
    "noto sans mono",
    "noto mono",
    "ibm plex mono",
    "hack",
    "droid sans mono",
    "bitstream vera sans mono",
    "freemono",
    "nimbus mono",
    "space mono",
];

/// What the font of this name is.
pub(crate) fn face_of(name: &str) -> Face {
    let name = name.trim().to_ascii_lowercase();
    match name.as_str() {
        "symbol" => Face::Signs(SignFont::Symbol),
        "wingdings" => Face::Signs(SignFont::Wingdings),
        "wingdings 2" => Face::Signs(SignFont::Wingdings2),
        "wingdings 3" | "webdings" => Face::Signs(SignFont::Other),
        _ if MONOSPACE.iter().any(|known| {
            name.strip_prefix(known).is_some_and(|rest| {
                rest.is_empty() || !rest.starts_with(|c: char| c.is_ascii_alphabetic())
            })
        }) =>
        {
            Face::Monospace
        }
        _ => Face::Plain,
    }
}

/// The sign that a letter of such a font shows; none where no character means it.
pub(crate) fn sign(font: SignFont, code: u32) -> Option<char> {
    let code = if (0xF000..=0xF0FF).contains(&code) { code - 0xF000 } else { code };
    let table = match font {
        SignFont::Symbol => SYMBOL,
        SignFont::Wingdings => WINGDINGS,
        SignFont::Wingdings2 => WINGDINGS_2,
        SignFont::Other => return None,
    };
    if code <= 0x20 {
        return Some(' ');
    }
    table
        .iter()
        .find(|(start, signs)| (*start..*start + signs.chars().count() as u32).contains(&code))
        .and_then(|(start, signs)| signs.chars().nth((code - start) as usize))
        .filter(|sign| *sign != '\u{fffd}')
}

/// Signs from a code on.
type Signs = &'static [(u32, &'static str)];

const SYMBOL: Signs = &[
    (
        0x21,
        "!∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼",
    ),
    (0xA0, "€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊⟨®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪"),
    (0xF1, "⟩∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭"),
];

const WINGDINGS: Signs = &[
    (
        0x21,
        "✏✂✁👓🔔📖🕯☎✆✉📦📪📫📬📭📁📂📄🗏🗐🗄⌛⌨🖰🖲💻🖴💾📼✇✍🖎✌👌👍👎☜☞☝☟🖐☺😐☹💣☠⚐🏱✈☼💧❄🕆✞🕈✠✡☪☯ॐ☸♈♉♊♋♌♍♎♏♐♑♒♓🙰🙵●❍■□🞐❑❒⬧⧫◆❖⬥⌧⮹⌘🏵🏶🙶🙷",
    ),
    (
        0x80,
        "⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹❺❻❼❽❾❿🙢🙠🙡🙣🙞🙜🙝🙟·•▪○🞆🞈◉◎🔿▪◻🟂✦★✶✴✹✵⯐⌖⟡⌑⯑✪✰🕐🕑🕒🕓🕔🕕🕖🕗🕘🕙🕚🕛⮰⮱⮲⮳⮴⮵⮶⮷🙪🙫🙕🙔🙗🙖🙐🙑🙒🙓⌫⌦⮘➢⮙⮛⮈➲⮉⮋",
    ),
    (0xDF, "←→↑↓↖↗↙↘🡸🡺🡹🡻🡼🡽🡿🡾⇦⇨⇧⇩⬄⇳⬁⬀⬃⬂▭▫✗✓☒☑"),
];

const WINGDINGS_2: Signs = &[(0x4F, "✗✓☒☑☒☒"), (0xA3, "□")];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_sign_fonts_become_their_signs() {
        assert_eq!(sign(SignFont::Symbol, 0xF0B7), Some('•'));
        assert_eq!(sign(SignFont::Symbol, 0x61), Some('α'));
        assert_eq!(sign(SignFont::Symbol, 0xA3), Some('≤'));
        assert_eq!(sign(SignFont::Symbol, 0xE5), Some('∑'));
        assert_eq!(sign(SignFont::Symbol, 0xF2), Some('∫'));
        assert_eq!(sign(SignFont::Wingdings, 0xF0FC), Some('✓'));
        assert_eq!(sign(SignFont::Wingdings, 0xF0FE), Some('☑'));
        assert_eq!(sign(SignFont::Wingdings, 0xF0A7), Some('▪'));
        assert_eq!(sign(SignFont::Wingdings, 0xE0), Some('→'));
        assert_eq!(sign(SignFont::Wingdings, 0x4A), Some('☺'));
        assert_eq!(sign(SignFont::Wingdings, 0xD8), Some('➢'));
        assert_eq!(sign(SignFont::Wingdings, 0x6C), Some('●'));
        assert_eq!(face_of("Courier New"), Face::Monospace);
        assert_eq!(face_of("Hackney"), Face::Plain);
    }
}

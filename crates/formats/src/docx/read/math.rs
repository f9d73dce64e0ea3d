//! Office Math (ISO/IEC 29500-1, 22.1) as LaTeX. Elements that are open stand on a stack, so depth costs
//! no more than its markup.

use super::properties::{attribute, switch};
use crate::Error;
use crate::docx::math::{is_function, sign_name};
use crate::ooxml::{Event, Scanner};

/// Bytes of the longest formula.
const MOST_BYTES: usize = 64 << 10;

/// An element that is open.
#[derive(Debug, Default)]
struct Frame {
    name: &'static str,
    /// LaTeX of what is directly inside.
    out: String,
    /// Where words ended last in it; others may go on there.
    words_end: usize,
    /// Finished arguments by name.
    parts: Vec<(&'static str, String)>,
    sign: Option<String>,
    open: Option<String>,
    close: Option<String>,
    divider: Option<String>,
    above: bool,
    hides_degree: bool,
    hides: [bool; 2],
    kind: String,
    face: Face,
    /// A column sign aligns here.
    aligns: bool,
}

#[derive(Debug, Default)]
struct Face {
    script: String,
    style: String,
    words: bool,
}

/// Elements with arguments, arguments, and runs.
const KNOWN: [&str; 29] = [
    "f",
    "sSup",
    "sSub",
    "sSubSup",
    "sPre",
    "nary",
    "rad",
    "d",
    "m",
    "mr",
    "acc",
    "bar",
    "func",
    "limLow",
    "limUpp",
    "eqArr",
    "groupChr",
    "box",
    "borderBox",
    "phant",
    "r",
    "e",
    "num",
    "den",
    "sup",
    "sub",
    "deg",
    "fName",
    "lim",
];

/// Reads the formula that just started, to its end.
pub(super) fn read(scanner: &mut Scanner<'_>) -> Result<String, Error> {
    let inside = scanner.depth();
    let mut stack = vec![Frame::default()];
    let mut depths = vec![inside];
    let mut text = String::new();
    loop {
        match scanner.next()? {
            Event::Start => {
                let local = scanner.local();
                let known = KNOWN.iter().find(|known| known.as_bytes() == local);
                let foreign = scanner.name().is_empty();
                if let (Some(name), true) = (known, foreign) {
                    let aligns = stack.last().is_some_and(|top| top.aligns) || *name == "eqArr";
                    stack.push(Frame { name, aligns, ..Frame::default() });
                    depths.push(scanner.depth());
                } else if local == b"t" {
                    text.clear();
                    scanner.collect_text(&mut text, MOST_BYTES)?;
                    if let Some(top) = stack.last_mut() {
                        characters(top, &text);
                    }
                } else if matches!(local, b"del" | b"moveFrom" | b"ctrlPr")
                    || (local == b"rPr" && !foreign)
                {
                    scanner.skip_element()?;
                } else if let Some(top) = stack.last_mut() {
                    property(scanner, top);
                }
            }
            Event::End => {
                if depths.len() > 1 && depths.last() == Some(&(scanner.depth() + 1)) {
                    depths.pop();
                    if let Some(frame) = stack.pop()
                        && let Some(parent) = stack.last_mut()
                    {
                        finish(frame, parent);
                    }
                }
                if scanner.depth() < inside {
                    let root = stack.pop().map(|root| root.out).unwrap_or_default();
                    return Ok(trimmed(&root).to_owned());
                }
            }
            Event::Text => {}
            Event::Eof => return Err(Error::damaged("an XML part is cut off")),
        }
    }
}

fn property(scanner: &Scanner<'_>, top: &mut Frame) {
    let value = || attribute(scanner, b"val").unwrap_or_default();
    match scanner.local() {
        b"chr" => top.sign = Some(value()),
        b"begChr" => top.open = Some(value()),
        b"endChr" => top.close = Some(value()),
        b"sepChr" => top.divider = Some(value()),
        b"pos" => top.above = value() == "top",
        b"degHide" => top.hides_degree = switch(scanner),
        b"subHide" => top.hides[0] = switch(scanner),
        b"supHide" => top.hides[1] = switch(scanner),
        b"type" => top.kind = value(),
        b"scr" => top.face.script = value(),
        b"sty" => top.face.style = value(),
        b"nor" | b"lit" => top.face.words = switch(scanner),
        _ => {}
    }
}

/// Appends LaTeX; a blank keeps a command apart from a letter.
fn push(out: &mut String, piece: &str) {
    if out.len() + piece.len() > MOST_BYTES {
        return;
    }
    if piece.starts_with(|c: char| c.is_ascii_alphabetic()) && ends_in_command(out) {
        out.push(' ');
    }
    out.push_str(piece);
}

fn ends_in_command(out: &str) -> bool {
    let name = out.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    name.len() < out.len() && name.ends_with('\\') && !name.ends_with("\\\\")
}

fn characters(top: &mut Frame, text: &str) {
    if top.face.words {
        let words: String = text.chars().map(escaped_word).collect();
        push(&mut top.out, &format!("\\text{{{words}}}"));
        return;
    }
    let trimmed = text.trim();
    let wrap = match (top.face.script.as_str(), top.face.style.as_str()) {
        ("double-struck", _) => "\\mathbb",
        ("script", _) => "\\mathcal",
        ("fraktur", _) => "\\mathfrak",
        ("sans-serif", _) => "\\mathsf",
        ("monospace", _) => "\\mathtt",
        (_, "b") => "\\mathbf",
        (_, "bi") => "\\boldsymbol",
        (_, "p") if is_function(trimmed) => {
            push(&mut top.out, &format!("\\{trimmed}"));
            return;
        }
        (_, "p") if trimmed.chars().count() > 1 && trimmed.chars().all(char::is_alphabetic) => {
            "\\mathrm"
        }
        _ => "",
    };
    let mut inner = String::new();
    let mut before = None;
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        if character == ' ' {
            let mut wide = false;
            while rest.next_if_eq(&' ').is_some() {
                wide = true;
            }
            blank(before, wide, rest.peek().copied(), &mut inner);
        } else {
            one(character, top.aligns, &mut inner);
        }
        before = Some(character);
    }
    if wrap.is_empty() || inner.trim().is_empty() {
        push(&mut top.out, &inner);
    } else {
        push(&mut top.out, &format!("{wrap}{{{inner}}}"));
    }
}

/// A blank between two characters of a formula, which LaTeX would not show: one between words stays, the
/// edge of a run being taken for one, and so do several, which keep formulas on one line apart.
fn blank(before: Option<char>, wide: bool, after: Option<char>, out: &mut String) {
    let word = |character: Option<char>| character.is_none_or(char::is_alphanumeric);
    if wide {
        push(out, "\\quad");
    } else if word(before) && word(after) {
        push(out, "\\ ");
    }
}

/// Without blanks at the ends, those that LaTeX shows included.
fn trimmed(latex: &str) -> &str {
    let mut rest = latex.trim();
    while let Some(less) = rest.strip_prefix("\\ ") {
        rest = less.trim_start();
    }
    // What is trimmed off a shown blank leaves its backslash, after an even number of others.
    while rest.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 1 {
        rest = rest[..rest.len() - 1].trim_end();
    }
    rest
}

fn escaped_word(character: char) -> String {
    match character {
        '{' | '}' | '$' | '%' | '&' | '#' | '_' => format!("\\{character}"),
        '\\' => "\\textbackslash ".to_owned(),
        other => other.to_string(),
    }
}

fn one(character: char, aligns: bool, out: &mut String) {
    match character {
        '&' if aligns => push(out, "&"),
        '{' | '}' | '$' | '%' | '&' | '#' | '_' => push(out, &format!("\\{character}")),
        '\\' => push(out, "\\backslash"),
        '^' => push(out, "\\hat{}"),
        '~' => push(out, "\\sim"),
        '−' => push(out, "-"),
        '\u{a0}' => push(out, "\\ "),
        '\u{2003}' => push(out, "\\quad"),
        // Invisible operators.
        '\u{2061}'..='\u{2064}' | '\u{200b}' => {}
        other if other.is_ascii() => push(out, other.encode_utf8(&mut [0; 4])),
        other => match plain_letter(other).map(|(wrap, letter)| format!("{wrap}{{{letter}}}")) {
            Some(wrapped) if wrapped.starts_with('{') => {
                push(out, wrapped.trim_matches(['{', '}']));
            }
            Some(wrapped) => push(out, &wrapped),
            None => match sign_name(other) {
                Some(name) => {
                    push(out, &format!("\\{name}"));
                }
                None => push(out, other.encode_utf8(&mut [0; 4])),
            },
        },
    }
}

/// Letters of the mathematical alphabets (U+1D400 on) as a face and the letter.
fn plain_letter(character: char) -> Option<(&'static str, char)> {
    const FACES: [&str; 13] = [
        "\\mathbf",
        "",
        "\\boldsymbol",
        "\\mathcal",
        "\\mathcal",
        "\\mathfrak",
        "\\mathbb",
        "\\mathfrak",
        "\\mathsf",
        "\\mathsf",
        "\\mathsf",
        "\\mathsf",
        "\\mathtt",
    ];
    if character == 'ℎ' {
        return Some(("", 'h'));
    }
    let offset = u32::from(character).checked_sub(0x1D400)?;
    let face = FACES.get((offset / 52) as usize)?;
    let at = (offset % 52) as u8;
    let letter = if at < 26 { b'A' + at } else { b'a' + at - 26 };
    Some((face, char::from(letter)))
}

fn finish(mut frame: Frame, parent: &mut Frame) {
    let name = frame.name;
    match name {
        "r" if frame.face.words => {
            // Words in several runs are the same words.
            let inner = frame
                .out
                .strip_prefix("\\text{")
                .filter(|_| parent.words_end == parent.out.len() && parent.out.ends_with('}'));
            if let Some(inner) = inner {
                parent.out.pop();
                parent.out.push_str(inner);
            } else {
                push(&mut parent.out, &frame.out);
            }
            parent.words_end = parent.out.len();
        }
        "r" => push(&mut parent.out, &frame.out),
        "e" | "num" | "den" | "sup" | "sub" | "deg" | "fName" | "lim" => {
            parent.parts.push((name, trimmed(&frame.out).to_owned()));
        }
        "mr" => {
            let cells: Vec<String> = frame.parts.into_iter().map(|(_, cell)| cell).collect();
            parent.parts.push((name, cells.join(" & ")));
        }
        _ => {
            let parts = std::mem::take(&mut frame.parts);
            let latex = built(&frame, &parts);
            push(&mut parent.out, &latex);
        }
    }
}

fn built(frame: &Frame, parts: &[(&'static str, String)]) -> String {
    let part = |name: &str| {
        parts.iter().find(|(found, _)| *found == name).map_or("", |(_, latex)| latex.as_str())
    };
    let body = part("e");
    match frame.name {
        "f" => match frame.kind.as_str() {
            "noBar" => format!("\\binom{{{}}}{{{}}}", part("num"), part("den")),
            "lin" => format!("{}/{}", grouped(part("num")), grouped(part("den"))),
            _ => format!("\\frac{{{}}}{{{}}}", part("num"), part("den")),
        },
        "sSup" => format!("{}^{{{}}}", grouped(body), part("sup")),
        "sSub" => format!("{}_{{{}}}", grouped(body), part("sub")),
        "sSubSup" => format!("{}_{{{}}}^{{{}}}", grouped(body), part("sub"), part("sup")),
        "sPre" => format!("{{}}_{{{}}}^{{{}}}{}", part("sub"), part("sup"), grouped(body)),
        "nary" => large(frame, part("sub"), part("sup"), body),
        "rad" if frame.hides_degree || part("deg").is_empty() => format!("\\sqrt{{{body}}}"),
        "rad" => format!("\\sqrt[{}]{{{body}}}", part("deg")),
        "d" => fenced(frame, parts),
        "m" => environment("matrix", parts),
        "eqArr" => environment("aligned", parts),
        "acc" => accent(frame.sign.as_deref().unwrap_or("\u{302}"), body),
        "bar" if frame.above => format!("\\overline{{{body}}}"),
        "bar" => format!("\\underline{{{body}}}"),
        "func" => {
            let mut latex = function(part("fName"));
            push(&mut latex, body);
            latex
        }
        "limLow" => limit(body, part("lim"), '_', "\\underset", "\\underbrace"),
        "limUpp" => limit(body, part("lim"), '^', "\\overset", "\\overbrace"),
        "groupChr" => group(frame, body),
        "borderBox" => format!("\\boxed{{{body}}}"),
        "phant" => format!("\\phantom{{{body}}}"),
        _ => body.to_owned(),
    }
}

/// A base for scripts: in braces unless it is one piece.
fn grouped(latex: &str) -> String {
    let one = latex.chars().count() == 1
        || latex
            .strip_prefix('\\')
            .is_some_and(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic()));
    if one { latex.to_owned() } else { format!("{{{latex}}}") }
}

fn large(frame: &Frame, below: &str, above: &str, body: &str) -> String {
    let sign = frame.sign.as_deref().unwrap_or("∫");
    let mut latex = match sign {
        "∑" => "\\sum",
        "∏" => "\\prod",
        "∐" => "\\coprod",
        "∫" => "\\int",
        "∬" => "\\iint",
        "∭" => "\\iiint",
        "∮" => "\\oint",
        "⋃" => "\\bigcup",
        "⋂" => "\\bigcap",
        "⋁" => "\\bigvee",
        "⋀" => "\\bigwedge",
        "⨁" => "\\bigoplus",
        "⨂" => "\\bigotimes",
        "⨀" => "\\bigodot",
        "⨄" => "\\biguplus",
        "⨆" => "\\bigsqcup",
        other => other,
    }
    .to_owned();
    if !below.is_empty() && !frame.hides[0] {
        latex.extend(["_{", below, "}"]);
    }
    if !above.is_empty() && !frame.hides[1] {
        latex.extend(["^{", above, "}"]);
    }
    push(&mut latex, body);
    latex
}

fn fence(sign: &str) -> String {
    match sign {
        "" => ".".to_owned(),
        "{" | "}" => format!("\\{sign}"),
        "‖" => "\\|".to_owned(),
        "〈" => "\\langle ".to_owned(),
        "〉" => "\\rangle ".to_owned(),
        other => match other.chars().next().filter(|c| !c.is_ascii()).and_then(sign_name) {
            Some(name) => format!("\\{name} "),
            None => other.to_owned(),
        },
    }
}

fn fenced(frame: &Frame, parts: &[(&'static str, String)]) -> String {
    let open = frame.open.as_deref().unwrap_or("(");
    let close = frame.close.as_deref().unwrap_or(")");
    if let [(_, only)] = parts {
        if (open, close) == ("(", ")") && only.starts_with("\\binom{") && is_one_command(only) {
            return only.clone();
        }
        let inner = |name: &str| {
            let (head, tail) = (format!("\\begin{{{name}}}"), format!("\\end{{{name}}}"));
            only.strip_prefix(&head)
                .and_then(|rest| rest.strip_suffix(&tail))
                .filter(|rest| !rest.contains(&head))
                .map(str::to_owned)
        };
        let around = match (open, close) {
            ("(", ")") => Some("pmatrix"),
            ("[", "]") => Some("bmatrix"),
            ("{", "}") => Some("Bmatrix"),
            ("|", "|") => Some("vmatrix"),
            ("‖", "‖") => Some("Vmatrix"),
            ("{", "") => Some("cases"),
            _ => None,
        };
        let found =
            inner("matrix").or_else(|| (close.is_empty()).then(|| inner("aligned")).flatten());
        if let (Some(name), Some(rows)) = (around, found) {
            return format!("\\begin{{{name}}}{rows}\\end{{{name}}}");
        }
    }
    let divider = format!(" \\middle{} ", fence(frame.divider.as_deref().unwrap_or("|")));
    let inner: Vec<&str> = parts.iter().map(|(_, latex)| latex.as_str()).collect();
    format!("\\left{} {} \\right{}", fence(open), inner.join(&divider), fence(close))
}

/// Whether a command with its two arguments is all there is.
fn is_one_command(latex: &str) -> bool {
    let mut depth = 0_i32;
    let mut closed = 0;
    for character in latex.chars() {
        match character {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                closed += i32::from(depth == 0);
            }
            _ if depth == 0 && closed > 0 => return false,
            _ => {}
        }
    }
    closed == 2
}

fn environment(name: &str, parts: &[(&'static str, String)]) -> String {
    let rows: Vec<&str> = parts.iter().map(|(_, row)| row.as_str()).collect();
    format!("\\begin{{{name}}} {} \\end{{{name}}}", rows.join(" \\\\ "))
}

fn accent(sign: &str, body: &str) -> String {
    let long = body.chars().count() > 1;
    let command = match sign {
        "\u{302}" | "^" if long => "\\widehat",
        "\u{302}" | "^" => "\\hat",
        "\u{303}" | "~" if long => "\\widetilde",
        "\u{303}" | "~" => "\\tilde",
        "\u{304}" | "\u{305}" | "¯" if long => "\\overline",
        "\u{304}" | "\u{305}" | "¯" => "\\bar",
        "\u{20d7}" | "→" if long => "\\overrightarrow",
        "\u{20d7}" | "→" => "\\vec",
        "\u{20d6}" | "←" => "\\overleftarrow",
        "\u{307}" | "˙" => "\\dot",
        "\u{308}" | "¨" => "\\ddot",
        "\u{20db}" => "\\dddot",
        "\u{301}" | "´" => "\\acute",
        "\u{300}" | "`" => "\\grave",
        "\u{306}" | "˘" => "\\breve",
        "\u{30c}" | "ˇ" => "\\check",
        "\u{30a}" => "\\mathring",
        other => return format!("\\overset{{{other}}}{{{body}}}"),
    };
    format!("{command}{{{body}}}")
}

fn function(name: &str) -> String {
    if name.chars().all(|c| c.is_ascii_alphabetic()) && is_function(name) {
        return format!("\\{name}");
    }
    let words = name.strip_prefix("\\mathrm{").and_then(|rest| rest.strip_suffix('}'));
    match words.or_else(|| name.chars().all(char::is_alphabetic).then_some(name)) {
        Some(words) if !words.contains(['{', '}']) && !words.is_empty() => {
            format!("\\operatorname{{{words}}}")
        }
        _ => name.to_owned(),
    }
}

fn limit(base: &str, what: &str, script: char, command: &str, brace: &str) -> String {
    let named = function(base);
    let takes = named.strip_prefix('\\').is_some_and(is_function) || base.starts_with(brace);
    if let Some(words) = named.strip_prefix("\\operatorname{") {
        return format!("\\operatorname*{{{words}{script}{{{what}}}");
    }
    if takes {
        return format!("{named}{script}{{{what}}}");
    }
    format!("{command}{{{what}}}{{{base}}}")
}

fn group(frame: &Frame, body: &str) -> String {
    match (frame.sign.as_deref().unwrap_or("⏟"), frame.above) {
        ("⏟", _) => format!("\\underbrace{{{body}}}"),
        ("⏞", _) => format!("\\overbrace{{{body}}}"),
        ("→", false) => format!("\\xrightarrow{{{body}}}"),
        ("←", false) => format!("\\xleftarrow{{{body}}}"),
        ("→", true) => format!("\\overrightarrow{{{body}}}"),
        ("←", true) => format!("\\overleftarrow{{{body}}}"),
        (sign, above) => {
            let command = if above { "\\overset" } else { "\\underset" };
            let mut shown = String::new();
            for character in sign.chars() {
                one(character, false, &mut shown);
            }
            format!("{command}{{{shown}}}{{{body}}}")
        }
    }
}

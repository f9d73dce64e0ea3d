//! Nodes as Office Math, elements in the order of its schema (ISO/IEC 29500-1, 22.1).

use super::super::markup::push_escaped;
use super::{Columns, Face, Node};

/// Appends a node.
pub(super) fn node(piece: &Node, into: &mut String) {
    match piece {
        Node::Run { text, face } => run(text, *face, into),
        Node::Row(pieces) => row(pieces, into),
        Node::Fraction { above, below, line } => {
            into.push_str("<m:f>");
            if !line {
                into.push_str("<m:fPr><m:type m:val=\"noBar\"/></m:fPr>");
            }
            part("num", above, into);
            part("den", below, into);
            into.push_str("</m:f>");
        }
        Node::Scripts { base, below, above } => {
            scripts(base, below.as_deref(), above.as_deref(), into);
        }
        Node::Limits { base, below, above } => {
            limits(base, below.as_deref(), above.as_deref(), into);
        }
        Node::Large { sign, stacked, below, above, body } => {
            into.push_str("<m:nary><m:naryPr><m:chr m:val=\"");
            into.push_str(sign);
            let place = if *stacked { "undOvr" } else { "subSup" };
            into.push_str("\"/><m:limLoc m:val=\"");
            into.push_str(place);
            into.push_str("\"/>");
            for (hide, there) in [("subHide", below), ("supHide", above)] {
                if there.is_none() {
                    into.push_str("<m:");
                    into.push_str(hide);
                    into.push_str(" m:val=\"1\"/>");
                }
            }
            into.push_str("</m:naryPr>");
            optional("sub", below.as_deref(), into);
            optional("sup", above.as_deref(), into);
            part("e", body, into);
            into.push_str("</m:nary>");
        }
        Node::Root { degree, body } => {
            into.push_str("<m:rad>");
            if degree.is_none() {
                into.push_str("<m:radPr><m:degHide m:val=\"1\"/></m:radPr>");
            }
            optional("deg", degree.as_deref(), into);
            part("e", body, into);
            into.push_str("</m:rad>");
        }
        Node::Fenced { open, close, middle, parts } => {
            into.push_str("<m:d><m:dPr>");
            for (name, sign) in [("begChr", open), ("sepChr", middle), ("endChr", close)] {
                property(name, sign, into);
            }
            into.push_str("</m:dPr>");
            for inner in parts {
                part("e", inner, into);
            }
            into.push_str("</m:d>");
        }
        Node::Matrix { rows, columns: Columns::Paired } => aligned(rows, into),
        Node::Matrix { rows, columns } => matrix(rows, *columns, into),
        Node::Accent { sign, body } => {
            into.push_str("<m:acc><m:accPr>");
            property("chr", sign, into);
            into.push_str("</m:accPr>");
            part("e", body, into);
            into.push_str("</m:acc>");
        }
        Node::Line { above, body } => {
            into.push_str("<m:bar><m:barPr>");
            property("pos", if *above { "top" } else { "bot" }, into);
            into.push_str("</m:barPr>");
            part("e", body, into);
            into.push_str("</m:bar>");
        }
        Node::Group { sign, above, body } => {
            into.push_str("<m:groupChr><m:groupChrPr>");
            property("chr", sign, into);
            property("pos", if *above { "top" } else { "bot" }, into);
            property("vertJc", if *above { "bot" } else { "top" }, into);
            into.push_str("</m:groupChrPr>");
            part("e", body, into);
            into.push_str("</m:groupChr>");
        }
        Node::Boxed(body) => {
            into.push_str("<m:borderBox>");
            part("e", body, into);
            into.push_str("</m:borderBox>");
        }
    }
}

/// Pieces side by side; neighbours of one face are one run.
fn row(pieces: &[Node], into: &mut String) {
    let mut pieces = pieces.iter().peekable();
    while let Some(piece) = pieces.next() {
        let Node::Run { text, face } = piece else {
            node(piece, into);
            continue;
        };
        let mut joined = text.clone();
        while let Some(Node::Run { text, .. }) =
            pieces.next_if(|next| matches!(next, Node::Run { face: other, .. } if other == face))
        {
            joined.push_str(text);
        }
        run(&joined, *face, into);
    }
}

fn property(name: &str, value: &str, into: &mut String) {
    into.push_str("<m:");
    into.push_str(name);
    into.push_str(" m:val=\"");
    push_escaped(into, value);
    into.push_str("\"/>");
}

fn part(name: &str, inner: &Node, into: &mut String) {
    optional(name, Some(inner), into);
}

fn optional(name: &str, inner: Option<&Node>, into: &mut String) {
    into.push_str("<m:");
    into.push_str(name);
    into.push('>');
    if let Some(inner) = inner {
        node(inner, into);
    }
    into.push_str("</m:");
    into.push_str(name);
    into.push('>');
}

fn scripts(base: &Node, below: Option<&Node>, above: Option<&Node>, into: &mut String) {
    let name = match (below, above) {
        (Some(_), Some(_)) => "sSubSup",
        (Some(_), None) => "sSub",
        _ => "sSup",
    };
    into.push_str("<m:");
    into.push_str(name);
    into.push('>');
    part("e", base, into);
    if let Some(below) = below {
        part("sub", below, into);
    }
    if let Some(above) = above {
        part("sup", above, into);
    }
    into.push_str("</m:");
    into.push_str(name);
    into.push('>');
}

fn limits(base: &Node, below: Option<&Node>, above: Option<&Node>, into: &mut String) {
    let levels = [("limUpp", above), ("limLow", below)];
    for (name, limit) in levels {
        if limit.is_some() {
            into.push_str("<m:");
            into.push_str(name);
            into.push_str("><m:e>");
        }
    }
    node(base, into);
    for (name, limit) in levels.into_iter().rev() {
        if let Some(limit) = limit {
            into.push_str("</m:e>");
            part("lim", limit, into);
            into.push_str("</m:");
            into.push_str(name);
            into.push('>');
        }
    }
}

/// Equations below each other, a sign where they are aligned.
fn aligned(rows: &[Vec<Node>], into: &mut String) {
    into.push_str("<m:eqArr>");
    for cells in rows {
        into.push_str("<m:e>");
        for (number, cell) in cells.iter().enumerate() {
            if number > 0 {
                run("&", Face::Math, into);
            }
            node(cell, into);
        }
        into.push_str("</m:e>");
    }
    into.push_str("</m:eqArr>");
}

fn matrix(rows: &[Vec<Node>], columns: Columns, into: &mut String) {
    let width = rows.iter().map(Vec::len).max().unwrap_or(0).max(1);
    into.push_str("<m:m><m:mPr><m:mcs>");
    let place = if columns == Columns::Centred { "center" } else { "left" };
    for _ in 0..width {
        into.push_str("<m:mc><m:mcPr><m:count m:val=\"1\"/>");
        property("mcJc", place, into);
        into.push_str("</m:mcPr></m:mc>");
    }
    into.push_str("</m:mcs></m:mPr>");
    for row in rows {
        into.push_str("<m:mr>");
        for column in 0..width {
            optional("e", row.get(column), into);
        }
        into.push_str("</m:mr>");
    }
    into.push_str("</m:m>");
}

fn run(text: &str, face: Face, into: &mut String) {
    let properties = match face {
        Face::Math => "",
        Face::Words => "<m:nor/>",
        Face::Upright => "<m:sty m:val=\"p\"/>",
        Face::Bold => "<m:sty m:val=\"b\"/>",
        Face::BoldItalic => "<m:sty m:val=\"bi\"/>",
        Face::Italic => "<m:sty m:val=\"i\"/>",
        Face::DoubleStruck => "<m:scr m:val=\"double-struck\"/><m:sty m:val=\"p\"/>",
        Face::Script => "<m:scr m:val=\"script\"/><m:sty m:val=\"p\"/>",
        Face::Fraktur => "<m:scr m:val=\"fraktur\"/><m:sty m:val=\"p\"/>",
        Face::SansSerif => "<m:scr m:val=\"sans-serif\"/><m:sty m:val=\"p\"/>",
        Face::Monospace => "<m:scr m:val=\"monospace\"/><m:sty m:val=\"p\"/>",
    };
    into.push_str("<m:r>");
    if !properties.is_empty() {
        into.push_str("<m:rPr>");
        into.push_str(properties);
        into.push_str("</m:rPr>");
    }
    into.push_str(
        "<w:rPr><w:rFonts w:ascii=\"Cambria Math\" w:hAnsi=\"Cambria Math\"/></w:rPr><m:t xml:space=\"preserve\">",
    );
    push_escaped(into, text);
    into.push_str("</m:t></m:r>");
}

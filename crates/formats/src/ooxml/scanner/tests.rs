//! The scanner over documents cut into buffers at every place.

use super::*;
use crate::ooxml::Chunk;

struct Pieces {
    bytes: Vec<u8>,
    at: usize,
    size: usize,
    headroom: usize,
}

impl Feed for Pieces {
    fn next(&mut self, _: Vec<u8>) -> Result<Option<Chunk>, Error> {
        let end = self.bytes.len().min(self.at + self.size);
        if self.at == end {
            return Ok(None);
        }
        let mut bytes = vec![b'?'; self.headroom];
        bytes.extend_from_slice(&self.bytes[self.at..end]);
        self.at = end;
        Ok(Some(Chunk { start: self.headroom, end: bytes.len(), bytes }))
    }
}

/// The document in one line: `(name attribute=value ...` for a start, `)` for an end, text in
/// between with a bar where it was cut.
fn told(xml: &[u8], size: usize, headroom: usize) -> Result<String, Error> {
    let mut feed = Pieces { bytes: xml.to_vec(), at: 0, size, headroom };
    let mut scanner = Scanner::new(&mut feed, 8);
    let mut out = String::new();
    loop {
        match scanner.next()? {
            Event::Start => {
                out.push('(');
                out.push_str(std::str::from_utf8(scanner.name()).unwrap());
                for (name, value) in scanner.attributes() {
                    if !name.starts_with(b"xmlns") {
                        out.push(' ');
                        out.push_str(std::str::from_utf8(name).unwrap());
                        out.push('=');
                        out.push_str(&decoded(value));
                    }
                }
                out.push(':');
            }
            Event::End => out.push(')'),
            Event::Text => {
                scanner.push_text(&mut out);
            }
            Event::Eof => return Ok(out),
        }
    }
}

#[test]
fn documents_read_the_same_however_they_are_cut() {
    let cases = [
        ("<a>x</a>", "(a:x)"),
        ("<?xml version='1.0'?><!-- > --><a b = '>\"' c=\"&lt;\n\"/>", "(a b=>\" c=<\n:)"),
        ("<a>1<![CDATA[<b>&amp;]]]]>2</a>\n", "(a:1<b>&amp;]]2)"),
        ("<a>表&#x8868;é&amp;é\r\nx\ry</a >", "(a:表表é&é\nx\ny)"),
        ("<p:a xmlns:p='u'><p:b/><b/><q:b xmlns:q='u'/></p:a>", "(a:(b:)(:)(b:))"),
        ("<a xmlns='u'><b xmlns='v'><c/></b><b/></a>", "(a:(:(:))(b:))"),
        (
            "<a xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006'>\
             <mc:AlternateContent><mc:Choice Requires='x'><b>no<mc:Choice/></b></mc:Choice>\
             <mc:Fallback><c/></mc:Fallback></mc:AlternateContent><d/></a>",
            "(a:(c:)(d:))",
        ),
        ("<a><?pi <b> ?><!----><b><!-- </b> --></b></a>", "(a:(b:))"),
        ("<a>&unknown; &lt &</a>", "(a:&unknown; &lt &)"),
    ];
    for (xml, expected) in cases {
        for size in 1..=xml.len() {
            for headroom in [0, 3, 400] {
                let told = told(xml.as_bytes(), size, headroom).unwrap();
                assert_eq!(told, expected, "in pieces of {size} with headroom {headroom}: {xml}");
            }
        }
    }
}

#[test]
fn broken_documents_are_refused() {
    for xml in [
        "<a>",
        "<a",
        "<a></b>",
        "</a>",
        "<a><b></a></b>",
        "<a b='>",
        "<a><![CDATA[x</a>",
        "<!--",
        "<a><!x></a>",
        "< a/>",
        "<a><b<c/></a>",
        "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
    ] {
        let error = told(xml.as_bytes(), 3, 8).unwrap_err();
        assert!(matches!(error, Error::Damaged(_)), "{xml}: {error}");
    }
    let deep = "<a>".repeat(9);
    assert!(matches!(told(deep.as_bytes(), 100, 8), Err(Error::TooLarge(_))));
    let long = format!("<a b='{}", "x".repeat(2 << 20));
    assert!(matches!(told(long.as_bytes(), 1 << 19, 8), Err(Error::TooLarge(_))));
}

#[test]
fn an_empty_part_has_nothing_in_it() {
    let mut whole = crate::ooxml::Whole::new(Vec::new());
    let mut scanner = Scanner::new(&mut whole, 8);
    assert_eq!(scanner.next().unwrap(), Event::Eof);
}

//! Makes Word files from parts written out by hand.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

const W: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";

/// A Word file in the making.
pub(crate) struct Build {
    body: String,
    relations: String,
    parts: Vec<(String, Vec<u8>)>,
}

impl Build {
    /// A file whose body holds this markup.
    pub(crate) fn new(body: &str) -> Self {
        Self { body: body.to_owned(), relations: String::new(), parts: Vec::new() }
    }

    /// Adds a part next to the text, related to it.
    pub(crate) fn part(mut self, id: &str, kind: &str, name: &str, content: &[u8]) -> Self {
        write!(
            self.relations,
            "<Relationship Id=\"{id}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" Target=\"{name}\"/>"
        )
        .expect("a string takes any text");
        self.parts.push((format!("word/{name}"), content.to_vec()));
        self
    }

    /// Adds a relationship to something outside.
    pub(crate) fn outside(mut self, id: &str, kind: &str, target: &str) -> Self {
        write!(
            self.relations,
            "<Relationship Id=\"{id}\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}\" Target=\"{target}\" TargetMode=\"External\"/>"
        )
        .expect("a string takes any text");
        self
    }

    /// Adds an XML part of the document's vocabulary.
    pub(crate) fn xml(self, kind: &str, inner: &str) -> Self {
        let content = format!("<w:{kind} {}>{inner}</w:{kind}>", namespaces());
        self.part(&format!("part-{kind}"), kind, &format!("{kind}.xml"), content.as_bytes())
    }

    pub(crate) fn styles(self, inner: &str) -> Self {
        self.xml("styles", inner)
    }

    pub(crate) fn numbering(self, inner: &str) -> Self {
        self.xml("numbering", inner)
    }

    /// The file.
    pub(crate) fn finish(self) -> Vec<u8> {
        let document =
            format!("<w:document {}><w:body>{}</w:body></w:document>", namespaces(), self.body);
        let mut parts = vec![
            ("[Content_Types].xml".to_owned(), b"<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/><Default Extension=\"html\" ContentType=\"text/html\"/></Types>".to_vec()),
            ("_rels/.rels".to_owned(), relations("<Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"word/main.xml\"/>")),
            ("word/main.xml".to_owned(), document.into_bytes()),
            ("word/_rels/main.xml.rels".to_owned(), relations(&self.relations)),
        ];
        parts.extend(self.parts);
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in parts {
            zip.start_file(name, SimpleFileOptions::default()).expect("a new entry");
            zip.write_all(&content).expect("memory takes all");
        }
        zip.finish().expect("memory takes all").into_inner()
    }
}

fn relations(inner: &str) -> Vec<u8> {
    format!("<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">{inner}</Relationships>").into_bytes()
}

fn namespaces() -> String {
    [
        ("w", W),
        ("r", "http://schemas.openxmlformats.org/officeDocument/2006/relationships"),
        ("m", "http://schemas.openxmlformats.org/officeDocument/2006/math"),
        ("wp", "http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"),
        ("a", "http://schemas.openxmlformats.org/drawingml/2006/main"),
        ("pic", "http://schemas.openxmlformats.org/drawingml/2006/picture"),
        ("mc", "http://schemas.openxmlformats.org/markup-compatibility/2006"),
        ("wps", "http://schemas.microsoft.com/office/word/2010/wordprocessingShape"),
        ("v", "urn:schemas-microsoft-com:vml"),
        ("o", "urn:schemas-microsoft-com:office:office"),
        ("w14", "http://schemas.microsoft.com/office/word/2010/wordml"),
    ]
    .map(|(prefix, address)| format!("xmlns:{prefix}=\"{address}\""))
    .join(" ")
}

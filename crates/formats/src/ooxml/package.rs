//! A zipped package: its parts by name, their content types, and the relationships between them.

use std::collections::HashMap;

use super::archive::{Entry, normal_name, read_directory};
use super::detect::{Found, detect, mismatch};
use super::encoding::Decoded;
use super::feed::{Feed, Whole, stream};
use super::inflate::Inflater;
use super::scanner::{Event, Scanner};
use crate::{Error, Input, Limits};

/// Most bytes of a part that is read as a whole, unless its reader says otherwise.
const WHOLE_BYTES: u64 = 64 << 20;
/// Most relationships of one part.
const MOST_RELATIONSHIPS: usize = 200_000;

/// A part of the package: an index that [`Package::find`] gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Part(usize);

/// A relationship of a part or of the package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Relationship {
    /// The id that the source part uses.
    pub(crate) id: String,
    /// The last step of the type's address: `worksheet`, `hyperlink`, `image`. It is the same in
    /// transitional and strict files.
    pub(crate) kind: String,
    /// For a part its name, complete; for an outer target the address as written.
    pub(crate) target: String,
    /// Whether the target lies outside the package.
    pub(crate) external: bool,
}

/// An open package.
pub(crate) struct Package<'i> {
    input: &'i mut dyn Input,
    limits: Limits,
    entries: Vec<Entry>,
    by_name: HashMap<String, usize>,
    type_defaults: HashMap<String, String>,
    type_overrides: HashMap<String, String>,
    budget: u64,
}

impl<'i> Package<'i> {
    /// Opens the package in `input`. What is no zip archive is refused with what it is instead;
    /// `expected` is the format's short name for that.
    pub(crate) fn open(
        input: &'i mut dyn Input,
        limits: &Limits,
        expected: &'static str,
    ) -> Result<Self, Error> {
        match detect(input)? {
            Found::Zip => {}
            Found::Encrypted => return Err(Error::Encrypted),
            Found::Other(found) => return Err(mismatch(expected, found)),
        }
        let entries = read_directory(input, limits)?;
        let mut by_name = HashMap::with_capacity(entries.len());
        for (index, entry) in entries.iter().enumerate() {
            by_name.entry(entry.name.clone()).or_insert(index);
        }
        let mut package = Self {
            input,
            limits: limits.clone(),
            entries,
            by_name,
            type_defaults: HashMap::new(),
            type_overrides: HashMap::new(),
            budget: limits.container_bytes,
        };
        package.refuse_other_zips(expected)?;
        package.read_content_types()?;
        Ok(package)
    }

    fn refuse_other_zips(&mut self, expected: &'static str) -> Result<(), Error> {
        if self.find("[Content_Types].xml").is_some() || self.find("_rels/.rels").is_some() {
            return Ok(());
        }
        if let Some(part) = self.find("mimetype") {
            let kind = String::from_utf8_lossy(&self.read_up_to(part, 256)?).trim().to_owned();
            let known = match kind.as_str() {
                "application/vnd.oasis.opendocument.spreadsheet" => "an OpenDocument spreadsheet",
                "application/vnd.oasis.opendocument.text" => "an OpenDocument text",
                "application/epub+zip" => "an EPUB book",
                other => other,
            };
            return Err(mismatch(expected, known));
        }
        if self.find("Index/Document.iwa").is_some() || self.find("Index.zip").is_some() {
            return Err(mismatch(expected, "an iWork document"));
        }
        Err(mismatch(expected, "a zip archive without an Office document"))
    }

    /// The part of a name; case, slashes and leading slashes do not matter.
    pub(crate) fn find(&self, name: &str) -> Option<Part> {
        self.by_name.get(&normal_name(name)).copied().map(Part)
    }

    /// The part's name, lower case, without leading slash.
    pub(crate) fn name(&self, part: Part) -> &str {
        &self.entries[part.0].name
    }

    /// Whether the part's name ends like this, in any case.
    pub(crate) fn has_extension(&self, part: Part, extension: &str) -> bool {
        let ending = self.name(part).rsplit_once('.');
        ending.is_some_and(|(_, found)| found.eq_ignore_ascii_case(extension))
    }

    /// Inflated bytes of the part, by the directory's word.
    pub(crate) fn size_bytes(&self, part: Part) -> u64 {
        self.entries[part.0].size
    }

    /// The part's content type; empty where none is declared.
    pub(crate) fn content_type(&self, part: Part) -> &str {
        let name = self.name(part);
        let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
        self.type_overrides
            .get(name)
            .or_else(|| self.type_defaults.get(extension))
            .map_or("", String::as_str)
    }

    /// The part's bytes, as stored.
    pub(crate) fn read(&mut self, part: Part) -> Result<Vec<u8>, Error> {
        self.read_up_to(part, WHOLE_BYTES)
    }

    /// The part's bytes, as stored, refused if those are more than `most`.
    pub(crate) fn read_up_to(&mut self, part: Part, most: u64) -> Result<Vec<u8>, Error> {
        let mut inflater = self.inflater(part)?;
        let mut bytes = Vec::new();
        let mut block = vec![0; 64 << 10];
        loop {
            let filled = inflater.fill(&mut block)?;
            if filled == 0 {
                return Ok(bytes);
            }
            bytes.extend_from_slice(&block[..filled]);
            if bytes.len() as u64 > most {
                return Err(Error::TooLarge(format!(
                    "part {} has more than {most} bytes",
                    self.name(part)
                )));
            }
        }
    }

    /// An XML part as UTF-8, whatever encoding it is in.
    pub(crate) fn read_xml(&mut self, part: Part) -> Result<Vec<u8>, Error> {
        let mut whole = Whole::new(self.read(part)?);
        let mut feed = Decoded::new(&mut whole);
        let mut text = Vec::new();
        while let Some(mut chunk) = feed.next(Vec::new())? {
            if text.is_empty() {
                chunk.bytes.truncate(chunk.end);
                chunk.bytes.drain(..chunk.start);
                text = chunk.bytes;
            } else {
                text.extend_from_slice(&chunk.bytes[chunk.start..chunk.end]);
            }
        }
        Ok(text)
    }

    /// Hands the part's bytes to `consume` as they are inflated; for a large part that happens on
    /// another thread. `consume` may stop early.
    pub(crate) fn stream<T>(
        &mut self,
        part: Part,
        consume: impl FnOnce(&mut dyn Feed) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let packed = self.entries[part.0].packed;
        stream(self.inflater(part)?, packed, consume)
    }

    /// The part's bytes as a stream, checked and capped like all others.
    pub(crate) fn reader(&mut self, part: Part) -> Result<impl std::io::Read + '_, Error> {
        self.inflater(part)
    }

    fn inflater(&mut self, part: Part) -> Result<Inflater<'_>, Error> {
        Inflater::open(self.input, &self.entries[part.0], &self.limits, &mut self.budget)
    }

    /// Relationships of the part of a name, or of the package itself for an empty name; none where
    /// their part is missing.
    pub(crate) fn relationships(&mut self, source: &str) -> Result<Vec<Relationship>, Error> {
        let (folder, file) = source.rsplit_once(['/', '\\']).unwrap_or(("", source));
        let Some(part) = self.find(&format!("{folder}/_rels/{file}.rels")) else {
            return Ok(Vec::new());
        };
        let xml = self.read_xml(part)?;
        let mut found = Vec::new();
        self.each_element(xml, |scanner| {
            if scanner.local() == b"Relationship" && found.len() < MOST_RELATIONSHIPS {
                let text = |name| scanner.attribute(name).unwrap_or_default().into_owned();
                let external = text(b"TargetMode").eq_ignore_ascii_case("external");
                let target = text(b"Target");
                found.push(Relationship {
                    id: text(b"Id"),
                    kind: text(b"Type").rsplit('/').next().unwrap_or_default().to_owned(),
                    target: match external {
                        true => target,
                        false if target.starts_with(['/', '\\']) => normal_name(&target),
                        false => normal_name(&format!("{folder}/{target}")),
                    },
                    external,
                });
            }
        })?;
        Ok(found)
    }

    /// Relationships of a part.
    pub(crate) fn relationships_of(&mut self, part: Part) -> Result<Vec<Relationship>, Error> {
        let name = self.name(part).to_owned();
        self.relationships(&name)
    }

    fn read_content_types(&mut self) -> Result<(), Error> {
        let Some(part) = self.find("[Content_Types].xml") else { return Ok(()) };
        let xml = self.read_xml(part)?;
        let (mut defaults, mut overrides) = (HashMap::new(), HashMap::new());
        self.each_element(xml, |scanner| {
            let text = |name| scanner.attribute(name).unwrap_or_default();
            let kind = text(b"ContentType").to_ascii_lowercase();
            match scanner.local() {
                b"Default" => {
                    defaults.insert(text(b"Extension").to_lowercase(), kind);
                }
                b"Override" => {
                    overrides.insert(normal_name(&text(b"PartName")), kind);
                }
                _ => {}
            }
        })?;
        (self.type_defaults, self.type_overrides) = (defaults, overrides);
        Ok(())
    }

    fn each_element(&self, xml: Vec<u8>, mut visit: impl FnMut(&Scanner<'_>)) -> Result<(), Error> {
        let mut whole = Whole::new(xml);
        let mut scanner = Scanner::new(&mut whole, self.limits.markup_depth);
        loop {
            match scanner.next()? {
                Event::Start => visit(&scanner),
                Event::Eof => return Ok(()),
                Event::End | Event::Text => {}
            }
        }
    }
}

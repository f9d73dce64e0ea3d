//! Definitions of lists as the part `numbering` has them.

use std::collections::HashMap;

use super::properties::{attribute, number, read_paragraph};
use super::styles::{StyleSheet, value};
use crate::Error;
use crate::ooxml::{Event, Scanner};
use crate::word_flow::numbering::{Definition, Instance, LEVELS, Level, Numbering, marker_of};

/// Definitions and instances read.
const MOST_LISTS: usize = 100_000;

/// The lists as they are read.
#[derive(Default)]
pub(super) struct Definitions {
    numbering: Numbering,
    /// Definitions that stand for the list of a style.
    styles: HashMap<u32, String>,
}

impl Definitions {
    /// Reads the part `numbering`.
    pub(super) fn read(scanner: &mut Scanner<'_>) -> Result<Self, Error> {
        let mut numbering = Self::default();
        loop {
            match scanner.next()? {
                Event::Start => match scanner.name() {
                    b"abstractNum" => numbering.read_definition(scanner)?,
                    b"num" => numbering.read_instance(scanner)?,
                    b"numbering" => {}
                    _ => scanner.skip_element()?,
                },
                Event::Eof => return Ok(numbering),
                Event::End | Event::Text => {}
            }
        }
    }

    fn read_definition(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Error> {
        let id = number(scanner, b"abstractNumId").unwrap_or_default().max(0) as u32;
        let mut definition = Definition::default();
        let mut style = None;
        let inside = scanner.depth();
        loop {
            match scanner.next()? {
                Event::Start => match scanner.name() {
                    b"lvl" => read_level(scanner, &mut definition.levels)?,
                    b"numStyleLink" => style = attribute(scanner, b"val"),
                    _ => scanner.skip_element()?,
                },
                Event::End if scanner.depth() < inside => break,
                Event::End | Event::Text => {}
                Event::Eof => return Err(Error::damaged("an XML part is cut off")),
            }
        }
        if self.numbering.definitions.len() < MOST_LISTS {
            self.numbering.definitions.entry(id).or_insert(definition);
            if let Some(style) = style {
                self.styles.entry(id).or_insert(style);
            }
        }
        Ok(())
    }

    fn read_instance(&mut self, scanner: &mut Scanner<'_>) -> Result<(), Error> {
        let id = number(scanner, b"numId").unwrap_or_default().max(0) as u32;
        let mut instance = Instance::default();
        let mut level = 0;
        let inside = scanner.depth();
        loop {
            match scanner.next()? {
                Event::Start => match scanner.name() {
                    b"abstractNumId" => {
                        instance.definition = value(scanner).unwrap_or_default().max(0) as u32;
                    }
                    b"lvlOverride" => {
                        level = number(scanner, b"ilvl").unwrap_or_default().clamp(0, 8) as usize;
                    }
                    b"startOverride" => {
                        instance.starts[level] = value(scanner).map(|start| start.max(0) as u32);
                    }
                    b"lvl" => read_level(scanner, &mut instance.levels)?,
                    _ => scanner.skip_element()?,
                },
                Event::End if scanner.depth() < inside => break,
                Event::End | Event::Text => {}
                Event::Eof => return Err(Error::damaged("an XML part is cut off")),
            }
        }
        if self.numbering.instances.len() < MOST_LISTS {
            self.numbering.instances.entry(id).or_insert(instance);
        }
        Ok(())
    }

    /// The lists; definitions that only name a style become those of the style's list.
    pub(super) fn linked(mut self, styles: &StyleSheet) -> Numbering {
        let meant: HashMap<u32, u32> = self
            .numbering
            .instances
            .iter()
            .map(|(id, instance)| (*id, instance.definition))
            .collect();
        for instance in self.numbering.instances.values_mut() {
            if let Some(style) = self.styles.get(&instance.definition)
                && let Some(list) = styles.list_of(style)
            {
                instance.definition = meant.get(&list).copied().unwrap_or_default();
            }
        }
        self.numbering
    }
}

fn read_level(
    scanner: &mut Scanner<'_>,
    levels: &mut [Option<Level>; LEVELS],
) -> Result<(), Error> {
    let index = number(scanner, b"ilvl").unwrap_or_default().clamp(0, 8) as usize;
    let mut level = Level { start: 0, ..Level::default() };
    let (mut format, mut text) = (String::from("decimal"), None);
    let inside = scanner.depth();
    loop {
        match scanner.next()? {
            Event::Start => match scanner.name() {
                b"start" => level.start = value(scanner).unwrap_or_default().max(0) as u32,
                b"numFmt" => format = attribute(scanner, b"val").unwrap_or_default(),
                b"lvlText" => text = attribute(scanner, b"val"),
                b"pStyle" => level.style = attribute(scanner, b"val").unwrap_or_default(),
                b"lvlRestart" => {
                    level.restart = value(scanner).map(|restart| restart.clamp(0, 9) as u8);
                }
                b"pPr" => level.left = read_paragraph(scanner, &|_| None, &|_| None)?.left,
                _ => scanner.skip_element()?,
            },
            Event::End if scanner.depth() < inside => break,
            Event::End | Event::Text => {}
            Event::Eof => return Err(Error::damaged("an XML part is cut off")),
        }
    }
    level.marker = marker_of(text.as_deref(), format == "bullet", format == "none");
    levels[index] = Some(level);
    Ok(())
}

//! Definitions of lists, and the numbers their items have in the order of the document.

use std::collections::{HashMap, HashSet};

use super::properties::{attribute, number, read_paragraph};
use super::styles::{StyleSheet, value};
use crate::Error;
use crate::ooxml::{Event, Scanner};

/// Levels of a list.
const LEVELS: usize = 9;
/// Definitions and instances read.
const MOST_LISTS: usize = 100_000;

/// What stands before an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marker {
    /// Nothing: the paragraph only looks like an item.
    None,
    Bullet,
    Number,
    /// A box, ticked or not.
    Box(bool),
}

/// A level of a list.
#[derive(Debug, Clone)]
struct Level {
    start: u32,
    marker: Marker,
    left: Option<i32>,
    /// The paragraph style that goes with the level.
    style: String,
    /// The level whose next item makes this one start again; 0 for none.
    restart: Option<u8>,
}

impl Default for Level {
    fn default() -> Self {
        Self { start: 1, marker: Marker::Number, left: None, style: String::new(), restart: None }
    }
}

#[derive(Debug, Default)]
struct Definition {
    levels: [Option<Level>; LEVELS],
    /// The style whose list is meant instead.
    style: Option<String>,
}

#[derive(Debug, Default)]
struct Instance {
    definition: u32,
    starts: [Option<u32>; LEVELS],
    levels: [Option<Level>; LEVELS],
}

/// An item as its list has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) marker: Marker,
    /// Its number; 0 for bullets.
    pub(super) number: u32,
    pub(super) level: u8,
    /// Where its text starts, twentieths of a point.
    pub(super) left: i32,
}

/// All lists and how far they have counted.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    definitions: HashMap<u32, Definition>,
    instances: HashMap<u32, Instance>,
    counts: HashMap<u32, [Option<u32>; LEVELS]>,
    begun: HashSet<(u32, u8)>,
}

impl Numbering {
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
        let inside = scanner.depth();
        loop {
            match scanner.next()? {
                Event::Start => match scanner.name() {
                    b"lvl" => read_level(scanner, &mut definition.levels)?,
                    b"numStyleLink" => definition.style = attribute(scanner, b"val"),
                    _ => scanner.skip_element()?,
                },
                Event::End if scanner.depth() < inside => break,
                Event::End | Event::Text => {}
                Event::Eof => return Err(Error::damaged("an XML part is cut off")),
            }
        }
        if self.definitions.len() < MOST_LISTS {
            self.definitions.entry(id).or_insert(definition);
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
        if self.instances.len() < MOST_LISTS {
            self.instances.entry(id).or_insert(instance);
        }
        Ok(())
    }

    /// Replaces definitions that only name a style by those of the style's list.
    pub(super) fn link_styles(&mut self, styles: &StyleSheet) {
        for instance in self.instances.values_mut() {
            let Some(definition) = self.definitions.get(&instance.definition) else { continue };
            if let Some(list) = definition.style.as_deref().and_then(|id| styles.list_of(id)) {
                // Marked here, looked up below: another instance may not be read while this one
                // is changed.
                instance.definition = u32::MAX - list.min(u32::MAX / 2);
            }
        }
        let meant: HashMap<u32, u32> =
            self.instances.iter().map(|(id, instance)| (*id, instance.definition)).collect();
        for instance in self.instances.values_mut() {
            if instance.definition > u32::MAX / 2 {
                let list = u32::MAX - instance.definition;
                instance.definition = meant.get(&list).copied().unwrap_or_default();
            }
        }
    }

    /// Counts a paragraph of list `list` at `level`, where that is named; else its style says which.
    /// None where there is no such list.
    pub(super) fn count(&mut self, list: u32, level: Option<u8>, style: &str) -> Option<Item> {
        let instance = self.instances.get(&list)?;
        let definition = self.definitions.get(&instance.definition);
        let by_style = || {
            let levels = &definition?.levels;
            levels.iter().position(|level| {
                level.as_ref().is_some_and(|level| !style.is_empty() && level.style == style)
            })
        };
        let index = level.map(usize::from).or_else(by_style).unwrap_or_default().min(LEVELS - 1);
        let found = |index: usize| {
            instance.levels[index]
                .as_ref()
                .or_else(|| definition.and_then(|definition| definition.levels[index].as_ref()))
        };
        let fallback = Level::default();
        let own = found(index).unwrap_or(&fallback);
        let counts = self.counts.entry(instance.definition).or_default();
        let first_here = self.begun.insert((list, index as u8));
        let number = match (instance.starts[index].filter(|_| first_here), counts[index]) {
            (Some(start), _) => start,
            (None, Some(number)) => number.saturating_add(1),
            (None, None) => instance.starts[index].unwrap_or(own.start),
        };
        counts[index] = Some(number);
        for (above, count) in counts.iter_mut().enumerate().take(index) {
            count.get_or_insert_with(|| found(above).map_or(1, |level| level.start));
        }
        for (below, count) in counts.iter_mut().enumerate().skip(index + 1) {
            let restart = found(below).and_then(|level| level.restart);
            if restart.is_none_or(|restart| restart > index as u8) {
                *count = None;
            }
        }
        let number = if own.marker == Marker::Number { number } else { 0 };
        let left = own.left.unwrap_or(420 * (index as i32 + 1));
        Some(Item { marker: own.marker, number, level: index as u8, left })
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
    let shown = text.as_deref().unwrap_or_default();
    level.marker = match (format.as_str(), shown.trim()) {
        (_, "☐") => Marker::Box(false),
        (_, "☒" | "☑" | "✓" | "✔") => Marker::Box(true),
        ("bullet", _) => Marker::Bullet,
        ("none", _) => Marker::None,
        // Fixed signs in place of a number are bullets.
        (_, sign) if !sign.is_empty() && !sign.contains('%') && sign.chars().count() == 1 => {
            Marker::Bullet
        }
        (_, "") if text.is_some() => Marker::None,
        _ => Marker::Number,
    };
    levels[index] = Some(level);
    Ok(())
}

//! Lists: what their levels look like, and the numbers their items have in the order of the document.

use std::collections::{HashMap, HashSet};

/// Levels of a list.
pub(crate) const LEVELS: usize = 9;
/// What stands before an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Marker {
    /// Nothing: the paragraph only looks like an item.
    None,
    Bullet,
    Number,
    /// A box, ticked or not.
    Box(bool),
}

/// A level of a list.
#[derive(Debug, Clone)]
pub(crate) struct Level {
    pub(crate) start: u32,
    pub(crate) marker: Marker,
    /// Where the text starts, twentieths of a point.
    pub(crate) left: Option<i32>,
    /// The paragraph style that goes with the level.
    pub(crate) style: String,
    /// The level whose next item makes this one start again; 0 for none.
    pub(crate) restart: Option<u8>,
}

impl Default for Level {
    fn default() -> Self {
        Self { start: 1, marker: Marker::Number, left: None, style: String::new(), restart: None }
    }
}

/// What a list's levels look like.
#[derive(Debug, Default)]
pub(crate) struct Definition {
    pub(crate) levels: [Option<Level>; LEVELS],
}

/// A list: a definition, and how it differs from it.
#[derive(Debug, Default)]
pub(crate) struct Instance {
    pub(crate) definition: u32,
    pub(crate) starts: [Option<u32>; LEVELS],
    pub(crate) levels: [Option<Level>; LEVELS],
}

/// An item as its list has it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Item {
    pub(crate) marker: Marker,
    /// Its number; 0 for bullets.
    pub(crate) number: u32,
    pub(crate) level: u8,
    /// Where its text starts, twentieths of a point.
    pub(crate) left: i32,
}

/// All lists and how far they have counted.
#[derive(Debug, Default)]
pub(crate) struct Numbering {
    pub(crate) definitions: HashMap<u32, Definition>,
    pub(crate) instances: HashMap<u32, Instance>,
    counts: HashMap<u32, [Option<u32>; LEVELS]>,
    begun: HashSet<(u32, u8)>,
}

impl Numbering {
    /// Counts a paragraph of list `list` at `level`, where that is named; else its style says which.
    /// None where there is no such list.
    pub(crate) fn count(&mut self, list: u32, level: Option<u8>, style: &str) -> Option<Item> {
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

/// What a level shows by the text of its number, in which `%` stands for where numbers go; `bullet`
/// where the format says it has no number, `none` where it says it shows nothing.
pub(crate) fn marker_of(text: Option<&str>, bullet: bool, none: bool) -> Marker {
    match (bullet, none, text.unwrap_or_default().trim()) {
        (_, _, "☐") => Marker::Box(false),
        (_, _, "☒" | "☑" | "✓" | "✔") => Marker::Box(true),
        (true, ..) => Marker::Bullet,
        (_, true, _) => Marker::None,
        // Fixed signs in place of a number are bullets.
        (_, _, sign) if !sign.is_empty() && !sign.contains('%') && sign.chars().count() == 1 => {
            Marker::Bullet
        }
        (_, _, "") if text.is_some() => Marker::None,
        _ => Marker::Number,
    }
}

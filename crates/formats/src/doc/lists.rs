//! Definitions of lists and their instances ([MS-DOC] 2.9.150, 2.9.210).

use std::collections::HashMap;

use super::paragraph::Format;
use crate::compound::bytes::{i32_at, u8_at, u16_at, u32_at, utf16_at};
use crate::word_flow::numbering::{Definition, Instance, LEVELS, Level, Numbering, marker_of};

/// Definitions and instances read.
const MOST_LISTS: usize = 100_000;
/// Bytes of a definition's head, of an instance's.
const DEFINITION_BYTES: usize = 28;
const INSTANCE_BYTES: usize = 16;
/// Bytes of a level's head.
const LEVEL_BYTES: usize = 28;
/// Characters of a level's number that are looked at.
const MOST_TEXT: usize = 64;

/// Reads both tables. `definitions` goes on behind what its length says: there the levels lie.
pub(super) fn read(definitions: &[u8], instances: &[u8]) -> Numbering {
    let mut numbering = Numbering::default();
    let ids = read_definitions(definitions, &mut numbering);
    read_instances(instances, &ids, &mut numbering);
    numbering
}

fn read_definitions(bytes: &[u8], numbering: &mut Numbering) -> HashMap<u32, u32> {
    let mut ids = HashMap::new();
    let count = u16_at(bytes, 0).map_or(0, usize::from).min(MOST_LISTS);
    let mut at = 2 + count * DEFINITION_BYTES;
    for index in 0..count {
        let head = 2 + index * DEFINITION_BYTES;
        let (Some(id), Some(flags)) = (u32_at(bytes, head), u8_at(bytes, head + 26)) else { break };
        let mut definition = Definition::default();
        let levels = if flags & 1 == 1 { 1 } else { LEVELS };
        for level in definition.levels.iter_mut().take(levels) {
            *level = read_level(bytes, &mut at);
        }
        let number = index as u32;
        ids.entry(id).or_insert(number);
        numbering.definitions.insert(number, definition);
    }
    ids
}

fn read_level(bytes: &[u8], at: &mut usize) -> Option<Level> {
    let head = *at;
    let start = i32_at(bytes, head)?;
    let kind = u8_at(bytes, head + 4)?;
    let flags = u8_at(bytes, head + 5)?;
    let characters = usize::from(u8_at(bytes, head + 24)?);
    let paragraph = usize::from(u8_at(bytes, head + 25)?);
    let limit = u8_at(bytes, head + 26)?;
    let mut format = Format::default();
    let from = head + LEVEL_BYTES;
    format.apply(bytes.get(from..from + paragraph)?, false);
    let text_at = from + paragraph + characters;
    let length = usize::from(u16_at(bytes, text_at)?);
    *at = text_at + 2 + 2 * length;
    // Where numbers of levels go, the level's own number stands.
    let text: String = utf16_at(bytes, text_at + 2, length.min(MOST_TEXT))
        .chars()
        .map(|c| if u32::from(c) < 9 { '%' } else { c })
        .collect();
    let restarts_never = flags & 0x08 != 0;
    Some(Level {
        start: start.max(0) as u32,
        marker: marker_of(Some(&text), kind == 23, kind == 255),
        left: format.properties.left,
        style: String::new(),
        restart: restarts_never.then_some(limit.min(9)),
    })
}

fn read_instances(bytes: &[u8], ids: &HashMap<u32, u32>, numbering: &mut Numbering) {
    let count = (u32_at(bytes, 0).unwrap_or_default() as usize).min(MOST_LISTS);
    let mut at = 4 + count * INSTANCE_BYTES;
    for index in 0..count {
        let head = 4 + index * INSTANCE_BYTES;
        let (Some(id), Some(overrides)) = (u32_at(bytes, head), u8_at(bytes, head + 12)) else {
            break;
        };
        let mut instance = Instance {
            definition: ids.get(&id).copied().unwrap_or_default(),
            ..Instance::default()
        };
        // A place that no reader needs comes first.
        at += 4;
        for _ in 0..overrides {
            let (Some(start), Some(flags)) = (i32_at(bytes, at), u32_at(bytes, at + 4)) else {
                break;
            };
            at += 8;
            let level = ((flags & 0xF) as usize).min(LEVELS - 1);
            let (new_start, new_format) = (flags & 0x10 != 0, flags & 0x20 != 0);
            if new_format {
                let Some(own) = read_level(bytes, &mut at) else { break };
                if new_start {
                    instance.starts[level] = Some(own.start);
                }
                instance.levels[level] = Some(own);
            } else if new_start {
                instance.starts[level] = Some(start.max(0) as u32);
            }
        }
        if ids.contains_key(&id) {
            numbering.instances.insert(index as u32 + 1, instance);
        }
    }
}

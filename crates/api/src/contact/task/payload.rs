//! What is stored with a batch: a line that says what it is, then a line of JSON for each entry.
//! Whoever works on a batch reads some hundred lines at a time.

use std::collections::HashMap;

use larkspur_store::contacts::fold;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::super::entry::{DepartmentEntry, DepartmentRef, UserEntry, UserRef};

/// Of what the entries of a batch are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Kind {
    Users,
    Departments,
}

/// The first line. Old rows must still load: fields are only ever added, with defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) batch: String,
    pub(super) kind: Kind,
    /// Whether new users are told.
    #[serde(default)]
    pub(super) notify: bool,
}

/// A stored batch could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the stored batch is damaged")]
pub(super) struct Damaged;

/// Puts a batch together.
pub(super) fn write(head: &Head, entries: &[impl Serialize]) -> serde_json::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec(head)?;
    for entry in entries {
        bytes.push(b'\n');
        serde_json::to_writer(&mut bytes, entry)?;
    }
    Ok(bytes)
}

/// A batch and where its lines are.
#[derive(Debug)]
pub(super) struct Payload<'a> {
    pub(super) head: Head,
    bytes: &'a [u8],
    /// Where each entry begins; at last the end, with the line break that is not there.
    starts: Vec<u32>,
}

impl<'a> Payload<'a> {
    /// Looks at a stored batch.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Damaged> {
        let mut starts: Vec<u32> = Vec::new();
        for (at, byte) in bytes.iter().enumerate() {
            if *byte == b'\n' {
                starts.push(u32::try_from(at + 1).map_err(|_| Damaged)?);
            }
        }
        starts.push(u32::try_from(bytes.len() + 1).map_err(|_| Damaged)?);
        let head = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let head = serde_json::from_slice(head).map_err(|_| Damaged)?;
        Ok(Self { head, bytes, starts })
    }

    /// How many entries there are.
    pub(super) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The entry at this place of the request.
    pub(super) fn entry<T: DeserializeOwned>(&self, at: usize) -> Result<T, Damaged> {
        let (Some(start), Some(end)) = (self.starts.get(at), self.starts.get(at + 1)) else {
            return Err(Damaged);
        };
        let line = self.bytes.get(*start as usize..*end as usize - 1).ok_or(Damaged)?;
        serde_json::from_slice(line).map_err(|_| Damaged)
    }

    /// For each entry the one of the same batch that goes before it.
    pub(super) fn needs(&self) -> Result<Vec<Option<u32>>, Damaged> {
        let mut links = Links::default();
        for at in 0..self.len() {
            match self.head.kind {
                Kind::Users => links.add_user(&self.entry(at)?),
                Kind::Departments => links.add_department(&self.entry(at)?),
            };
        }
        Ok(links.needs())
    }
}

/// Ids of entries, and the ids they need.
#[derive(Debug, Default)]
pub(super) struct Links {
    by_id: HashMap<String, u32>,
    needed: Vec<Option<String>>,
}

impl Links {
    /// Adds a user; `false` where the id stood there before.
    pub(super) fn add_user(&mut self, entry: &UserEntry) -> bool {
        let leader = match &entry.leader {
            Some(UserRef::Id(id)) => Some(fold(id)),
            _ => None,
        };
        self.add(entry.id.as_deref(), leader)
    }

    /// Adds a department; `false` where the id stood there before.
    pub(super) fn add_department(&mut self, entry: &DepartmentEntry) -> bool {
        let parent = match &entry.parent {
            Some(DepartmentRef::Id(id)) => Some(fold(id)),
            _ => None,
        };
        self.add(entry.id.as_deref(), parent)
    }

    fn add(&mut self, id: Option<&str>, needed: Option<String>) -> bool {
        let at = self.needed.len() as u32;
        let id = id.map(fold);
        // What needs itself is an item's own mistake, told when it is done.
        self.needed.push(needed.filter(|needed| Some(needed) != id.as_ref()));
        id.is_none_or(|id| self.by_id.insert(id, at).is_none())
    }

    /// For each entry the one that goes before it.
    pub(super) fn needs(&self) -> Vec<Option<u32>> {
        let find = |needed: &Option<String>| {
            needed.as_ref().and_then(|needed| self.by_id.get(needed).copied())
        };
        self.needed.iter().map(find).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_come_back_one_by_one() {
        let head = Head { batch: "b".into(), kind: Kind::Departments, notify: false };
        let entry = |id: &str, parent: &str| DepartmentEntry {
            id: Some(id.into()),
            name: Some("行一\n行二".into()),
            parent: Some(DepartmentRef::Id(parent.into())),
            ..DepartmentEntry::default()
        };
        let entries = [entry("a", "B"), entry("b", "0"), entry("c", "c")];
        let bytes = write(&head, &entries).unwrap();
        let payload = Payload::read(&bytes).unwrap();
        assert_eq!((payload.len(), &payload.head), (3, &head));
        for (at, entry) in entries.iter().enumerate() {
            assert_eq!(payload.entry::<DepartmentEntry>(at).unwrap(), *entry);
        }
        assert!(payload.entry::<DepartmentEntry>(3).is_err());
        assert_eq!(payload.needs().unwrap(), [Some(1), None, None]);
        assert!(Payload::read(b"{").is_err());
    }
}

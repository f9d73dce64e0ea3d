//! The departments a piece of work is about, as the book has them, and the rules that compare an
//! entry with them. Entries that were accepted count for those behind them. Loading reads; placing
//! is pure.

use std::collections::HashMap;

use larkspur_model::id::{TenantId, UserId};
use larkspur_model::time::Millis;
use larkspur_store::contacts::{self, Child, Department, ROOT, fold};
use larkspur_store::{Db, Error};

use super::entry::{DepartmentEntry, DepartmentRef, Rules, UserRef};
use super::problem::Problem;
use super::units::{Reach, Units};

/// Levels of departments (contract, NOTES §12).
const DEPTH: usize = 25;
/// Departments directly below another one.
const CHILDREN: usize = 1_000;

/// What a department is given that does not exist yet.
#[derive(Debug, Clone)]
pub(crate) struct FreshDepartment {
    /// The id, where the entry has none.
    pub(crate) id: String,
    /// The number.
    pub(crate) number: i64,
    /// The id of its group, where one is wanted.
    pub(crate) chat: String,
}

/// An accepted entry: what the book is to hold.
#[derive(Debug, Clone)]
pub(crate) struct PlacedDepartment {
    pub(crate) department: Department,
    /// Added, not updated.
    pub(crate) added: bool,
    /// Its group is to be made.
    pub(crate) chat_added: bool,
}

/// What stands directly below one department.
#[derive(Debug, Clone, Default)]
struct Sisters {
    /// Folded ids by name.
    by_name: HashMap<String, String>,
    /// Orders by folded id.
    orders: HashMap<String, i64>,
}

impl Sisters {
    fn next_order(&self) -> i64 {
        self.orders.values().max().map_or(1, |last| last.saturating_add(1))
    }

    fn take_out(&mut self, id: &str) {
        self.by_name.retain(|_, sister| sister != id);
        self.orders.remove(id);
    }
}

/// A user who can lead a department.
#[derive(Debug, Clone)]
struct Leader {
    id: UserId,
    enabled: bool,
}

/// The departments entries are compared with.
#[derive(Debug, Clone)]
pub(crate) struct Tree {
    tenant: TenantId,
    units: Units,
    below: HashMap<String, Sisters>,
    /// Levels below departments that may move; others are not asked for.
    heights: HashMap<String, usize>,
    leaders: HashMap<String, Leader>,
    leader_numbers: HashMap<i64, String>,
}

impl Tree {
    pub(super) fn new(tenant: TenantId, units: Units) -> Self {
        Self {
            tenant,
            units,
            below: HashMap::new(),
            heights: HashMap::new(),
            leaders: HashMap::new(),
            leader_numbers: HashMap::new(),
        }
    }

    /// Everything these entries speak of.
    pub(crate) async fn load(
        db: &Db,
        tenant: &TenantId,
        reach: Reach,
        entries: &[DepartmentEntry],
    ) -> Result<Self, Error> {
        let mut units = Units::new(reach);
        let own = |entry: &DepartmentEntry| entry.id.clone().map(DepartmentRef::Id);
        let mut references: Vec<DepartmentRef> = entries.iter().filter_map(own).collect();
        references.extend(entries.iter().filter_map(|entry| entry.parent.clone()));
        units.load(db, tenant, &references).await?;
        let mut tree = Self::new(tenant.clone(), units);
        tree.load_children(db, entries).await?;
        for entry in entries {
            let Some(id) = entry.id.as_ref().map(|id| fold(id)) else { continue };
            let Some(known) = tree.units.get(&id) else { continue };
            let parent = entry.parent.as_ref().and_then(|parent| tree.units.find(parent));
            if parent.is_none_or(|parent| parent != fold(&known.parent)) {
                let height = contacts::height(db, tenant, &known.id).await?;
                tree.heights.insert(id, usize::try_from(height).unwrap_or(usize::MAX));
            }
        }
        tree.load_leaders(db, entries).await?;
        Ok(tree)
    }

    async fn load_children(&mut self, db: &Db, entries: &[DepartmentEntry]) -> Result<(), Error> {
        let found = entries.iter().filter_map(|entry| self.units.find(entry.parent.as_ref()?));
        let mut parents: Vec<String> = found.collect();
        parents.sort_unstable();
        parents.dedup();
        let kept: Vec<&str> = parents.iter().map(|id| self.units.kept_id(id)).collect();
        for child in contacts::children(db, &self.tenant, &kept).await? {
            put_child(&mut self.below, &child);
        }
        Ok(())
    }

    async fn load_leaders(&mut self, db: &Db, entries: &[DepartmentEntry]) -> Result<(), Error> {
        let (mut ids, mut numbers) = (Vec::new(), Vec::new());
        for entry in entries {
            match &entry.leader {
                Some(UserRef::Id(id)) => ids.push(fold(id)),
                Some(UserRef::Number(number, _)) => numbers.push(*number),
                Some(UserRef::Unreadable(_)) | None => {}
            }
        }
        let mut found = contacts::people_by_id(db, &self.tenant, &ids).await?;
        found.extend(contacts::people_by_number(db, &self.tenant, &numbers).await?);
        for person in found {
            self.put_leader(&person.id, person.number, person.enabled);
        }
        Ok(())
    }

    /// Adds a department that is in the book.
    #[cfg(test)]
    pub(super) fn put_known(&mut self, department: &Department) {
        self.take_in(department, None);
    }

    pub(super) fn put_leader(&mut self, id: &UserId, number: i64, enabled: bool) {
        let key = fold(id.as_str());
        self.leader_numbers.insert(number, key.clone());
        self.leaders.insert(key, Leader { id: id.clone(), enabled });
    }

    /// Compares an entry with the book and, where it is accepted, takes it in.
    pub(crate) fn place(
        &mut self,
        entry: &DepartmentEntry,
        rules: Rules,
        fresh: FreshDepartment,
        now_ms: Millis,
    ) -> Result<PlacedDepartment, Problem> {
        entry.check()?;
        let own = entry.id.as_ref().map(|id| fold(id));
        let known = own.as_ref().and_then(|id| self.units.get(id)).cloned();
        let reached = own.as_ref().is_some_and(|id| self.units.reaches(id));
        if known.is_some() && (!rules.updates || !reached) {
            return Err(Problem::IdTaken);
        }
        let parent = self.parent(entry)?;
        let joins = known.as_ref().is_none_or(|known| fold(&known.parent) != parent);
        self.check_depth(own.as_deref().filter(|_| known.is_some()), &parent, joins)?;
        let order = self.check_sisters(entry, own.as_deref(), &parent, joins)?;
        let leader = self.leader(entry)?;

        let added = known.is_none();
        let mut department = known.clone().unwrap_or_else(|| Department {
            tenant: self.tenant.clone(),
            id: entry.id.clone().unwrap_or(fresh.id),
            number: fresh.number,
            created_ms: now_ms,
            ..Department::default()
        });
        entry.name.as_deref().unwrap_or_default().trim().clone_into(&mut department.name);
        self.units.kept_id(&parent).clone_into(&mut department.parent);
        department.order = order.unwrap_or(department.order);
        department.leader = leader.or(department.leader);
        if let Some(more) = &entry.more {
            department.more.clone_from(more);
        }
        let chat_added = entry.create_group_chat && department.chat.is_none();
        if chat_added {
            department.chat = Some(fresh.chat);
        }
        self.take_in(&department, known.as_ref());
        Ok(PlacedDepartment { department, added, chat_added })
    }

    /// The folded id of the parent.
    fn parent(&self, entry: &DepartmentEntry) -> Result<String, Problem> {
        let Some(reference) = &entry.parent else { return Err(Problem::ParentMissing) };
        let text = || reference.text().to_owned();
        let Some(id) = self.units.find(reference) else {
            return Err(Problem::ParentUnknown(text()));
        };
        if !self.units.reaches(&id) {
            return Err(Problem::ParentForbidden(text()));
        }
        Ok(id)
    }

    /// `own`: the folded id of the department, where it is known.
    fn check_depth(&self, own: Option<&str>, parent: &str, joins: bool) -> Result<(), Problem> {
        if !joins {
            return Ok(());
        }
        let mut height = 0;
        if let Some(own) = own {
            if self.units.chain(parent).any(|above| fold(&above.id) == own) {
                return Err(Problem::ParentBelow);
            }
            height = self.heights.get(own).copied().unwrap_or(0);
        }
        let deepest = self.units.depth(parent).saturating_add(1).saturating_add(height);
        if deepest > DEPTH { Err(Problem::TooDeep) } else { Ok(()) }
    }

    /// The order the department is to have; `None` where it keeps its own.
    fn check_sisters(
        &self,
        entry: &DepartmentEntry,
        own: Option<&str>,
        parent: &str,
        joins: bool,
    ) -> Result<Option<i64>, Problem> {
        let nobody = Sisters::default();
        let sisters = self.below.get(parent).unwrap_or(&nobody);
        let name = entry.name.as_deref().unwrap_or_default().trim();
        if sisters.by_name.get(name).is_some_and(|sister| Some(sister.as_str()) != own) {
            return Err(Problem::NameTaken);
        }
        if joins && sisters.orders.len() >= CHILDREN {
            return Err(Problem::TooManyChildren);
        }
        let Some(order) = entry.order else {
            return Ok(joins.then(|| sisters.next_order()));
        };
        let taken = sisters
            .orders
            .iter()
            .any(|(sister, theirs)| *theirs == order && Some(sister.as_str()) != own);
        if taken { Err(Problem::OrderTaken) } else { Ok(Some(order)) }
    }

    fn leader(&self, entry: &DepartmentEntry) -> Result<Option<UserId>, Problem> {
        let (id, text, missing): (_, _, fn(String) -> Problem) = match &entry.leader {
            None => return Ok(None),
            Some(UserRef::Id(id)) => (Some(fold(id)), id, Problem::LeaderUnknown),
            Some(UserRef::Number(number, text)) => {
                (self.leader_numbers.get(number).cloned(), text, Problem::LeaderOpenIdUnknown)
            }
            Some(UserRef::Unreadable(text)) => (None, text, Problem::LeaderOpenIdInvalid),
        };
        match id.and_then(|id| self.leaders.get(&id)) {
            None => Err(missing(text.clone())),
            Some(leader) if !leader.enabled => Err(Problem::LeaderResigned(text.clone())),
            Some(leader) => Ok(Some(leader.id.clone())),
        }
    }

    fn take_in(&mut self, department: &Department, before: Option<&Department>) {
        let id = fold(&department.id);
        if let Some(before) = before
            && let Some(sisters) = self.below.get_mut(&fold(&before.parent))
        {
            sisters.take_out(&id);
        }
        let child = Child {
            parent: department.parent.clone(),
            id: department.id.clone(),
            name: department.name.clone(),
            order: department.order,
        };
        put_child(&mut self.below, &child);
        let height = *self.heights.entry(id.clone()).or_insert(0);
        self.units.put(department.clone());
        for (levels, above) in self.units.chain(&id).enumerate().skip(1) {
            if let Some(known) = self.heights.get_mut(&fold(&above.id)) {
                *known = (*known).max(height.saturating_add(levels));
            }
        }
    }
}

fn put_child(below: &mut HashMap<String, Sisters>, child: &Child) {
    let parent = if child.parent == ROOT { ROOT.to_owned() } else { fold(&child.parent) };
    let sisters = below.entry(parent).or_default();
    let id = fold(&child.id);
    sisters.by_name.insert(child.name.clone(), id.clone());
    sisters.orders.insert(id, child.order);
}

//! The departments a piece of work is about, with all that stand above them, and which of them an
//! app reaches.

use std::collections::{HashMap, HashSet};

use larkspur_model::id::{AppId, TenantId};
use larkspur_store::contacts::{self, Department, ROOT, fold};
use larkspur_store::{Db, Error};

use super::entry::DepartmentRef;

/// What an app may see and change of the book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Everything.
    All,
    /// These departments (folded ids) and what stands below them.
    Below(HashSet<String>),
}

impl Reach {
    /// The reach of an app.
    pub(crate) async fn of(db: &Db, tenant: &TenantId, app: &AppId) -> Result<Self, Error> {
        let departments = contacts::range(db, tenant, app).await?;
        if departments.is_empty() || departments.iter().any(|id| id == ROOT) {
            return Ok(Self::All);
        }
        Ok(Self::Below(departments.iter().map(|id| fold(id)).collect()))
    }
}

/// Departments by folded id. What is here stands here with all above it.
#[derive(Debug, Clone)]
pub(crate) struct Units {
    pub(super) reach: Reach,
    by_id: HashMap<String, Department>,
    by_number: HashMap<i64, String>,
}

impl Units {
    /// No departments but the root.
    pub(crate) fn new(reach: Reach) -> Self {
        Self { reach, by_id: HashMap::new(), by_number: HashMap::new() }
    }

    /// Adds those of these references that exist, and all above them.
    pub(crate) async fn load<'a>(
        &mut self,
        db: &Db,
        tenant: &TenantId,
        references: impl IntoIterator<Item = &'a DepartmentRef>,
    ) -> Result<(), Error> {
        let (mut ids, mut numbers) = (HashSet::new(), HashSet::new());
        for reference in references {
            match reference {
                DepartmentRef::Id(id) => {
                    ids.insert(fold(id));
                }
                DepartmentRef::Number(number, _) => {
                    numbers.insert(*number);
                }
                DepartmentRef::Unreadable(_) => {}
            }
        }
        for number in numbers {
            if let Some(found) = contacts::department_by_number(db, tenant, number).await? {
                ids.insert(fold(&found.parent));
                self.put(found);
            }
        }
        while !ids.is_empty() {
            let wanted: Vec<String> =
                ids.drain().filter(|id| id != ROOT && !self.by_id.contains_key(id)).collect();
            for found in contacts::departments_by_id(db, tenant, &wanted).await? {
                ids.insert(fold(&found.parent));
                self.put(found);
            }
        }
        Ok(())
    }

    /// Adds or replaces a department whose parent is here.
    pub(super) fn put(&mut self, department: Department) {
        let id = fold(&department.id);
        self.by_number.insert(department.number, id.clone());
        self.by_id.insert(id, department);
    }

    /// The department of a folded id; none for the root.
    pub(crate) fn get(&self, id: &str) -> Option<&Department> {
        self.by_id.get(id)
    }

    /// The folded id of what is referred to, if it exists; the root does.
    pub(crate) fn find(&self, reference: &DepartmentRef) -> Option<String> {
        match reference {
            DepartmentRef::Id(id) if id == ROOT => Some(ROOT.to_owned()),
            DepartmentRef::Id(id) => Some(fold(id)).filter(|id| self.by_id.contains_key(id)),
            DepartmentRef::Number(number, _) => self.by_number.get(number).cloned(),
            DepartmentRef::Unreadable(_) => None,
        }
    }

    /// The id as it is kept.
    pub(crate) fn kept_id<'a>(&'a self, id: &'a str) -> &'a str {
        self.by_id.get(id).map_or(id, |department| &department.id)
    }

    /// A folded id and those of all above it, without the root.
    pub(crate) fn chain<'a>(&'a self, id: &str) -> impl Iterator<Item = &'a Department> {
        let mut next = self.by_id.get(id);
        // A tree that was damaged into a circle must not hold anybody up.
        let mut left = 1_000;
        std::iter::from_fn(move || {
            let found = next?;
            left -= 1;
            next = if left == 0 { None } else { self.by_id.get(&fold(&found.parent)) };
            Some(found)
        })
    }

    /// How deep a department stands; 0 for the root.
    pub(super) fn depth(&self, id: &str) -> usize {
        self.chain(id).count()
    }

    /// Whether the app reaches the department; the root only an app that reaches everything.
    pub(crate) fn reaches(&self, id: &str) -> bool {
        match &self.reach {
            Reach::All => true,
            Reach::Below(tops) => {
                self.chain(id).any(|department| tops.contains(&fold(&department.id)))
            }
        }
    }
}

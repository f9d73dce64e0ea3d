//! The folders of a run: found or made before anything is imported, and looked at, so that
//! documents that were there already are never taken for this run's.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::journal::{Line, Stage};
use super::plan::{Item, Work};
use super::runner::{Halt, Runner, Tries, halted};
use crate::client::Listed;

impl Runner {
    /// Makes sure of the folders of all items that have not ended.
    pub(super) async fn prepare_places(&self) -> Result<(), Halt> {
        let items = self.imports();
        if items.is_empty() {
            return Ok(());
        }
        let mut listings = HashMap::new();
        let paths: BTreeSet<&str> = items
            .iter()
            .filter(|item| item.folder_token.is_none())
            .map(|item| item.folder.as_str())
            .collect();
        for path in paths {
            self.prepare_folder(path, &mut listings).await?;
        }
        let mut named: BTreeMap<String, HashSet<(&str, &str)>> = BTreeMap::new();
        for item in &items {
            let folder = self.folder_of(item)?;
            named.entry(folder).or_default().insert((&item.kind, &item.name));
        }
        for (folder, names) in named {
            self.go_on()?;
            if self.run.borrow().looked_at.contains(&folder) {
                continue;
            }
            let listed = self.listing(&folder, &mut listings).await?;
            let alike = |one: &&Listed| names.contains(&(one.kind.as_str(), one.name.as_str()));
            let tokens = listed.iter().filter(alike).map(|one| one.token.clone()).collect();
            self.record(Line::Before { folder, tokens }).await?;
        }
        Ok(())
    }

    fn imports(&self) -> Vec<Item> {
        let run = self.run.borrow();
        let open = run.items.iter().filter(|tracked| {
            tracked.item.work == Work::Import
                && !matches!(tracked.stage, Stage::Done(_) | Stage::Failed(_))
        });
        open.map(|tracked| tracked.item.clone()).collect()
    }

    /// The token of the folder an item goes to.
    pub(super) fn folder_of(&self, item: &Item) -> Result<String, Halt> {
        if let Some(token) = &item.folder_token {
            return Ok(token.clone());
        }
        let run = self.run.borrow();
        let token = run.folders.get(&item.folder).cloned();
        token.ok_or_else(|| Halt::Open(format!("there is no folder {}", item.folder)))
    }

    /// Finds or makes a folder of the plan and those above it.
    async fn prepare_folder(
        &self,
        path: &str,
        listings: &mut HashMap<String, Vec<Listed>>,
    ) -> Result<(), Halt> {
        let mut here = String::new();
        let mut token = self.prepare_root().await?;
        for name in path.split('/').filter(|name| !name.is_empty()) {
            self.go_on()?;
            if !here.is_empty() {
                here.push('/');
            }
            here.push_str(name);
            let known = self.run.borrow().folders.get(&here).cloned();
            token = if let Some(token) = known {
                token
            } else {
                let made = self.find_or_make(&token, name, listings).await?;
                self.record(Line::Folder { path: here.clone(), token: made.clone() }).await?;
                made
            };
        }
        Ok(())
    }

    /// The folder that all others of the plan are in.
    async fn prepare_root(&self) -> Result<String, Halt> {
        if let Some(token) = self.run.borrow().folders.get("") {
            return Ok(token.clone());
        }
        let token = self.steady(async || self.client.root_folder().await).await.map_err(halted)?;
        self.record(Line::Folder { path: String::new(), token: token.clone() }).await?;
        Ok(token)
    }

    async fn find_or_make(
        &self,
        parent: &str,
        name: &str,
        listings: &mut HashMap<String, Vec<Listed>>,
    ) -> Result<String, Halt> {
        let mut tries = Tries::default();
        loop {
            let listed = self.listing(parent, listings).await?;
            let found = listed.iter().find(|one| one.kind == "folder" && one.name == name);
            if let Some(found) = found {
                return Ok(found.token.clone());
            }
            let fault = match self.client.create_folder(parent, name).await {
                Ok(token) => return Ok(token),
                Err(fault) => fault,
            };
            // Nobody may know whether it was made; the next listing does.
            listings.remove(parent);
            match self.bear(&fault, &mut tries).await.map_err(halted)? {
                Some(()) => {}
                None => return Err(Halt::All(fault.into())),
            }
        }
    }

    async fn listing(
        &self,
        folder: &str,
        listings: &mut HashMap<String, Vec<Listed>>,
    ) -> Result<Vec<Listed>, Halt> {
        if let Some(listed) = listings.get(folder) {
            return Ok(listed.clone());
        }
        let listed = self.list(folder).await?;
        listings.insert(folder.to_owned(), listed.clone());
        Ok(listed)
    }

    /// What a folder holds now.
    pub(super) async fn list(&self, folder: &str) -> Result<Vec<Listed>, Halt> {
        self.steady(async || self.client.list_folder(folder).await).await.map_err(halted)
    }
}

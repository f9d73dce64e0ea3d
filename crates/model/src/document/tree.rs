//! A document as a map of its blocks, the form in which it is edited. An edit notes what the blocks
//! it touches were before and are after; either half, applied, leads from one revision to the next.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Asset, AssetId, Block, Content, Document, Text};
use crate::id::BlockId;

/// The id of the page within a tree, where the page is nobody's child.
pub const PAGE: &str = "";

/// One block without those inside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// The block it is in; [`PAGE`] for the first level.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub parent: String,
    /// What it is.
    pub content: Content,
    /// The blocks inside it, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<String>,
    /// Ids of comments on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub comment_ids: Vec<String>,
}

impl Node {
    /// A block with nothing inside, in no place yet.
    pub const fn new(content: Content) -> Self {
        Self { parent: String::new(), content, children: Vec::new(), comment_ids: Vec::new() }
    }
}

/// A document as a map of its blocks. Cheap to clone: blocks are shared.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    title: Arc<Text>,
    first_level: Arc<Vec<String>>,
    assets: Arc<Vec<Asset>>,
    nodes: HashMap<String, Arc<Node>>,
}

/// What some blocks are at one end of an edit.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The title, where it was changed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Text>,
    /// Assets that were added behind the others. Going back leaves them: nothing names them then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assets: Vec<Asset>,
    /// The blocks that are not the same at both ends; none where there is no such block at this
    /// end. One that is at both ends names no children here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub blocks: Vec<(String, Option<Node>)>,
    /// What becomes of the children of blocks that are at both ends: a page of thousands is not
    /// told again for each that comes or goes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<(String, Splice)>,
}

/// Children that give way to others.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Splice {
    /// Where, from 0.
    pub at: usize,
    /// How many go.
    pub gone: usize,
    /// Which come.
    pub new: Vec<String>,
}

impl Splice {
    /// What leads from `before` to `after`, and back; nothing where they are the same.
    fn between(before: &[String], after: &[String]) -> Option<(Self, Self)> {
        if before == after {
            return None;
        }
        let most = before.len().min(after.len());
        let at = (0..most).take_while(|at| before[*at] == after[*at]).count();
        let same =
            |behind: &usize| before[before.len() - 1 - behind] == after[after.len() - 1 - behind];
        let behind = (0..most - at).take_while(same).count();
        let (old, new) = (&before[at..before.len() - behind], &after[at..after.len() - behind]);
        let forth = Self { at, gone: old.len(), new: new.to_vec() };
        Some((forth, Self { at, gone: new.len(), new: old.to_vec() }))
    }
}

impl Tree {
    /// The tree of a document whose blocks all have ids.
    pub fn from_document(document: Document) -> Self {
        let first_level = document.blocks.iter().map(|block| block.id.0.clone()).collect();
        let mut nodes = HashMap::with_capacity(document.blocks.len());
        let mut pending: Vec<(Block, String)> =
            document.blocks.into_iter().map(|block| (block, PAGE.to_owned())).collect();
        while let Some((block, parent)) = pending.pop() {
            let id = block.id.0;
            let children = block.children.iter().map(|child| child.id.0.clone()).collect();
            pending.extend(block.children.into_iter().map(|child| (child, id.clone())));
            let comment_ids = block.comment_ids;
            let node = Node { parent, content: block.content, children, comment_ids };
            nodes.insert(id, Arc::new(node));
        }
        Self {
            title: Arc::new(document.title),
            first_level: Arc::new(first_level),
            assets: Arc::new(document.assets),
            nodes,
        }
    }

    /// The document: as it is stored, every asset with it.
    pub fn to_document(&self) -> Document {
        // Put together from the last block to the first, so that deep documents take no stack.
        let order = self.order_under(PAGE);
        let mut done: HashMap<&str, Block> = HashMap::with_capacity(order.len());
        let take = |ids: &[String], done: &mut HashMap<&str, Block>| {
            ids.iter().filter_map(|child| done.remove(child.as_str())).collect()
        };
        for id in order.into_iter().rev() {
            let Some(node) = self.nodes.get(id) else { continue };
            let block = Block {
                id: BlockId(id.to_owned()),
                content: node.content.clone(),
                children: take(&node.children, &mut done),
                comment_ids: node.comment_ids.clone(),
            };
            done.insert(id, block);
        }
        Document {
            title: Text::clone(&self.title),
            blocks: take(&self.first_level, &mut done),
            assets: Vec::clone(&self.assets),
        }
    }

    /// The title.
    pub fn title(&self) -> &Text {
        &self.title
    }

    /// Its pictures and files.
    pub fn assets(&self) -> &[Asset] {
        &self.assets
    }

    /// The block `id`, if there is one; the page is none.
    pub fn get(&self, id: &str) -> Option<&Node> {
        self.nodes.get(id).map(Arc::as_ref)
    }

    /// The blocks inside `id`, which may be the [`PAGE`]; nothing for what is not there.
    pub fn children(&self, id: &str) -> &[String] {
        if id == PAGE {
            return &self.first_level;
        }
        self.nodes.get(id).map_or(&[], |node| &node.children)
    }

    /// Blocks below the page.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// All blocks below `id`, pre-order.
    pub fn order_under(&self, id: &str) -> Vec<&str> {
        let mut order = Vec::new();
        let mut pending: Vec<&str> = self.children(id).iter().rev().map(String::as_str).collect();
        while let Some(id) = pending.pop() {
            order.push(id);
            pending.extend(self.children(id).iter().rev().map(String::as_str));
        }
        order
    }

    /// How many blocks `id` is in, itself counted: 1 for the first level, 0 for the page.
    pub fn depth(&self, id: &str) -> usize {
        let mut depth = 0;
        let mut at = id;
        while let Some(node) = self.nodes.get(at) {
            depth += 1;
            at = &node.parent;
        }
        depth
    }

    /// Makes the blocks of `change` what they are at its end.
    pub fn apply(&mut self, change: Change) {
        if let Some(title) = change.title {
            self.title = Arc::new(title);
        }
        if !change.assets.is_empty() {
            Arc::make_mut(&mut self.assets).extend(change.assets);
        }
        for (id, node) in change.blocks {
            let Some(mut node) = node else {
                self.nodes.remove(&id);
                continue;
            };
            if let Some(old) = self.nodes.get(&id) {
                node.children.clone_from(&old.children);
            }
            self.nodes.insert(id, Arc::new(node));
        }
        for (id, Splice { at, gone, new }) in change.children {
            let children = if id == PAGE {
                Arc::make_mut(&mut self.first_level)
            } else if let Some(node) = self.nodes.get_mut(&id) {
                &mut Arc::make_mut(node).children
            } else {
                continue;
            };
            let at = at.min(children.len());
            children.splice(at..(at + gone).min(children.len()), new);
        }
    }
}

/// An edit on its way: a tree that changes, and what it was where it did.
#[derive(Debug)]
pub struct Edit {
    tree: Tree,
    title: Option<Text>,
    first_level: Option<Vec<String>>,
    assets: usize,
    blocks: BTreeMap<String, Option<Arc<Node>>>,
}

impl Edit {
    /// An edit of `tree` that has changed nothing yet.
    pub fn new(tree: Tree) -> Self {
        let assets = tree.assets.len();
        Self { tree, title: None, first_level: None, assets, blocks: BTreeMap::new() }
    }

    /// The tree as it is by now.
    pub const fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Gives the page another title.
    pub fn set_title(&mut self, title: Text) {
        self.title.get_or_insert_with(|| Text::clone(&self.tree.title));
        self.tree.title = Arc::new(title);
    }

    /// The block `id`, to change it.
    pub fn change(&mut self, id: &str) -> Option<&mut Node> {
        let node = self.tree.nodes.get_mut(id)?;
        self.blocks.entry(id.to_owned()).or_insert_with(|| Some(Arc::clone(node)));
        Some(Arc::make_mut(node))
    }

    fn change_children(&mut self, id: &str, change: impl FnOnce(&mut Vec<String>)) {
        if id == PAGE {
            self.first_level.get_or_insert_with(|| Vec::clone(&self.tree.first_level));
            change(Arc::make_mut(&mut self.tree.first_level));
        } else if let Some(node) = self.change(id) {
            change(&mut node.children);
        }
    }

    /// Puts new blocks into `parent`, at `index` or behind the last.
    pub fn insert(&mut self, parent: &str, index: usize, new: Vec<(String, Node)>) {
        let ids: Vec<String> = new.iter().map(|(id, _)| id.clone()).collect();
        for (id, node) in new {
            self.add(id, Node { parent: parent.to_owned(), ..node });
        }
        self.change_children(parent, |children| {
            let index = index.min(children.len());
            children.splice(index..index, ids);
        });
    }

    /// Puts one new block in, whose parent already has it among its children.
    pub fn add(&mut self, id: String, node: Node) {
        self.blocks.entry(id.clone()).or_insert(None);
        self.tree.nodes.insert(id, Arc::new(node));
    }

    /// Takes blocks out of `parent`, with all that is in them.
    pub fn remove(&mut self, parent: &str, ids: &[String]) {
        self.change_children(parent, |children| {
            let gone: std::collections::HashSet<&String> = ids.iter().collect();
            children.retain(|child| !gone.contains(child));
        });
        let mut pending: Vec<String> = ids.to_vec();
        while let Some(id) = pending.pop() {
            let Some(node) = self.tree.nodes.remove(&id) else { continue };
            pending.extend(node.children.iter().cloned());
            self.blocks.entry(id).or_insert(Some(node));
        }
    }

    /// Gives `parent` its children in another order, or those of others: who moves blocks sees to
    /// their parents.
    pub fn set_children(&mut self, parent: &str, children: Vec<String>) {
        self.change_children(parent, |own| *own = children);
    }

    /// Adds a picture or file.
    pub fn add_asset(&mut self, asset: Asset) -> AssetId {
        let assets = Arc::make_mut(&mut self.tree.assets);
        assets.push(asset);
        AssetId((assets.len() - 1) as u32)
    }

    /// Whether nothing was touched.
    pub fn is_empty(&self) -> bool {
        self.title.is_none() && self.first_level.is_none() && self.blocks.is_empty()
    }

    /// The tree after the edit, the change that leads back and the one that leads here.
    pub fn finish(self) -> (Tree, Change, Change) {
        let Self { tree, title, first_level, assets, blocks } = self;
        let mut back = Change { title, ..Change::default() };
        let mut forth = Change {
            title: back.title.as_ref().map(|_| Text::clone(&tree.title)),
            assets: tree.assets.get(assets..).unwrap_or_default().to_vec(),
            ..Change::default()
        };
        let mut splice = |id: &str, before: &[String], after: &[String]| {
            if let Some((there, again)) = Splice::between(before, after) {
                forth.children.push((id.to_owned(), there));
                back.children.push((id.to_owned(), again));
            }
        };
        if let Some(first_level) = first_level {
            splice(PAGE, &first_level, &tree.first_level);
        }
        for (id, before) in &blocks {
            if let (Some(before), Some(after)) = (before, tree.nodes.get(id)) {
                splice(id, &before.children, &after.children);
            }
        }
        let alone = |node: &Node| Node {
            parent: node.parent.clone(),
            content: node.content.clone(),
            children: Vec::new(),
            comment_ids: node.comment_ids.clone(),
        };
        for (id, before) in blocks {
            match (before, tree.nodes.get(&id)) {
                (None, None) => {}
                (Some(before), Some(after)) => {
                    let (before, after) = (alone(&before), alone(after));
                    if before != after {
                        back.blocks.push((id.clone(), Some(before)));
                        forth.blocks.push((id, Some(after)));
                    }
                }
                (before, after) => {
                    back.blocks.push((id.clone(), before.map(|node| Node::clone(&node))));
                    forth.blocks.push((id, after.map(|node| Node::clone(node))));
                }
            }
        }
        (tree, back, forth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::Ids;

    fn sample() -> Document {
        let list = Block::with_children(
            Content::Bullet(Text::plain("a")),
            vec![Block::paragraph("b"), Block::paragraph("c")],
        );
        let mut document = Document {
            title: Text::plain("t"),
            blocks: vec![list, Block::paragraph("d")],
            assets: Vec::new(),
        };
        document.assign_ids(&Ids::from_seed(1));
        document
    }

    #[test]
    fn a_tree_is_its_document() {
        let document = sample();
        let tree = Tree::from_document(document.clone());
        assert_eq!(tree.to_document(), document);
        let order: Vec<String> = tree
            .order_under(PAGE)
            .iter()
            .filter_map(|id| tree.get(id)?.content.text().map(Text::to_plain))
            .collect();
        assert_eq!(order, ["a", "b", "c", "d"]);
        assert_eq!(tree.depth(tree.order_under(PAGE)[1]), 2);
    }

    #[test]
    fn both_halves_of_an_edit_lead_where_they_say() {
        let before = Tree::from_document(sample());
        let mut edit = Edit::new(before.clone());
        let [list, end] = edit.tree().children(PAGE).to_vec().try_into().unwrap();
        let inner = edit.tree().children(&list)[0].clone();
        edit.remove(&list, &[inner]);
        edit.change(&end).unwrap().content = Content::Divider;
        edit.set_title(Text::plain("u"));
        edit.insert(PAGE, 1, vec![("new".into(), Node::new(Content::Divider))]);
        edit.insert("new", 0, vec![("below".into(), Node::new(Content::Divider))]);
        edit.remove(PAGE, &[list]);
        edit.add_asset(Asset::default());
        let (after, back, forth) = edit.finish();
        assert_eq!(after.children(PAGE), ["new".to_owned(), end]);
        let mut again = before.clone();
        again.apply(forth);
        assert_eq!(again.to_document(), after.to_document());
        again.apply(back);
        assert_eq!(again.to_document().blocks, before.to_document().blocks);
        assert_eq!(again.title(), before.title());
        assert_eq!(again.len(), before.len());
    }
}

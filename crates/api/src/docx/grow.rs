//! New blocks on their way into a document: they get their ids, and the rules are held against the
//! place they go to.

use larkspur_model::document::{Content, Edit, Node, PAGE, Text};
use larkspur_model::id::Ids;

use super::{codes, rules};
use crate::ApiError;

/// A new block with what is inside it.
#[derive(Debug, Clone)]
pub(super) struct NewBlock {
    pub(super) content: Content,
    pub(super) comment_ids: Vec<String>,
    pub(super) children: Vec<NewBlock>,
    /// What the request calls it.
    pub(super) temporary: Option<String>,
}

impl NewBlock {
    /// A block with `children`, unnamed.
    pub(super) const fn of(content: Content, children: Vec<Self>) -> Self {
        Self { content, comment_ids: Vec::new(), children, temporary: None }
    }

    /// What stands in a cell, a column or a callout that holds nothing else.
    pub(super) const fn empty_text() -> Self {
        Self::of(Content::Text(Text::EMPTY), Vec::new())
    }

    /// It and all blocks inside it.
    pub(super) fn each<'a>(blocks: &'a mut [Self], see: &mut dyn FnMut(&'a mut Content)) {
        let mut pending: Vec<&'a mut Self> = blocks.iter_mut().collect();
        while let Some(block) = pending.pop() {
            see(&mut block.content);
            pending.extend(block.children.iter_mut());
        }
    }
}

/// How many blocks a document may hold, and how deep.
#[derive(Debug, Clone, Copy)]
pub(super) struct Room {
    pub(super) blocks: usize,
    pub(super) depth: usize,
}

impl Room {
    /// Refuses what lies too deep.
    fn check_depth(&self, depth: usize) -> Result<(), ApiError> {
        if depth > self.depth {
            let why = format!("blocks lie at most {} deep within each other", self.depth);
            return Err(codes::TOO_DEEP.because(why));
        }
        Ok(())
    }

    /// Refuses what has become too large.
    pub(super) fn check_count(&self, edit: &Edit) -> Result<(), ApiError> {
        if edit.tree().len() > self.blocks {
            let why = format!("a document holds at most {} blocks", self.blocks);
            return Err(codes::TOO_MANY_BLOCKS.because(why));
        }
        Ok(())
    }
}

/// What new blocks are called from now on.
#[derive(Debug, Default)]
pub(super) struct Planted {
    /// The first level of them.
    pub(super) top: Vec<String>,
    /// What the request called each, and its id.
    pub(super) relations: Vec<(String, String)>,
}

/// Puts new blocks into `parent` at `index`.
pub(super) fn plant(
    edit: &mut Edit,
    ids: &Ids,
    room: Room,
    (parent, index): (&str, usize),
    blocks: Vec<NewBlock>,
) -> Result<Planted, ApiError> {
    let holder = edit.tree().get(parent).map(|node| &node.content);
    if !rules::holds_children(holder) {
        let why = "blocks of this type hold no children; put them into the block around it";
        return Err(codes::NO_CHILDREN.because(why));
    }
    for block in &blocks {
        rules::check(holder, &block.content)?;
    }
    let mut seeds = Seeds { ids, planted: Planted::default(), waiting: Vec::new() };
    let depth = edit.tree().depth(parent) + 1;
    room.check_depth(depth)?;
    let level = blocks.into_iter().map(|block| {
        let id = ids.token();
        seeds.planted.top.push(id.clone());
        let node = seeds.sow(block, &id, depth);
        (id, node)
    });
    let level = level.collect();
    edit.insert(parent, index, level);
    while let Some(Waiting { parent, depth, id, block }) = seeds.waiting.pop() {
        room.check_depth(depth)?;
        let node = seeds.sow(block, &id, depth);
        // A parent is there before what is inside it is looked at.
        rules::check(edit.tree().get(&parent).map(|node| &node.content), &node.content)?;
        edit.add(id, Node { parent, ..node });
    }
    room.check_count(edit)?;
    Ok(seeds.planted)
}

/// A new block whose parent is there by now.
struct Waiting {
    parent: String,
    depth: usize,
    id: String,
    block: NewBlock,
}

struct Seeds<'a> {
    ids: &'a Ids,
    planted: Planted,
    waiting: Vec<Waiting>,
}

impl Seeds<'_> {
    /// The node of a new block; what is inside it waits under an id of its own.
    fn sow(&mut self, block: NewBlock, id: &str, depth: usize) -> Node {
        let NewBlock { content, comment_ids, children, temporary } = block;
        if let Some(temporary) = temporary {
            self.planted.relations.push((temporary, id.to_owned()));
        }
        let mut node = Node { comment_ids, ..Node::new(content) };
        for block in children {
            let child = self.ids.token();
            node.children.push(child.clone());
            let (parent, depth) = (id.to_owned(), depth + 1);
            self.waiting.push(Waiting { parent, depth, id: child, block });
        }
        node
    }
}

/// Puts an empty text into a block that is never empty, where it is.
pub(super) fn keep_filled(edit: &mut Edit, ids: &Ids, id: &str) {
    let empty = edit
        .tree()
        .get(id)
        .is_some_and(|node| node.children.is_empty() && rules::is_never_empty(&node.content));
    if id != PAGE && empty {
        edit.insert(id, 0, vec![(ids.token(), Node::new(NewBlock::empty_text().content))]);
    }
}

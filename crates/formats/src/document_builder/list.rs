//! Lists on their way: items with their numbers, tasks, and what stands between items, which belongs to
//! the item before it.

use larkspur_model::document::{Block, Content, Text, TextStyle};

use super::{DocumentBuilder, Frame, FrameKind};

fn is_item(block: &Block) -> bool {
    matches!(block.content, Content::Bullet(_) | Content::Ordered(_) | Content::Todo(_))
}

impl DocumentBuilder<'_, '_> {
    /// Opens a list, numbered from `start` if that is given.
    pub(crate) fn open_list(&mut self, start: Option<u32>) {
        if !self.opens() {
            return;
        }
        let top = self.top();
        let between = matches!(top.kind, FrameKind::List { .. });
        let inner = between && top.children.last().is_some_and(is_item) && self.has_room(1);
        let (ordered, next) = (start.is_some(), start.unwrap_or(1));
        let kind = FrameKind::List { ordered, inner, start, next };
        self.push_frame(kind, usize::from(inner), None);
    }

    /// Opens an item of the list that is open; outside of any list, a bulleted one.
    pub(crate) fn open_item(&mut self, number: Option<u32>) {
        if !self.opens() {
            return;
        }
        let mut text = Text::default();
        let content = match &mut self.top().kind {
            FrameKind::List { ordered: true, start, next, .. } => {
                text.style.sequence = number.or(*start);
                *start = None;
                *next = number.unwrap_or(*next).saturating_add(1);
                Content::Ordered(text)
            }
            _ => Content::Bullet(text),
        };
        self.push_item(content, None);
    }

    /// Makes the innermost open item a task.
    pub(crate) fn mark_todo(&mut self, done: bool) {
        if self.skipping > 0 {
            return;
        }
        let is_item = |frame: &Frame| matches!(frame.kind, FrameKind::Item { .. });
        let Some(at) = self.frames.iter().rposition(is_item) else { return };
        if let Some(FrameKind::List { start, next, .. }) =
            at.checked_sub(1).and_then(|at| self.frames.get_mut(at)).map(|frame| &mut frame.kind)
        {
            *start = Some(*next);
        }
        if let Some(FrameKind::Item { content, .. }) =
            self.frames.get_mut(at).map(|frame| &mut frame.kind)
        {
            let text = content.text_mut().map(std::mem::take).unwrap_or_default();
            let style = TextStyle { done, sequence: None, ..text.style };
            *content = Content::Todo(Text { style, ..text });
        }
    }

    /// Hands the blocks of a list to what it stands in.
    pub(super) fn finish_list(&mut self, inner: bool, depth: usize, children: Vec<Block>) {
        let room = depth < self.context.limits.block_depth;
        let mut blocks: Vec<Block> = Vec::with_capacity(children.len());
        for block in children {
            let loose = room && !is_item(&block) && block.children.is_empty();
            match blocks.last_mut() {
                Some(item) if loose && is_item(item) => item.children.push(block),
                _ => blocks.push(block),
            }
        }
        let around = &mut self.top().children;
        match around.last_mut() {
            Some(item) if inner => item.children.extend(blocks),
            _ => around.extend(blocks),
        }
    }
}

//! In what order paragraphs reach the flow: those of a table once it is whole, those of a text box behind the
//! paragraph it hangs on.

use std::ops::Range;

use larkspur_model::loss::LossKind;

use super::paragraph::Format;
use super::table::Gathered;
use super::telling::{Gathering, Told};
use super::walk::Walker;

impl Walker<'_, '_, '_> {
    /// Opens and closes tables until `depth` are open.
    pub(super) fn enter(&mut self, depth: u32) {
        let most_columns = self.flow.builder.context.limits.table_columns;
        while self.state.tables.len() > depth as usize {
            let Some(table) = self.state.tables.pop() else { break };
            for told in table.finish(most_columns) {
                self.tell(told);
            }
        }
        while self.state.tables.len() < depth as usize {
            self.state.tables.push(Gathered::default());
        }
    }

    /// Does what is to be done now, or once the table or text box around it is there.
    pub(super) fn tell(&mut self, told: Told) {
        let most_rows = self.flow.builder.context.limits.table_cells;
        if let Some(table) = self.state.tables.last_mut() {
            table.add(told, most_rows);
        } else if let Some(captured) = &mut self.captured {
            captured.push(told);
        } else {
            match told {
                Told::Step(step) => self.flow.take(step),
                Told::Paragraph(paragraph) => {
                    let (paragraph, standing) = *paragraph;
                    self.flow.take_paragraph(paragraph, standing);
                }
            }
        }
    }

    /// Ends whatever a story left open.
    pub(super) fn finish_story(&mut self) {
        if !self.state.gathering.parts.is_empty() {
            self.tell_paragraph(&Format::default());
        }
        self.enter(0);
        self.state.fields.clear();
        self.state.gathering = Gathering::default();
    }

    /// Tells a text box where the text is.
    pub(super) fn tell_box(&mut self, content: Range<u32>) {
        let around = std::mem::take(&mut self.state);
        self.captured = Some(Vec::new());
        // A text box is short; whoever wants to stop the work is asked again right after it.
        let _ = self.walk(content);
        let captured = self.captured.take().unwrap_or_default();
        self.state = around;
        if !captured.is_empty() {
            let what = "a text box; its text follows its paragraph";
            self.flow.builder.context.lose(LossKind::FormattingDropped, "", what);
        }
        for told in captured {
            self.tell(told);
        }
    }

    /// Tells the text boxes that no paragraph anchored.
    pub(super) fn tell_left_boxes(&mut self) {
        let mut left: Vec<_> =
            std::mem::take(&mut self.stories.boxes).into_values().flatten().collect();
        left.sort_unstable_by_key(|content| content.start);
        for content in left {
            self.tell_box(content);
        }
    }

    /// The words of a part of the text, up to `most` characters of it. What stands for pictures is
    /// one sign.
    pub(super) fn plain(&mut self, range: Range<u32>, most: u32) -> String {
        let mut plain = String::new();
        let mut position = range.start;
        let end = range.end.min(range.start.saturating_add(most));
        while position < end {
            let Some(piece) = self.pieces.at(position).filter(|piece| piece.start < end) else {
                break;
            };
            position = position.max(piece.start);
            let count = piece.end.min(end) - position;
            let at =
                u64::from(piece.at) + u64::from(position - piece.start) * u64::from(piece.width());
            let bytes = self.text.read(at, (count * piece.width()) as usize);
            let encoding = if piece.wide { encoding_rs::UTF_16LE } else { self.encoding };
            plain.push_str(&encoding.decode_without_bom_handling(&bytes).0);
            position += count;
        }
        let mut codes = 0_usize;
        let shown = plain.chars().filter_map(|c| {
            match c {
                '\u{13}' => codes += 1,
                '\u{14}' => codes = codes.saturating_sub(1),
                '\u{1}' | '\u{8}' => return Some('\u{FFFC}'),
                _ if codes == 0 => return Some(if c.is_control() { ' ' } else { c }),
                _ => {}
            }
            None
        });
        shown.collect()
    }
}

//! What a print says of its own structure, for screen readers and for those who take it apart.

use larkspur_model::document::{Block, Content, Text};
use lopdf::{Dictionary, Object};

use super::{of, print, sample};

/// The structure as nested names: `L[LI[Lbl LBody[P]]]`.
fn structure(pdf: &[u8]) -> String {
    let file = lopdf::Document::load_mem(pdf).expect("a PDF");
    let root = file.catalog().and_then(|root| root.get(b"StructTreeRoot")).expect("a structure");
    let (_, root) = file.dereference(root).expect("a structure");
    let mut out = String::new();
    elements(&file, root.as_dict().expect("a structure"), &mut out);
    out
}

fn elements(file: &lopdf::Document, parent: &Dictionary, out: &mut String) {
    let Ok(children) = parent.get(b"K") else { return };
    let children = match file.dereference(children).expect("children").1 {
        Object::Array(children) => children.clone(),
        child => vec![child.clone()],
    };
    let mut names = Vec::new();
    for child in &children {
        let Ok((_, Object::Dictionary(child))) = file.dereference(child) else { continue };
        let Ok(name) = child.get(b"S").and_then(Object::as_name) else { continue };
        let mut inner = String::new();
        elements(file, child, &mut inner);
        let name = String::from_utf8_lossy(name);
        names.push(if inner.is_empty() { name.into_owned() } else { format!("{name}[{inner}]") });
    }
    out.push_str(&names.join(" "));
}

fn structure_of(blocks: Vec<Block>) -> String {
    let whole = structure(&print(&of(blocks)).0);
    let inner = whole.strip_prefix("Document[").and_then(|rest| rest.strip_suffix(']'));
    inner.unwrap_or(&whole).to_owned()
}

fn bullets(count: usize) -> Vec<Block> {
    (0..count).map(|_| sample::bullet(&"item ".repeat(60), vec![])).collect()
}

#[test]
fn lists_nest_and_end_where_the_document_s_do() {
    const ITEM: &str = "LI[Lbl LBody[P]]";
    let deep = vec![sample::bullet("b", vec![sample::ordered("c", None, vec![])])];
    let said = structure_of(vec![
        sample::bullet("a", deep),
        sample::bullet("d", vec![]),
        Block::paragraph("between"),
        sample::ordered("e", None, vec![]),
        sample::todo("f", true),
        sample::heading(1, "after"),
    ]);
    // The writer stands an inner list beside the item it belongs to.
    assert_eq!(
        said,
        format!("L[{ITEM} L[{ITEM} L[{ITEM}]] {ITEM}] P L[{ITEM}] L[LI[Lbl LBody[P[Span]]]] H1"),
    );
}

#[test]
fn what_lies_in_an_item_stays_in_it() {
    let inside = vec![Block::paragraph("more"), sample::code(1, "x")];
    let said = structure_of(vec![
        sample::bullet("a", inside),
        sample::bullet("b", vec![]),
        Block::paragraph("after"),
    ]);
    assert_eq!(said, "L[LI[Lbl LBody[P P Code[P]]] LI[Lbl LBody[P]]] P");
}

#[test]
fn lists_in_cells_end_with_them() {
    let cell = |children: Vec<Block>| Block { children, ..Block::new(Content::TableCell) };
    let mut table = sample::table(&[&["x", "x"]], |table| table.header_row = false);
    let items = |text: &str| vec![sample::bullet(text, vec![]), sample::bullet(text, vec![])];
    table.children = vec![cell(items("left")), cell(items("right"))];
    let said = structure_of(vec![sample::bullet("before", vec![table]), Block::paragraph("after")]);
    let list = "L[LI[Lbl LBody[P]] LI[Lbl LBody[P]]]";
    assert_eq!(said, format!("L[LI[Lbl LBody[P Table[TR[TD[{list}] TD[{list}]]]]]] P"));
}

#[test]
fn a_list_over_many_pages_and_runs_is_one() {
    // More than one run of the typesetter sets.
    let said = structure_of(bullets(500));
    assert_eq!(said, format!("L[{}]", ["LI[Lbl LBody[P]]"; 500].join(" ")));
}

#[test]
fn a_list_in_a_cell_over_many_pages_harms_nothing() {
    let cell = |children: Vec<Block>| Block { children, ..Block::new(Content::TableCell) };
    let mut table = sample::table(&[&["x", "x"]], |_| {});
    table.children = vec![cell(bullets(60)), cell(bullets(60))];
    let mut blocks = bullets(1);
    blocks.push(table);
    blocks.push(Block::new(Content::Text(Text::plain("after"))));
    let said = structure_of(blocks);
    assert!(said.ends_with(" P") && said.matches("Lbl").count() > 100, "{said}");
}

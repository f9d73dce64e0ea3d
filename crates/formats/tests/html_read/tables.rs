//! Tables of data stay tables; those that only place things on a page do not.

use super::becomes;

#[test]
fn tables_for_the_looks_of_a_page_are_none() {
    let data = "<table><tr><th>A<th>B<tr><td>1<td>2</table>";
    let as_table = "table 2x2 headed\n  cell\n    text A\n  cell\n    text B\n  cell\n    text 1\n  cell\n    text 2";
    for (open, close) in [
        ("<table role=presentation><tr><td>", "</td></tr></table>"),
        ("<table role=' None '><tbody><tr><td>", "</td></tr></tbody></table>"),
        ("<table border=0 cellpadding=0><tr><td>", "</table>"),
        ("<table><tr><td></td><td><table><tr><td>", "</table></table>"),
    ] {
        let page = format!("{open}<p>before</p>{data}<p>after</p>{close}<p>end</p>");
        assert_eq!(
            becomes(&page),
            format!("text before\n{as_table}\ntext after\ntext end"),
            "{open}"
        );
    }
}

#[test]
fn tables_in_cells_of_data_stay() {
    let inner = "<table><tr><td>1<td>2</table>";
    for open in ["<table border=1><tr><td>", "<table><tr><th>Head<tr><td>"] {
        let found = becomes(&format!("{open}{inner}</table>"));
        assert_eq!(found.matches("table ").count(), 2, "{found}");
    }
    assert_eq!(becomes(inner), "table 1x2\n  cell\n    text 1\n  cell\n    text 2");
}

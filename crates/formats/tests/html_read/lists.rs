//! Lists as pages have them, also where they are not written as they should be.

use super::becomes;

#[test]
fn a_list_between_items_belongs_to_the_one_before() {
    let page = "<ul><li>a</li><ul><li>b</li><ol><li>deep</li></ol></ul><li>c</li></ul>";
    assert_eq!(becomes(page), "- a\n  - b\n    1. deep\n- c");
    let page = "<ol><li>x<ol type=a><li>y</ol><li>z</ol>";
    assert_eq!(becomes(page), "1. x\n  1. y\n+ z");
    let page = "<ol><li>x</li><ol><li>y</li></ol><li>z</li></ol>";
    assert_eq!(becomes(page), "1. x\n  1. y\n+ z");
}

#[test]
fn what_stands_between_items_belongs_to_the_one_before() {
    let page = "<ul>head<li>a</li>more<p>and</p><li>b</li><hr></ul><p>after</p>";
    assert_eq!(becomes(page), "text head\n- a\n  text more\n  text and\n- b\n  ---\ntext after");
    let page = "<ul><li>a</li><ul><li>b</li>more</ul></ul>";
    assert_eq!(becomes(page), "- a\n  - b\n    text more");
    assert_eq!(becomes("<ul><ul><li>only</li></ul></ul>"), "- only");
}

#[test]
fn lists_in_lists_go_as_deep_as_a_document_may() {
    let page = "<ul><li>x</li>".repeat(80) + "</ul>";
    let found = becomes(&page);
    assert_eq!(found.matches("- x").count(), 80);
    let deepest = found.lines().map(|line| line.len() - line.trim_start().len()).max();
    assert!(deepest.is_some_and(|spaces| spaces / 2 < 50), "{found}");
}

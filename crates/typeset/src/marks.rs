//! Invisible marks: the source sets them, and on the finished pages they say what lies where.

use typst::foundations::{Content, Value};
use typst::introspection::MetadataElem;
use typst::utils::ResolvedPicoStr;

/// What preludes and pieces may call ([`Work::prelude`](crate::Work::prelude)); `larkspur-mark` is the
/// typesetter's own.
pub(crate) const DEFINITIONS: &str = "\
#let larkspur-mark(number) = [#metadata(number)<larkspur-mark>]\n\
#let larkspur-target(name) = [#metadata(name)<larkspur-target>]\n\
#let larkspur-within(depth) = [#metadata(depth)<larkspur-within>]\n\
#let larkspur-bullet(depth) = [#metadata(depth)<larkspur-bullet>]\n\
#let larkspur-number(depth) = [#metadata(depth)<larkspur-number>]\n\
#let larkspur-label(body) = { [#metadata(none)<larkspur-label>]; body }\n\
#let larkspur-body(body) = { [#metadata(none)<larkspur-body>]; body }\n";

/// The name of a mark, with its `larkspur-`, and what it says; `None` for other elements.
pub(crate) fn read(content: &Content) -> Option<(ResolvedPicoStr, &Value)> {
    let mark = content.to_packed::<MetadataElem>()?;
    Some((content.label()?.resolve(), &mark.value))
}

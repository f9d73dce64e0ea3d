//! What requests and answers of every operation look like, for the description of what is served. The
//! shapes are data, a file an area; the operations are declared in their rooms.

#[cfg(test)]
mod contract;
mod notation;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde_json::Value;

pub(crate) use self::notation::Member;

/// The files, by name.
const FILES: &[(&str, &str)] = &[
    ("tokens", include_str!("tokens.shapes")),
    ("drive", include_str!("drive.shapes")),
    ("docx", include_str!("docx.shapes")),
    ("sheets", include_str!("sheets.shapes")),
    ("bitable", include_str!("bitable.shapes")),
    ("wiki", include_str!("wiki.shapes")),
    ("vc", include_str!("vc.shapes")),
    ("contact", include_str!("contact.shapes")),
    ("larkspur", include_str!("larkspur.shapes")),
];

/// All shapes.
#[derive(Default)]
pub(crate) struct Shapes {
    /// Those of operations, by their ids.
    pub(crate) operations: BTreeMap<String, Shape>,
    /// Schemas that others refer to.
    pub(crate) named: BTreeMap<String, Value>,
}

/// What requests and answers of an operation look like.
#[derive(Default)]
pub(crate) struct Shape {
    /// Parameters of the path that are not any text.
    pub(crate) path: Vec<Member>,
    /// Parameters of the query.
    pub(crate) query: Vec<Member>,
    /// Headers that mean something.
    pub(crate) header: Vec<Member>,
    /// The body.
    pub(crate) sent: Sent,
    /// The answer.
    pub(crate) answered: Answered,
}

/// What the body of a request looks like.
#[derive(Default)]
pub(crate) enum Sent {
    /// Nothing is said about it.
    #[default]
    Nothing,
    /// JSON.
    Json(Value),
    /// A form with a file.
    Form(Value),
}

/// What an answer looks like.
#[derive(Default)]
pub(crate) enum Answered {
    /// An envelope around an empty object.
    #[default]
    Empty,
    /// An envelope around this.
    Data(Value),
    /// This, without an envelope.
    Whole(Value),
    /// A file.
    File,
    /// Something for people, or events.
    Other,
}

/// The shapes there are.
///
/// # Panics
/// If a file cannot be read, which a test rules out.
pub(crate) fn shapes() -> &'static Shapes {
    static SHAPES: OnceLock<Shapes> = OnceLock::new();
    SHAPES.get_or_init(|| {
        let mut shapes = Shapes::default();
        for (name, text) in FILES {
            if let Err(mistake) = notation::read(text, &mut shapes) {
                panic!("{name}.shapes: {mistake}");
            }
        }
        shapes
    })
}

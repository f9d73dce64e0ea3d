//! The console: pages for the people who run the server. A page asks the same operations as programs
//! do, in the same process, so it shows what they would see and can do nothing they could not.
//!
//! Pages are whole without scripts; `assets/console.js` keeps them up to date, takes files that are
//! dropped, and pages through large sheets.

#![expect(clippy::struct_field_names, reason = "fields are called as they are on the wire")]

mod apps;
mod asked;
mod assets;
mod base;
mod document;
mod export;
mod files;
mod frame;
mod import;
mod look;
mod meetings;
mod people;
mod problem;
mod rehearsal;
mod requests;
mod sheet;
mod sign_in;
mod tasks;
mod visit;
mod wiki;

use larkspur_api::{BodyKind, Handler, Method, Operation, Rate};

pub use self::sign_in::{PATH, link_of};

/// Every page and what its forms do, a line a room.
const ROOMS: &[fn() -> Vec<Operation>] = &[
    sign_in::operations,
    assets::operations,
    frame::operations,
    tasks::operations,
    files::operations,
    import::operations,
    export::operations,
    document::operations,
    sheet::operations,
    base::operations,
    wiki::operations,
    people::operations,
    meetings::operations,
    rehearsal::operations,
    requests::operations,
    apps::operations,
];

/// Everything under `/console`.
pub fn operations() -> Vec<Operation> {
    ROOMS.iter().flat_map(|room| room()).collect()
}

/// A page, which is looked at.
fn page(id: &'static str, path: &'static str, handler: Handler) -> Operation {
    Operation {
        id,
        method: Method::GET,
        path,
        // Browsers hold a session instead, which each page looks at itself.
        tokens: &[],
        apps: &[],
        scopes: &[],
        rate: Rate::NONE,
        errors: &[],
        body: BodyKind::None,
        download: false,
        admin: false,
        handler,
    }
}

/// What a form or a script does.
fn action(id: &'static str, path: &'static str, handler: Handler) -> Operation {
    Operation { method: Method::POST, body: BodyKind::Json, ..page(id, path, handler) }
}

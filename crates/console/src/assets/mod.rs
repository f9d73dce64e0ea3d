//! Styles, scripts and the drawing that pages are made with: parts of the binary.

use std::future::ready;

use larkspur_api::{Answer, AssetAnswer, Operation};

use crate::page;

/// What stands in the addresses of assets: a browser keeps them for as long as it stays the same.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

const STYLE: AssetAnswer =
    AssetAnswer { media_type: "text/css; charset=utf-8", bytes: include_bytes!("console.css") };
const SCRIPT: AssetAnswer = AssetAnswer {
    media_type: "text/javascript; charset=utf-8",
    bytes: include_bytes!("console.js"),
};
const ICON: AssetAnswer =
    AssetAnswer { media_type: "image/svg+xml", bytes: include_bytes!("icon.svg") };

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        page("consoleStyle", "/console/assets/console.css", |_, _| {
            Box::pin(ready(Ok(Answer::Asset(STYLE))))
        }),
        page("consoleScript", "/console/assets/console.js", |_, _| {
            Box::pin(ready(Ok(Answer::Asset(SCRIPT))))
        }),
        page("consoleIcon", "/console/assets/icon.svg", |_, _| {
            Box::pin(ready(Ok(Answer::Asset(ICON))))
        }),
    ]
}

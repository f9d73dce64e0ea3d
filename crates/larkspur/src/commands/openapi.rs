//! `larkspur openapi`: the description of everything the server answers.

use clap::Args;

use super::asking;
use crate::trouble::Attempt;

/// Print the OpenAPI description of everything the server answers
///
/// Made from what the operations are declared with: paths, methods, tokens, scopes, ceilings, refusals.
/// A running server gives the same at /larkspur/v1/openapi.json.
#[expect(clippy::doc_markdown, reason = "these texts are the help, shown as they stand")]
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur openapi > openapi.json
  larkspur openapi | jq -r '.paths | keys[]'")]
pub(super) struct Openapi {}

/// Runs the command.
pub(super) fn run() -> Attempt {
    asking::print_json(&larkspur_api::openapi::openapi())
}

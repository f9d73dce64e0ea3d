//! Another title for a node: its document's, or a shortcut's own.

use std::sync::Arc;

use larkspur_platform::{self as platform, Access};
use larkspur_store::Error as StoreError;
use larkspur_store::objects::ObjectKind;
use larkspur_store::sql::Transaction;
use larkspur_store::wiki;

use super::super::codes::{self, broken, denied, told};
use super::super::place::{self, Place};
use super::wire::TitleBody;
use crate::drive::content;
use crate::{Answer, ApiError, Request, Services, Violations, codes as common};

/// How often a title is tried that others' changes of the document get in the way of.
const TRIES: usize = 5;

/// `wikiSpaceNodeUpdateTitle`; for documents and shortcuts (contract's source, the page).
pub(super) async fn rename(services: Arc<Services>, request: Request) -> Result<Answer, ApiError> {
    let body: TitleBody = request.json(common::BAD_REQUEST)?;
    let mut violations = Violations::new();
    let title = violations.required("title", body.title);
    violations.check()?;
    let (caller, db) = (request.caller()?, &services.store.db);
    let found = place::space(&services, caller, request.path_value("space_id")).await?;
    let token = request.path_value("node_token");
    let node = place::node_in(db, caller, &found.space, token).await?;
    if node.origin.is_some() {
        let place = Place::of(db, caller, &node).await.map_err(broken)?;
        place.check_held(db, caller, denied::NODE).await?;
        let mut transaction = Transaction::new();
        wiki::set_shortcut_title(&mut transaction, &node.token, &title);
        db.commit(transaction).await.map_err(broken)?;
        return Answer::empty();
    }
    let page = place::document(db, &node).await.map_err(broken)?;
    if !platform::may(db, caller, &page, Access::Edit).await.map_err(broken)? {
        return Err(told(codes::PERMISSION, denied::NODE, "it takes edit on the page"));
    }
    if node.kind != ObjectKind::Docx {
        return Err(codes::PARAM.because("only documents and shortcuts are renamed this way"));
    }
    let mut cause = String::new();
    for _ in 0..TRIES {
        let done = match content::retitle(&services, &page, &title).await {
            Ok(transaction) => db.commit(transaction).await.map(|_| ()),
            Err(error) => Err(error),
        };
        match done {
            Ok(()) => return Answer::empty(),
            // Somebody else changed the document meanwhile: the title goes onto what is there now.
            Err(error @ (StoreError::Conflict { .. } | StoreError::BlobMissing { .. })) => {
                cause = error.to_string();
            }
            Err(error) => return Err(broken(error)),
        }
    }
    Err(codes::RPC.caused_by(cause))
}

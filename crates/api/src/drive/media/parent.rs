//! What media may hang on: the table of `parent_type`s with what each wants (contract, "Uploads").

use larkspur_platform::{Access, Caller};
use larkspur_store::objects::ObjectKind;
use serde::Deserialize;

use super::super::codes;
use super::super::sources::{ImportExtra, MediaExtra, Target, largest};
use crate::access::{self, Found};
use crate::{ApiError, Services};

/// Largest attachment; nobody publishes one.
const ATTACHMENT_BYTES: u64 = 4 << 30;
/// Largest import source of any kind.
const SOURCE_BYTES: u64 = 800 << 20;

/// What a `parent_type` wants.
enum Parent {
    /// An import source: no parent, but what it is to become.
    Import,
    /// A part of a document of this kind, named by `drive_route_token`.
    Of(ObjectKind),
    /// A part of a document of the old kind, of which there are none here.
    Legacy,
    /// A picture that hangs on nothing this server knows.
    Free,
}

impl Parent {
    fn parse(parent_type: &str) -> Option<Self> {
        Some(match parent_type {
            "ccm_import_open" => Self::Import,
            "docx_image" | "docx_file" => Self::Of(ObjectKind::Docx),
            "sheet_image" | "sheet_file" => Self::Of(ObjectKind::Sheet),
            "bitable_image" | "bitable_file" => Self::Of(ObjectKind::Bitable),
            "doc_image" | "doc_file" => Self::Legacy,
            "vc_virtual_background" | "moments" => Self::Free,
            _ => return None,
        })
    }
}

#[derive(Deserialize)]
struct Route {
    drive_route_token: String,
}

/// Checks parent and `extra` of an upload, and gives what is kept of them.
pub(super) async fn check(
    services: &Services,
    caller: &Caller,
    parent_type: &str,
    parent_node: &str,
    extra: &str,
    size_bytes: i64,
) -> Result<MediaExtra, ApiError> {
    let parent = Parent::parse(parent_type)
        .ok_or_else(|| codes::PARAMS.because(format!("parent_type: {parent_type:.40}")))?;
    let mut kept = MediaExtra {
        parent_type: parent_type.to_owned(),
        parent_node: parent_node.to_owned(),
        ..MediaExtra::default()
    };
    let mut most_bytes = ATTACHMENT_BYTES;
    match parent {
        Parent::Import => {
            let import: ImportExtra = serde_json::from_str(extra).map_err(|_| {
                codes::PARAMS.because(
                    "extra is JSON in a string: {\"obj_type\":\"docx\",\"file_extension\":\"md\"}",
                )
            })?;
            let target = Target::parse(&import.obj_type)
                .ok_or_else(|| codes::PARAMS.because("extra.obj_type is docx, sheet or bitable"))?;
            most_bytes = largest(&import.file_extension, target).unwrap_or(SOURCE_BYTES);
            // Whatever stands in parent_node is ignored: clients send nothing, "" or "/".
            kept.parent_node.clear();
            kept.import = Some(import);
        }
        Parent::Of(kind) => {
            let route: Route = serde_json::from_str(extra).map_err(|_| {
                codes::PARAMS.because("extra is JSON in a string: {\"drive_route_token\":\"…\"}")
            })?;
            if parent_node.is_empty() {
                return Err(codes::PARAMS.because("parent_node is required"));
            }
            check_document(services, caller, &route.drive_route_token, kind).await?;
            let hangs_on_whole = kind != ObjectKind::Docx;
            if hangs_on_whole && parent_node != route.drive_route_token {
                return Err(codes::PARENT_MISSING.because("parent_node is the document's token"));
            }
            kept.drive_route_token = route.drive_route_token;
        }
        Parent::Legacy => {
            return Err(codes::PARENT_MISSING.because("there are no documents of the old kind"));
        }
        Parent::Free if parent_node.is_empty() => {
            return Err(codes::PARAMS.because("parent_node is required"));
        }
        Parent::Free => {}
    }
    if size_bytes as u64 > most_bytes {
        return Err(codes::TOO_LARGE.because(format!("at most {most_bytes} bytes")));
    }
    Ok(kept)
}

async fn check_document(
    services: &Services,
    caller: &Caller,
    token: &str,
    kind: ObjectKind,
) -> Result<(), ApiError> {
    let now_ms = services.clock.now_ms();
    match access::find(&services.store.db, caller, token, Access::Edit, now_ms).await {
        Err(error) => Err(codes::UPLOAD_INTERNAL.caused_by(error)),
        Ok(Found::Gone(_)) => Err(codes::PARENT_DELETED.because(access::DELETED)),
        Ok(Found::Forbidden) => Err(codes::FORBIDDEN.because(access::NOT_SHARED)),
        Ok(Found::Object(object)) if object.kind == kind => Ok(()),
        Ok(Found::Missing) => Err(codes::PARENT_MISSING.because(access::MISSING)),
        Ok(Found::Object(_)) => {
            Err(codes::PARENT_MISSING.because("the token is not of the kind parent_type names"))
        }
    }
}

//! Online documents in the matrix: read, made in a folder, edited.

use reqwest::Method;
use serde_json::json;

use super::cases::Case;
use super::cases::Outcome::{Open, Refused};
use super::things::Things;

pub(super) fn case(id: &str, things: &Things) -> Option<Case> {
    const DOCUMENTS: &str = "/open-apis/docx/v1/documents";
    let Things { docx, block, folder, .. } = things;
    let (missing, denied) = (Refused(404, 1_770_002), Refused(403, 1_770_032));
    let (read, edit) = ([missing, denied, Open], [missing, denied, denied]);
    let at = |rest: &str| format!("{DOCUMENTS}/{docx}{rest}");
    let on = |rest: &str| at(&format!("/blocks/{block}{rest}"));
    let text = json!({"elements": [{"text_run": {"content": "zebra"}}]});
    Some(match id {
        "docxDocumentCreate" => {
            let none = Refused(403, 1_770_040);
            Case::post(
                DOCUMENTS.to_owned(),
                json!({"folder_token": folder, "title": "zebra new"}),
                [Refused(400, 1_770_039), none, none],
            )
        }
        "docxDocumentGet" => Case::get(at(""), read),
        "docxDocumentRawContent" => Case::get(at("/raw_content"), read),
        "docxDocumentBlockList" => Case::get(at("/blocks"), read),
        "docxDocumentBlockGet" => Case::get(on(""), read),
        "docxDocumentBlockChildrenGet" => Case::get(on("/children"), read),
        "docxDocumentBlockChildrenCreate" => Case::post(
            on("/children"),
            json!({"children": [{"block_type": 2, "text": text}]}),
            edit,
        ),
        "docxDocumentBlockDescendantCreate" => Case::post(
            on("/descendant"),
            json!({"children_id": ["a"],
                   "descendants": [{"block_id": "a", "block_type": 2, "text": text}]}),
            edit,
        ),
        "docxDocumentBlockPatch" => {
            Case::json(Method::PATCH, on(""), json!({"update_text_elements": text}), edit)
        }
        "docxDocumentBlockBatchUpdate" => Case::json(
            Method::PATCH,
            at("/blocks/batch_update"),
            json!({"requests": [{"block_id": block, "update_text_elements": text}]}),
            edit,
        ),
        "docxDocumentBlockChildrenBatchDelete" => Case::json(
            Method::DELETE,
            on("/children/batch_delete"),
            json!({"start_index": 0, "end_index": 1}),
            edit,
        ),
        "docsContentGet" => Case::get(
            format!(
                "/open-apis/docs/v1/content?doc_token={docx}&doc_type=docx&content_type=markdown"
            ),
            [Refused(400, 2_889_914), Refused(403, 2_889_902), Open],
        ),
        _ => return None,
    })
}

//! For each operation of the platform: a good request about the matrix' things, and how it ends for
//! those who may not make it.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use larkspur_tests::evidence;
use reqwest::Method;
use reqwest::multipart::{Form, Part};
use serde_json::{Value, json};

use super::things::Things;
use super::{bases, contacts, documents, meetings, wiki};

/// Operations whose pages demand no scope, each with its reason.
pub(super) const NO_SCOPE: &[(&str, &str)] = &[
    ("authenOidcAccessToken", "redeems a code, which is the right"),
    ("authenOidcRefreshAccessToken", "redeems a refresh token, which is the right"),
    ("authenUserInfo", "tells who the token speaks for; each field has a scope of its own"),
];

/// The request of an operation that is about no thing, so that only the gate can refuse it.
pub(super) fn about_nothing(id: &str) -> Option<Case> {
    let (method, path) = match id {
        "authenOidcAccessToken" => (Method::POST, "/open-apis/authen/v1/oidc/access_token"),
        "authenOidcRefreshAccessToken" => {
            (Method::POST, "/open-apis/authen/v1/oidc/refresh_access_token")
        }
        "authenUserInfo" => (Method::GET, "/open-apis/authen/v1/user_info"),
        "wikiSpaceCreate" => (Method::POST, "/open-apis/wiki/v2/spaces"),
        "docxDocumentConvert" => (Method::POST, "/open-apis/docx/v1/documents/blocks/convert"),
        _ => return None,
    };
    Some(Case::new(method, path.to_owned(), [Open; 3]))
}

/// How a call ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It succeeds.
    Open,
    /// It is refused with this HTTP status and code.
    Refused(u16, i64),
    /// It succeeds, and tells the failure of the one thing in `failed_list`.
    Listed(i64),
}

use Outcome::{Listed, Open, Refused};

pub(super) enum Content {
    None,
    Json(Value),
    /// Text parts, and a file of five bytes.
    Form(Vec<(&'static str, String)>),
}

/// A request, and how it ends for whom.
pub(super) struct Case {
    method: Method,
    path: String,
    content: Content,
    /// For another tenant: as if the thing had never been.
    pub(super) missing: Outcome,
    /// For another app of the tenant, without any right on the thing.
    pub(super) other_app: Outcome,
    /// For a user of the tenant without any right on the thing.
    pub(super) stranger: Outcome,
    /// For somebody who may read the folder it is in.
    pub(super) viewer: Outcome,
    /// The platform documents a number of its own for what is another tenant's.
    pub(super) tells_tenant: bool,
}

impl Case {
    fn new(method: Method, path: String, ends: [Outcome; 3]) -> Self {
        let [missing, stranger, viewer] = ends;
        Self {
            method,
            path,
            content: Content::None,
            missing,
            other_app: stranger,
            stranger,
            viewer,
            tells_tenant: false,
        }
    }

    pub(super) fn get(path: String, ends: [Outcome; 3]) -> Self {
        Self::new(Method::GET, path, ends)
    }

    pub(super) fn post(path: String, body: Value, ends: [Outcome; 3]) -> Self {
        Self::json(Method::POST, path, body, ends)
    }

    pub(super) fn json(method: Method, path: String, body: Value, ends: [Outcome; 3]) -> Self {
        Self { content: Content::Json(body), ..Self::new(method, path, ends) }
    }

    /// Another app of the tenant ends elsewhere than a user without a right.
    pub(super) fn other_app(self, other_app: Outcome) -> Self {
        Self { other_app, ..self }
    }

    /// Whose the thing is, is told.
    pub(super) fn telling_tenant(self) -> Self {
        Self { tells_tenant: true, ..self }
    }

    fn form(path: String, parts: Vec<(&'static str, String)>, ends: [Outcome; 3]) -> Self {
        Self { content: Content::Form(parts), ..Self::new(Method::POST, path, ends) }
    }
}

/// Sends the request of a case; status, headers, bytes.
pub(super) async fn send(
    url: &str,
    case: &Case,
    token: Option<&str>,
) -> Result<(u16, BTreeMap<String, String>, Vec<u8>)> {
    let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_mins(1)).build()?;
    let mut request = http.request(case.method.clone(), format!("{url}{}", case.path));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    request = match &case.content {
        Content::None => request,
        Content::Json(body) => request.json(body),
        Content::Form(parts) => {
            let mut form = Form::new();
            for (name, value) in parts {
                form = form.text(*name, value.clone());
            }
            request.multipart(form.part("file", Part::bytes(b"zebra".to_vec())))
        }
    };
    let answer = request.send().await?;
    let status = answer.status().as_u16();
    let headers = answer
        .headers()
        .iter()
        .map(|(name, value)| {
            (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())
        })
        .collect();
    let bytes = answer.bytes().await?.to_vec();
    let path = case.path.split('?').next().unwrap_or_default();
    evidence::keep_bytes(url, &case.method, path, &bytes, false);
    Ok((status, headers, bytes))
}

/// The case of an operation about `things`; `None` for one this table does not know.
pub(super) fn case(id: &str, things: &Things) -> Option<Case> {
    uploads(id, things)
        .or_else(|| files(id, things))
        .or_else(|| members(id, things))
        .or_else(|| tasks(id, things))
        .or_else(|| reads(id, things))
        .or_else(|| contacts::case(id, things))
        .or_else(|| meetings::case(id, things))
        .or_else(|| wiki::case(id, things))
        .or_else(|| bases::case(id, things))
        .or_else(|| documents::case(id, things))
}

const FORBIDDEN: Outcome = Refused(403, 1_061_004);
const NOT_FOUND: Outcome = Refused(404, 1_061_003);
const NO_PARENT: Outcome = Refused(400, 1_061_044);
const NOT_UPLOADER: Outcome = Refused(400, 1_062_007);
const NO_UPLOAD: Outcome = Refused(400, 1_061_002);

fn uploads(id: &str, things: &Things) -> Option<Case> {
    let (family, step) = match id {
        "driveMediaUploadAll" => ("medias", "upload_all"),
        "driveMediaUploadPrepare" => ("medias", "upload_prepare"),
        "driveMediaUploadPart" => ("medias", "upload_part"),
        "driveMediaUploadFinish" => ("medias", "upload_finish"),
        "driveFileUploadAll" => ("files", "upload_all"),
        "driveFileUploadPrepare" => ("files", "upload_prepare"),
        "driveFileUploadPart" => ("files", "upload_part"),
        "driveFileUploadFinish" => ("files", "upload_finish"),
        _ => return None,
    };
    let path = format!("/open-apis/drive/v1/{family}/{step}");
    let (parent_type, parent, upload, extra) = if family == "medias" {
        let extra = json!({"drive_route_token": things.docx}).to_string();
        ("docx_image", &things.block, &things.media_upload, extra)
    } else {
        ("explorer", &things.folder, &things.file_upload, String::new())
    };
    let into = [NO_PARENT, FORBIDDEN, FORBIDDEN];
    let own = [NO_UPLOAD, NOT_UPLOADER, NOT_UPLOADER];
    Some(match step {
        "upload_all" => Case::form(
            path,
            vec![
                ("file_name", "new.png".to_owned()),
                ("parent_type", parent_type.to_owned()),
                ("parent_node", parent.clone()),
                ("size", "5".to_owned()),
                ("extra", extra),
            ],
            into,
        ),
        "upload_prepare" => Case::post(
            path,
            json!({"file_name": "new.png", "parent_type": parent_type, "parent_node": parent,
                   "size": 5, "extra": extra}),
            into,
        ),
        "upload_part" => Case::form(
            path,
            vec![("upload_id", upload.clone()), ("seq", "0".to_owned()), ("size", "5".to_owned())],
            own,
        ),
        _ => Case::post(path, json!({"upload_id": upload, "block_num": 1}), own),
    })
}

fn files(id: &str, things: &Things) -> Option<Case> {
    const FILES: &str = "/open-apis/drive/v1/files";
    let Things { folder, file, movable, doomed, picture, .. } = things;
    let read = [NOT_FOUND, FORBIDDEN, Open];
    let change = [NOT_FOUND, FORBIDDEN, FORBIDDEN];
    Some(match id {
        "driveMediaDownload" => {
            Case::get(format!("/open-apis/drive/v1/medias/{picture}/download"), read)
        }
        "driveMediaBatchGetTmpDownloadUrl" => Case::get(
            format!("/open-apis/drive/v1/medias/batch_get_tmp_download_url?file_tokens={picture}"),
            [Refused(400, 1_061_002), FORBIDDEN, Open],
        ),
        "driveFileDownload" => Case::get(format!("{FILES}/{file}/download"), read),
        "driveFileList" => Case::get(format!("{FILES}?folder_token={folder}"), read),
        "driveFileCreateFolder" => Case::post(
            format!("{FILES}/create_folder"),
            json!({"name": "new", "folder_token": folder}),
            change,
        ),
        "driveFileCopy" => Case::post(
            format!("{FILES}/{file}/copy"),
            json!({"name": "new", "type": "file", "folder_token": folder}),
            change,
        ),
        "driveFileMove" => Case::post(
            format!("{FILES}/{movable}/move"),
            json!({"type": "file", "folder_token": folder}),
            change,
        ),
        "driveFileDelete" => Case::new(
            Method::DELETE,
            format!("{FILES}/{doomed}?type=file"),
            [NOT_FOUND, FORBIDDEN, Refused(403, 1_062_501)],
        ),
        "driveExplorerRootFolderMeta" => Case::get(
            "/open-apis/drive/explorer/v2/root_folder/meta".to_owned(),
            [Open, Open, Open],
        ),
        "driveExplorerFolderMeta" => Case::get(
            format!("/open-apis/drive/explorer/v2/folder/{folder}/meta"),
            [Refused(404, 91_203), Refused(403, 91_204), Open],
        ),
        _ => return None,
    })
}

fn members(id: &str, things: &Things) -> Option<Case> {
    let path = format!("/open-apis/drive/v1/permissions/{}/members", things.docx);
    let member = json!({"member_type": "userid", "member_id": "stranger", "perm": "view"});
    let (missing, none) = (Refused(400, 1_063_001), Refused(403, 1_063_002));
    Some(match id {
        "drivePermissionMemberCreate" => Case::post(
            format!("{path}?type=docx"),
            member,
            [missing, none, Refused(403, 1_063_004)],
        ),
        "drivePermissionMemberBatchCreate" => Case::post(
            format!("{path}/batch_create?type=docx"),
            json!({"members": [member]}),
            [missing, none, none],
        ),
        "drivePermissionMemberList" => {
            Case::get(format!("{path}?type=docx&fields=*"), [missing, none, Open])
        }
        _ => return None,
    })
}

fn tasks(id: &str, things: &Things) -> Option<Case> {
    const DRIVE: &str = "/open-apis/drive/v1";
    let Things { folder, note, docx, import, export, exported, folder_task, .. } = things;
    let not_yours = Refused(403, 1_069_902);
    Some(match id {
        "driveImportTaskCreate" => Case::post(
            format!("{DRIVE}/import_tasks"),
            json!({"file_extension": "md", "file_token": note, "type": "docx",
                   "point": {"mount_type": 1, "mount_key": folder}}),
            [Refused(404, 1_069_907), not_yours, Refused(403, 1_069_908)],
        ),
        "driveImportTaskGet" => Case::get(
            format!("{DRIVE}/import_tasks/{import}"),
            [Refused(400, 1_069_904), not_yours, not_yours],
        ),
        "driveExportTaskCreate" => Case::post(
            format!("{DRIVE}/export_tasks"),
            json!({"file_extension": "docx", "token": docx, "type": "docx"}),
            [Refused(404, 1_069_914), not_yours, Open],
        ),
        "driveExportTaskGet" => Case::get(
            format!("{DRIVE}/export_tasks/{export}?token={docx}"),
            [Refused(400, 1_069_904), not_yours, not_yours],
        ),
        "driveExportTaskDownload" => Case::get(
            format!("{DRIVE}/export_tasks/file/{exported}/download"),
            [Refused(400, 1_060_001), not_yours, not_yours],
        ),
        "driveFileTaskCheck" => Case::get(
            format!("{DRIVE}/files/task_check?task_id={folder_task}"),
            [NOT_FOUND, NOT_FOUND, NOT_FOUND],
        ),
        _ => return None,
    })
}

fn reads(id: &str, things: &Things) -> Option<Case> {
    let spreadsheet = format!("/open-apis/sheets/v3/spreadsheets/{}", things.sheet);
    let second = format!("/open-apis/sheets/v2/spreadsheets/{}", things.sheet);
    let v3 = [Refused(400, 1_310_214), Refused(400, 1_310_213), Open];
    let v2 = [Refused(400, 90_214), Refused(400, 90_213), Open];
    Some(match id {
        "driveMetaBatchQuery" => Case::post(
            "/open-apis/drive/v1/metas/batch_query".to_owned(),
            json!({"request_docs": [{"doc_token": things.docx, "doc_type": "docx"}]}),
            [Listed(970_005), Listed(970_003), Open],
        ),
        "sheetsSpreadsheetGet" => Case::get(spreadsheet, v3),
        "sheetsSpreadsheetSheetQuery" => Case::get(format!("{spreadsheet}/sheets/query"), v3),
        "sheetsSpreadsheetSheetGet" => {
            Case::get(format!("{spreadsheet}/sheets/{}", things.sheet_id), v3)
        }
        "sheetsV2Metainfo" => Case::get(format!("{second}/metainfo"), v2),
        "sheetsV2ValuesGet" => Case::get(format!("{second}/values/{}!A1:B2", things.sheet_id), v2),
        "sheetsV2ValuesBatchGet" => Case::get(
            format!("{second}/values_batch_get?ranges={}!A1:B2,{0}!C:D", things.sheet_id),
            v2,
        ),
        _ => return sheet_writes(id, things),
    })
}

fn sheet_writes(id: &str, things: &Things) -> Option<Case> {
    let second = format!("/open-apis/sheets/v2/spreadsheets/{}", things.sheet);
    let range = format!("{}!D5:D5", things.sheet_id);
    let body = json!({"valueRange": {"range": range, "values": [["zebra"]]}});
    let forbidden = Refused(400, 90_213);
    let ends = [Refused(400, 90_214), forbidden, forbidden];
    Some(match id {
        "sheetsSpreadsheetCreate" => Case::post(
            "/open-apis/sheets/v3/spreadsheets".to_owned(),
            json!({"title": "zebra", "folder_token": things.folder}),
            [Refused(400, 1_310_204), Refused(400, 1_310_213), Refused(400, 1_310_213)],
        ),
        "sheetsV2ValuesPut" => Case::json(Method::PUT, format!("{second}/values"), body, ends),
        "sheetsV2ValuesAppend" => Case::post(format!("{second}/values_append"), body, ends),
        "sheetsV2ValuesPrepend" => Case::post(format!("{second}/values_prepend"), body, ends),
        _ => return None,
    })
}

//! Files that are dropped on a page: uploaded in parts as SDKs do it, and imported.

use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use larkspur_api::{
    Acting, Answer, ApiError, Body, BodyKind, Chunks, FieldViolation, Operation, can_become, codes,
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::action;
use crate::visit::{Visit, act};

/// Kinds a file may become, the usual one first.
const KINDS: [&str; 3] = ["docx", "sheet", "bitable"];

#[derive(Deserialize)]
struct Prepared {
    upload_id: String,
    block_size: usize,
}

#[derive(Deserialize)]
struct Uploaded {
    file_token: String,
}

#[derive(Deserialize)]
struct Created {
    ticket: String,
}

#[derive(Serialize)]
struct Begun {
    task_id: String,
}

pub(crate) fn operations() -> Vec<Operation> {
    let import = action("consoleImport", "/console/import", |services, request| {
        Box::pin(act(services, request, import))
    });
    // As it arrives: it may be larger than what is kept in memory.
    vec![Operation { body: BodyKind::Stream, ..import }]
}

/// Takes the file of a request: `name`, `size` in bytes, `folder` it goes to (the app's root without),
/// `kind` it becomes (the usual one of its extension without).
async fn import(mut visit: Visit) -> Result<Answer, ApiError> {
    let language = visit.language;
    let misfit = |field: &str, description: &'static str| {
        let (field, value) = (field.to_owned(), String::new());
        ApiError::fields(vec![FieldViolation { field, value, description: description.to_owned() }])
    };
    let name = visit.query("name").unwrap_or_default();
    let (stem, extension) = name.rsplit_once('.').unwrap_or((&name, ""));
    let extension = extension.to_ascii_lowercase();
    let kind = visit.query("kind");
    let fits = |wanted: &&&str| {
        kind.as_deref().is_none_or(|kind| kind == **wanted) && can_become(&extension, wanted)
    };
    let kind = KINDS.iter().find(fits).ok_or_else(|| {
        misfit(
            "name",
            language.pick(
                "docx, doc, md, txt and html become documents; xlsx, xls and csv spreadsheets or bases",
                "docx、doc、md、txt、html 可导入为文档；xlsx、xls、csv 可导入为电子表格或多维表格",
            ),
        )
    })?;
    let size = visit.request.query.integer("size").ok().flatten().filter(|size| *size > 0);
    let size = size.ok_or_else(|| {
        misfit("size", language.pick("an empty file cannot be imported", "空文件无法导入"))
    })?;
    let (acting, folder) = match visit.query("folder") {
        Some(folder) => {
            let (object, acting) = visit.thing(&folder).await?;
            (acting, object.token.to_string())
        }
        None => (visit.as_app().await?, String::new()),
    };
    let body = std::mem::replace(&mut visit.request.body, Body::None);
    let Body::Stream(chunks) = body else {
        return Err(codes::INTERNAL.caused_by("the file does not arrive as a stream"));
    };
    let extra = json!({ "obj_type": kind, "file_extension": extension }).to_string();
    let upload = Upload { visit: &visit, acting: &acting, name: &name, size, extra };
    let file_token = upload.take(chunks.into_inner()).await?;
    let body = json!({
        "file_extension": extension, "file_token": file_token, "type": kind, "file_name": stem,
        "point": { "mount_type": 1, "mount_key": folder },
    });
    let call = visit.call("driveImportTaskCreate", &acting).json(&body)?;
    let Created { ticket } = visit.ask(call).await?;
    Answer::data(&Begun { task_id: ticket })
}

struct Upload<'a> {
    visit: &'a Visit,
    acting: &'a Acting,
    name: &'a str,
    size: i64,
    extra: String,
}

impl Upload<'_> {
    /// Uploads the file; its token.
    async fn take(&self, mut chunks: Chunks) -> Result<String, ApiError> {
        let body = json!({
            "file_name": self.name, "parent_type": "ccm_import_open", "parent_node": "",
            "size": self.size, "extra": self.extra,
        });
        let call = self.visit.call("driveMediaUploadPrepare", self.acting).json(&body)?;
        let Prepared { upload_id, block_size } = self.visit.ask(call).await?;
        let mut block = BytesMut::new();
        let mut seq = 0;
        while let Some(chunk) = chunks.next().await {
            let broken =
                |error| codes::BAD_REQUEST.because(format!("the upload broke off: {error}"));
            block.extend_from_slice(&chunk.map_err(broken)?);
            while block.len() >= block_size {
                self.put(&upload_id, seq, block.split_to(block_size).freeze()).await?;
                seq += 1;
            }
        }
        if !block.is_empty() {
            self.put(&upload_id, seq, block.freeze()).await?;
            seq += 1;
        }
        let body = json!({ "upload_id": upload_id, "block_num": seq });
        let call = self.visit.call("driveMediaUploadFinish", self.acting).json(&body)?;
        Ok(self.visit.ask::<Uploaded>(call).await?.file_token)
    }

    async fn put(&self, upload_id: &str, seq: u32, block: Bytes) -> Result<(), ApiError> {
        let mut checksum = simd_adler32::Adler32::new();
        checksum.write(&block);
        let fields = [
            ("upload_id", upload_id.to_owned()),
            ("seq", seq.to_string()),
            ("size", block.len().to_string()),
            ("checksum", checksum.finish().to_string()),
        ];
        let boundary = self.visit.boundary();
        let call = self.visit.call("driveMediaUploadPart", self.acting);
        self.visit.do_it(call.form(&boundary, &fields, Some(block))).await
    }
}

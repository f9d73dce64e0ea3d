//! Files and folders, whoever's they are: looked through, and files taken.

use askama::Template;
use larkspur_api::{Answer, ApiError, Operation, codes};
use larkspur_store::objects::{self, Object, ObjectKind};
use serde::Deserialize;

use crate::asked::Asked;
use crate::frame::{Frame, Section};
use crate::visit::{self, Visit, enter};
use crate::{look, page};

/// Where the page is.
const HERE: &str = "/console/files";
/// Things on a page.
const PAGE: i64 = 100;
/// Root folders to choose from.
const ROOTS: i64 = 200;

#[derive(Deserialize)]
struct List {
    files: Vec<File>,
    next_page_token: Option<String>,
}

#[derive(Deserialize)]
struct File {
    token: String,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    modified_time: String,
}

/// Somebody's root folder.
struct Root {
    token: String,
    owner: String,
    chosen: bool,
}

#[derive(Template)]
#[template(path = "files/files.html")]
struct Page {
    f: Frame,
    folder: String,
    /// From the root to the folder, which is the last one.
    way: Vec<Object>,
    roots: Vec<Root>,
    files: Vec<File>,
    next: Option<String>,
}

impl Page {
    fn kind(&self, file: &File) -> &'static str {
        match file.kind.as_str() {
            "docx" => self.f.t("Document", "文档"),
            "sheet" => self.f.t("Spreadsheet", "电子表格"),
            "bitable" => self.f.t("Base", "多维表格"),
            "folder" => self.f.t("Folder", "文件夹"),
            _ => self.f.t("File", "文件"),
        }
    }
}

impl File {
    fn address(&self) -> String {
        look::address(&self.kind, &self.token).unwrap_or_default()
    }

    fn edited(&self) -> String {
        self.modified_time.parse::<i64>().map_or_else(|_| String::new(), |s| look::time(s * 1_000))
    }
}

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        page("consoleFiles", HERE, |services, request| Box::pin(enter(services, request, show))),
        Operation {
            download: true,
            ..page("consoleFileContent", "/console/files/{token}/content", |services, request| {
                Box::pin(enter(services, request, content))
            })
        },
    ]
}

async fn show(visit: Visit) -> Result<Answer, ApiError> {
    let internal = |error: larkspur_store::Error| codes::INTERNAL.caused_by(error);
    let db = &visit.services.store.db;
    let tenant = visit.tenant().await?;
    let roots = objects::roots(db, &tenant, ROOTS).await.map_err(internal)?;
    let app_root = || async {
        let larkspur_api::Acting::For(caller) = visit.as_app().await? else { return Ok(None) };
        let owner = caller.creator();
        Ok::<_, ApiError>(roots.iter().find(|root| root.owner == owner).or(roots.first()))
    };
    let folder = match visit.query("folder") {
        Some(folder) => folder,
        None => app_root().await?.map(|root| root.token.to_string()).unwrap_or_default(),
    };
    let (mut way, mut files, mut next) = (Vec::new(), Vec::new(), None);
    if !folder.is_empty() {
        let (object, acting) = visit.thing(&folder).await?;
        let asked = Asked::default().with("folder_token", &folder).with("page_size", PAGE);
        let asked = asked.with("order_by", "EditedTime").with("direction", "DESC");
        let asked = asked.with_some("page_token", visit.query("page_token"));
        let list: List = visit.ask(visit.call("driveFileList", &acting).query(asked)).await?;
        files = list.files;
        let here = Asked::default().with("folder", &folder);
        next = list.next_page_token.map(|token| here.with("page_token", token).at(HERE));
        way = objects::ancestors(db, &object.token).await.map_err(internal)?;
        way.reverse();
        if way.last().is_none_or(|last| last.token != object.token) {
            way.push(object);
        }
    }
    let top = way.first().map(|root| root.token.clone());
    let roots = roots
        .into_iter()
        .map(|root| Root {
            chosen: Some(&root.token) == top.as_ref(),
            token: root.token.to_string(),
            owner: root.owner,
        })
        .collect();
    let f = visit.frame(Section::Files, visit.language.pick("Files", "文件")).await?;
    visit::show(&Page { f, folder, way, roots, files, next })
}

/// The bytes of a file or a picture, in its owner's name; as an attachment, whatever it is.
async fn content(visit: Visit) -> Result<Answer, ApiError> {
    let token = visit.request.path_value("token").to_owned();
    let (object, acting) = visit.thing(&token).await?;
    let operation = match object.kind {
        ObjectKind::File => "driveFileDownload",
        ObjectKind::Media => "driveMediaDownload",
        _ => return Err(codes::BAD_REQUEST.because("only files and media have bytes of their own")),
    };
    visit.services.call(visit.call(operation, &acting).path("file_token", token)).await
}

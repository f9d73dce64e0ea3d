//! What the matrix is about: a folder with one of everything in it, tasks, uploads; and the same
//! names for things that never were.

use anyhow::{Context as _, Result};
use serde_json::json;

use super::{bases, contacts, meetings, wiki};
use crate::world::{World, document, file, folder, root, task, text};

/// In every name and content here; in no answer to those who must not see them.
pub(super) const MARK: &str = "zebra";

macro_rules! things {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {
        /// Tokens and ids of what was made.
        #[derive(Debug, Clone, Default)]
        pub(super) struct Things { $($(#[$doc])* pub(super) $name: String,)+ }

        impl Things {
            /// Name and value of each.
            pub(super) fn all(&self) -> Vec<(&'static str, &str)> {
                vec![$((stringify!($name), self.$name.as_str())),+]
            }

            /// The same names for things that never were: as long, of the same kind of characters.
            pub(super) fn never(things: &Self) -> Self {
                let mut number = 0;
                let mut next = |value: &str| {
                    number += 1;
                    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
                    let fill = if digits { '7' } else { 'N' };
                    let body: String =
                        std::iter::repeat_n(fill, value.len().saturating_sub(2)).collect();
                    format!("{body}{:02}", number % 100)
                };
                Self { $($name: next(&things.$name)),+ }
            }
        }
    };
}

things! {
    folder,
    file,
    /// A file that is there to be moved.
    movable,
    /// A file that is there to be deleted.
    doomed,
    /// A text that can be imported.
    note,
    docx,
    block,
    sheet,
    sheet_id,
    base,
    table,
    record,
    picture,
    import,
    export,
    exported,
    folder_task,
    media_upload,
    file_upload,
    department,
    member,
    /// The task that added the member.
    batch,
    meeting_no,
    room,
    /// What follows `omb_` in the id of a level of rooms.
    room_level,
    report,
    report_file,
    space,
    node,
    /// A document that is there to become a page.
    wiki_movable,
    wiki_task,
}

impl Things {
    pub(super) async fn make(world: &World) -> Result<Self> {
        let client = &world.app.client;
        let home = root(client).await?;
        let folder = folder(client, &home, "zebra box").await?;
        let docx =
            document(world, client, &folder, ("md", "docx"), "zebra page", b"# zebra").await?;
        let sheet =
            document(world, client, &folder, ("csv", "sheet"), "zebra book", b"zebra,1").await?;
        let sheet_id = client.first_sheet(&sheet).await?;
        let (base, table, record) = bases::make(world, &folder).await?;
        let blocks = client.get(&format!("/open-apis/docx/v1/documents/{docx}/blocks")).await?;
        let block = text(&blocks.data()?["items"][1], "block_id")?;
        let extra = json!({"drive_route_token": docx}).to_string();
        let parts = [
            ("file_name", "zebra.png"),
            ("parent_type", "docx_image"),
            ("parent_node", block.as_str()),
            ("size", "5"),
            ("extra", &extra),
            ("file", ""),
        ];
        let picture = client.form("/open-apis/drive/v1/medias/upload_all", &parts, b"zebra");
        let picture = text(picture.await?.data()?, "file_token")?;
        let note = file(client, &folder, "zebra.md", b"zebra").await?;
        let (import, export, exported) = Self::tasks(world, &note, &folder, &docx).await?;
        let folder_task = Self::folder_task(world, &folder).await?;
        let (department, member, batch) = contacts::make(world).await?;
        let (report, report_file) = meetings::make(world).await?;
        let (space, page, wiki_movable, wiki_task) = wiki::make(world, &folder).await?;
        Ok(Self {
            file: file(client, &folder, "zebra.txt", b"zebra").await?,
            movable: file(client, &folder, "zebra move.txt", b"zebra").await?,
            doomed: file(client, &folder, "zebra doomed.txt", b"zebra").await?,
            media_upload: Self::upload(world, "medias", "docx_image", &block, &extra).await?,
            file_upload: Self::upload(world, "files", "explorer", &folder, "").await?,
            folder,
            note,
            docx,
            block,
            sheet,
            sheet_id,
            base,
            table,
            record,
            picture,
            import,
            export,
            exported,
            folder_task,
            department,
            member,
            batch,
            meeting_no: "123456789".to_owned(),
            room: "omm_1".to_owned(),
            room_level: "1".repeat(8),
            report,
            report_file,
            space,
            node: page,
            wiki_movable,
            wiki_task,
        })
    }

    async fn tasks(
        world: &World,
        note: &str,
        folder: &str,
        docx: &str,
    ) -> Result<(String, String, String)> {
        let client = &world.app.client;
        let body = json!({"file_extension": "md", "file_token": note, "type": "docx",
                          "point": {"mount_type": 1, "mount_key": folder}});
        let import = client.post("/open-apis/drive/v1/import_tasks", &body).await?;
        let import = text(import.data()?, "ticket")?;
        client.imported(&import, world.app.patience()).await?;
        let export = client.export(docx, "docx", "docx", None).await?;
        let result = client.exported(&export, docx, world.app.patience()).await?;
        Ok((import, export, text(&result, "file_token")?))
    }

    async fn folder_task(world: &World, parent: &str) -> Result<String> {
        let client = &world.app.client;
        let folder = folder(client, parent, "zebra gone").await?;
        let path = format!("/open-apis/drive/v1/files/{folder}?type=folder");
        let gone = client.call(reqwest::Method::DELETE, &path, None).await?;
        let id = text(gone.data()?, "task_id")?;
        task(world, client, &id).await?;
        Ok(id)
    }

    /// An upload in parts whose one part has arrived.
    async fn upload(
        world: &World,
        family: &str,
        parent_type: &str,
        parent_node: &str,
        extra: &str,
    ) -> Result<String> {
        let client = &world.app.client;
        let base = format!("/open-apis/drive/v1/{family}");
        let mut body = json!({"file_name": "zebra.bin", "parent_type": parent_type,
                              "parent_node": parent_node, "size": 5});
        if !extra.is_empty() {
            body["extra"] = json!(extra);
        }
        let plan = client.post(&format!("{base}/upload_prepare"), &body).await?;
        let id = text(plan.data()?, "upload_id").context("upload_prepare")?;
        let parts = [("upload_id", id.as_str()), ("seq", "0"), ("size", "5"), ("file", "")];
        client.form(&format!("{base}/upload_part"), &parts, b"zebra").await?.data()?;
        Ok(id)
    }
}

//! Pictures and files: uploaded for a block, then put into it.

use anyhow::{Context as _, Result, ensure};
use larkspur_tests::client::Client;
use serde_json::json;

use super::{DOCUMENTS, add, block, blocks, document, id, patch};
use crate::world::{folder, root, text};
use crate::{app, refused};

/// A picture of one pixel.
pub(super) const PIXEL: &[u8] = &[
    0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0,
    0, 1, 8, 6, 0, 0, 0, 0x1f, 0x15, 0xc4, 0x89, 0, 0, 0, 13, b'I', b'D', b'A', b'T', 0x78, 0x9c,
    0x63, 0xf8, 0xff, 0xff, 0x3f, 0, 5, 0xfe, 2, 0xfe, 0xa7, 0x9a, 0xa0, 0xa0, 0, 0, 0, 0, b'I',
    b'E', b'N', b'D', 0xae, 0x42, 0x60, 0x82,
];

pub(super) async fn upload(
    client: &Client,
    document: &str,
    block: &str,
    (kind, name): (&str, &str),
    bytes: &[u8],
) -> Result<String> {
    let extra = json!({"drive_route_token": document}).to_string();
    let size = bytes.len().to_string();
    let parts = [
        ("file_name", name),
        ("parent_type", kind),
        ("parent_node", block),
        ("size", &size),
        ("extra", &extra),
        ("file", ""),
    ];
    let answer = client.form("/open-apis/drive/v1/medias/upload_all", &parts, bytes).await?;
    text(answer.data()?, "file_token")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_and_a_file_are_put_in() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let token = document(client, "media").await?;
    let made = add(
        client,
        &token,
        json!([{"block_type": 27, "image": {}}, {"block_type": 23, "file": {}},
               {"block_type": 27, "image": {}}]),
    )
    .await?;
    let (image, other) = (id(&made[0])?, id(&made[2])?);
    let file = made[1]["children"][0].as_str().context("a file")?.to_owned();
    let picture = upload(client, &token, &image, ("docx_image", "a.png"), PIXEL).await?;
    let body = json!({"replace_image": {"token": picture, "width": 40, "height": 30, "align": 1,
                      "caption": {"content": "一个点"}}});
    let data = patch(client, &token, &image, &body).await?.data()?.clone();
    let shown = json!({"token": picture, "width": 40, "height": 30, "align": 1,
                       "caption": {"content": "一个点"}});
    ensure!(data["block"]["image"] == shown, "{data}");
    let attached = upload(client, &token, &file, ("docx_file", "notes.txt"), b"notes").await?;
    let body = json!({"replace_file": {"token": attached}});
    let data = patch(client, &token, &file, &body).await?.data()?.clone();
    let shown = json!({"token": attached, "name": "notes.txt", "view_type": 1});
    ensure!(data["block"]["file"] == shown, "{data}");
    // Bytes of another block, of another kind, of nobody.
    let wrong = json!({"replace_image": {"token": picture}});
    refused(&patch(client, &token, &other, &wrong).await?, 400, 1_770_013)?;
    let kind = json!({"replace_file": {"token": picture}});
    refused(&patch(client, &token, &image, &kind).await?, 400, 1_770_013)?;
    let none = json!({"replace_image": {"token": "NNNNNNNNNNNNNNNNNNNNNNNNNNN"}});
    refused(&patch(client, &token, &image, &none).await?, 400, 1_770_038)?;
    let body = json!({"replace_file": {"token": attached}});
    refused(&patch(client, &token, &image, &body).await?, 400, 1_770_013)?;
    let second = upload(client, &token, &token, ("docx_image", "b.png"), PIXEL).await?;
    let page = json!({"replace_image": {"token": second}});
    refused(&patch(client, &token, &token, &page).await?, 400, 1_770_025)?;
    // A copy has both, as its own.
    let home = root(client).await?;
    let target = folder(client, &home, "copies").await?;
    let body = json!({"name": "copy", "type": "docx", "folder_token": target});
    let copy = client.post(&format!("/open-apis/drive/v1/files/{token}/copy"), &body).await?;
    let copy = text(&copy.data()?["file"], "token")?;
    let all = blocks(client, &copy).await?;
    let shown = all.iter().find(|block| block["block_type"] == 27).context("a picture")?;
    ensure!(shown["image"]["token"] != picture.as_str(), "{shown}");
    let own = text(&shown["image"], "token")?;
    let path = format!("/open-apis/drive/v1/medias/{own}/download");
    let (status, _, bytes) = client.fetch(&path, None).await?;
    ensure!(status == 200 && bytes == PIXEL, "{status}");
    // Ids stay in the copy, and both are edited on their own.
    ensure!(shown["block_id"] == image.as_str(), "{shown}");
    super::delete(client, &copy, &copy, "", (0, 1)).await?.data()?;
    block(client, &token, &image).await?;
    let gone = client.get(&format!("{DOCUMENTS}/{copy}/blocks/{image}")).await?;
    refused(&gone, 404, 1_770_002)
}

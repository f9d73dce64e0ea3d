//! Pictures of imported workbooks: read back, downloaded, exported, copied, gone with their spreadsheet.

use std::io::{Cursor, Read as _, Write as _};

use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::json;

use super::write::Book;
use crate::app;
use crate::world::text;

/// The head of a picture of one pixel.
const PIXEL: &[u8] = &[
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0x0D, 0x49, 0x48, 0x44, 0x52, 0, 0, 0,
    1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1F, 0x15, 0xC4, 0x89,
];
const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

fn related(items: &[(&str, &str)]) -> String {
    let items: Vec<String> = items
        .iter()
        .map(|(kind, target)| {
            format!("<Relationship Id=\"r1\" Type=\"{OFFICE}/{kind}\" Target=\"{target}\"/>")
        })
        .collect();
    format!("<Relationships xmlns=\"{PACKAGE}/relationships\">{}</Relationships>", items.concat())
}

/// A workbook with one picture in a cell and one over another.
fn pictured() -> Result<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let drawn = "xmlns:xdr=\"x\" xmlns:a=\"a\"";
    let pic = "<xdr:pic><xdr:nvPicPr><xdr:cNvPr id=\"2\" name=\"ID_1\"/></xdr:nvPicPr><xdr:blipFill><a:blip r:embed=\"r1\"/></xdr:blipFill></xdr:pic>";
    let rows = "<row r=\"1\"><c r=\"A1\" t=\"str\"><f>_xlfn.DISPIMG(\"ID_1\",1)</f><v>x</v></c><c r=\"B1\"><v>7</v></c></row>";
    for (name, part) in [
        (
            "[Content_Types].xml",
            format!(
                "<Types xmlns=\"{PACKAGE}/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"
            ),
        ),
        ("_rels/.rels", related(&[("officeDocument", "xl/workbook.xml")])),
        (
            "xl/workbook.xml",
            format!(
                "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheets><sheet name=\"货\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>"
            ),
        ),
        ("xl/_rels/workbook.xml.rels", related(&[("worksheet", "worksheets/sheet1.xml")])),
        (
            "xl/worksheets/sheet1.xml",
            format!(
                "<worksheet xmlns=\"{MAIN}\" xmlns:r=\"{OFFICE}\"><sheetData>{rows}</sheetData><drawing r:id=\"r1\"/></worksheet>"
            ),
        ),
        (
            "xl/worksheets/_rels/sheet1.xml.rels",
            related(&[("drawing", "../drawings/drawing1.xml")]),
        ),
        (
            "xl/drawings/drawing1.xml",
            format!(
                "<xdr:wsDr {drawn} xmlns:r=\"{OFFICE}\"><xdr:oneCellAnchor><xdr:from><xdr:col>3</xdr:col><xdr:row>2</xdr:row></xdr:from><xdr:ext cx=\"9525\" cy=\"9525\"/>{pic}</xdr:oneCellAnchor></xdr:wsDr>"
            ),
        ),
        ("xl/drawings/_rels/drawing1.xml.rels", related(&[("image", "../media/image1.png")])),
        (
            "xl/cellimages.xml",
            format!(
                "<etc:cellImages xmlns:etc=\"e\" {drawn} xmlns:r=\"{OFFICE}\">{pic}</etc:cellImages>"
            ),
        ),
        ("xl/_rels/cellimages.xml.rels", related(&[("image", "media/image1.png")])),
    ] {
        archive.start_file(name, zip::write::SimpleFileOptions::default())?;
        archive.write_all(part.as_bytes())?;
    }
    archive.start_file("xl/media/image1.png", zip::write::SimpleFileOptions::default())?;
    archive.write_all(PIXEL)?;
    Ok(archive.finish()?.into_inner())
}

/// The picture in the first cell: its token.
async fn picture(book: &Book) -> Result<String> {
    let cell = book.get("A1:B1", "").await?;
    ensure!(cell[0][0]["type"] == "embed-image" && cell[0][0]["width"] == 1, "{cell}");
    ensure!(cell[0][1] == 7, "{cell}");
    text(&cell[0][0], "fileToken")
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_live_and_die_with_their_spreadsheet() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let token = app.import("xlsx", "sheet", &pictured()?, "货").await?;
    let book = Book::of(client, token).await?;
    let path = |token: &str| format!("/open-apis/drive/v1/medias/{token}/download");
    let own = picture(&book).await?;
    let (status, _, bytes) = client.fetch(&path(&own), None).await?;
    ensure!(status == 200 && bytes == PIXEL, "{status}");
    let named = book.get("A1:A1", "?valueRenderOption=ToString").await?;
    ensure!(named == json!([[[{"type": "embed-image", "id": 1}]]]), "{named}");

    let xlsx = book.export(&app, "xlsx").await?;
    let mut archive = zip::ZipArchive::new(Cursor::new(xlsx))?;
    let mut drawing = String::new();
    archive.by_name("xl/drawings/drawing1.xml")?.read_to_string(&mut drawing)?;
    ensure!(drawing.matches("<xdr:pic>").count() == 2, "{drawing}");
    let mut media = Vec::new();
    archive.by_name("xl/media/image1.png")?.read_to_end(&mut media)?;
    ensure!(media == PIXEL);

    let root = crate::world::root(client).await?;
    let body = json!({"name": "copy", "type": "sheet", "folder_token": root});
    let copied =
        client.post(&format!("/open-apis/drive/v1/files/{}/copy", book.token), &body).await?;
    let copy = Book::of(client, text(&copied.data()?["file"], "token")?).await?;
    let twin = picture(&copy).await?;
    ensure!(twin != own, "{twin}");
    let gone = format!("/open-apis/drive/v1/files/{}?type=sheet", book.token);
    client.call(Method::DELETE, &gone, None).await?.data().context("deleted")?;
    let (status, _, _) = client.fetch(&path(&own), None).await?;
    ensure!(status != 200, "the picture of a deleted spreadsheet is still there");
    let (status, _, bytes) = client.fetch(&path(&twin), None).await?;
    ensure!(status == 200 && bytes == PIXEL, "{status}");
    Ok(())
}

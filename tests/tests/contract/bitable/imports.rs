//! Files that become bases.

use anyhow::{Context as _, Result, ensure};
use serde_json::json;

use super::{APPS, at};
use crate::app;
use crate::world::text;

/// What a manager of customers keeps: Chinese names, ids with leading zeros and of 19 digits, dates in
/// five forms, telephone numbers, addresses, text over several lines.
pub(crate) const CUSTOMERS: &str = "\
客户编号,身份号,客户名称,状态,签约日期,手机号,网址,合同金额,折扣,标签,备注,已付\r\n\
000123,1234567890123456789,北京星河科技有限公司,成交,2024年3月5日,13800138000,https://xinghe.example.cn,\"1,000.50\",12.5%,重点;老客,\"第一行\n第二行，含\"\"引号\"\"\",TRUE\r\n\
000124,1234567890123456790,上海云帆贸易,跟进,2024/3/6,13900139000,http://yunfan.example.com/a?b=1,20,8%,新客,,FALSE\r\n\
000125,0234567890123456789,广州南粤食品,成交,2024-03-07,+8613700137000,https://nanyue.example.cn,300.00,10.00%,重点;新客,\"多行\n备注\",TRUE\r\n\
000126,1234567890123456791,深圳前海金服,流失,2024.03.08,13600136000,https://qianhai.example.cn,\"12,345\",9%,老客,=SUM(A1),FALSE\r\n\
000127,1234567890123456792,杭州西湖软件,跟进,2024-3-9 9:05,13500135000,https://xihu.example.cn,0.5,15%,新客;老客, 前后空格 ,TRUE\r\n\
000128,1234567890123456793,成都天府文创,成交,2024-03-10,13400134000,https://tianfu.example.cn,-7,3.25%,重点,,FALSE\r\n";

async fn first_table(app: &larkspur_tests::app::TestApp, token: &str) -> Result<String> {
    let tables = app.client.get(&format!("{APPS}/{token}/tables")).await?.data()?.clone();
    text(&tables["items"][0], "table_id")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_csv_of_customers_is_a_base_to_be_content_with() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let token = app.import("csv", "bitable", CUSTOMERS.as_bytes(), "客户").await?;
    let table = first_table(&app, &token).await?;
    let fields = client.get(&at(&token, &table, "/fields?page_size=100")).await?.data()?.clone();
    let fields = fields["items"].as_array().context("items")?.clone();
    let types: Vec<(&str, &str)> = fields
        .iter()
        .map(|field| {
            let text = |name: &str| field[name].as_str().unwrap_or_default();
            (text("field_name"), text("ui_type"))
        })
        .collect();
    let wanted = [
        ("客户编号", "Text"),
        ("身份号", "Text"),
        ("客户名称", "Text"),
        ("状态", "SingleSelect"),
        ("签约日期", "DateTime"),
        ("手机号", "Phone"),
        ("网址", "Url"),
        ("合同金额", "Number"),
        ("折扣", "Number"),
        ("标签", "MultiSelect"),
        ("备注", "Text"),
        ("已付", "Checkbox"),
    ];
    ensure!(types == wanted, "{types:?}");
    ensure!(fields[3]["property"]["options"].as_array().is_some_and(|three| three.len() == 3));
    ensure!(fields[7]["property"]["formatter"] == "1,000.00", "{}", fields[7]);
    let found = client.post(&at(&token, &table, "/records/search"), &json!({})).await?;
    let found = found.data()?.clone();
    ensure!(found["total"] == 6, "{found}");
    let values = &found["items"][0]["fields"];
    ensure!(values["客户编号"][0]["text"] == "000123", "{values}");
    ensure!(values["身份号"][0]["text"] == "1234567890123456789", "{values}");
    // Midnight in Shanghai.
    ensure!(values["签约日期"] == 1_709_568_000_000_i64, "{values}");
    ensure!(values["合同金额"] == 1000.5 && values["折扣"] == 0.125, "{values}");
    ensure!(values["标签"] == json!(["重点", "老客"]) && values["已付"] == true, "{values}");
    ensure!(values["网址"]["link"] == "https://xinghe.example.cn", "{values}");
    ensure!(values["备注"][0]["text"] == "第一行\n第二行，含\"引号\"", "{values}");
    ensure!(found["items"][2]["fields"]["手机号"] == "+8613700137000", "{found}");
    let filter = json!({"filter": {"conjunction": "and", "conditions": [
        {"field_name": "状态", "operator": "is", "value": ["成交"]},
        {"field_name": "合同金额", "operator": "isGreater", "value": ["100"]}]},
        "sort": [{"field_name": "合同金额"}]});
    let found = client.post(&at(&token, &table, "/records/search"), &filter).await?;
    let found = found.data()?.clone();
    ensure!(found["total"] == 2, "{found}");
    ensure!(found["items"][0]["fields"]["客户编号"][0]["text"] == "000125", "{found}");
    let record = text(&found["items"][1], "record_id")?;
    let one = client.get(&at(&token, &table, &format!("/records/{record}"))).await?;
    ensure!(one.data()?["record"]["fields"]["合同金额"] == "1000.5", "{}", one.body);
    // Records that come later stand behind, with new options where they bring some.
    let body = json!({"fields": {"客户名称": "后来", "状态": "潜在", "标签": ["重点", "海外"]}});
    client.post(&at(&token, &table, "/records"), &body).await?.data()?;
    let page = client.get(&at(&token, &table, "/records?page_size=3")).await?.data()?.clone();
    let next = text(&page, "page_token")?;
    let path = at(&token, &table, &format!("/records?page_size=4&page_token={next}"));
    let page = client.get(&path).await?.data()?.clone();
    ensure!(page["total"] == 7 && page["has_more"] == false, "{page}");
    ensure!(page["items"][3]["fields"]["状态"] == "潜在", "{page}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_told() -> Result<()> {
    let app = larkspur_tests::app::TestApp::start_as(crate::binary(), |config| {
        config.base_records = 2;
    })
    .await?;
    let wide: Vec<String> = (0..301).map(|number| format!("c{number}")).collect();
    let csv = format!("{}\n1,2\n1,2\n1,2\n", wide.join(","));
    let source = app.client.upload("wide.csv", "csv", "bitable", csv.into_bytes()).await?;
    let ticket = app.client.import(&source, "csv", "bitable", "wide").await?;
    let result = app.imported(&ticket).await?;
    ensure!(result["job_status"] == 0 && result["extra"] == json!(["3003", "3004"]), "{result}");
    let token = text(&result, "token")?;
    let table = first_table(&app, &token).await?;
    let fields = app.client.get(&at(&token, &table, "/fields")).await?.data()?.clone();
    let records = app.client.get(&at(&token, &table, "/records")).await?.data()?.clone();
    ensure!(fields["total"] == 300 && records["total"] == 2, "{fields} {records}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_hang_on_the_records_they_stand_over() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let book = pictured();
    let source = client.upload("p.xlsx", "xlsx", "bitable", book).await?;
    let ticket = client.import(&source, "xlsx", "bitable", "p").await?;
    let result = app.imported(&ticket).await?;
    ensure!(result["job_status"] == 0, "{result}");
    ensure!(result["extra"] == json!(["3000", "3001", "3006"]), "{result}");
    let token = text(&result, "token")?;
    let table = first_table(&app, &token).await?;
    let fields = client.get(&at(&token, &table, "/fields")).await?.data()?["items"].clone();
    ensure!(fields[1]["ui_type"] == "Attachment" && fields[2]["ui_type"] == "Number", "{fields}");
    ensure!(fields[3]["field_name"] == "数量图片", "{fields}");
    let listed = client.get(&at(&token, &table, "/records")).await?.data()?["items"].clone();
    let file = &listed[0]["fields"]["图"][0];
    ensure!(file["type"] == "image/png" && listed[1]["fields"]["数量图片"].is_array(), "{listed}");
    let path = format!("/open-apis/drive/v1/medias/{}/download", text(file, "file_token")?);
    let (status, _, bytes) = client.fetch(&path, None).await?;
    ensure!(status == 200 && bytes.starts_with(b"\x89PNG"), "{status}");
    Ok(())
}

/// A picture of one pixel.
const PIXEL: &[u8] = &[
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 0x0D, 0x49, 0x48, 0x44, 0x52, 0, 0, 0,
    1, 0, 0, 0, 1, 8, 6, 0, 0, 0, 0x1F, 0x15, 0xC4, 0x89,
];

/// A workbook of two records with pictures over cells, below them, beside them, and a broken one.
fn pictured() -> Vec<u8> {
    use std::io::Write as _;
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let mut part = |name: &str, bytes: &[u8]| {
        archive.start_file(name, options).expect("a part starts");
        archive.write_all(bytes).expect("memory takes it");
    };
    let office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006";
    let main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    part("[Content_Types].xml", format!("<Types xmlns=\"{package}/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/><Default Extension=\"png\" ContentType=\"image/png\"/><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/></Types>").as_bytes());
    let relations = |items: &[(&str, &str, &str)]| {
        let items: Vec<_> = items
            .iter()
            .map(|(id, kind, target)| {
                format!("<Relationship Id=\"{id}\" Type=\"{office}/{kind}\" Target=\"{target}\"/>")
            })
            .collect();
        format!(
            "<Relationships xmlns=\"{package}/relationships\">{}</Relationships>",
            items.concat()
        )
    };
    part("_rels/.rels", relations(&[("r1", "officeDocument", "xl/workbook.xml")]).as_bytes());
    part("xl/workbook.xml", format!("<workbook xmlns=\"{main}\" xmlns:r=\"{office}\"><sheets><sheet name=\"货\" sheetId=\"1\" r:id=\"r1\"/></sheets></workbook>").as_bytes());
    part(
        "xl/_rels/workbook.xml.rels",
        relations(&[("r1", "worksheet", "worksheets/sheet1.xml")]).as_bytes(),
    );
    let text = |text: &str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
    part("xl/worksheets/sheet1.xml", format!("<worksheet xmlns=\"{main}\" xmlns:r=\"{office}\"><sheetData><row>{}{}{}</row><row>{}<c r=\"C2\"><v>1</v></c></row><row>{}<c r=\"C3\"><v>2</v></c></row></sheetData><drawing r:id=\"r1\"/></worksheet>", text("名"), text("图"), text("数量"), text("甲"), text("乙")).as_bytes());
    part(
        "xl/worksheets/_rels/sheet1.xml.rels",
        relations(&[("r1", "drawing", "../drawings/drawing1.xml")]).as_bytes(),
    );
    let anchor = |column: u32, row: u32, id: &str| {
        format!(
            "<xdr:oneCellAnchor><xdr:from><xdr:col>{column}</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>{row}</xdr:row></xdr:from><xdr:pic><xdr:blipFill><a:blip r:embed=\"{id}\"/></xdr:blipFill></xdr:pic></xdr:oneCellAnchor>"
        )
    };
    let anchors = [
        anchor(1, 1, "p"),
        anchor(2, 2, "p"),
        anchor(1, 9, "p"),
        anchor(9, 1, "p"),
        anchor(1, 1, "x"),
    ];
    part(
        "xl/drawings/drawing1.xml",
        format!(
            "<xdr:wsDr xmlns:xdr=\"x\" xmlns:a=\"a\" xmlns:r=\"{office}\">{}</xdr:wsDr>",
            anchors.concat()
        )
        .as_bytes(),
    );
    part(
        "xl/drawings/_rels/drawing1.xml.rels",
        relations(&[("p", "image", "../media/image1.png"), ("x", "image", "../media/image2.png")])
            .as_bytes(),
    );
    part("xl/media/image1.png", PIXEL);
    part("xl/media/image2.png", b"no picture");
    archive.finish().expect("it ends").into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_xls_becomes_no_base() -> Result<()> {
    let app = app().await?;
    let source = app.client.upload("a.xls", "xls", "bitable", b"x".to_vec()).await?;
    let body = json!({"file_extension": "xls", "file_token": source, "type": "bitable"});
    let answer = app.client.post("/open-apis/drive/v1/import_tasks", &body).await?;
    crate::refused(&answer, 400, 1_069_904)
}

//! Documents and blocks made, and deleted: what was created is read back as created.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::{DOCUMENTS, add, block, blocks, delete, document, id, make, paragraph, plain, run};
use crate::world::{World, folder, root, share, text};
use crate::{app, refused, wiki};

#[tokio::test(flavor = "multi_thread")]
async fn a_new_document_lies_in_its_folder() -> Result<()> {
    let world = World::start().await?;
    let client = &world.app.client;
    let box_ = folder(client, &root(client).await?, "box").await?;
    let body = json!({"folder_token": box_, "title": "一篇新的文档"});
    let made = client.post(DOCUMENTS, &body).await?;
    let token = text(&made.data()?["document"], "document_id")?;
    let files = client.get(&format!("/open-apis/drive/v1/files?folder_token={box_}")).await?;
    ensure!(files.data()?["files"][0]["token"] == token.as_str(), "{}", files.body);
    let all = blocks(client, &token).await?;
    ensure!(all.len() == 1 && all[0]["block_id"] == token.as_str(), "{all:?}");
    let title = &all[0]["page"]["elements"][0]["text_run"]["content"];
    ensure!(title == "一篇新的文档", "{}", all[0]);
    document(client, "in the root").await?;
    let untitled = client.post(DOCUMENTS, &json!({})).await?;
    ensure!(untitled.data()?["document"]["title"] == "", "{}", untitled.body);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_that_take_no_document_have_their_numbers() -> Result<()> {
    let world = World::start().await?;
    let client = &world.app.client;
    let make = async |token: &str, title: &str| {
        client.post(DOCUMENTS, &json!({"folder_token": token, "title": title})).await
    };
    refused(&make("NNNNNNNNNNNNNNNNNNNNNNNNNNN", "a").await?, 400, 1_770_039)?;
    let somebody = world.person("somebody").await?;
    let theirs = root(&somebody.client).await?;
    refused(&make(&theirs, "a").await?, 403, 1_770_040)?;
    refused(&make(&theirs, &"长".repeat(801)).await?, 400, 99_992_402)?;
    let space = wiki::space(&somebody, "space").await?;
    let node = wiki::token(&wiki::page(&somebody.client, &space, "", "page").await?)?;
    refused(&make(&node, "a").await?, 500, 1_771_006)?;
    let database = rusqlite::Connection::open(world.app.data().join("larkspur.db"))?;
    database.busy_timeout(std::time::Duration::from_secs(20))?;
    let full = folder(client, &root(client).await?, "full").await?;
    let sql = "UPDATE objects SET child_count = 1500 WHERE token = ?1";
    database.execute(sql, [&full])?;
    refused(&make(&full, "a").await?, 400, 1_770_037)?;
    Ok(())
}

/// The sample of the contract.
#[tokio::test(flavor = "multi_thread")]
async fn texts_are_read_back_as_they_were_written() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let token = document(client, "t").await?;
    let style = json!({"background_color": 14, "text_color": 5});
    let bold = json!({"background_color": 14, "bold": true, "text_color": 5});
    let link = json!({"link": {"url": "https%3A%2F%2Fopen.feishu.cn%2F"}, "comment_ids": ["c1"]});
    let elements = json!([
        {"text_run": {"content": "多人实时协同，插入一切元素。", "text_element_style": style}},
        {"text_run": {"content": "强大的创作和互动工具", "text_element_style": bold}},
        {"text_run": {"content": "link", "text_element_style": link}},
        {"equation": {"content": "E=mc^2", "text_element_style": {}}},
    ]);
    let block = json!({"block_type": 2, "text": {"elements": elements, "style": {"align": 2,
                       "background_color": "LightGrayBackground",
                       "indentation_level": "OneLevelIndent"}}, "comment_ids": ["c2"]});
    let body = json!({"index": 0, "children": [block]});
    let made = make(client, &token, &token, "", &body).await?;
    let data = made.data()?;
    ensure!(data["document_revision_id"] == 2, "{data}");
    ensure!(data["client_token"].as_str().is_some_and(|token| token.len() == 36), "{data}");
    let made = &data["children"][0];
    ensure!(made["text"]["elements"] == elements, "{made}");
    ensure!(made["parent_id"] == token.as_str() && made["comment_ids"] == json!(["c2"]), "{made}");
    let style = json!({"align": 2, "background_color": "LightGrayBackground",
                       "indentation_level": "OneLevelIndent"});
    ensure!(made["text"]["style"] == style, "{made}");
    ensure!(super::block(client, &token, &id(made)?).await? == *made, "{made}");
    ensure!(plain(client, &token).await?.contains("强大的创作和互动工具linkE=mc^2"), "{made}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_of_every_kind_can_be_made() -> Result<()> {
    let world = World::start().await?;
    let client = &world.app.client;
    let token = document(client, "kinds").await?;
    let app = world.app.app_id.clone();
    world.chat("oc_kinds", &[], &[&app]).await?;
    let simple =
        |key: &str, number: i64| json!({"block_type": number, key: {"elements": [run(key)]}});
    let mut children: Vec<Value> = (1..=9).map(|n| simple(&format!("heading{n}"), n + 2)).collect();
    children.extend([
        simple("bullet", 12),
        json!({"block_type": 13, "ordered": {"elements": [run("one")], "style": {"sequence": "7"}}}),
        json!({"block_type": 14, "code": {"elements": [run("fn")],
               "style": {"language": 53, "wrap": true}}}),
        simple("quote", 15),
        json!({"block_type": 17, "todo": {"elements": [run("todo")], "style": {"done": true}}}),
        json!({"block_type": 22, "divider": {}}),
        json!({"block_type": 34, "quote_container": {}}),
        json!({"block_type": 26, "iframe": {"component": {"iframe_type": 8,
               "url": "https%3A%2F%2Fwww.figma.com%2Ffile%2F1"}}}),
        json!({"block_type": 20, "chat_card": {"chat_id": "oc_kinds", "align": 2}}),
        json!({"block_type": 28, "isv": {"component_id": "c", "component_type_id": "blk_1"}}),
        json!({"block_type": 40, "add_ons": {"component_id": "c", "component_type_id": "blk_2",
               "record": "{\"a\":1}"}}),
        json!({"block_type": 42, "wiki_catalog": {}}),
        json!({"block_type": 48, "link_preview": {"url": "https%3A%2F%2Fe.example",
               "url_type": "MessageLink"}}),
    ]);
    let made = add(client, &token, json!(children)).await?;
    ensure!(made.len() == children.len(), "{}", made.len());
    for (asked, made) in children.iter().zip(&made) {
        ensure!(asked["block_type"] == made["block_type"], "{asked} {made}");
    }
    ensure!(made[10]["ordered"]["style"]["sequence"] == "7", "{}", made[10]);
    ensure!(made[11]["code"]["style"] == json!({"language": 53, "wrap": true}), "{}", made[11]);
    ensure!(made[13]["todo"]["style"]["done"] == true, "{}", made[13]);
    for (index, key) in [(16, "iframe"), (17, "chat_card"), (18, "isv"), (19, "add_ons")] {
        ensure!(made[index][key] == children[index][key], "{}", made[index]);
    }
    ensure!(made[21]["link_preview"] == json!({"url_type": "MessageLink"}), "{}", made[21]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_that_hold_others_come_with_what_they_hold() -> Result<()> {
    let world = World::start().await?;
    let client = &world.app.client;
    let token = document(client, "holders").await?;
    let callout = json!({"background_color": 3, "border_color": 2, "text_color": 1,
                         "emoji_id": "bulb"});
    let made = add(
        client,
        &token,
        json!([
            {"block_type": 19, "callout": callout},
            {"block_type": 24, "grid": {"column_size": 3}},
            {"block_type": 31, "table": {"property": {"row_size": 2, "column_size": 3,
             "header_row": true}}},
            {"block_type": 27, "image": {"align": 3, "caption": {"content": "cap"}}},
            {"block_type": 23, "file": {"view_type": 2}},
            {"block_type": 43, "board": {"width": 300, "height": 200, "align": 2}},
        ]),
    )
    .await?;
    ensure!(made[0]["callout"] == callout, "{}", made[0]);
    ensure!(made[1]["grid"] == json!({"column_size": 3}), "{}", made[1]);
    let property = &made[2]["table"]["property"];
    ensure!(property["column_width"] == json!([100, 100, 100]), "{property}");
    ensure!(property["merge_info"].as_array().map(Vec::len) == Some(6), "{property}");
    ensure!(made[2]["table"]["cells"] == made[2]["children"], "{}", made[2]);
    let image = json!({"token": "", "width": 100, "height": 100, "align": 3,
                       "caption": {"content": "cap"}});
    ensure!(made[3]["image"] == image, "{}", made[3]);
    ensure!(made[4]["block_type"] == 33 && made[4]["view"]["view_type"] == 2, "{}", made[4]);
    let board = &made[5]["board"];
    ensure!(board["width"] == 300 && board["token"].as_str().is_some_and(|t| t.len() == 27));
    // What a cell, a column, a callout hold at first; and the file in its frame.
    let all = blocks(client, &token).await?;
    let inside = |parent: &Value| all.iter().find(|block| block["parent_id"] == *parent);
    for (parent, kind) in [(&made[0], 2), (&made[1], 25), (&made[2], 32), (&made[4], 23)] {
        let child = inside(&parent["block_id"]).context("a child")?;
        ensure!(child["block_type"] == kind, "{parent} {child}");
        if matches!(kind, 25 | 32) {
            let text = inside(&child["block_id"]).context("a text")?;
            ensure!(text["block_type"] == 2, "{text}");
        }
    }
    let file = inside(&made[4]["block_id"]).context("a file")?;
    ensure!(file["file"] == json!({"token": "", "name": "", "view_type": 2}), "{file}");
    let column = inside(&made[1]["block_id"]).context("a column")?;
    ensure!(column["grid_column"]["width_ratio"] == 33, "{column}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_embedded_sheet_is_a_sheet() -> Result<()> {
    let world = World::start().await?;
    let client = &world.app.client;
    let token = document(client, "with a sheet").await?;
    let sheet = json!([{"block_type": 30, "sheet": {"row_size": 4, "column_size": 5}}]);
    let made = add(client, &token, sheet).await?;
    let sheet = text(&made[0]["sheet"], "token")?;
    let (book, part) = sheet.split_once('_').context("two parts")?;
    let path = format!("/open-apis/sheets/v3/spreadsheets/{book}/sheets/{part}");
    let found = client.get(&path).await?;
    let grid = &found.data()?["sheet"]["grid_properties"];
    ensure!(grid["row_count"] == 4 && grid["column_count"] == 5, "{grid}");
    // It is open to whom the document is, a copy has one of its own, and it goes with its document.
    let reader = world.person("reader").await?;
    refused(&reader.client.get(&path).await?, 400, 1_310_213)?;
    share(client, &token, "docx", ("openid", &reader.open_id), "view").await?.data()?;
    reader.client.get(&path).await?.data()?;
    let body = json!({"name": "copy", "type": "docx", "folder_token": root(client).await?});
    let copy = client.post(&format!("/open-apis/drive/v1/files/{token}/copy"), &body).await?;
    let copy = text(&copy.data()?["file"], "token")?;
    let own = blocks(client, &copy).await?;
    let own = own.iter().find(|block| block["block_type"] == 30).context("a sheet")?;
    let own = text(&own["sheet"], "token")?;
    let (own, _) = own.split_once('_').context("two parts")?;
    ensure!(own != book, "the copy shows the original's sheet");
    let gone = format!("/open-apis/drive/v1/files/{token}?type=docx");
    client.call(reqwest::Method::DELETE, &gone, None).await?.data()?;
    refused(&client.get(&path).await?, 400, 1_310_249)?;
    let path = format!("/open-apis/sheets/v3/spreadsheets/{own}/sheets/{part}");
    client.get(&path).await?.data()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn people_documents_and_dates_are_mentioned() -> Result<()> {
    let world = World::start().await?;
    let client = &world.app.client;
    let token = document(client, "mentions").await?;
    let other = document(client, "另一篇").await?;
    let person = world.person("mentioned").await?;
    let elements = json!([
        {"mention_user": {"user_id": person.open_id, "text_element_style": {}}},
        {"mention_doc": {"token": other, "obj_type": 22}},
        {"reminder": {"create_user_id": person.open_id, "expire_time": "1647961200000",
                      "notify_time": "1647961200000", "is_notify": true}},
        {"mention_doc": {"token": "NNNNNNNNNNNNNNNNNNNNNNNNNNN", "obj_type": 22, "title": "gone",
                         "url": "https://e.example/gone", "fallback_type": "FallbackToLink"}},
        {"mention_doc": {"token": "NNNNNNNNNNNNNNNNNNNNNNNNNNN", "obj_type": 22, "title": "words",
                         "fallback_type": "FallbackToText"}},
    ]);
    let made =
        add(client, &token, json!([{"block_type": 2, "text": {"elements": elements}}])).await?;
    let elements = &made[0]["text"]["elements"];
    ensure!(elements[0]["mention_user"]["user_id"] == person.open_id.as_str(), "{elements}");
    let mention = &elements[1]["mention_doc"];
    ensure!(mention["title"] == "另一篇" && mention["token"] == other.as_str(), "{mention}");
    ensure!(mention["url"].as_str().is_some_and(|url| url.contains("docx%2F")), "{mention}");
    let reminder = &elements[2]["reminder"];
    ensure!(reminder["create_user_id"] == person.open_id.as_str(), "{reminder}");
    ensure!(reminder["expire_time"] == "1647961200000" && reminder["is_notify"] == true);
    let link = &elements[3]["text_run"];
    ensure!(
        link["text_element_style"]["link"]["url"] == "https%3A%2F%2Fe.example%2Fgone",
        "{link}"
    );
    ensure!(elements[4]["text_run"]["content"] == "words", "{elements}");
    let path = format!("{DOCUMENTS}/{token}/blocks/{}?user_id_type=user_id", id(&made[0])?);
    let by_id = client.get(&path).await?;
    let shown = &by_id.data()?["block"]["text"]["elements"][0]["mention_user"]["user_id"];
    ensure!(shown == "mentioned", "{shown}");
    let raw = plain(client, &token).await?;
    ensure!(raw == "mentions\n@mentioned另一篇2022-03-22 15:00gonewords", "{raw}");
    let by_union = json!([{"block_type": 2, "text": {"elements":
                          [{"mention_user": {"user_id": person.union_id}}]}}]);
    let query = "?user_id_type=union_id";
    let body = json!({"children": by_union});
    let made = make(client, &token, &token, query, &body).await?;
    let shown = &made.data()?["children"][0]["text"]["elements"][0]["mention_user"]["user_id"];
    ensure!(shown == person.union_id.as_str(), "{shown}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn blocks_lie_where_the_index_says() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let token = document(client, "order").await?;
    for (index, content) in [(-1, "c"), (0, "a"), (1, "b"), (-1, "d")] {
        let body = json!({"index": index, "children": [paragraph(content)]});
        make(client, &token, &token, "", &body).await?.data()?;
    }
    ensure!(plain(client, &token).await? == "order\na\nb\nc\nd");
    delete(client, &token, &token, "", (1, 3)).await?.data()?;
    ensure!(plain(client, &token).await? == "order\na\nd");
    // In a block, and children read by themselves.
    let all = blocks(client, &token).await?;
    let first = id(&all[1])?;
    let list = json!({"children": [paragraph("x"), paragraph("y"), paragraph("z")]});
    make(client, &token, &first, "", &list).await?.data()?;
    let path = format!("{DOCUMENTS}/{token}/blocks/{first}/children?page_size=2");
    let page = client.get(&path).await?;
    let data = page.data()?;
    ensure!(data["has_more"] == true && data["items"].as_array().map(Vec::len) == Some(2));
    let next = text(data, "page_token")?;
    let rest = client.get(&format!("{path}&page_token={next}")).await?;
    let z = &rest.data()?["items"][0]["text"]["elements"][0]["text_run"]["content"];
    ensure!(z == "z" && rest.body["data"]["has_more"] == false, "{}", rest.body);
    let path = format!("{DOCUMENTS}/{token}/blocks/{token}/children?with_descendants=true");
    let deep = client.get(&path).await?;
    ensure!(deep.data()?["items"].as_array().map(Vec::len) == Some(5), "{}", deep.body);
    // A list that was begun goes on as the document was, whatever happens meanwhile.
    let path = format!("{DOCUMENTS}/{token}/blocks?page_size=3");
    let begun = client.get(&path).await?;
    let next = text(begun.data()?, "page_token")?;
    delete(client, &token, &first, "", (0, 1)).await?.data()?;
    let rest = client.get(&format!("{path}&page_token={next}")).await?;
    let y = &rest.data()?["items"][0]["text"]["elements"][0]["text_run"]["content"];
    ensure!(y == "y" && rest.body["data"]["items"].as_array().map(Vec::len) == Some(3));
    for wrong in ["x", "1_99", "99_1", "0_0", "zz_zz"] {
        let answer = client.get(&format!("{path}&page_token={wrong}")).await?;
        refused(&answer, 400, 1_770_022)?;
    }
    let other = format!("{path}&page_token={next}&document_revision_id=1");
    refused(&client.get(&other).await?, 400, 1_770_022)?;
    ensure!(block(client, &token, &first).await?["children"].as_array().map(Vec::len) == Some(2));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cell_is_never_empty() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let token = document(client, "cell").await?;
    let table =
        json!([{"block_type": 31, "table": {"property": {"row_size": 1, "column_size": 1}}}]);
    let made = add(client, &token, table).await?;
    let cell = text(&json!({"cell": made[0]["children"][0]}), "cell")?;
    delete(client, &token, &cell, "", (0, 1)).await?.data()?;
    let children = block(client, &token, &cell).await?["children"].clone();
    ensure!(children.as_array().map(Vec::len) == Some(1), "{children}");
    let refused_ = delete(client, &token, &id(&made[0])?, "", (0, 1)).await?;
    refused(&refused_, 400, 1_770_031)
}

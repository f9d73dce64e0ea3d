//! Spreadsheets made and written through the API: what is answered, what is read back, what others
//! see of it.

use std::fmt::Write as _;

use anyhow::{Context as _, Result, ensure};
use larkspur_http::RateRule;
use larkspur_platform::Ceilings;
use larkspur_tests::app::TestApp;
use larkspur_tests::client::{Answer, Client};
use reqwest::Method;
use serde_json::{Value, json};

use crate::world::{World, share, text};
use crate::{app, refused};

const V3: &str = "/open-apis/sheets/v3/spreadsheets";
const V2: &str = "/open-apis/sheets/v2/spreadsheets";

/// The three writes.
const WRITES: [(Method, &str); 3] =
    [(Method::PUT, "values"), (Method::POST, "values_append"), (Method::POST, "values_prepend")];

/// A spreadsheet and its first sheet.
#[derive(Clone)]
pub(super) struct Book {
    pub(super) client: Client,
    pub(super) token: String,
    pub(super) sheet: String,
}

impl Book {
    pub(super) async fn new(client: &Client) -> Result<Self> {
        let made = client.post(V3, &json!({"title": "book"})).await?;
        let token = text(&made.data()?["spreadsheet"], "spreadsheet_token")?;
        Self::of(client, token).await
    }

    pub(super) async fn of(client: &Client, token: String) -> Result<Self> {
        let sheet = client.first_sheet(&token).await?;
        Ok(Self { client: client.clone(), token, sheet })
    }

    fn body(&self, range: &str, values: &Value) -> Value {
        json!({"valueRange": {"range": format!("{}!{range}", self.sheet), "values": values}})
    }

    pub(super) async fn try_put(&self, range: &str, values: &Value) -> Result<Answer> {
        let path = format!("{V2}/{}/values", self.token);
        self.client.call(Method::PUT, &path, Some(&self.body(range, values))).await
    }

    pub(super) async fn put(&self, range: &str, values: Value) -> Result<Value> {
        Ok(self.try_put(range, &values).await?.data()?.clone())
    }

    pub(super) async fn call(&self, what: &str, range: &str, values: Value) -> Result<Value> {
        let path = format!("{V2}/{}/{what}", self.token);
        Ok(self.client.post(&path, &self.body(range, &values)).await?.data()?.clone())
    }

    pub(super) async fn get(&self, range: &str, options: &str) -> Result<Value> {
        let path = format!("{V2}/{}/values/{}!{range}{options}", self.token, self.sheet);
        Ok(self.client.get(&path).await?.data()?["valueRange"]["values"].clone())
    }

    pub(super) async fn grid(&self) -> Result<(Value, Value)> {
        let path = format!("{V3}/{}/sheets/{}", self.token, self.sheet);
        let sheet = self.client.get(&path).await?.data()?["sheet"].clone();
        let grid = &sheet["grid_properties"];
        Ok((grid["row_count"].clone(), grid["column_count"].clone()))
    }

    pub(super) async fn export(&self, app: &TestApp, extension: &str) -> Result<Vec<u8>> {
        let sheet = (extension == "csv").then_some(self.sheet.as_str());
        let ticket = self.client.export(&self.token, "sheet", extension, sheet).await?;
        let done = app.exported(&ticket, &self.token).await?;
        self.client.download(&text(&done, "file_token")?).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_spreadsheet_is_empty_and_lies_where_it_was_wanted() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let root = crate::world::root(client).await?;
    let folder = crate::world::folder(client, &root, "sales").await?;
    let body = json!({"title": "Sales sheet", "folder_token": folder});
    let made = client.post(V3, &body).await?.data()?["spreadsheet"].clone();
    let token = text(&made, "spreadsheet_token")?;
    ensure!(made["title"] == "Sales sheet" && made["folder_token"] == folder.as_str(), "{made}");
    ensure!(text(&made, "url")?.ends_with(&format!("/sheets/{token}")), "{made}");
    let listed = client.get(&format!("/open-apis/drive/v1/files?folder_token={folder}")).await?;
    ensure!(listed.data()?["files"][0]["token"] == token.as_str(), "{}", listed.body);
    let book = Book::of(client, token).await?;
    ensure!(book.grid().await? == (json!(200), json!(20)));
    ensure!(book.get("A1:B2", "").await? == json!([[null, null], [null, null]]));
    let empty = client.post(V3, &json!({})).await?.data()?["spreadsheet"].clone();
    ensure!(empty["folder_token"] == root.as_str() && !text(&empty, "title")?.is_empty());

    refused(&client.post(V3, &json!({"title": "字".repeat(256)})).await?, 400, 1_310_204)?;
    refused(&client.post(V3, &json!({"folder_token": "nosuch"})).await?, 400, 1_310_204)?;
    refused(&client.post_text(V3, "{").await?, 400, 1_310_204)
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_of_value_is_written_and_read_back() -> Result<()> {
    let app = app().await?;
    let book = Book::new(&app.client).await?;
    let bold = json!({"type": "text", "text": "bold", "segmentStyle": {"bold": true, "foreColor": "#ff0000"}});
    let link = json!({"type": "url", "text": "see", "link": "https://x.org/a"});
    let formula = json!({"type": "formula", "text": "=SUM(A1:B1)"});
    let chosen = json!({"type": "multipleValue", "values": ["a", "b"]});
    let values = json!([
        ["text", 1.5, true, null, "", "0012"],
        [link, [{"type": "text", "text": "so "}, bold], formula, chosen, "https://x.org", "a@x.org"],
    ]);
    let done = book.put("B2:G3", values).await?;
    let range = format!("{}!B2:G3", book.sheet);
    let expected = json!({"revision": 2, "spreadsheetToken": book.token, "updatedCells": 12,
                          "updatedColumns": 6, "updatedRange": range, "updatedRows": 2});
    ensure!(done == expected, "{done}");
    let url = |text: &str, link: &str| json!([{"type": "url", "text": text, "link": link, "cellPosition": null}]);
    let all = book.get("B2:G3", "").await?;
    ensure!(all[0] == json!(["text", 1.5, true, null, null, "0012"]), "{all}");
    let row = json!([
        url("see", "https://x.org/a"),
        [{"type": "text", "text": "so "}, bold],
        "=SUM(A1:B1)",
        "a,b",
        url("https://x.org", "https://x.org"),
        url("a@x.org", "mailto:a@x.org"),
    ]);
    ensure!(all[1] == row, "{all}");
    let strings = book.get("B3:G3", "?valueRenderOption=ToString").await?;
    ensure!(strings == json!([["see", "so bold", null, "a,b", "https://x.org", "a@x.org"]]));
    ensure!(book.get("D3:D3", "?valueRenderOption=Formula").await? == json!([["=SUM(A1:B1)"]]));
    // Nothing computes formulas here, so one that was just written has no value.
    let computed = book.get("B2:D3", "?valueRenderOption=FormattedValue").await?;
    ensure!(computed == json!([["text", 1.5, "TRUE"], ["see", "so bold", null]]), "{computed}");

    // What is written over is gone; what is not named stays.
    book.put("B2:C2", json!([[null, 7]])).await?;
    ensure!(book.get("B2:D2", "").await? == json!([[null, 7, true]]));
    let info = app.client.get(&format!("{V2}/{}/metainfo", book.token)).await?;
    ensure!(info.data()?["properties"]["revision"] == 3, "{}", info.body);
    // The sheet grows with what is written outside of it.
    book.put("Z300:Z300", json!([["far"]])).await?;
    ensure!(book.grid().await? == (json!(300), json!(26)));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_put_below_and_above_a_table() -> Result<()> {
    let app = app().await?;
    let book = Book::new(&app.client).await?;
    let done = book.call("values_append", "A1:B1", json!([["a", 1], ["b", 2]])).await?;
    let range = format!("{}!A1:B2", book.sheet);
    let updates = json!({"revision": 2, "spreadsheetToken": book.token, "updatedCells": 4,
                         "updatedColumns": 2, "updatedRange": range, "updatedRows": 2});
    let expected = json!({"revision": 2, "spreadsheetToken": book.token, "tableRange": range, "updates": updates});
    ensure!(done == expected, "{done}");
    book.put("A5:B6", json!([["total", 3], [{"type": "formula", "text": "=B5"}, null]])).await?;
    // Two rows are blank: a third one goes over what stands below them.
    book.call("values_append", "A1:B1", json!([["c", 3], ["d", 4], ["e", 5]])).await?;
    let all = book.get("A1:B6", "").await?;
    ensure!(
        all == json!([["a", 1], ["b", 2], ["c", 3], ["d", 4], ["e", 5], ["=B5", null]]),
        "{all}"
    );
    book.put("A3:B5", json!([[null, null], [null, null], ["total", 3]])).await?;
    let path = "values_append?insertDataOption=INSERT_ROWS";
    let done = book.call(path, "A1:B1", json!([["c", 3], ["d", 4], ["e", 5]])).await?;
    ensure!(done["tableRange"] == format!("{}!A3:B5", book.sheet), "{done}");
    let all = book.get("A1:B9", "").await?;
    let rows = json!([
        ["a", 1],
        ["b", 2],
        ["c", 3],
        ["d", 4],
        ["e", 5],
        [null, null],
        [null, null],
        ["total", 3],
        ["=B8", null]
    ]);
    ensure!(all == rows, "{all}");
    ensure!(book.grid().await?.0 == 203);
    let done = book.call("values_prepend", "B2:C3", json!([["x", "y"]])).await?;
    ensure!(done["updates"]["updatedRange"] == format!("{}!B2:C2", book.sheet), "{done}");
    ensure!(
        book.get("A1:C3", "").await? == json!([["a", 1, null], [null, "x", "y"], ["b", 2, null]])
    );
    ensure!(book.get("A10:A10", "").await? == json!([["=B9"]]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn several_ranges_come_in_one_answer() -> Result<()> {
    let app = app().await?;
    let book = Book::new(&app.client).await?;
    book.put("A1:B3", json!([["Hello", 1], ["World", 1], [5, 6]])).await?;
    let (token, sheet) = (&book.token, &book.sheet);
    let path =
        format!("{V2}/{token}/values_batch_get?ranges={sheet}!A2:B3,{sheet}!A201:B,{sheet}!B1:B2");
    let data = app.client.get(&path).await?.data()?.clone();
    let range = |range: &str, values: Value| json!({"majorDimension": "ROWS", "range": format!("{sheet}!{range}"), "revision": 2, "values": values});
    let expected = json!({
        "revision": 2, "spreadsheetToken": token, "totalCells": 6,
        "valueRanges": [
            range("A2:B3", json!([["World", 1], [5, 6]])),
            range("A201:B", json!([])),
            range("B1:B2", json!([[1], [1]])),
        ],
    });
    ensure!(data == expected, "{data}");
    refused(&app.client.get(&format!("{V2}/{token}/values_batch_get")).await?, 400, 90_229)?;
    let path = format!("{V2}/{token}/values_batch_get?ranges={sheet}!A1:B2,{sheet}!B");
    refused(&app.client.get(&path).await?, 400, 90_202)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_refused_by_number() -> Result<()> {
    let app = app().await?;
    let book = Book::new(&app.client).await?;
    let (token, sheet) = (&book.token, &book.sheet);
    book.put("A1:A1", json!([["x".repeat(40_000)]])).await?;
    for (range, code) in [
        ("!A1:B2".to_owned(), 90_206),
        ("a-b!A1:B2".to_owned(), 90_211),
        (format!("{sheet}!A0:B2"), 90_212),
        (format!("{sheet}!A1:SFA2"), 90_212),
        (format!("{sheet}!A:B2"), 90_202),
        ("nosuch!A1:B2".to_owned(), 90_215),
        (format!("{sheet}!A1:CV30000"), 90_221),
        (format!("{sheet}!A1:B2?valueRenderOption=formula"), 90_229),
        (format!("{sheet}!A1:B2?dateTimeRenderOption=x"), 90_229),
        (format!("{sheet}!A1:B2?user_id_type=user_id"), 90_229),
    ] {
        for path in [
            format!("values/{range}"),
            format!("values_batch_get?ranges={}", range.replacen('?', "&", 1)),
        ] {
            let answer = app.client.get(&format!("{V2}/{token}/{path}")).await?;
            refused(&answer, 400, code).with_context(|| path.clone())?;
        }
    }
    // Each range would be small enough, all of them are not.
    let wide = vec![format!("{sheet}!A1:A1"); 300].join(",");
    let answer = app.client.get(&format!("{V2}/{token}/values_batch_get?ranges={wide}")).await?;
    refused(&answer, 400, 90_221)?;
    let answer = app.client.get(&format!("{V2}/{token}/metainfo?user_id_type=user_id")).await?;
    refused(&answer, 400, 90_229)?;
    let path = format!("{V2}/{token}/metainfo?extFields=protectedRange&user_id_type=open_id");
    let data = app.client.get(&path).await?.data()?.clone();
    ensure!(data["sheets"][0]["protectedRange"] == json!([]), "{data}");
    ensure!(
        data["properties"]["ownerUserID"].is_string() && data["properties"]["ownerUser"].is_null()
    );
    refused(&app.client.get(&format!("{V3}/{token}/sheets/nosuch")).await?, 400, 1_310_251)?;
    refused(&app.client.get(&format!("{V3}/{token}?user_id_type=x")).await?, 400, 1_310_251)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_written_is_refused_by_number_and_changes_nothing() -> Result<()> {
    let app = app().await?;
    let book = Book::new(&app.client).await?;
    let wide = json!([vec![1; 101]]);
    let high = Value::from(vec![json!([1]); 5_001]);
    let long = json!([["x".repeat(50_001)]]);
    let mention = json!({"type": "mention", "textType": "email", "text": "nobody@x.org"});
    let mentions = json!([vec![mention.clone(); 51]]);
    let cases = [
        ("A1:B1", json!([[1, 2, 3]]), 90_202),
        ("B2:A1", json!([[1]]), 90_202),
        ("A1:B2", json!([]), 90_216),
        ("A1:B2", json!([[], []]), 90_216),
        ("A:CZ", wide, 90_226),
        ("A:A", high, 90_226),
        ("A1:A1", long, 90_222),
        ("A1:A1", json!([[{"type": "picture"}]]), 90_204),
        ("A1:A1", json!([[{"type": "formula", "text": "=IMPORTRANGE(1)"}]]), 90_204),
        ("A1:A1", json!([mention]), 90_204),
        ("A1:A1", json!([[mention]]), 90_205),
        ("A1:AY1", mentions, 90_205),
        ("A5000001:A5000001", json!([[1]]), 90_212),
        ("SEZ1:SFA1", json!([[1]]), 90_212),
        ("A1000000:A1000000", json!([[1]]), 90_219),
    ];
    let bodies = [
        ("{", 90_201),
        ("", 90_201),
        ("{}", 90_204),
        (r#"{"valueRange":{"values":[[1]]}}"#, 90_204),
        (r#"{"valueRange":{"range":"x!A1:A1"}}"#, 90_204),
        (r#"{"valueRange":{"range":"x!A1:A1","values":[1]}}"#, 90_204),
        (r#"{"valueRange":{"range":"!A1:A1","values":[[1]]}}"#, 90_206),
        (r#"{"valueRange":{"range":"a-b!A1:A1","values":[[1]]}}"#, 90_211),
        (r#"{"valueRange":{"range":"nosuch!A1:A1","values":[[1]]}}"#, 90_215),
    ];
    for (method, what) in WRITES {
        let path = format!("{V2}/{}/{what}", book.token);
        for (range, values, code) in &cases {
            let body = book.body(range, values);
            let answer = app.client.call(method.clone(), &path, Some(&body)).await?;
            refused(&answer, 400, *code).with_context(|| format!("{what} {range}"))?;
        }
        for (body, code) in &bodies {
            let answer = app.client.call_text(method.clone(), &path, body).await?;
            refused(&answer, 400, *code).with_context(|| format!("{what} {body}"))?;
        }
    }
    // Rows that are put in need no room in the range; those written over it do.
    for (range, values) in [("A1:B1", json!([[1], [2]])), ("SEZ1", json!([[1], [2]]))] {
        refused(&book.try_put(range, &values).await?, 400, 90_202)?;
    }
    let path = format!("{V2}/{}/values_append?insertDataOption=ROWS", book.token);
    let answer = app.client.post(&path, &book.body("A1:A1", &json!([[1]]))).await?;
    refused(&answer, 400, 90_229)?;
    let info = app.client.get(&format!("{V2}/{}/metainfo", book.token)).await?;
    ensure!(info.data()?["properties"]["revision"] == 1, "{}", info.body);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn people_and_documents_are_mentioned_by_ids_of_the_readers_kind() -> Result<()> {
    let world = World::start().await?;
    let client = &world.app.client;
    let book = Book::new(client).await?;
    let ann = world.person("ann").await?;
    let other = Book::new(client).await?;
    let mention = |kind: &str, id: &str| json!({"type": "mention", "textType": kind, "text": id, "notify": true});
    let document = json!({"type": "mention", "textType": "fileToken", "text": other.token, "objType": "sheet"});
    let values = json!([[
        mention("email", "ann@larkspur.test"),
        mention("openId", &ann.open_id),
        mention("unionId", &ann.union_id),
        document,
    ]]);
    book.put("A1:D1", values).await?;
    let shown = |kind: &str, id: &str| json!([{"type": "mention", "textType": kind, "text": id}]);
    let plain = book.get("A1:D1", "").await?;
    ensure!(plain[0][0] == shown("email", "ann@larkspur.test"), "{plain}");
    ensure!(plain[0][1] == shown("openId", &ann.open_id) && plain[0][3] == json!([document]));
    let open = book.get("A1:C1", "?user_id_type=open_id").await?;
    ensure!(open == json!([vec![shown("openId", &ann.open_id); 3]]), "{open}");
    let union = book.get("A1:A1", "?user_id_type=union_id").await?;
    ensure!(union == json!([[shown("unionId", &ann.union_id)]]), "{union}");
    let text = book.get("A1:D1", "?valueRenderOption=ToString").await?;
    ensure!(text == json!([["@ann", "@ann", "@ann", "book"]]), "{text}");
    let hers = Book { client: ann.client.clone(), ..book.clone() };
    ensure!(hers.get("A1:A1", "").await.is_err());
    let mut opening = mention("openId", &ann.open_id);
    opening["grantReadPermission"] = json!(true);
    book.put("A2:A2", json!([[[{"type": "text", "text": "see, "}, opening]]])).await?;
    ensure!(hers.get("A2:A2", "?valueRenderOption=ToString").await? == json!([["see, @ann"]]));
    refused(&hers.try_put("A1:A1", &json!([[1]])).await?, 400, 90_213)?;
    let many = json!([vec![mention("openId", &ann.open_id); 51]]);
    refused(&book.try_put("A1:AY1", &many).await?, 400, 90_226)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_read_may_not_write_and_a_deleted_spreadsheet_is_gone() -> Result<()> {
    let world = World::start().await?;
    let client = &world.app.client;
    let book = Book::new(client).await?;
    let ann = world.person("ann").await?;
    share(client, &book.token, "sheet", ("openid", &ann.open_id), "view").await?.data()?;
    let hers =
        Book { client: ann.client.clone(), token: book.token.clone(), sheet: book.sheet.clone() };
    hers.get("A1:A1", "").await?;
    refused(&hers.try_put("A1:A1", &json!([[1]])).await?, 400, 90_213)?;
    let folder = crate::world::root(client).await?;
    let body = json!({"title": "x", "folder_token": folder});
    refused(&ann.client.post(V3, &body).await?, 400, 1_310_213)?;
    let path = format!("/open-apis/drive/v1/files/{}?type=sheet", book.token);
    client.call(Method::DELETE, &path, None).await?.data()?;
    refused(&book.try_put("A1:A1", &json!([[1]])).await?, 400, 90_214)?;
    for rest in ["", "/sheets/query", &format!("/sheets/{}", book.sheet)] {
        let answer = client.get(&format!("{V3}/{}{rest}", book.token)).await?;
        refused(&answer, 400, 1_310_249)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_at_the_same_time_all_get_their_turn() -> Result<()> {
    let app = app().await?;
    let book = Book::new(&app.client).await?;
    let mut appends = tokio::task::JoinSet::new();
    for number in 0..24 {
        let book = book.clone();
        appends.spawn(async move {
            let option = if number % 3 == 0 { "INSERT_ROWS" } else { "OVERWRITE" };
            let what = format!("values_append?insertDataOption={option}");
            book.call(&what, "A1:B1", json!([[number, "x"]])).await
        });
    }
    let mut revisions = Vec::new();
    for answer in appends.join_all().await {
        revisions.extend(answer?["revision"].as_i64());
    }
    revisions.sort_unstable();
    ensure!(revisions == (2..26).collect::<Vec<_>>(), "{revisions:?}");
    let values = book.get("A1:A25", "").await?;
    let mut numbers: Vec<_> =
        values.as_array().context("rows")?.iter().filter_map(|row| row[0].as_i64()).collect();
    numbers.sort_unstable();
    ensure!(numbers == (0..24).collect::<Vec<_>>(), "{values}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_written_is_exported_copied_and_kept_in_snapshots() -> Result<()> {
    let app = app().await?;
    let operator = app.operator()?;
    let book = Book::new(&app.client).await?;
    let bold = json!({"type": "text", "text": "bold", "segmentStyle": {"bold": true}});
    let link = json!({"type": "url", "text": "see", "link": "https://x.org/a?b=1&c=2"});
    let formula = json!({"type": "formula", "text": "=A1&\"<\""});
    let values =
        json!([["甲", 1.5], [[{"type": "text", "text": "so "}, bold], link], [formula, true]]);
    book.put("A1:B3", values).await?;
    // Enough that chunks leave the manifest for a file of their own.
    for turn in 0..6_u32 {
        let rows: Vec<Value> = (0..1_000_u32)
            .map(|row| {
                let noise = format!("{:x}", (row + 1_000 * turn).wrapping_mul(2_654_435_761));
                json!(vec![noise; 20])
            })
            .collect();
        book.call("values_append", "A1:T1", Value::from(rows)).await?;
    }
    let csv = String::from_utf8(book.export(&app, "csv").await?)?;
    ensure!(csv.starts_with("甲,1.5"), "{csv:.80}");
    ensure!(csv.lines().nth(1).is_some_and(|line| line.starts_with("so bold,see")), "{csv:.200}");
    ensure!(csv.lines().count() == 6_003, "{}", csv.lines().count());
    let xlsx = book.export(&app, "xlsx").await?;
    let token = app.import("xlsx", "sheet", &xlsx, "again").await?;
    let again = Book::of(&app.client, token).await?;
    ensure!(
        again.get("A1:B3", "").await?
            == json!([
                ["甲", 1.5],
                [
                    // A file spells out what is not said of a look.
                    [{"type": "text", "text": "so "}, {"type": "text", "text": "bold", "segmentStyle": {"bold": true, "fontSize": 11}}],
                    [{"type": "url", "text": "see", "link": "https://x.org/a?b=1&c=2", "cellPosition": null}],
                ],
                ["=A1&\"<\"", true],
            ])
    );
    ensure!(again.get("A6003:A6003", "").await? == book.get("A6003:A6003", "").await?);
    // A link that came with the file ends where something else is written.
    again.put("B2:B2", json!([["plain"]])).await?;
    ensure!(again.get("B2:B2", "").await? == json!([["plain"]]));

    let root = crate::world::root(&app.client).await?;
    let body = json!({"name": "copy", "type": "sheet", "folder_token": root});
    let path = format!("/open-apis/drive/v1/files/{}/copy", book.token);
    let copied = text(&app.client.post(&path, &body).await?.data()?["file"], "token")?;
    let copy = Book::of(&app.client, copied).await?;
    operator.post("/larkspur/v1/snapshots", &json!({"name": "written"})).await?.data()?;
    let before = book.get("A5000:T5001", "").await?;
    ensure!(copy.get("A5000:T5001", "").await? == before);
    copy.put("A5000:A5000", json!([["of the copy"]])).await?;
    ensure!(book.get("A5000:T5001", "").await? == before);
    for turn in 0..4 {
        book.call("values_prepend", "A1:A1", json!([[turn]])).await?;
        book.put("A5000:A5000", json!([["changed"]])).await?;
    }
    // What the snapshot needs stays, however long ago it was let go of.
    operator.post("/larkspur/v1/clock/advance", &json!({"by": "2h"})).await?.data()?;
    operator.post("/larkspur/v1/snapshots/written/restore", &json!({})).await?.data()?;
    ensure!(book.get("A5000:T5001", "").await? == before);
    ensure!(copy.get("A5000:T5001", "").await? == before);
    book.put("A5000:A5000", json!([["after"]])).await?;
    ensure!(book.get("A5000:A5001", "").await?[0] == json!(["after"]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_imported_sheet_is_written_and_keeps_its_looks() -> Result<()> {
    let app = app().await?;
    let mut source = String::from("编号,日期\n");
    for row in 0..3_000 {
        writeln!(source, "{row:05},2024-01-31")?;
    }
    let token = app.import("csv", "sheet", source.as_bytes(), "表").await?;
    let book = Book::of(&app.client, token).await?;
    book.put("A2:B2", json!([["x", 45323]])).await?;
    let shown = book.get("A1:B3", "?valueRenderOption=FormattedValue").await?;
    ensure!(
        shown == json!([["编号", "日期"], ["x", "2024-02-01"], ["00001", "2024-01-31"]]),
        "{shown}"
    );
    let done = book.call("values_append", "A1:B1", json!([["end", 1]])).await?;
    ensure!(done["tableRange"] == format!("{}!A3002:B3002", book.sheet), "{done}");
    book.call("values_prepend", "A2:B2", json!([["top", 2]])).await?;

    let tail = book.get("A3002:B3003", "").await?;
    ensure!(tail == json!([["02999", 45322], ["end", 1]]), "{tail}");
    ensure!(book.grid().await?.0 == 3_003);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_calls_have_the_number_of_their_own() -> Result<()> {
    let app = TestApp::start_as(crate::binary(), |config| {
        for id in ["sheetsV2ValuesPut", "sheetsV2ValuesAppend", "sheetsV2ValuesPrepend"] {
            let one = RateRule::Own(Ceilings { per_minute: 1, ..Ceilings::NONE });
            config.rate_rules.operations.insert(id.to_owned(), one);
        }
    })
    .await?;
    let book = Book::new(&app.client).await?;
    for (method, what) in WRITES {
        let path = format!("{V2}/{}/{what}", book.token);
        let body = book.body("A1:A1", &json!([[1]]));
        app.client.call(method.clone(), &path, Some(&body)).await?.data()?;
        let answer = app.client.call(method, &path, Some(&body)).await?;
        refused(&answer, 400, 90_217)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn pictures_and_files_are_uploaded_for_a_spreadsheet() -> Result<()> {
    let app = app().await?;
    let book = Book::new(&app.client).await?;
    let extra = json!({"drive_route_token": book.token}).to_string();
    for (kind, name) in [("sheet_image", "p.png"), ("sheet_file", "p.pdf")] {
        let parts = [
            ("file_name", name),
            ("parent_type", kind),
            ("parent_node", book.token.as_str()),
            ("size", "5"),
            ("extra", extra.as_str()),
            ("file", ""),
        ];
        let path = "/open-apis/drive/v1/medias/upload_all";
        let answer = app.client.form(path, &parts, b"bytes").await?;
        let token = text(answer.data()?, "file_token")?;
        let path = format!("/open-apis/drive/v1/medias/{token}/download");
        let (status, _, bytes) = app.client.fetch(&path, None).await?;
        ensure!((status, bytes.as_slice()) == (200, b"bytes".as_slice()), "HTTP {status}");
    }
    Ok(())
}

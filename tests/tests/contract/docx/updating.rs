//! Blocks changed: texts, tables, columns side by side; many at once.

use anyhow::{Context as _, Result, ensure};
use reqwest::Method;
use serde_json::{Value, json};

use super::{
    DOCUMENTS, add, block, blocks, descend, document, id, make, paragraph, patch, plain, run,
};
use crate::world::text;
use crate::{app, refused};

#[tokio::test(flavor = "multi_thread")]
async fn texts_and_their_styles_change_apart_and_together() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let token = document(client, "t").await?;
    let made = add(client, &token, json!([paragraph("old")])).await?;
    let one = id(&made[0])?;
    let body = json!({"update_text_elements": {"elements": [run("new"), run(" text")]}});
    let answer = patch(client, &token, &one, &body).await?;
    let data = answer.data()?;
    ensure!(data["document_revision_id"] == 3, "{data}");
    let shown = &data["block"]["text"]["elements"];
    ensure!(shown[0]["text_run"]["content"] == "new", "{data}");
    let body = json!({"update_text_style": {"style": {"align": 3, "folded": true}, "fields": [1]}});
    let data = patch(client, &token, &one, &body).await?.data()?.clone();
    ensure!(data["block"]["text"]["style"] == json!({"align": 3}), "{data}");
    let body = json!({"update_text": {"elements": [run("both")], "fields": [1, 6],
                      "style": {"background_color": "LightRedBackground"}}});
    let data = patch(client, &token, &one, &body).await?.data()?.clone();
    let style = json!({"background_color": "LightRedBackground"});
    ensure!(data["block"]["text"]["style"] == style, "{data}");
    ensure!(plain(client, &token).await? == "t\nboth");
    // The page's text is the title, which the drive shows too.
    let body = json!({"update_text_elements": {"elements": [run("另一个"), run("标题")]}});
    let data = patch(client, &token, &token, &body).await?.data()?.clone();
    ensure!(data["block"]["page"]["elements"][0]["text_run"]["content"] == "另一个标题", "{data}");
    let named = client.root_files().await?;
    ensure!(named.contains(&("另一个标题".to_owned(), token.clone())), "{named:?}");
    Ok(())
}

/// A table of these texts, row by row; its block and its cells.
async fn table(
    client: &larkspur_tests::client::Client,
    token: &str,
    rows: &[&[&str]],
) -> Result<(String, Vec<String>)> {
    let columns = rows[0].len();
    let mut descendants = Vec::new();
    let mut cells = Vec::new();
    for (at, content) in rows.concat().iter().enumerate() {
        let (cell, inner) = (format!("c{at}"), format!("t{at}"));
        descendants.push(json!({"block_id": cell, "block_type": 32, "children": [inner]}));
        descendants.push(json!({"block_id": inner, "block_type": 2,
                                "text": {"elements": [run(content)]}}));
        cells.push(cell);
    }
    descendants.push(json!({"block_id": "t", "block_type": 31, "children": cells,
        "table": {"property": {"row_size": rows.len(), "column_size": columns}}}));
    let body = json!({"children_id": ["t"], "descendants": descendants});
    let made = descend(client, token, token, &body).await?;
    let block = &made.data()?["children"][0];
    let cells = block["children"].as_array().context("cells")?;
    let cells = cells.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    Ok((id(block)?, cells))
}

/// The texts of a table, row by row; what is in a cell stands on one line.
async fn texts(
    client: &larkspur_tests::client::Client,
    token: &str,
    table: &str,
) -> Result<Vec<String>> {
    let all = blocks(client, token).await?;
    let block = all.iter().find(|block| block["block_id"] == table).context("the table")?;
    let mut texts = Vec::new();
    for cell in block["table"]["cells"].as_array().context("cells")? {
        let inner = all.iter().filter(|block| block["parent_id"] == *cell);
        let inner: Vec<&str> = inner
            .filter_map(|block| block["text"]["elements"][0]["text_run"]["content"].as_str())
            .collect();
        texts.push(inner.join("+"));
    }
    Ok(texts)
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_grow_shrink_and_merge() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let token = document(client, "table").await?;
    let rows: [&[&str]; 2] = [&["a", "b", "c"], &["d", "e", "f"]];
    let (table, _) = table(client, &token, &rows).await?;
    let run = async |body: Value| -> Result<Value> {
        let answer = patch(client, &token, &table, &body).await?;
        Ok(answer.data()?["block"]["table"]["property"].clone())
    };
    let shown = async || texts(client, &token, &table).await;
    let property = run(json!({"insert_table_row": {"row_index": 1}})).await?;
    ensure!(property["row_size"] == 3, "{property}");
    ensure!(shown().await? == ["a", "b", "c", "", "", "", "d", "e", "f"]);
    let property = run(json!({"insert_table_column": {"column_index": -1}})).await?;
    ensure!(property["column_width"] == json!([100, 100, 100, 100]), "{property}");
    ensure!(shown().await?[3].is_empty() && shown().await?.len() == 12);
    let property = run(json!({"update_table_property": {"column_width": 250, "column_index": 2,
                   "header_row": true}}))
    .await?;
    ensure!(property["column_width"] == json!([100, 100, 250, 100]), "{property}");
    ensure!(property["header_row"] == true, "{property}");
    // The first two columns of all rows become one cell, which holds what all of them held.
    let merge = json!({"merge_table_cells": {"row_start_index": 0, "row_end_index": 3,
                       "column_start_index": 0, "column_end_index": 2}});
    let property = run(merge).await?;
    ensure!(property["merge_info"][0] == json!({"row_span": 3, "col_span": 2}), "{property}");
    ensure!(shown().await?[0] == "a+b+d+e", "{:?}", shown().await?);
    // Its first row goes: what it held stays, one row lower.
    let property = run(json!({"delete_table_rows": {"row_start_index": 0, "row_end_index": 1}}));
    let property = property.await?;
    ensure!(property["merge_info"][0] == json!({"row_span": 2, "col_span": 2}), "{property}");
    ensure!(shown().await? == ["a+b+d+e", "", "", "", "", "", "f", ""], "{:?}", shown().await?);
    let inserted = run(json!({"insert_table_column": {"column_index": 1}})).await?;
    ensure!(inserted["merge_info"][0] == json!({"row_span": 2, "col_span": 3}), "{inserted}");
    let deleted = run(json!({"delete_table_columns": {"column_start_index": 0,
                             "column_end_index": 1}}))
    .await?;
    ensure!(deleted["merge_info"][0] == json!({"row_span": 2, "col_span": 2}), "{deleted}");
    ensure!(shown().await?[0] == "a+b+d+e", "{:?}", shown().await?);
    let parted = run(json!({"unmerge_table_cells": {"row_index": 1, "column_index": 1}})).await?;
    ensure!(parted["merge_info"][0] == json!({"row_span": 1, "col_span": 1}), "{parted}");
    let all = blocks(client, &token).await?;
    for cell in all.iter().filter(|block| block["block_type"] == 32) {
        ensure!(cell["children"].as_array().is_some_and(|inside| !inside.is_empty()), "{cell}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn operations_a_table_cannot_have_are_refused() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let token = document(client, "table").await?;
    let rows: [&[&str]; 2] = [&["a", "b"], &["d", "e"]];
    let (table, _) = table(client, &token, &rows).await?;
    let made = add(client, &token, json!([paragraph("p")])).await?;
    let paragraph = id(&made[0])?;
    let merge = |rows: (i64, i64), columns: (i64, i64)| {
        json!({"merge_table_cells": {"row_start_index": rows.0, "row_end_index": rows.1,
               "column_start_index": columns.0, "column_end_index": columns.1}})
    };
    let cases = [
        (1_770_026, json!({"insert_table_row": {"row_index": 3}})),
        (1_770_026, json!({"delete_table_rows": {"row_start_index": 1, "row_end_index": 3}})),
        (1_770_027, json!({"insert_table_column": {"column_index": 9}})),
        (
            1_770_027,
            json!({"delete_table_columns": {"column_start_index": 2,
                           "column_end_index": 3}}),
        ),
        (1_770_027, json!({"update_table_property": {"column_width": 60, "column_index": 2}})),
        (1_770_001, json!({"update_table_property": {"column_width": 49, "column_index": 0}})),
        (1_770_026, merge((0, 3), (0, 1))),
        (1_770_027, merge((0, 1), (0, 3))),
        (1_770_024, merge((0, 1), (0, 1))),
        (1_770_024, json!({"unmerge_table_cells": {"row_index": 0, "column_index": 0}})),
        (1_770_024, json!({"delete_table_rows": {"row_start_index": 0, "row_end_index": 2}})),
        (
            1_770_024,
            json!({"delete_table_columns": {"column_start_index": 0,
                           "column_end_index": 2}}),
        ),
        (1_770_024, json!({})),
        (
            1_770_024,
            json!({"insert_table_row": {"row_index": 0},
                           "insert_table_column": {"column_index": 0}}),
        ),
        (1_770_025, json!({"update_text_elements": {"elements": [run("x")]}})),
        (1_770_025, json!({"insert_grid_column": {"column_index": 0}})),
        (1_770_025, json!({"update_task": {"task_id": "x"}})),
    ];
    for (code, body) in cases {
        let answer = patch(client, &token, &table, &body).await?;
        refused(&answer, 400, code).with_context(|| body.to_string())?;
    }
    let row = json!({"insert_table_row": {"row_index": 0}});
    refused(&patch(client, &token, &paragraph, &row).await?, 400, 1_770_025)?;
    patch(client, &token, &table, &merge((0, 2), (0, 1))).await?.data()?;
    let across = patch(client, &token, &table, &merge((0, 1), (0, 2))).await?;
    refused(&across, 400, 1_770_024)
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_side_by_side_come_and_go() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let token = document(client, "grid").await?;
    let made = add(client, &token, json!([{"block_type": 24, "grid": {"column_size": 2}}])).await?;
    let grid = id(&made[0])?;
    let run = async |body: Value| patch(client, &token, &grid, &body).await;
    let ratios = async || -> Result<Vec<i64>> {
        let all = blocks(client, &token).await?;
        let columns = all.iter().filter(|block| block["block_type"] == 25);
        Ok(columns.filter_map(|it| it["grid_column"]["width_ratio"].as_i64()).collect())
    };
    let insert = |at: i64| json!({"insert_grid_column": {"column_index": at}});
    let data = run(insert(1)).await?.data()?.clone();
    ensure!(data["block"]["grid"]["column_size"] == 3, "{data}");
    ensure!(ratios().await? == [33, 33, 33]);
    let widths = json!({"update_grid_column_width_ratio": {"width_ratios": [20, 30, 50]}});
    run(widths).await?.data()?;
    ensure!(ratios().await? == [20, 30, 50]);
    run(json!({"delete_grid_column": {"column_index": -1}})).await?.data()?;
    ensure!(ratios().await? == [50, 50]);
    let few = run(json!({"delete_grid_column": {"column_index": 0}})).await?;
    refused(&few, 400, 1_770_024)?;
    refused(&run(insert(5)).await?, 400, 1_770_027)?;
    let one = json!({"update_grid_column_width_ratio": {"width_ratios": [100]}});
    refused(&run(one).await?, 400, 1_770_001)?;
    for _ in 2..10 {
        run(insert(-1)).await?.data()?;
    }
    refused(&run(insert(-1)).await?, 400, 1_770_024)
}

#[tokio::test(flavor = "multi_thread")]
async fn many_blocks_change_at_once_or_none() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let token = document(client, "many").await?;
    let made = add(client, &token, json!([paragraph("a"), paragraph("b")])).await?;
    let (a, b) = (id(&made[0])?, id(&made[1])?);
    let rows: [&[&str]; 2] = [&["1", "2"], &["3", "4"]];
    let (table, _) = table(client, &token, &rows).await?;
    let path = format!("{DOCUMENTS}/{token}/blocks/batch_update");
    let send = async |requests: Value| {
        client.call(Method::PATCH, &path, Some(&json!({"requests": requests}))).await
    };
    let elements = |id: &str, content: &str| json!({"block_id": id, "update_text_elements": {"elements": [run(content)]}});
    let merge = json!({"block_id": table, "merge_table_cells": {"row_start_index": 0,
        "row_end_index": 1, "column_start_index": 0, "column_end_index": 2}});
    let answer = send(json!([elements(&a, "A"), merge, elements(&b, "B")])).await?;
    let data = answer.data()?;
    ensure!(data["blocks"].as_array().map(Vec::len) == Some(3), "{data}");
    ensure!(data["document_revision_id"] == 4, "{data}");
    ensure!(plain(client, &token).await?.starts_with("many\nA\nB\n"));
    // One that cannot be done: nothing is.
    let refused_ = send(json!([elements(&a, "x"), elements(&table, "y")])).await?;
    refused(&refused_, 400, 1_770_025)?;
    let gone = send(json!([elements(&a, "x"), elements("NNNN", "y")])).await?;
    refused(&gone, 404, 1_770_002)?;
    ensure!(plain(client, &token).await?.starts_with("many\nA\nB\n"));
    let twice = send(json!([elements(&a, "x"), elements(&a, "y")])).await?;
    refused(&twice, 400, 1_770_019)?;
    let all: Vec<Value> = (0..201).map(|_| elements(&a, "x")).collect();
    refused(&send(json!(all)).await?, 400, 99_992_402)?;
    refused(&send(json!([elements("", "x")])).await?, 400, 1_770_001)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_grows_to_its_limits() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let token = document(client, "large").await?;
    let cells = |rows: usize, columns: usize| {
        let mut descendants = vec![json!({"block_id": "t", "block_type": 31,
            "table": {"property": {"row_size": rows, "column_size": columns}},
            "children": (0..rows * columns).map(|at| format!("c{at}")).collect::<Vec<_>>()})];
        for at in 0..rows * columns {
            descendants.push(json!({"block_id": format!("c{at}"), "block_type": 32,
                                    "children": [format!("x{at}")]}));
            descendants.push(json!({"block_id": format!("x{at}"), "block_type": 2,
                                    "text": {"elements": [run("")]}}));
        }
        json!({"children_id": ["t"], "descendants": descendants})
    };
    let wide = descend(client, &token, &token, &cells(1, 100)).await?;
    let wide = id(&wide.data()?["children"][0])?;
    let column = json!({"insert_table_column": {"column_index": -1}});
    refused(&patch(client, &token, &wide, &column).await?, 400, 1_770_010)?;
    let row = json!({"insert_table_row": {"row_index": -1}});
    for _ in 1..20 {
        patch(client, &token, &wide, &row).await?.data()?;
    }
    refused(&patch(client, &token, &wide, &row).await?, 400, 1_770_011)?;
    // Two thousand cells and two more.
    let other = descend(client, &token, &token, &cells(1, 2)).await?;
    let other = id(&other.data()?["children"][0])?;
    let merge = |id: &str, rows: i64, columns: i64| {
        json!({"block_id": id, "merge_table_cells": {"row_start_index": 0, "row_end_index": rows,
               "column_start_index": 0, "column_end_index": columns}})
    };
    let path = format!("{DOCUMENTS}/{token}/blocks/batch_update");
    let body = json!({"requests": [merge(&wide, 20, 100), merge(&other, 1, 2)]});
    let answer = client.call(Method::PATCH, &path, Some(&body)).await?;
    refused(&answer, 400, 1_770_034)?;
    // The document itself is full with 20,000 blocks.
    let rows: Vec<Value> = (0..50).map(|_| paragraph("x")).collect();
    let fifty = json!({"children": rows});
    let mut last = make(client, &token, &token, "", &fifty).await?;
    let mut rounds = 0;
    let page = (0..1_000).map(|at| json!({"block_id": format!("{at}"), "block_type": 22}));
    let page: Vec<Value> = page.collect();
    let ids: Vec<String> = (0..1_000).map(|at| at.to_string()).collect();
    let thousand = json!({"children_id": ids, "descendants": page});
    while last.code() == 0 && rounds < 20 {
        rounds += 1;
        last = descend(client, &token, &token, &thousand).await?;
    }
    refused(&last, 400, 1_770_004)?;
    let one = text(&block(client, &token, &wide).await?, "block_id")?;
    ensure!(one == wide);
    Ok(())
}

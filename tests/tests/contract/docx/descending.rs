//! Blocks made with others inside them.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::{blocks, descend, document, plain, run};
use crate::{app, refused};

/// The sample of the contract.
fn sample() -> Value {
    let ordered = |id: &str, content: &str| {
        json!({"block_id": id, "block_type": 13, "ordered": {"elements": [run(content)]},
               "children": []})
    };
    let cell = |id: &str, children: &[&str]| json!({"block_id": id, "block_type": 32, "table_cell": {}, "children": children});
    json!({"index": 0, "children_id": ["headingid_1", "table_id_1"], "descendants": [
        {"block_id": "headingid_1", "block_type": 3, "children": [],
         "heading1": {"elements": [run("简单表格")]}},
        {"block_id": "table_id_1", "block_type": 31, "children": ["table_cell1", "table_cell2"],
         "table": {"property": {"row_size": 1, "column_size": 2}}},
        cell("table_cell1", &["table_cell1_child1", "table_cell1_child2"]),
        cell("table_cell2", &["table_cell2_child"]),
        ordered("table_cell1_child1", "list 1.1"),
        ordered("table_cell1_child2", "list 1.2"),
        {"block_id": "table_cell2_child", "block_type": 2, "children": [],
         "text": {"elements": [run("")]}},
    ]})
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tree_comes_under_ids_of_the_callers() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let token = document(client, "tree").await?;
    let made = descend(client, &token, &token, &sample()).await?;
    let data = made.data()?;
    ensure!(data["document_revision_id"] == 2, "{data}");
    let relations = data["block_id_relations"].as_array().context("relations")?;
    ensure!(relations.len() == 7, "{data}");
    let children = data["children"].as_array().context("children")?;
    ensure!(children.len() == 2 && children[1]["block_type"] == 31, "{data}");
    let real = |temporary: &str| {
        let found = relations.iter().find(|it| it["temporary_block_id"] == temporary);
        found.map(|it| it["block_id"].clone())
    };
    ensure!(real("table_id_1") == Some(children[1]["block_id"].clone()), "{data}");
    let all = blocks(client, &token).await?;
    let kinds: Vec<i64> = all.iter().filter_map(|block| block["block_type"].as_i64()).collect();
    ensure!(kinds == [1, 3, 31, 32, 13, 13, 32, 2], "{kinds:?}");
    ensure!(all[4]["parent_id"] == real("table_cell1").context("a cell")?, "{}", all[4]);
    ensure!(plain(client, &token).await? == "tree\n简单表格\nlist 1.1\nlist 1.2\n");
    Ok(())
}

/// A refusal, and what brings it about.
type Case<'a> = (i64, &'a dyn Fn(&mut Value));

#[tokio::test(flavor = "multi_thread")]
async fn trees_that_do_not_fit_have_their_numbers() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let token = document(client, "tree").await?;
    let with = |change: &dyn Fn(&mut Value)| {
        let mut body = sample();
        change(&mut body);
        body
    };
    let cases: [Case<'_>; 15] = [
        // Names of blocks.
        (1_770_006, &|body| {
            body["children_id"] = json!(["headingid_1", "table_id_1", "table_cell1"]);
        }),
        (1_770_006, &|body| body["children_id"] = json!(["headingid_1"])),
        (1_770_014, &|body| body["children_id"] = json!(["headingid_1", "table_id_1", "x"])),
        (1_770_014, &|body| body["descendants"][3]["children"] = json!(["x"])),
        (1_770_014, &|body| body["descendants"][3]["children"] = json!(["table_cell1_child1"])),
        (1_770_019, &|body| body["descendants"][0]["block_id"] = json!("table_cell1")),
        (1_770_001, &|body| body["descendants"][0]["block_id"] = json!("")),
        // What every block of a type has.
        (1_770_041, &|body| {
            body["descendants"][3]["children"] = json!([]);
            body["descendants"][2]["children"] =
                json!(["table_cell1_child1", "table_cell1_child2", "table_cell2_child"]);
        }),
        (1_770_041, &|body| body["descendants"][1]["table"]["property"]["row_size"] = json!(2)),
        (1_770_041, &|body| body["descendants"][0]["heading1"] = Value::Null),
        (1_770_010, &|body| {
            body["descendants"][1]["table"]["property"]["column_size"] = json!(101);
        }),
        (1_770_011, &|body| {
            body["descendants"][1]["table"]["property"] =
                json!({"row_size": 21, "column_size": 96});
        }),
        // Which block takes which.
        (1_770_030, &|body| {
            body["descendants"][6] = json!({"block_id": "table_cell2_child",
            "block_type": 30, "sheet": {}});
        }),
        (1_770_029, &|body| body["descendants"][0]["block_type"] = json!(35)),
        (1_770_001, &|body| {
            body["descendants"][1]["table"]["property"]["merge_info"] = json!([]);
        }),
    ];
    for (code, change) in cases {
        let body = with(change);
        let answer = descend(client, &token, &token, &body).await?;
        refused(&answer, 400, code).with_context(|| body.to_string())?;
    }
    // Children where none can be, circles, columns, depth.
    let text = |id: &str, children: &[&str]| {
        json!({"block_id": id, "block_type": 2, "text": {"elements": [run(id)]},
               "children": children})
    };
    let divider = json!({"children_id": ["a"], "descendants":
        [{"block_id": "a", "block_type": 22, "divider": {}, "children": ["b"]}, text("b", &[])]});
    refused(&descend(client, &token, &token, &divider).await?, 400, 1_770_028)?;
    let circle = json!({"children_id": ["a"], "descendants":
        [text("a", &[]), text("b", &["c"]), text("c", &["b"])]});
    refused(&descend(client, &token, &token, &circle).await?, 400, 1_770_014)?;
    let grid = json!({"children_id": ["g"], "descendants":
        [{"block_id": "g", "block_type": 24, "grid": {"column_size": 6}, "children": []}]});
    refused(&descend(client, &token, &token, &grid).await?, 400, 1_770_012)?;
    let callout = json!({"children_id": ["g"], "descendants":
        [{"block_id": "g", "block_type": 19, "callout": {}, "children": []}]});
    refused(&descend(client, &token, &token, &callout).await?, 400, 1_770_041)?;
    let names: Vec<String> = (0..60).map(|n| format!("d{n}")).collect();
    let chain: Vec<Value> = names
        .iter()
        .enumerate()
        .map(|(at, name)| match names.get(at + 1) {
            Some(next) => text(name, &[next]),
            None => text(name, &[]),
        })
        .collect();
    let deep = json!({"children_id": ["d0"], "descendants": chain});
    refused(&descend(client, &token, &token, &deep).await?, 400, 1_770_005)?;
    ensure!(blocks(client, &token).await?.len() == 1, "something was made");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_bring_their_widths_and_files_their_frames() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let token = document(client, "columns").await?;
    let column = |id: &str, ratio: Value, child: &str| {
        json!({"block_id": id, "block_type": 25, "grid_column": {"width_ratio": ratio},
               "children": [child]})
    };
    let text = |id: &str| json!({"block_id": id, "block_type": 2, "text": {"elements": [run(id)]}});
    let body = json!({"children_id": ["g", "f"], "descendants": [
        {"block_id": "g", "block_type": 24, "grid": {"column_size": 2}, "children": ["l", "r"]},
        column("l", json!(70), "lt"), column("r", Value::Null, "rt"), text("lt"), text("rt"),
        {"block_id": "f", "block_type": 23, "file": {}},
    ]});
    let made = descend(client, &token, &token, &body).await?;
    let children = &made.data()?["children"];
    ensure!(children[1]["block_type"] == 33, "{children}");
    let all = blocks(client, &token).await?;
    let ratios: Vec<&Value> = all
        .iter()
        .filter(|block| block["block_type"] == 25)
        .map(|block| &block["grid_column"]["width_ratio"])
        .collect();
    ensure!(ratios == [&json!(70), &json!(50)], "{ratios:?}");
    let file = all.iter().find(|block| block["block_type"] == 23).context("a file")?;
    let relations = made.data()?["block_id_relations"].as_array().context("relations")?;
    let named = relations.iter().find(|it| it["temporary_block_id"] == "f").context("f")?;
    ensure!(named["block_id"] == file["block_id"], "{named}");
    Ok(())
}

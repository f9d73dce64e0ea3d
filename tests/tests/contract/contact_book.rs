//! Users and departments one by one: read, listed, found, created; what an app reaches and sees.

use anyhow::{Context as _, Result, ensure};
use larkspur_tests::app::TestApp;
use larkspur_tests::client::{Answer, Client};
use reqwest::Method;
use serde_json::{Value, json};

use crate::admin_directory::operator;
use crate::contact::{DEPARTMENTS, USERS, add_departments, add_users, code_of, with_departments};
use crate::{app, refused};

async fn open_department(client: &Client, id: &str) -> Result<String> {
    let answer =
        client.get(&format!("{DEPARTMENTS}/{id}?department_id_type=department_id")).await?;
    let open = &answer.data()?["department"]["open_department_id"];
    Ok(open.as_str().context("open_department_id")?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn departments_are_read_and_listed_page_by_page() -> Result<()> {
    let app = with_departments().await?;
    let client = &app.client;
    let users: Vec<Value> = (0..7)
        .map(|at| {
            json!({"name": "U", "departments": [if at < 4 { "team" } else { "Sales" }],
            "mobile": format!("1390000000{at}"), "user_id": format!("u{at}")})
        })
        .collect();
    add_users(client, &json!(users)).await?;
    let open = open_department(client, "Sales").await?;
    ensure!(open.starts_with("od-") && open.len() == 35, "{open}");
    let answer = client.get(&format!("{DEPARTMENTS}/{open}")).await?;
    let sales = &answer.data()?["department"];
    ensure!(sales["department_id"] == "Sales" && sales["parent_department_id"] == "0", "{sales}");
    ensure!(sales["member_count"] == 7 && sales["primary_member_count"] == 7, "{sales}");
    ensure!(sales["status"] == json!({"is_deleted": false}), "{sales}");
    let root = client.get(&format!("{DEPARTMENTS}/0")).await?;
    ensure!(root.data()?["department"]["open_department_id"] == "0", "{}", root.body);

    let mut names = Vec::new();
    let mut token = String::new();
    loop {
        let path = format!("{DEPARTMENTS}/0/children?page_size=1&page_token={token}");
        let answer = client.get(&path).await?;
        let page = answer.data()?;
        names.extend(page["items"].as_array().into_iter().flatten().map(|d| d["name"].clone()));
        if page["has_more"] == false {
            ensure!(page.get("page_token").is_none(), "{page}");
            break;
        }
        token = page["page_token"].as_str().context("page_token")?.to_owned();
    }
    ensure!(names == ["Sales", "Lab"], "{names:?}");
    for path in [
        format!("{DEPARTMENTS}/0/children?fetch_child=true"),
        format!("{DEPARTMENTS}?fetch_child=True&parent_department_id=0"),
    ] {
        let answer = client.get(&path).await?;
        ensure!(answer.data()?["items"].as_array().map(Vec::len) == Some(3), "{}", answer.body);
    }
    for (path, status, code) in [
        (format!("{DEPARTMENTS}/ghost?department_id_type=department_id"), 400, 40_015),
        (format!("{DEPARTMENTS}/ghost"), 400, 40_008),
        (format!("{DEPARTMENTS}/_x"), 400, 40_001),
        (format!("{DEPARTMENTS}/ghost/children"), 400, 40_008),
        (format!("{DEPARTMENTS}/0/children?page_size=51"), 400, 40_011),
        (format!("{DEPARTMENTS}/0/children?page_token=x"), 400, 40_012),
        (format!("{DEPARTMENTS}/0/children?department_id_type=x"), 400, 99_992_402),
    ] {
        refused(&client.get(&path).await?, status, code).context(path)?;
    }
    let lab = open_department(client, "lab").await?;
    let range = format!("/larkspur/v1/apps/{}/contact_range", app.app_id);
    let wanted = json!({"department_ids": ["Sales"]});
    operator(&app)?.call(Method::PUT, &range, Some(&wanted)).await?.data()?;
    for (path, status, code) in [
        (format!("{DEPARTMENTS}/{lab}"), 403, 40_004),
        (format!("{DEPARTMENTS}/0"), 403, 40_004),
        (format!("{DEPARTMENTS}/{lab}/children"), 403, 40_014),
        (format!("{DEPARTMENTS}/0/children"), 403, 40_004),
        (format!("{USERS}/find_by_department?department_id={lab}"), 403, 40_004),
    ] {
        refused(&client.get(&path).await?, status, code).context(path)?;
    }
    client.get(&format!("{DEPARTMENTS}/{open}/children")).await?.data()?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_below_is_listed_whole_up_to_ten_thousand() -> Result<()> {
    let app = app().await?;
    let below =
        |top: usize, at: usize| json!({"name": format!("{at}"), "parent_id": format!("top{top}")});
    let mut departments: Vec<Value> = (0..11)
        .map(|top| json!({"id": format!("top{top}"), "name": format!("{top}"), "parent_id": "0"}))
        .collect();
    departments.extend((0..9_989).map(|at| below(at % 11, at)));
    add_departments(&app.client, &json!(departments)).await?;
    let path = format!("{DEPARTMENTS}/0/children?fetch_child=true&page_size=50");
    let answer = app.client.get(&path).await?;
    ensure!(answer.data()?["items"].as_array().map(Vec::len) == Some(50), "{}", answer.body);
    let one_more = json!([below(0, 10_000)]);
    add_departments(&app.client, &one_more).await?;
    refused(&app.client.get(&path).await?, 400, 43_010)
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_read_listed_and_found_by_address() -> Result<()> {
    let app = with_departments().await?;
    let client = &app.client;
    let users: Vec<Value> = (0..5)
        .map(|at| json!({"name": format!("U{at}"), "departments": ["Sales"],
            "email": format!("u{at}@x.cn"), "mobile": format!("1390000000{at}"), "user_id": format!("u{at}")}))
        .collect();
    add_users(client, &json!(users)).await?;
    let open = open_department(client, "Sales").await?;
    for list in [format!("{USERS}/find_by_department"), USERS.to_owned()] {
        let mut seen = Vec::new();
        let mut token = String::new();
        loop {
            let path = format!("{list}?department_id={open}&page_size=2&page_token={token}");
            let answer = client.get(&path).await?;
            let page = answer.data()?;
            seen.extend(
                page["items"].as_array().into_iter().flatten().map(|u| u["user_id"].clone()),
            );
            if page["has_more"] == false {
                break;
            }
            token = page["page_token"].as_str().context("page_token")?.to_owned();
        }
        ensure!(seen == ["u0", "u1", "u2", "u3", "u4"], "{list}: {seen:?}");
    }
    let root = client.get(USERS).await?;
    ensure!(root.data()?["items"][0]["name"] == "Administrator", "{}", root.body);
    let body =
        json!({"emails": ["U1@x.cn", "ghost@x.cn"], "mobiles": ["13900000003", "+4930123456"]});
    let answer = client.post(&format!("{USERS}/batch_get_id?user_id_type=user_id"), &body).await?;
    let found = answer.data()?["user_list"].as_array().context("user_list")?.clone();
    ensure!(found[0]["user_id"] == "u1" && found[0]["email"] == "U1@x.cn", "{found:?}");
    ensure!(found[1] == json!({"email": "ghost@x.cn"}), "{found:?}");
    ensure!(found[2]["user_id"] == "u3" && found[2]["mobile"] == "13900000003", "{found:?}");
    ensure!(found[3] == json!({"mobile": "+4930123456"}), "{found:?}");
    let many: Vec<String> = (0..51).map(|at| format!("{at}@x.cn")).collect();
    let answer = client.post(&format!("{USERS}/batch_get_id"), &json!({"emails": many})).await?;
    refused(&answer, 400, 99_992_402)?;
    for (path, code) in [
        (format!("{USERS}/ou_{}", "0".repeat(32)), 41_012),
        (format!("{USERS}/ghost?user_id_type=user_id"), 41_012),
        (format!("{USERS}/_x?user_id_type=user_id"), 40_001),
        (format!("{USERS}/u1?user_id_type=email"), 99_992_402),
        (format!("{USERS}/find_by_department"), 99_992_402),
        (format!("{USERS}/find_by_department?department_id=0&page_size=51"), 40_011),
        (format!("{USERS}?page_size=101"), 40_011),
        (format!("{USERS}?page_token=x"), 40_012),
    ] {
        refused(&client.get(&path).await?, 400, code).context(path)?;
    }
    let range = format!("/larkspur/v1/apps/{}/contact_range", app.app_id);
    let wanted = json!({"department_ids": ["lab"]});
    operator(&app)?.call(Method::PUT, &range, Some(&wanted)).await?.data()?;
    refused(&client.get(&format!("{USERS}/u1?user_id_type=user_id")).await?, 400, 41_050)?;
    let body = json!({"emails": ["u1@x.cn"]});
    let answer = client.post(&format!("{USERS}/batch_get_id"), &body).await?;
    ensure!(answer.data()?["user_list"] == json!([{"email": "u1@x.cn"}]), "{}", answer.body);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn fields_are_seen_only_with_their_scopes() -> Result<()> {
    let app = with_departments().await?;
    let users = json!([{"name": "U", "departments": ["team"], "email": "u@x.cn", "gender": 1,
        "mobile": "13900000000", "user_id": "u", "employee_no": "1", "city": "杭州"}]);
    let open =
        add_users(&app.client, &users).await?[0]["open_id"].as_str().context("id")?.to_owned();
    let path = format!("/larkspur/v1/apps/{}", app.app_id);
    let scopes = async |scopes: &[&str]| -> Result<Value> {
        let body = json!({ "scopes": scopes });
        operator(&app)?.call(Method::PATCH, &path, Some(&body)).await?.data()?;
        let answer = app.client.get(&format!("{USERS}/{open}")).await?;
        Ok(answer.data()?["user"].clone())
    };
    let base = "contact:contact.base:readonly";
    let user = scopes(&[base]).await?;
    let keys: Vec<_> = user.as_object().context("user")?.keys().cloned().collect();
    ensure!(keys == ["union_id", "open_id", "mobile_visible"], "{keys:?}");
    for (scope, field) in [
        ("contact:user.base:readonly", "name"),
        ("contact:user.email:readonly", "email"),
        ("contact:user.phone:readonly", "mobile"),
        ("contact:user.gender:readonly", "gender"),
        ("contact:user.department:readonly", "department_ids"),
        ("contact:user.employee:readonly", "city"),
        ("contact:user.employee_number:read", "employee_no"),
        ("contact:user.employee_id:readonly", "user_id"),
        ("contact:user.department_path:readonly", "department_path"),
    ] {
        let user = scopes(&[base, scope]).await?;
        ensure!(user.get(field).is_some(), "{scope}: {user}");
        let other = if field == "email" { "mobile" } else { "email" };
        ensure!(user.get(other).is_none(), "{scope}: {user}");
    }
    let user = scopes(&["contact:contact:readonly_as_app"]).await?;
    ensure!(user["name"] == "U" && user["city"] == "杭州" && user["employee_no"] == "1", "{user}");
    ensure!(user.get("email").is_none() && user.get("user_id").is_none(), "{user}");
    let answer = app.client.get(&format!("{USERS}/u?user_id_type=user_id")).await?;
    refused(&answer, 400, 99_991_672)?;
    ensure!(
        answer.body["error"]["permission_violations"][0]["subject"]
            == "contact:user.employee_id:readonly",
        "{}",
        answer.body
    );
    let team = app.client.get(&format!("{DEPARTMENTS}/0/children")).await?;
    ensure!(team.data()?["items"][0]["name"] == "Sales", "{}", team.body);
    scopes(&[base]).await?;
    let team = app.client.get(&format!("{DEPARTMENTS}/0/children")).await?;
    let keys: Vec<_> =
        team.data()?["items"][0].as_object().context("item")?.keys().cloned().collect();
    ensure!(keys == ["open_department_id"], "{keys:?}");
    Ok(())
}

async fn created(client: &Client, path: &str, body: &Value) -> Result<Answer> {
    let kinds = "user_id_type=user_id&department_id_type=department_id";
    let join = if path.contains('?') { '&' } else { '?' };
    client.post(&format!("{path}{join}{kinds}"), body).await
}

/// Ann, with everything that can be said, and Bob, whom she leads.
async fn with_ann_and_bob() -> Result<TestApp> {
    let app = with_departments().await?;
    let client = &app.client;
    let operator = operator(&app)?;
    let attributes =
        json!({"custom_attrs": [{"id": "note", "type": "TEXT"}, {"id": "page", "type": "HREF"}]});
    let path = "/larkspur/v1/contact/custom_attrs";
    operator.call(Method::PUT, path, Some(&attributes)).await?.data()?;
    let body = json!({"user_id": "ann", "name": "张三", "en_name": "San", "nickname": "S", "email": "a@x.cn",
        "mobile": "13011111111", "mobile_visible": false, "gender": 1, "department_ids": ["Sales", "lab"],
        "city": "杭州", "country": "CN", "work_station": "A", "join_time": 2_147_483_647, "employee_no": "1",
        "employee_type": 1, "job_title": "T",
        "orders": [{"department_id": "Sales", "user_order": 100, "department_order": 90, "is_primary_dept": true}],
        "custom_attrs": [{"type": "HREF", "id": "page", "value": {"text": "x", "url": "http://x"}}]});
    let made = created(client, USERS, &body).await?;
    let user = &made.data()?["user"];
    ensure!(
        user["user_id"] == "ann" && user["department_ids"] == json!(["Sales", "lab"]),
        "{user}"
    );
    ensure!(
        user["orders"][0]
            == json!({"department_id": "Sales", "user_order": 100,
        "department_order": 90, "is_primary_dept": true}),
        "{user}"
    );
    ensure!(
        user["custom_attrs"][0]
            == json!({"type": "HREF", "id": "page",
        "value": {"text": "x", "url": "http://x"}}),
        "{user}"
    );
    let other = json!({"user_id": "bob", "name": "B", "mobile": "13022222222", "email": "b@x.cn",
        "department_ids": ["lab"], "employee_type": 1, "leader_user_id": "ann",
        "dotted_line_leader_user_ids": ["ANN"]});
    let made = created(client, USERS, &other).await?;
    ensure!(made.data()?["user"]["leader_user_id"] == "ann", "{}", made.body);
    ensure!(made.data()?["user"]["dotted_line_leader_user_ids"] == json!(["ann"]), "{}", made.body);
    Ok(app)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_is_created_or_refused_with_its_code() -> Result<()> {
    let app = with_ann_and_bob().await?;
    let client = &app.client;
    let operator = operator(&app)?;
    let frozen = json!({"enabled": false});
    operator.call(Method::PATCH, "/larkspur/v1/users/bob", Some(&frozen)).await?.data()?;
    let many: Vec<String> = (0..51).map(|number| number.to_string()).collect();
    let attr = |attr: Value| json!({"custom_attrs": [attr]});
    for (number, (code, status, change)) in [
        (40_001, 400, json!({"country": "cn"})),
        (40_001, 400, json!({"department_ids": ["nowhere"]})),
        (41_001, 400, json!({"mobile": "13011111111"})),
        (41_002, 400, json!({"email": "A@x.cn"})),
        (41_003, 409, json!({"mobile": "13011111111", "email": "b@x.cn"})),
        (41_004, 400, json!({"mobile": "1"})),
        (41_005, 400, json!({"email": "x"})),
        (41_006, 400, json!({"name": " "})),
        (41_009, 400, json!({"mobile": ""})),
        (41_010, 400, json!({"mobile": "", "email": "new@x.cn"})),
        (41_011, 400, json!({"user_id": "ANN"})),
        (41_012, 400, json!({"user_id": "_"})),
        (41_017, 400, json!({"department_ids": []})),
        (41_025, 400, json!({"orders": [{"department_id": "team"}]})),
        (41_030, 400, json!({"user_id": "me", "leader_user_id": "ME"})),
        (41_033, 400, json!({"department_ids": many})),
        (41_036, 400, json!({"avatar_key": "x"})),
        (41_038, 400, json!({"gender": 4})),
        (41_040, 400, json!({"name": null})),
        (41_041, 400, json!({"department_ids": [""]})),
        (41_042, 400, json!({"join_time": -5})),
        (41_043, 400, json!({"employee_no": "x".repeat(256)})),
        (41_044, 400, attr(json!({"value": {"text": "x"}}))),
        (41_045, 400, attr(json!({"id": "what", "value": {"text": "x"}}))),
        (41_046, 400, attr(json!({"id": "note"}))),
        (41_047, 400, attr(json!({"id": "page", "value": {"url": "http://x"}}))),
        (41_048, 400, attr(json!({"id": "page", "value": {"text": "x"}}))),
        (41_053, 409, json!({"user_id": "new", "mobile": "13011111111", "email": "a@x.cn"})),
        (41_059, 400, json!({"employee_type": 9})),
        (41_059, 400, json!({"employee_type": null})),
        (41_063, 400, json!({"job_title": "x".repeat(256)})),
        (41_070, 400, json!({"name": "x".repeat(256)})),
        (41_071, 400, json!({"en_name": "x".repeat(256)})),
        (41_072, 400, json!({"nickname": "x".repeat(256)})),
        (
            41_410,
            400,
            json!({"department_ids": ["lab", "Sales"],
            "orders": [{"department_id": "Sales", "is_primary_dept": true}]}),
        ),
        (44_001, 400, json!({"enterprise_email": "x@mail.com"})),
        (44_021, 400, json!({"leader_user_id": "bob"})),
        (44_022, 400, json!({"leader_user_id": "ghost"})),
        (44_040, 400, json!({"geo": "cn"})),
        (44_044, 400, json!({"job_level_id": "x"})),
        (44_045, 400, json!({"job_family_id": "x"})),
        (44_048, 400, json!({"subscription_ids": ["1"]})),
        (44_051, 400, json!({"employee_no": "1"})),
    ]
    .into_iter()
    .enumerate()
    {
        let mut body = json!({"name": "U", "mobile": format!("139{number:08}"),
            "department_ids": ["lab"], "employee_type": 1});
        for (key, value) in change.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        let answer = created(client, USERS, &body).await?;
        refused(&answer, status, code).with_context(|| change.to_string())?;
    }
    let body = json!({"name": "C", "mobile": "13033333333", "department_ids": ["lab"], "employee_type": 1});
    let path = format!("{USERS}?client_token=once");
    let first = created(client, &path, &body).await?;
    let again = created(client, &path, &body).await?;
    ensure!(first.data()?["user"]["user_id"] == again.data()?["user"]["user_id"], "{}", again.body);
    let another = json!({"name": "D", "mobile": "13044444444", "department_ids": ["lab"], "employee_type": 1});
    refused(&created(client, &path, &another).await?, 400, 40_021)?;
    let range = format!("/larkspur/v1/apps/{}/contact_range", app.app_id);
    let wanted = json!({"department_ids": ["Sales"]});
    operator.call(Method::PUT, &range, Some(&wanted)).await?.data()?;
    refused(&created(client, USERS, &another).await?, 403, 40_004)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_department_is_created_or_refused_with_its_code() -> Result<()> {
    let app = with_departments().await?;
    let client = &app.client;
    add_users(
        client,
        &json!([
        {"name": "A", "departments": ["0"], "user_id": "ann", "mobile": "13000000001"},
        {"name": "B", "departments": ["0"], "user_id": "bob", "mobile": "13000000002"}]),
    )
    .await?;
    let frozen = json!({"enabled": false});
    operator(&app)?.call(Method::PATCH, "/larkspur/v1/users/bob", Some(&frozen)).await?.data()?;
    let body = json!({"name": "Demo", "i18n_name": {"zh_cn": "样", "ja_jp": "デモ", "en_us": "Demo"},
        "parent_department_id": "lab", "department_id": "D096", "order": "100",
        "create_group_chat": true, "leaders": [{"leaderType": 1, "leaderID": "ANN"}],
        "group_chat_employee_types": [1], "department_hrbps": ["ann"]});
    let made = created(client, DEPARTMENTS, &body).await?;
    let made = &made.data()?["department"];
    ensure!(made["department_id"] == "D096" && made["order"] == "100", "{made}");
    ensure!(
        made["leader_user_id"] == "ann" && made["department_hrbps"] == json!(["ann"]),
        "{made}"
    );
    ensure!(made["leaders"] == json!([{"leaderType": 1, "leaderID": "ann"}]), "{made}");
    ensure!(made["i18n_name"]["zh_cn"] == "样" && made["member_count"] == 0, "{made}");
    ensure!(made["chat_id"].as_str().is_some_and(|id| id.starts_with("oc_")), "{made}");
    let deep: Vec<Value> = (1..=25)
        .map(|level| {
            let parent = if level == 1 { "0".to_owned() } else { format!("deep{}", level - 1) };
            json!({"id": format!("deep{level}"), "name": "deep", "parent_id": parent})
        })
        .chain((0..1_000).map(|at| json!({"name": format!("w{at}"), "parent_id": "team"})))
        .collect();
    ensure!(add_departments(client, &json!(deep)).await?.iter().all(|item| code_of(item) == 0));
    for (code, status, change) in [
        (43_005, 400, json!({"order": "100"})),
        (40_018, 400, json!({"order": "first"})),
        (43_008, 400, json!({"department_id": "_"})),
        (43_008, 400, json!({"department_id": "0"})),
        (43_013, 400, json!({"parent_department_id": "team"})),
        (40_008, 400, json!({"parent_department_id": "nowhere"})),
        (40_016, 401, json!({"name": ""})),
        (42_006, 400, json!({"leader_user_id": "bob"})),
        (41_012, 400, json!({"leader_user_id": "ghost"})),
        (41_012, 400, json!({"leaders": [{"leaderType": 2, "leaderID": "ghost"}]})),
        (43_004, 400, json!({"unit_ids": ["u"]})),
        (43_007, 400, json!({"department_id": "d096"})),
        (44_101, 400, json!({"parent_department_id": null})),
        (43_019, 400, json!({"parent_department_id": "deep25"})),
        (43_022, 400, json!({"name": "Demo"})),
        (43_026, 400, json!({"group_chat_employee_types": [7]})),
        (43_028, 400, json!({"department_hrbps": ["ghost"]})),
        (43_029, 400, json!({"name": "a/b"})),
    ] {
        let mut body = json!({"name": "New", "parent_department_id": "lab"});
        for (key, value) in change.as_object().into_iter().flatten() {
            body[key] = value.clone();
        }
        let answer = created(client, DEPARTMENTS, &body).await?;
        refused(&answer, status, code).with_context(|| change.to_string())?;
    }
    let body = json!({"name": "Once", "parent_department_id": "lab"});
    let path = format!("{DEPARTMENTS}?client_token=once");
    let first = created(client, &path, &body).await?;
    let again = created(client, &path, &body).await?;
    let id = |answer: &Answer| answer.body["data"]["department"]["department_id"].clone();
    ensure!(first.data()?.is_object() && id(&first) == id(&again), "{}", again.body);
    let another = json!({"name": "Another", "parent_department_id": "lab"});
    refused(&created(client, &path, &another).await?, 400, 40_021)?;
    let range = format!("/larkspur/v1/apps/{}/contact_range", app.app_id);
    let wanted = json!({"department_ids": ["Sales"]});
    operator(&app)?.call(Method::PUT, &range, Some(&wanted)).await?.data()?;
    refused(&created(client, DEPARTMENTS, &another).await?, 403, 40_014)
}

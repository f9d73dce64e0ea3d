//! Contact batches: every rule of their items, what is refused at once, whose a task is.

use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use larkspur_tests::app::TestApp;
use larkspur_tests::client::Client;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::admin_directory::operator;
use crate::{app, refused};

pub(crate) const ADD_USERS: &str = "/open-apis/contact/v2/user/batch_add";
pub(crate) const ADD_DEPARTMENTS: &str = "/open-apis/contact/v2/department/batch_add";
pub(crate) const GET: &str = "/open-apis/contact/v2/task/get";
pub(crate) const USERS: &str = "/open-apis/contact/v3/users";
pub(crate) const DEPARTMENTS: &str = "/open-apis/contact/v3/departments";

/// How long a batch of ten thousand may take on a machine that is busy with other tests.
const PATIENCE: Duration = Duration::from_mins(2);

/// Adds a batch and waits for its end.
async fn add(client: &Client, path: &str, body: &Value) -> Result<Value> {
    let answer = client.post(path, body).await?;
    let task = answer.data()?["task_id"].as_str().context("task_id")?.to_owned();
    ensure!(task.len() == 32 && task.bytes().all(|b| b.is_ascii_hexdigit()), "{task}");
    ended(client, &task).await
}

/// Waits for the end of a batch, looking at every answer on the way.
pub(crate) async fn ended(client: &Client, task: &str) -> Result<Value> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        let answer = client.get(&format!("{GET}?task_id={task}")).await?;
        let data = answer.data()?.clone();
        let status = data["status"].as_i64().context("status")?;
        let progress = data["progress"].as_i64().context("progress")?;
        let (good, bad) = (data["success_num"].as_i64(), data["fail_num"].as_i64());
        let total = data["total_num"].as_i64().context("total_num")?;
        ensure!(good.context("success_num")? + bad.context("fail_num")? <= total, "{data}");
        if status >= 9 {
            ensure!(data["finish_time"].as_i64() >= data["create_time"].as_i64(), "{data}");
            return Ok(data);
        }
        ensure!(progress < 100, "{data}");
        ensure!(data.get("finish_time").is_none() && data.get("task_info").is_none(), "{data}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    anyhow::bail!("task {task} has not ended in {PATIENCE:?}")
}

pub(crate) async fn add_users(client: &Client, users: &Value) -> Result<Vec<Value>> {
    let data = add(client, ADD_USERS, &json!({ "users": users })).await?;
    ensure!(data["type"] == "add_user" && data["status"] == 9, "{data}");
    Ok(data["task_info"].as_array().context("task_info")?.clone())
}

pub(crate) async fn add_departments(client: &Client, departments: &Value) -> Result<Vec<Value>> {
    let data = add(client, ADD_DEPARTMENTS, &json!({ "departments": departments })).await?;
    ensure!(data["type"] == "add_department" && data["status"] == 9, "{data}");
    Ok(data["task_info"].as_array().context("task_info")?.clone())
}

/// Some departments to start with.
pub(crate) async fn with_departments() -> Result<TestApp> {
    let app = app().await?;
    let made = add_departments(
        &app.client,
        &json!([
            {"id": "team", "name": "Team", "parent_id": "sales"},
            {"id": "Sales", "name": "Sales", "parent_id": "0"},
            {"id": "lab", "name": "Lab", "parent_id": "0"},
        ]),
    )
    .await?;
    ensure!(made.iter().all(|one| one["code"] == 0 && one["action"] == 1), "{made:?}");
    Ok(app)
}

pub(crate) fn code_of(item: &Value) -> i64 {
    item["code"].as_i64().unwrap_or(-1)
}

#[tokio::test(flavor = "multi_thread")]
async fn results_stand_in_the_order_of_the_request() -> Result<()> {
    let app = with_departments().await?;
    let data = add(
        &app.client,
        ADD_USERS,
        &json!({"users": [
            {"name": "custom_1", "departments": ["SALES"], "user_id": "custom_1",
             "email": "custom_1@feishu.cn", "mobile": "13000000001", "leader_user_id": "boss"},
            {"name": "custom_2", "departments": ["Sales"], "mobile": "13000000002", "user_id": "_custom_2"},
            {"name": "boss", "departments": ["0"], "mobile": "+14155552671", "user_id": "boss"},
            {"name": "none", "departments": ["team"], "mobile": "13000000004"},
        ]}),
    )
    .await?;
    ensure!(data["progress"] == 100 && data["total_num"] == 4, "{data}");
    ensure!(data["success_num"] == 3 && data["fail_num"] == 1, "{data}");
    let info = data["task_info"].as_array().context("task_info")?;
    let good = &info[0];
    ensure!(good["code"] == 0 && good["msg"] == "success" && good["action"] == 1, "{good}");
    ensure!(good["departments"] == json!(["SALES"]) && good["mobile"] == "13000000001", "{good}");
    ensure!(good["email"] == "custom_1@feishu.cn" && good["user_id"] == "custom_1", "{good}");
    ensure!(good["open_id"].as_str().is_some_and(|id| id.starts_with("ou_") && id.len() == 35));
    ensure!(
        info[1]
            == json!({"code": 10013, "msg": "invalid user_id", "name": "custom_2",
        "mobile": "13000000002", "user_id": "_custom_2", "departments": ["Sales"]}),
        "{}",
        info[1]
    );
    ensure!(info[2]["name"] == "boss" && info[2]["code"] == 0, "{}", info[2]);
    let made = info[3]["user_id"].as_str().context("a generated user_id")?;
    ensure!(made.len() == 8 && info[3].get("email").is_none(), "{}", info[3]);

    // Read back, with the leader named in the kind of id that was asked for.
    let path = format!("{USERS}/custom_1?user_id_type=user_id&department_id_type=department_id");
    let answer = app.client.get(&path).await?;
    let user = &answer.data()?["user"];
    ensure!(user["leader_user_id"] == "boss" && user["mobile"] == "+8613000000001", "{user}");
    ensure!(user["department_ids"] == json!(["Sales"]) && user["employee_type"] == 1, "{user}");
    ensure!(
        user["mobile_visible"] == true && user["department_path"][0]["department_id"] == "Sales"
    );
    let open = good["open_id"].as_str().context("open_id")?;
    let answer = app.client.get(&format!("{USERS}/{open}")).await?;
    ensure!(answer.data()?["user"]["user_id"] == "custom_1", "{}", answer.body);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_known_id_is_updated() -> Result<()> {
    let app = with_departments().await?;
    let user = json!({"name": "A", "departments": ["team"], "user_id": "Ann", "mobile": "13000000001",
        "email": "a@x.cn", "city": "杭州", "country": "CN", "gender": 2, "employee_type": 2,
        "join_time": 1_600_000_000, "employee_no": "7", "work_station": "B", "mobile_visible": false});
    ensure!(add_users(&app.client, &json!([user])).await?[0]["action"] == 1);
    let again =
        json!({"name": "B", "departments": ["lab"], "user_id": "ANN", "mobile": "13000000009"});
    let info = add_users(&app.client, &json!([again])).await?;
    ensure!(info[0]["action"] == 2 && info[0]["user_id"] == "ANN", "{}", info[0]);
    let path = format!("{USERS}/ann?user_id_type=user_id&department_id_type=department_id");
    let answer = app.client.get(&path).await?;
    let user = &answer.data()?["user"];
    ensure!(user["user_id"] == "Ann" && user["name"] == "B" && user["email"] == "a@x.cn", "{user}");
    ensure!(user["mobile"] == "+8613000000009" && user["city"] == "杭州", "{user}");
    ensure!(user["department_ids"] == json!(["lab"]) && user["employee_no"] == "7", "{user}");
    ensure!(user["mobile_visible"] == false && user["gender"] == 2, "{user}");
    ensure!(user["join_time"] == 1_600_000_000 && user["work_station"] == "B", "{user}");

    let moved =
        json!([{"id": "TEAM", "name": "Renamed", "parent_id": "lab", "create_group_chat": true}]);
    let info = add_departments(&app.client, &moved).await?;
    ensure!(info[0]["action"] == 2 && info[0]["department_id"] == "TEAM", "{}", info[0]);
    let chat = info[0]["chat_id"].as_str().context("chat_id")?;
    ensure!(chat.starts_with("oc_") && chat.len() == 35, "{chat}");
    let path = format!("{DEPARTMENTS}/team?department_id_type=department_id");
    let answer = app.client.get(&path).await?;
    let department = &answer.data()?["department"];
    ensure!(department["name"] == "Renamed" && department["parent_department_id"] == "lab");
    ensure!(department["chat_id"] == chat && department["department_id"] == "team", "{department}");
    Ok(())
}

/// A user of a team, with some fields changed.
fn user(number: usize, change: &Value) -> Value {
    let mut user =
        json!({"name": "U", "departments": ["team"], "mobile": format!("139{number:08}")});
    for (key, value) in change.as_object().into_iter().flatten() {
        user[key] = value.clone();
    }
    user
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rule_of_a_user_has_its_code() -> Result<()> {
    let app = with_departments().await?;
    let operator = operator(&app)?;
    let attributes = json!({"custom_attrs": [
        {"id": "note", "name": "Note", "type": "TEXT"}, {"id": "page", "type": "HREF"},
        {"id": "off", "type": "TEXT", "enabled": false}]});
    let path = "/larkspur/v1/contact/custom_attrs";
    operator.call(Method::PUT, path, Some(&attributes)).await?.data()?;
    let stranger = {
        let user = json!({"name": "S", "departments": ["0"], "mobile": "13700000000"});
        add_users(&app.client, &json!([user])).await?[0]["open_id"]
            .as_str()
            .context("id")?
            .to_owned()
    };
    ensure!(stranger.len() == 35);
    let first = json!({"name": "A", "departments": ["team"], "user_id": "ann", "mobile": "13000000001",
        "email": "a@x.cn", "employee_no": "1"});
    let second = json!({"name": "B", "departments": ["team"], "user_id": "bob", "mobile": "13000000002",
        "email": "b@x.cn"});
    ensure!(add_users(&app.client, &json!([first, second])).await?.iter().all(|i| i["code"] == 0));
    let attr = |id: Value, value: Value| json!({"custom_attrs": [{"id": id, "value": value}]});
    let many: Vec<String> = (0..51).map(|number| number.to_string()).collect();
    let cases = [
        (10_013, json!({"user_id": "-x"})),
        (40_007, json!({"leader_user_id": "ghost"})),
        (40_051, json!({"leader_open_id": "ou_0123456789abcdef0123456789abcdef"})),
        (40_051, json!({"leader_open_id": "nobody"})),
        (40_013, json!({"country": "XX"})),
        (40_013, json!({"employee_type": 6})),
        (40_013, json!({"employee_no": "1"})),
        (40_013, json!({"city": "x".repeat(101)})),
        (40_052, json!({"departments": ["nowhere"]})),
        (40_101, json!({"mobile": "+86 130 0000 0001"})),
        (40_102, json!({"email": "A@X.cn"})),
        (40_103, json!({"mobile": "13000000001", "email": "b@x.cn"})),
        (40_104, json!({"mobile": "123"})),
        (40_105, json!({"name": ""})),
        (40_106, json!({"email": "nothing"})),
        (40_109, json!({"mobile": ""})),
        (40_110, json!({"mobile": null, "email": "new@x.cn"})),
        (40_112, json!({"leader_user_id": "_"})),
        (40_113, json!({"departments": []})),
        (40_115, json!({"join_time": -1})),
        (40_116, json!({"gender": 3})),
        (40_119, json!({"user_id": "other", "mobile": "13000000001", "email": "a@x.cn"})),
        (40_120, attr(Value::Null, json!({"text": "x"}))),
        (40_121, attr(json!("note"), Value::Null)),
        (40_123, attr(json!("page"), json!({"url": "http://x"}))),
        (40_124, attr(json!("page"), json!({"text": "x"}))),
        (40_140, json!({"user_id": "ann", "mobile": "13000000001", "leader_user_id": "ANN"})),
        (40_142, json!({"departments": many})),
        (40_143, json!({"departments": ["team", "lab"]})),
        (40_181, json!({"user_id": "self", "leader_user_id": "self"})),
        // Unknown and disabled attributes are passed over; user_id beats open_id.
        (0, attr(json!("what"), json!({"text": "x"}))),
        (0, attr(json!("off"), json!({"text": "x"}))),
        (0, json!({"leader_user_id": "ann", "leader_open_id": "nobody"})),
        (0, json!({"leader_open_id": stranger})),
    ];
    let users: Vec<Value> =
        cases.iter().enumerate().map(|(at, (_, change))| user(at, change)).collect();
    let info = add_users(&app.client, &json!(users)).await?;
    for ((expected, change), item) in cases.iter().zip(&info) {
        ensure!(code_of(item) == *expected, "{change}: {item}");
        ensure!(item.get("action").is_some() == (*expected == 0), "{item}");
        ensure!(item.get("open_id").is_some() == (*expected == 0), "{item}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_app_changes_only_what_it_reaches() -> Result<()> {
    let app = with_departments().await?;
    let operator = operator(&app)?;
    let range = format!("/larkspur/v1/apps/{}/contact_range", app.app_id);
    let wanted = json!({"department_ids": ["SALES"]});
    let set = operator.call(Method::PUT, &range, Some(&wanted)).await?;
    ensure!(set.data()?["department_ids"] == json!(["Sales"]), "{}", set.body);
    let info = add_users(
        &app.client,
        &json!([
            user(100, &json!({"departments": ["lab"]})),
            user(101, &json!({"departments": ["0"]})),
            user(102, &json!({"departments": ["team"], "user_id": "seen"})),
        ]),
    )
    .await?;
    let codes: Vec<i64> = info.iter().map(code_of).collect();
    ensure!(codes == [40_003, 40_003, 0], "{info:?}");
    let wanted = json!({"department_ids": ["lab"]});
    operator.call(Method::PUT, &range, Some(&wanted)).await?.data()?;
    let known = user(103, &json!({"departments": ["lab"], "user_id": "SEEN"}));
    let info = add_users(&app.client, &json!([known])).await?;
    ensure!(code_of(&info[0]) == 40_111, "{info:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_rule_of_a_department_has_its_code() -> Result<()> {
    let app = with_departments().await?;
    add_users(
        &app.client,
        &json!([{"name": "A", "departments": ["0"], "user_id": "ann",
        "mobile": "13000000001"}]),
    )
    .await?;
    let cases = [
        (0, json!({"id": "ok", "name": "ok", "parent_id": "team", "leader_user_id": "ANN"})),
        (0, json!({"name": "generated", "parent_id": "team"})),
        (40_007, json!({"id": "a", "name": "a", "parent_id": "0", "leader_user_id": "ghost"})),
        (40_051, json!({"id": "b", "name": "b", "parent_id": "0", "leader_open_id": "ou_x"})),
        (40_112, json!({"id": "c", "name": "c", "parent_id": "0", "leader_user_id": "_"})),
        (40_013, json!({"id": "d", "name": "a/b", "parent_id": "0"})),
        (40_013, json!({"id": "Sales", "name": "Sales", "parent_id": "team"})),
        (40_052, json!({"id": "e", "name": "e", "parent_id": "nowhere"})),
        (40_052, json!({"id": "f", "name": "f", "parent_id": "e"})),
        (40_105, json!({"id": "g", "parent_id": "0"})),
        (40_151, json!({"id": "_", "name": "h", "parent_id": "0"})),
        (40_153, json!({"id": "i", "name": "Lab", "parent_id": "0"})),
        (40_157, json!({"id": "0", "name": "j", "parent_id": "lab"})),
        (40_184, json!({"id": "k", "name": "k", "parent_id": "K"})),
        (40_185, json!({"id": "l", "name": "l", "parent_id": ""})),
        (40_185, json!({"id": "m", "name": "m"})),
    ];
    let departments: Vec<&Value> = cases.iter().map(|(_, department)| department).collect();
    let info = add_departments(&app.client, &json!(departments)).await?;
    for ((expected, department), item) in cases.iter().zip(&info) {
        ensure!(code_of(item) == *expected, "{department}: {item}");
    }
    ensure!(info[1]["department_id"].as_str().is_some_and(|id| id.len() == 16), "{}", info[1]);
    ensure!(info[0].get("chat_id").is_none(), "{}", info[0]);

    let deep: Vec<Value> = (1..=26)
        .rev()
        .map(|level| {
            let parent = if level == 1 { "0".to_owned() } else { format!("deep{}", level - 1) };
            json!({"id": format!("deep{level}"), "name": "deep", "parent_id": parent})
        })
        .collect();
    let info = add_departments(&app.client, &json!(deep)).await?;
    ensure!(code_of(&info[0]) == 40_013, "{}", info[0]);
    ensure!(info[1..].iter().all(|item| code_of(item) == 0), "{info:?}");
    let wide: Vec<Value> =
        (0..1_001).map(|at| json!({"name": format!("wide {at}"), "parent_id": "lab"})).collect();
    let info = add_departments(&app.client, &json!(wide)).await?;
    ensure!(info[..1_000].iter().all(|item| code_of(item) == 0));
    ensure!(code_of(&info[1_000]) == 40_164, "{}", info[1_000]);

    let range = format!("/larkspur/v1/apps/{}/contact_range", app.app_id);
    let wanted = json!({"department_ids": ["Sales"]});
    operator(&app)?.call(Method::PUT, &range, Some(&wanted)).await?.data()?;
    let info = add_departments(
        &app.client,
        &json!([
            {"id": "n", "name": "n", "parent_id": "lab"},
            {"id": "lab", "name": "Lab", "parent_id": "sales"},
        ]),
    )
    .await?;
    ensure!(info.iter().map(code_of).eq([40_004, 40_152]), "{info:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_concerns_the_whole_request_is_refused_at_once() -> Result<()> {
    let app = app().await?;
    let client = &app.client;
    let user = |id: &str, leader: &str| {
        json!({"name": "U", "departments": ["0"], "mobile": "13000000001", "user_id": id,
            "leader_user_id": leader})
    };
    let unit = |id: &str, parent: &str| json!({"id": id, "name": id, "parent_id": parent});
    for (path, body, code) in [
        (ADD_USERS, json!({"users": []}), 40_042),
        (ADD_DEPARTMENTS, json!({"departments": []}), 40_042),
        (ADD_USERS, json!({"users": [user("a", ""), user("A", "")]}), 40_180),
        (ADD_USERS, json!({"users": [user("a", "b"), user("b", "c"), user("c", "A")]}), 40_183),
        (ADD_DEPARTMENTS, json!({"departments": [unit("a", "0"), unit("A", "0")]}), 40_186),
        (ADD_DEPARTMENTS, json!({"departments": [unit("a", "b"), unit("b", "a")]}), 40_187),
        (ADD_DEPARTMENTS, json!({"departments": vec![json!({}); 100_001]}), 40_042),
        (ADD_USERS, json!({}), 99_992_402),
        (ADD_USERS, json!({"users": [{"gender": "male"}]}), 99_992_402),
    ] {
        refused(&client.post(path, &body).await?, 400, code)
            .with_context(|| format!("{:.200}", body.to_string()))?;
    }
    refused(&client.get(GET).await?, 400, 99_992_402)?;
    let unknown = format!("{GET}?task_id={}", "0".repeat(32));
    refused(&client.get(&unknown).await?, 400, 40_031)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_is_its_tenants_alone() -> Result<()> {
    let app = app().await?;
    let body = json!({"departments": [{"name": "A", "parent_id": "0"}]});
    let answer = app.client.post(ADD_DEPARTMENTS, &body).await?;
    let task = answer.data()?["task_id"].as_str().context("task_id")?.to_owned();
    ended(&app.client, &task).await?;
    let made = operator(&app)?.post("/larkspur/v1/tenants", &json!({"name": "Other"})).await?;
    let other = made.data()?["tenant"].clone();
    let text = |key: &str| other[key].as_str().with_context(|| format!("{key} in {other}"));
    let stranger = Client::connect(&app.server.url, text("app_id")?, text("app_secret")?).await?;
    let path = format!("{GET}?task_id={task}");
    refused(&stranger.get(&path).await?, 400, 40_032)?;
    // A month later the task is forgotten.
    app.clock.advance(30 * 24 * 3_600_000);
    app.server.engine().sweep().await?;
    let client = app.fresh_client().await?;
    refused(&client.get(&path).await?, 400, 40_031)
}

#[tokio::test(flavor = "multi_thread")]
async fn new_users_are_invited_and_nobody_receives_it() -> Result<()> {
    let app = app().await?;
    let body = json!({"need_send_notification": true, "users": [
        {"name": "A", "departments": ["0"], "mobile": "13000000001", "email": "a@x.cn", "user_id": "a"},
        {"name": "B", "departments": ["0"], "mobile": "13000000002"},
        {"name": "", "departments": ["0"], "mobile": "13000000003"}]});
    add(&app.client, ADD_USERS, &body).await?;
    // An update is no invitation.
    add(
        &app.client,
        ADD_USERS,
        &json!({"need_send_notification": true, "users": [
        {"name": "A", "departments": ["0"], "mobile": "13000000001", "user_id": "a"}]}),
    )
    .await?;
    let answer = operator(&app)?.get("/larkspur/v1/outbox").await?;
    let sent = answer.data()?["items"].as_array().context("items")?.clone();
    let to: Vec<_> = sent.iter().map(|one| (&one["kind"], &one["recipient"])).collect();
    ensure!(
        to == [(&json!("sms"), &json!("+8613000000002")), (&json!("email"), &json!("a@x.cn"))],
        "{to:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_rehearse_items_statuses_and_waiting() -> Result<()> {
    let app = with_departments().await?;
    let operator = operator(&app)?;
    let rule =
        json!({"family": "contact.batch", "items": [{"index": 1, "code": 40_101}], "first": 1});
    operator.post("/larkspur/v1/faults", &rule).await?.data()?;
    let info =
        add_users(&app.client, &json!([user(1, &Value::Null), user(2, &Value::Null)])).await?;
    ensure!(info.iter().map(code_of).eq([0, 40_101]), "{info:?}");
    ensure!(info[1]["msg"] == "mobile is already exist", "{info:?}");
    let body = json!({"mobiles": ["13900000002"]});
    let found = app.client.post(&format!("{USERS}/batch_get_id"), &body).await?;
    let nobody = json!([{"mobile": "13900000002"}]);
    ensure!(found.data()?["user_list"] == nobody, "{}", found.body);

    let rule = json!({"family": "contact.batch", "status": 10, "first": 1});
    operator.post("/larkspur/v1/faults", &rule).await?.data()?;
    let data = add(&app.client, ADD_USERS, &json!({"users": [user(3, &Value::Null)]})).await?;
    ensure!(data["status"] == 10 && data.get("task_info").is_none(), "{data}");
    ensure!(data["success_num"] == 0 && data["finish_time"].is_i64(), "{data}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn results_that_cannot_be_read_are_an_internal_error() -> Result<()> {
    let app = with_departments().await?;
    let body = json!({"users": [user(1, &Value::Null)]});
    let answer = app.client.post(ADD_USERS, &body).await?;
    let task = answer.data()?["task_id"].as_str().context("task_id")?.to_owned();
    ended(&app.client, &task).await?;
    let database = rusqlite::Connection::open(app.data().join("larkspur.db"))?;
    database.busy_timeout(Duration::from_secs(20))?;
    database.execute("UPDATE contact_results SET results = x'5b' WHERE batch = ?1", [&task])?;
    refused(&app.client.get(&format!("{GET}?task_id={task}")).await?, 500, 40_006)
}

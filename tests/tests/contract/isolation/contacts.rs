//! The contact book in the matrix: a department, somebody in it, and the batch that added them. What
//! stands between apps of one tenant is their contact range; users see what their app sees.

use anyhow::Result;
use reqwest::Method;
use serde_json::json;

use super::cases::Outcome::{Open, Refused};
use super::cases::{Case, Outcome};
use super::things::Things;
use crate::contact;
use crate::world::{World, text};

/// Lets an app reach one department, in which nothing of the matrix is.
pub(super) async fn confine(world: &World, app: &str) -> Result<()> {
    let department = json!({"name": "elsewhere", "department_id": "elsewhere"});
    world.operator.post("/larkspur/v1/departments", &department).await?.data()?;
    let path = format!("/larkspur/v1/apps/{app}/contact_range");
    let range = json!({"department_ids": ["elsewhere"]});
    world.operator.call(Method::PUT, &path, Some(&range)).await?.data()?;
    Ok(())
}

/// Makes a department and somebody in it; the ids of both, and of the batch.
pub(super) async fn make(world: &World) -> Result<(String, String, String)> {
    let client = &world.app.client;
    let (department, member) = ("d00000001", "u00000001");
    let units = json!([{"id": department, "name": "zebra team", "parent_id": "0"}]);
    contact::add_departments(client, &units).await?;
    let users = json!({"users": [{"name": "zebra person", "user_id": member,
        "departments": [department], "mobile": "13000000001"}]});
    let made = client.post(contact::ADD_USERS, &users).await?;
    let task = text(made.data()?, "task_id")?;
    contact::ended(client, &task).await?;
    Ok((department.to_owned(), member.to_owned(), task))
}

/// The cases of the operations on contacts.
pub(super) fn case(id: &str, things: &Things) -> Option<Case> {
    let Things { department, member, batch, .. } = things;
    let kinds = "user_id_type=user_id&department_id_type=department_id";
    let (users, departments) = (contact::USERS, contact::DEPARTMENTS);
    let out_of_range = Refused(403, 40_004);
    // Users of the app that made them see them, whatever else they may.
    let read = |missing: Outcome, other_app: Outcome, path: String| {
        Case::get(path, [missing, Open, Open]).other_app(other_app)
    };
    let create = |missing: Outcome, other_app: Outcome, path: String, body| {
        Case::post(path, body, [missing, Open, Open]).other_app(other_app)
    };
    Some(match id {
        // Whether a department is there and reached is told with each item.
        "contactV2UserBatchAdd" => Case::post(
            contact::ADD_USERS.to_owned(),
            json!({"users": [{"name": "new", "departments": [department],
                              "mobile": "13000000002"}]}),
            [Open; 3],
        ),
        "contactV2DepartmentBatchAdd" => Case::post(
            contact::ADD_DEPARTMENTS.to_owned(),
            json!({"departments": [{"name": "new", "parent_id": department}]}),
            [Open; 3],
        ),
        "contactV2TaskGet" => Case::get(
            format!("{}?task_id={batch}", contact::GET),
            [Refused(400, 40_032), Open, Open],
        )
        .telling_tenant(),
        "contactV3UserGet" => {
            read(Refused(400, 41_012), Refused(400, 41_050), format!("{users}/{member}?{kinds}"))
        }
        "contactV3UserList" => {
            read(out_of_range, out_of_range, format!("{users}?department_id={department}&{kinds}"))
        }
        "contactV3UserFindByDepartment" => read(
            out_of_range,
            out_of_range,
            format!("{users}/find_by_department?department_id={department}&{kinds}"),
        ),
        // An address of nobody who is seen comes back without an id.
        "contactV3UserBatchGetId" => Case::post(
            format!("{users}/batch_get_id?{kinds}"),
            json!({"mobiles": ["13000000001"]}),
            [Open; 3],
        ),
        "contactV3UserCreate" => create(
            Refused(400, 40_001),
            out_of_range,
            format!("{users}?{kinds}"),
            json!({"name": "new", "mobile": "13000000003", "department_ids": [department],
                   "employee_type": 1}),
        ),
        "contactV3DepartmentGet" => {
            read(Refused(400, 40_015), out_of_range, format!("{departments}/{department}?{kinds}"))
        }
        "contactV3DepartmentChildren" => read(
            Refused(400, 40_008),
            Refused(403, 40_014),
            format!("{departments}/{department}/children?{kinds}"),
        ),
        "contactV3DepartmentList" => read(
            Refused(400, 40_008),
            Refused(403, 40_014),
            format!("{departments}?parent_department_id={department}&{kinds}"),
        ),
        "contactV3DepartmentCreate" => create(
            Refused(400, 40_008),
            Refused(403, 40_014),
            format!("{departments}?{kinds}"),
            json!({"name": "newest", "parent_department_id": department}),
        ),
        _ => return None,
    })
}

//! What is done about a task: cancelled, tried again, taken a step further, forgotten.

use larkspur_api::{Answer, ApiError, codes};

use crate::visit::{self, Visit};

pub(super) async fn act(visit: Visit) -> Result<Answer, ApiError> {
    let id = visit.request.path_value("task_id").to_owned();
    let action = visit.request.path_value("action").to_owned();
    let operation = match action.as_str() {
        "cancel" => "larkspurTaskCancel",
        "retry" => "larkspurTaskRetry",
        "step" => "larkspurTaskStep",
        "delete" => "larkspurTaskDelete",
        _ => return Err(codes::UNKNOWN_PATH.because("cancel, retry, step or delete a task")),
    };
    visit.do_it(visit.operator(operation).path("task_id", id.clone())).await?;
    let gone = action == "delete";
    Ok(visit::go(if gone { "/console/tasks".to_owned() } else { format!("/console/tasks/{id}") }))
}

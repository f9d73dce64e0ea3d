//! Tasks: what runs, what waits, what failed and why; one task whole, and what can be done about it.

mod action;
mod explain;
mod one;
mod overview;
mod table;

use larkspur_api::Operation;

use crate::visit::{act, enter};
use crate::{action, page};

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        page("consoleOverview", "/console", |services, request| {
            Box::pin(enter(services, request, overview::show))
        }),
        page("consoleTaskList", "/console/tasks", |services, request| {
            Box::pin(enter(services, request, table::show))
        }),
        page("consoleTask", "/console/tasks/{task_id}", |services, request| {
            Box::pin(enter(services, request, one::show))
        }),
        page("consoleEvents", "/console/events", |services, request| {
            Box::pin(enter(services, request, table::events))
        }),
        Operation {
            download: true,
            ..page("consoleTaskFile", "/console/tasks/{task_id}/file", |services, request| {
                Box::pin(enter(services, request, one::download))
            })
        },
        action("consoleTaskAction", "/console/tasks/{task_id}/{action}", |services, request| {
            Box::pin(act(services, request, action::act))
        }),
    ]
}

//! The fault that a request brings along for itself.

use super::check::{of_request, of_task};
use super::effect::{RequestEffect, TaskEffect};
use super::{Catalogue, Problem, Refused, short};

/// What a request wants to happen to itself, and to the task it creates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OwnFault {
    /// To the request.
    pub request: RequestEffect,
    /// To its task.
    pub task: Option<TaskEffect>,
}

impl OwnFault {
    /// Reads the header `text` of a request of `operation`.
    ///
    /// # Errors
    /// What cannot be meant there, all of it.
    pub fn read(text: &str, operation: &str, catalogue: &dyn Catalogue) -> Result<Self, Refused> {
        let rule = short::read(text)?;
        let mut problems = Vec::new();
        if rule.is_conditional() {
            let wanted = "a request's own fault has no conditions: it is about this request";
            problems.push(Problem::new("", text, wanted));
        }
        if !rule.is_of_requests() && !rule.is_of_tasks() {
            problems.push(Problem::new("", text, "it does nothing; `error=CODE` would, for one"));
        }
        let scope = [operation.to_owned()];
        let request = of_request(&rule, &scope, catalogue, &mut problems);
        let mut task = None;
        if rule.is_of_tasks() {
            let families = catalogue.families();
            let theirs =
                families.iter().find(|family| catalogue.creates(family).contains(&operation));
            task = theirs.map(|family| of_task(&rule, family, catalogue, &mut problems));
            if task.is_none() {
                problems.push(Problem::new("", text, format!("{operation} creates no task")));
            }
        }
        if problems.is_empty() { Ok(Self { request, task }) } else { Err(Refused(problems)) }
    }
}

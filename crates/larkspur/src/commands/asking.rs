//! How the commands of the operator ask the server and show what it says.

use std::io::Write as _;

use serde_json::Value;

use super::client_runtime;
use super::flags::AdminFlags;
use crate::client::Fault;
use crate::terminal;
use crate::trouble::{Attempt, Trouble};

/// POST to Larkspur's own API; the `data` of the answer.
pub(super) fn post(server: &AdminFlags, what: &str, path: &str, body: &Value) -> Attempt<Value> {
    let client = server.client()?;
    Ok(client_runtime()?.block_on(client.post(what, path, body))?)
}

/// GET; as [`post`].
pub(super) fn get(server: &AdminFlags, what: &str, path: &str) -> Attempt<Value> {
    let client = server.client()?;
    Ok(client_runtime()?.block_on(client.get(what, path))?)
}

/// DELETE; as [`post`].
pub(super) fn delete(server: &AdminFlags, what: &str, path: &str) -> Attempt<Value> {
    let client = server.client()?;
    Ok(client_runtime()?.block_on(client.delete(what, path))?)
}

/// PATCH; as [`post`].
pub(super) fn patch(server: &AdminFlags, what: &str, path: &str, body: &Value) -> Attempt<Value> {
    let client = server.client()?;
    Ok(client_runtime()?.block_on(client.patch(what, path, body))?)
}

/// Prints a whole list, as a table of `columns` or as JSON.
pub(super) fn list(
    server: &AdminFlags,
    what: &str,
    path: &str,
    columns: &[&str],
    json: bool,
) -> Attempt {
    let client = server.client()?;
    let items: Result<_, Fault> = client_runtime()?.block_on(client.list(what, path));
    let items = items?;
    if json {
        return print_json(&Value::Array(items));
    }
    let rows: Vec<Vec<String>> =
        items.iter().map(|item| columns.iter().map(|name| cell(&item[*name])).collect()).collect();
    print!("{}", terminal::table(columns, &rows));
    Ok(())
}

fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(items) => items.iter().map(cell).collect::<Vec<_>>().join(" "),
        other => other.to_string(),
    }
}

/// Prints a value as JSON.
pub(super) fn print_json(value: &Value) -> Attempt {
    let printed = serde_json::to_writer_pretty(std::io::stdout().lock(), value)
        .map_err(std::io::Error::from)
        .and_then(|()| writeln!(std::io::stdout()));
    printed.map_err(|cause| Trouble::caused("cannot print the answer", &cause))
}

/// Prints `KEY=value` lines, which a shell or an env file takes as they are.
pub(super) fn print_lines(lines: &[(&str, &Value)]) {
    for (key, value) in lines {
        println!("{key}={}", cell(value));
    }
}

/// An id as it stands in a path: ids hold nothing that must be escaped, so what does is none.
pub(super) fn segment(id: &str) -> Attempt<&str> {
    let proper = |byte: u8| byte.is_ascii_alphanumeric() || b"_-@.".contains(&byte);
    if !id.is_empty() && id.bytes().all(proper) {
        return Ok(id);
    }
    Err(Trouble::new(format!("`{id}` cannot be an id")))
}

/// An object without the fields that are null, which the server takes for none.
pub(super) fn without_nulls(mut body: Value) -> Value {
    if let Value::Object(fields) = &mut body {
        fields.retain(|_, value| !value.is_null());
    }
    body
}

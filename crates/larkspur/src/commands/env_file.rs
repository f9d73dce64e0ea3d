//! The file that tells programs where a server is and as whom to speak to it: `KEY=value` lines, for
//! its owner alone.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use crate::trouble::{Attempt, Trouble};

/// Address of the server.
pub(super) const URL: &str = "LARKSPUR_URL";
/// Its address over TLS.
pub(super) const TLS_URL: &str = "LARKSPUR_TLS_URL";
/// The certificate of the CA that vouches for that address.
pub(super) const CA_FILE: &str = "LARKSPUR_CA_FILE";
/// The app to speak as.
pub(super) const APP_ID: &str = "LARKSPUR_APP_ID";
/// Its secret.
pub(super) const APP_SECRET: &str = "LARKSPUR_APP_SECRET";
/// The operator's token, for Larkspur's own API.
pub(super) const ADMIN_TOKEN: &str = "LARKSPUR_ADMIN_TOKEN";

/// Writes the lines, whole or not at all.
pub(super) fn write(path: &Path, lines: &[(&str, &str)]) -> Attempt {
    let lines: Vec<String> =
        lines.iter().map(|(key, value)| format!("{key}={}\n", quoted(value))).collect();
    let text = lines.concat();
    let folder = path.parent().filter(|folder| *folder != Path::new(""));
    let written = tempfile::Builder::new()
        .prefix(".larkspur-env-")
        // Readable by its owner alone, which is what such files are created with.
        .tempfile_in(folder.unwrap_or_else(|| Path::new(".")))
        .and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.as_file().sync_all()?;
            file.persist(path).map_err(|error| error.error)
        });
    written.map(|_| ()).map_err(|cause| {
        Trouble::caused(format!("cannot write {}", path.display()), &cause)
            .hint("--env-file names a file in a folder that exists")
            .setup()
    })
}

/// A value as a shell reads it: in quotes where it holds more than plain characters.
fn quoted(value: &str) -> Cow<'_, str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.:/@%+,=".contains(&byte);
    if value.bytes().all(plain) || value.contains('\'') {
        Cow::Borrowed(value)
    } else {
        Cow::Owned(format!("'{value}'"))
    }
}

/// A value without the quotes around it.
fn unquoted(value: &str) -> &str {
    let value = value.trim();
    ['\'', '"']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote))
        .unwrap_or(value)
}

/// Writes the file again with `changed` in place; lines of other keys stay as they are.
pub(super) fn change(path: &Path, changed: &[(&str, &str)]) -> Attempt {
    let mut lines = if path.exists() { read(path)? } else { BTreeMap::new() };
    for (key, value) in changed {
        lines.insert((*key).to_owned(), (*value).to_owned());
    }
    let lines: Vec<(&str, &str)> =
        lines.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    write(path, &lines)
}

/// The `KEY=value` lines of a file.
pub(super) fn read(path: &Path) -> Attempt<BTreeMap<String, String>> {
    let text = std::fs::read_to_string(path).map_err(|cause| {
        Trouble::caused(format!("cannot read {}", path.display()), &cause)
            .hint("`larkspur serve --env-file PATH` writes it")
            .setup()
    })?;
    Ok(text
        .lines()
        .map(str::trim)
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.strip_prefix("export ").unwrap_or(line).split_once('='))
        .map(|(key, value)| (key.trim().to_owned(), unquoted(value).to_owned()))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_back_and_a_shell_takes_them() {
        for (value, shown) in [
            ("http://127.0.0.1:8484", "http://127.0.0.1:8484"),
            (r#"{"meeting_no":"123456789"}"#, r#"'{"meeting_no":"123456789"}'"#),
            ("/a folder/x", "'/a folder/x'"),
        ] {
            assert_eq!(quoted(value), shown);
            assert_eq!(unquoted(&quoted(value)), value);
        }
        assert_eq!(unquoted("\"a b\""), "a b");
    }
}

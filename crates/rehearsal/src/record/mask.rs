//! Secrets in bodies and addresses, replaced by `***`. Works on the text, so that a body that was cut
//! off or is no JSON gives nothing away either.

use std::borrow::Cow;

use bytes::Bytes;
use memchr::memmem;

const MASK: &[u8] = b"***";
/// One of these stands in every body that has a secret and does not hand out tokens.
const MARKS: &[&[u8]] =
    &[b"secret", b"passw", b"verifier", b"app_ticket", b"sign", b"/authcode/", b"\\u"];
/// Parameters of links that sign them; the last is that of temporary links to media.
const SIGNATURES: &[&[u8]] =
    &[b"signature=", b"sign=", b"authcode=", b"Signature=", b"/authcode/?code="];

/// A JSON body without secrets. `tokens` where the operation takes or gives tokens and codes.
pub(super) fn json(bytes: &Bytes, tokens: bool) -> Bytes {
    if tokens || MARKS.iter().any(|mark| memmem::find(bytes, mark).is_some()) {
        Bytes::from(masked(bytes, tokens))
    } else {
        bytes.clone()
    }
}

/// A query string without secrets.
pub(super) fn query(query: &str) -> String {
    if query.is_empty() {
        return String::new();
    }
    let pairs = query.split('&').map(|pair| match pair.split_once('=') {
        Some((name, _)) if is_secret(&name.to_ascii_lowercase(), false) || is_code(name) => {
            Cow::Owned(format!("{name}=***"))
        }
        _ => Cow::Borrowed(pair),
    });
    pairs.collect::<Vec<_>>().join("&")
}

fn is_code(name: &str) -> bool {
    matches!(name, "code" | "authcode" | "access_token" | "user_access_token" | "refresh_token")
}

fn is_secret(name: &str, tokens: bool) -> bool {
    name.ends_with("secret")
        || name.contains("password")
        || name.ends_with("signature")
        || matches!(name, "sign" | "code_verifier" | "app_ticket" | "passwd" | "client_assertion")
        || (tokens && (name.ends_with("token") || name == "assertion"))
}

fn masked(text: &[u8], tokens: bool) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if text[at] != b'"' {
            out.push(text[at]);
            at += 1;
            continue;
        }
        let end = string_end(text, at);
        let colon = blank_end(text, end);
        if text.get(colon) != Some(&b':') {
            mask_links(&text[at..end], &mut out);
            at = end;
            continue;
        }
        let name = key(&text[at..end]);
        let value = blank_end(text, colon + 1);
        out.extend_from_slice(&text[at..value]);
        at = value;
        let is_text = text.get(value) == Some(&b'"');
        if is_secret(&name, tokens) || (tokens && name == "code" && is_text) {
            at = value_end(text, value);
            out.push(b'"');
            out.extend_from_slice(MASK);
            out.push(b'"');
        }
    }
    out
}

/// The name in a quoted key, in lower case.
fn key(quoted: &[u8]) -> String {
    let name = match serde_json::from_slice::<String>(quoted) {
        Ok(name) => name,
        Err(_) => String::from_utf8_lossy(quoted).trim_matches('"').to_owned(),
    };
    name.to_ascii_lowercase()
}

/// Where the string that begins at `start` has ended.
fn string_end(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < text.len() {
        match text[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

/// Where the blanks at `start` have ended.
fn blank_end(text: &[u8], start: usize) -> usize {
    let blanks = text[start.min(text.len())..].iter();
    start.min(text.len()) + blanks.take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// Where the value that begins at `start` has ended, whatever it is.
fn value_end(text: &[u8], start: usize) -> usize {
    let (mut at, mut depth) = (start, 0_usize);
    while at < text.len() {
        match text[at] {
            b'"' => {
                at = string_end(text, at);
                if depth == 0 {
                    return at;
                }
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth <= 1 => return if depth == 1 { at + 1 } else { at },
            b'}' | b']' => depth -= 1,
            b',' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// Copies a string; what signs a link in it is masked.
fn mask_links(string: &[u8], out: &mut Vec<u8>) {
    let mut rest = string;
    while let Some((at, mark)) = SIGNATURES
        .iter()
        .filter_map(|mark| memmem::find(rest, mark).map(|at| (at, mark.len())))
        .min()
    {
        let value = &rest[at + mark..];
        let length = value.iter().take_while(|byte| !matches!(byte, b'&' | b'"' | b'\\')).count();
        out.extend_from_slice(&rest[..at + mark]);
        out.extend_from_slice(MASK);
        rest = &value[length..];
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, tokens: bool) -> String {
        String::from_utf8(json(&Bytes::from(text.to_owned()), tokens).to_vec()).unwrap()
    }

    #[test]
    fn values_of_secret_names_are_masked_whatever_they_are() {
        for (text, expected) in [
            (r#"{"app_secret" : "a\"b", "x": 1}"#, r#"{"app_secret" : "***", "x": 1}"#),
            (r#"{"password":{"a":[1,"}"]},"x":"y"}"#, r#"{"password":"***","x":"y"}"#),
            (r#"[{"client_secret":12}]"#, r#"[{"client_secret":"***"}]"#),
            (r#"{"app\u005fsecret":"s"}"#, r#"{"app\u005fsecret":"***"}"#),
            (r#"{"app_secret":"cut of"#, r#"{"app_secret":"***""#),
            (r#"{"u":"https://x?sign=abc&y=1"}"#, r#"{"u":"https://x?sign=***&y=1"}"#),
            (
                r#"{"tmp_download_url":"http://h/download/authcode/?code=t_1_s"}"#,
                r#"{"tmp_download_url":"http://h/download/authcode/?code=***"}"#,
            ),
            (r#"{"file_token":"f","code":0}"#, r#"{"file_token":"f","code":0}"#),
        ] {
            assert_eq!(shown(text, false), expected);
        }
        let tokens = r#"{"code":0,"access_token":"u-1","refresh_token":"r","expire":7}"#;
        let expected = r#"{"code":0,"access_token":"***","refresh_token":"***","expire":7}"#;
        assert_eq!(shown(tokens, true), expected);
        assert_eq!(shown(r#"{"code":"abc"}"#, true), r#"{"code":"***"}"#);
    }
}

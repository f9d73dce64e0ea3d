//! Names and ids that a caller chooses: what they may look like. Ids the server makes are `model`'s.

use larkspur_model::id::{AppId, Ids, TenantId, UserId};

use crate::{Error, Secret};

/// Longest name of anything, characters.
const NAME_LENGTH: usize = 200;
/// Longest id that is chosen, characters (contract, NOTES §3).
const ID_LENGTH: usize = 64;
const SECRET_LENGTH: std::ops::RangeInclusive<usize> = 16..=128;

fn malformed(field: &'static str, value: &str, rule: &'static str) -> Error {
    Error::Malformed { field, value: value.chars().take(100).collect(), rule }
}

fn fits(id: &str, extra: &[u8]) -> bool {
    (1..=ID_LENGTH).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || extra.contains(&byte))
        && id.as_bytes()[0].is_ascii_alphanumeric()
}

pub(crate) fn name(field: &'static str, text: &str) -> Result<(), Error> {
    if (1..=NAME_LENGTH).contains(&text.trim().chars().count()) {
        return Ok(());
    }
    Err(malformed(field, text, "a name has 1 to 200 characters"))
}

pub(crate) fn tenant(chosen: Option<&str>, ids: &Ids) -> Result<TenantId, Error> {
    let Some(id) = chosen else { return Ok(TenantId(ids.hex(16))) };
    if fits(id, b"_-") {
        return Ok(TenantId::from(id));
    }
    Err(malformed("tenant_id", id, "1 to 64 letters, digits, `_` and `-`, usually 16 hex digits"))
}

pub(crate) fn app(chosen: Option<&str>, ids: &Ids) -> Result<AppId, Error> {
    let Some(id) = chosen else { return Ok(AppId(format!("cli_{}", ids.hex(16)))) };
    if id.starts_with("cli_") && id.len() > 4 && fits(id, b"_-") {
        return Ok(AppId::from(id));
    }
    Err(malformed("app_id", id, "`cli_` and up to 60 letters, digits, `_` and `-`"))
}

pub(crate) fn user(chosen: Option<&str>, ids: &Ids) -> Result<UserId, Error> {
    let Some(id) = chosen else { return Ok(UserId(ids.hex(8))) };
    if fits(id, b"_-@.") && !id.starts_with("ou_") && !id.starts_with("on_") {
        return Ok(UserId::from(id));
    }
    Err(malformed(
        "user_id",
        id,
        "1 to 64 letters, digits, `_`, `-`, `@` and `.`, and none of the prefixes ou_ and on_",
    ))
}

pub(crate) fn department(chosen: Option<&str>, ids: &Ids) -> Result<String, Error> {
    let Some(id) = chosen else { return Ok(ids.hex(16)) };
    if fits(id, b"_-@.") && !id.starts_with("od-") && id != "0" {
        return Ok(id.to_owned());
    }
    Err(malformed(
        "department_id",
        id,
        "1 to 64 letters, digits, `_`, `-`, `@` and `.`; not `0`, which is the root, nor od-…",
    ))
}

/// A chosen secret of an app. It is kept under a fast hash, so the length matters.
pub(crate) fn app_secret(secret: &Secret) -> Result<(), Error> {
    let text = secret.expose();
    if SECRET_LENGTH.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(());
    }
    Err(malformed("app_secret", "", "16 to 128 visible ASCII characters; 32 random ones are best"))
}

/// Scopes separated by spaces, or `*`; in the order given, each once.
pub(crate) fn scopes(text: &str) -> Result<String, Error> {
    let mut scopes: Vec<&str> = Vec::new();
    for scope in text.split_whitespace() {
        let proper = scope == "*" || is_scope(scope);
        if !proper || (scope == "*" && text.trim() != "*") {
            return Err(malformed(
                "scopes",
                scope,
                "keys such as drive:drive or contact:user.email:readonly, or `*` alone for all",
            ));
        }
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    Ok(scopes.join(" "))
}

/// Whether a text has the form of a scope's key.
pub(crate) fn is_scope(text: &str) -> bool {
    (1..=ID_LENGTH * 2).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":._-".contains(&byte))
}

pub(crate) fn redirect_uris(uris: &[String]) -> Result<(), Error> {
    for uri in uris {
        let (scheme, rest) = uri.split_once("://").unwrap_or_default();
        let proper = uri.len() <= 2_000
            && uri.bytes().all(|byte| byte.is_ascii_graphic())
            && !uri.contains('#')
            && !rest.is_empty()
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte))
            && !["javascript", "data", "vbscript"]
                .iter()
                .any(|forbidden| scheme.eq_ignore_ascii_case(forbidden));
        if !proper || scheme.is_empty() {
            return Err(malformed(
                "redirect_uris",
                uri,
                "a whole address such as https://example.com/callback, in ASCII, without `#`",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chosen_names_are_held_to_their_form() {
        let ids = Ids::from_seed(1);
        assert_eq!(app(None, &ids).unwrap().as_str().len(), 20);
        assert_eq!(tenant(Some("t1"), &ids).unwrap().as_str(), "t1");
        assert_eq!(user(Some("zhang.san@a-b"), &ids).unwrap().as_str(), "zhang.san@a-b");
        for bad in ["", "cli_", "app", "cli_a b", "cli_ä", &format!("cli_{}", "a".repeat(61))] {
            assert!(app(Some(bad), &ids).is_err(), "{bad}");
        }
        for bad in ["ou_a", "on_a", ".a", "a b", &"a".repeat(65)] {
            assert!(user(Some(bad), &ids).is_err(), "{bad}");
        }
        for bad in ["0", "od-1", ""] {
            assert!(department(Some(bad), &ids).is_err(), "{bad}");
        }
        assert!(app_secret(&Secret::new("short")).is_err());
        assert!(app_secret(&Secret::new("sixteen-letters!")).is_ok());
        assert_eq!(scopes(" a:b  c a:b").unwrap(), "a:b c");
        assert_eq!(scopes("*").unwrap(), "*");
        assert!(scopes("* a").is_err() && scopes("a;b").is_err());
    }

    #[test]
    fn redirects_are_whole_addresses_that_run_nothing() {
        let check = |uri: &str| redirect_uris(&[uri.to_owned()]).is_ok();
        assert!(
            check("https://a.example/cb?x=1") && check("http://127.0.0.1:9/") && check("app://x")
        );
        for bad in
            ["", "/cb", "https://", "https://a/#f", "javascript://%0aalert(1)", "https://a b"]
        {
            assert!(!check(bad), "{bad}");
        }
    }
}

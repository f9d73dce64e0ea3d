//! What a blob may be called, and where in the object store that name lies. Nothing is read or
//! written here.

use object_store::path::Path as ObjectPath;

use crate::error::Error;

/// Longest key, bytes.
const KEY_BYTES: usize = 400;
/// Longest part of a key between two slashes, bytes.
const SEGMENT_BYTES: usize = 120;
/// A room, a name in it, and what a task lays below that.
const SEGMENTS: std::ops::RangeInclusive<usize> = 2..=6;

/// Where the blob `key` lies: behind the room's name comes a folder made from the name's hash, so
/// that no folder of a disk grows beyond reason (`tasks/17/1-2/out` lies at `tasks/3f/17/1-2/out`).
///
/// # Errors
/// [`Error::BlobKey`] unless the key is two to six parts of `[A-Za-z0-9._-]`, none of them hidden
/// or a way up.
pub(super) fn place(key: &str) -> Result<ObjectPath, Error> {
    let refuse = || Error::BlobKey { key: key.chars().take(80).collect() };
    if key.len() > KEY_BYTES || !SEGMENTS.contains(&key.split('/').count()) {
        return Err(refuse());
    }
    if !key.split('/').all(is_segment) {
        return Err(refuse());
    }
    ObjectPath::parse(spread(key).ok_or_else(refuse)?).map_err(|_| refuse())
}

/// Where all blobs lie whose keys start with the whole parts of `prefix`; an empty one means all.
pub(super) fn place_of_prefix(prefix: &str) -> Result<ObjectPath, Error> {
    let prefix = prefix.trim_end_matches('/');
    let refuse = || Error::BlobKey { key: prefix.chars().take(80).collect() };
    if prefix.len() > KEY_BYTES || !(prefix.is_empty() || prefix.split('/').all(is_segment)) {
        return Err(refuse());
    }
    ObjectPath::parse(spread(prefix).unwrap_or_else(|| prefix.to_owned())).map_err(|_| refuse())
}

/// The key of the blob that lies at `place`; `None` for a thing that is no blob of ours.
pub(super) fn key_of(place: &ObjectPath) -> Option<String> {
    let (room, rest) = place.as_ref().split_once('/')?;
    let (folder, rest) = rest.split_once('/')?;
    let key = format!("{room}/{rest}");
    let name = rest.split('/').next()?;
    (folder == folder_of(name)).then_some(key)
}

fn is_segment(segment: &str) -> bool {
    !segment.is_empty()
        && segment.len() <= SEGMENT_BYTES
        && !segment.starts_with('.')
        && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

fn spread(key: &str) -> Option<String> {
    let (room, rest) = key.split_once('/')?;
    let name = rest.split('/').next()?;
    Some(format!("{room}/{}/{rest}", folder_of(name)))
}

/// One of 256 folders; FNV-1a, because the place of a blob must never change.
fn folder_of(name: &str) -> String {
    let hash = name
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("{:02x}", (hash ^ (hash >> 8) ^ (hash >> 16) ^ (hash >> 24)) & 0xff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_gives_its_key_back() {
        for key in ["media/abc", "tasks/7241/1-99/document.json", "uploads/1/0"] {
            let place = place(key).unwrap();
            assert_ne!(place.as_ref(), key);
            assert_eq!(key_of(&place).as_deref(), Some(key));
            assert!(
                place.as_ref().starts_with(
                    place_of_prefix(&key[..key.rfind('/').unwrap()]).unwrap().as_ref()
                )
            );
        }
        assert_eq!(key_of(&ObjectPath::from("media/zz/abc")), None);
    }

    #[test]
    fn ways_out_are_refused() {
        let long = format!("media/{}", "a".repeat(121));
        for key in [
            "",
            "media",
            "/media/a",
            "media/",
            "media//a",
            "media/..",
            "../media/a",
            "media/.hidden",
            "media/a b",
            "media/a#1",
            "media/a%2e",
            "media/a\\b",
            "media/a\0",
            "a/b/c/d/e/f/g",
            "media/é",
            &long,
        ] {
            assert!(matches!(place(key), Err(Error::BlobKey { .. })), "{key:?}");
        }
        assert!(place_of_prefix("../x").is_err() && place_of_prefix("").is_ok());
    }
}

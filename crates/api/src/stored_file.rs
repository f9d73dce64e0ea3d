//! A stored file as an answer, whole or the part a `Range` header names.

use larkspur_store::objects::Object;

use crate::{Answer, ApiError, Details, ErrorCode, FileAnswer, Services};

/// The bytes of `object`, or the part of them that was asked for: `outside` where it has no such part,
/// `internal` where its bytes cannot be had.
pub(crate) async fn answer(
    services: &Services,
    object: Object,
    range: Option<&str>,
    outside: ErrorCode,
    internal: ErrorCode,
) -> Result<Answer, ApiError> {
    let size = u64::try_from(object.size_bytes).unwrap_or(0);
    let key = object
        .blob_key
        .as_deref()
        .ok_or_else(|| internal.caused_by("a live file without its blob"))?;
    let part = match range.map_or(Asked::Whole, |range| Asked::parse(range, size)) {
        Asked::Whole => None,
        Asked::Part(first, last) => Some((first, last)),
        Asked::Outside => {
            let error = outside.because(format!("the file has {size} bytes"));
            let details = Details { unsatisfiable: Some(size), ..Details::default() };
            return Err(ApiError { http: 416, ..error }.with(details));
        }
    };
    let wanted = part.map(|(first, last)| first..last + 1);
    let blob =
        services.store.blobs.get(key, wanted).await.map_err(|error| internal.caused_by(error))?;
    let media_type = if object.media_type.is_empty() {
        "application/octet-stream".to_owned()
    } else {
        object.media_type
    };
    Ok(Answer::File(FileAnswer {
        note: None,
        name: object.name,
        media_type,
        size_bytes: size,
        part,
        chunks: blob.stream,
    }))
}

/// What a `Range` header asks for. Several ranges, or what is no range of bytes, count as none.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    Whole,
    Part(u64, u64),
    Outside,
}

impl Asked {
    fn parse(header: &str, size: u64) -> Self {
        let Some((first, last)) =
            header.trim().strip_prefix("bytes=").and_then(|range| range.split_once('-'))
        else {
            return Self::Whole;
        };
        let number = |text: &str| text.trim().parse::<u64>().ok();
        match (first.trim().is_empty(), last.trim().is_empty()) {
            (true, true) => Self::Whole,
            (true, false) => match number(last) {
                None => Self::Whole,
                Some(0) => Self::Outside,
                Some(_) if size == 0 => Self::Outside,
                Some(count) => Self::Part(size.saturating_sub(count), size - 1),
            },
            (false, open) => {
                let last = if open { Some(u64::MAX) } else { number(last) };
                match (number(first), last) {
                    (Some(first), Some(last)) if first <= last => {
                        if first >= size {
                            Self::Outside
                        } else {
                            Self::Part(first, last.min(size - 1))
                        }
                    }
                    _ => Self::Whole,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Asked::{Outside, Part, Whole};
    use super::*;

    #[test]
    fn ranges_are_read_as_http_has_them() {
        for (header, asked) in [
            ("bytes=0-1024", Part(0, 99)),
            ("bytes=10-19", Part(10, 19)),
            ("bytes=90-", Part(90, 99)),
            ("bytes=-10", Part(90, 99)),
            ("bytes=-1000", Part(0, 99)),
            ("bytes=100-", Outside),
            ("bytes=-0", Outside),
            ("bytes=-", Whole),
            ("bytes=9-3", Whole),
            ("bytes=0-1,5-6", Whole),
            ("lines=1-2", Whole),
            ("bytes=x-2", Whole),
        ] {
            assert_eq!(Asked::parse(header, 100), asked, "{header}");
        }
        assert_eq!(Asked::parse("bytes=0-0", 0), Outside);
    }
}

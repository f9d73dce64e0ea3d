//! How things look on every page: times, sizes, numbers, states. What is said to be HTML is made of
//! numbers and of texts that stand here.

use larkspur_api::Language;
use larkspur_model::task::State;
use larkspur_model::time::{DAY_MS, HOUR_MS, MINUTE_MS, Millis, SECOND_MS, moment_text};

use crate::visit::in_address;

/// A whole number, as pages have them: templates hand them over by reference.
pub(crate) trait Figure {
    fn figure(&self) -> i64;
}

macro_rules! figures {
    ($($kind:ty)+) => {
        $(impl Figure for $kind {
            fn figure(&self) -> i64 {
                i64::try_from(*self).unwrap_or(i64::MAX)
            }
        })+
    };
}

figures!(i64 u64 u32 usize);

impl<T: Figure> Figure for &T {
    fn figure(&self) -> i64 {
        (**self).figure()
    }
}

/// A moment as a `time` element; scripts put the reader's own time in its place.
pub(crate) fn time(at_ms: impl Figure) -> String {
    let text = moment_text(at_ms.figure());
    let shown = text.split('.').next().unwrap_or(&text).replace('T', " ");
    let shown = shown.trim_end_matches('Z');
    format!("<time datetime=\"{text}\">{shown} UTC</time>")
}

/// A span of time for people.
pub(crate) fn span(ms: impl Figure) -> String {
    let ms: Millis = ms.figure();
    match ms {
        ..SECOND_MS => format!("{ms} ms"),
        SECOND_MS..MINUTE_MS => format!("{}.{} s", ms / SECOND_MS, ms % SECOND_MS / 100),
        MINUTE_MS..HOUR_MS => format!("{} min {} s", ms / MINUTE_MS, ms % MINUTE_MS / SECOND_MS),
        HOUR_MS..DAY_MS => format!("{} h {} min", ms / HOUR_MS, ms % HOUR_MS / MINUTE_MS),
        _ => format!("{} d {} h", ms / DAY_MS, ms % DAY_MS / HOUR_MS),
    }
}

/// A number of bytes for people.
pub(crate) fn size(bytes: impl Figure) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let bytes = bytes.figure();
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit < UNITS.len() - 1 {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}

/// A number with its thousands apart.
pub(crate) fn number(number: impl Figure) -> String {
    let number = number.figure();
    let digits = number.unsigned_abs().to_string();
    let mut text = String::new();
    if number < 0 {
        text.push('-');
    }
    for (at, digit) in digits.char_indices() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

/// What a state is called.
pub(crate) const fn state_name(language: Language, state: State) -> &'static str {
    match state {
        State::Queued => language.pick("Waiting", "排队中"),
        State::Running => language.pick("Running", "进行中"),
        State::Succeeded => language.pick("Done", "成功"),
        State::Failed => language.pick("Failed", "失败"),
        State::Cancelled => language.pick("Cancelled", "已取消"),
    }
}

/// A state's word, as it stands in addresses and classes.
pub(crate) const fn state_word(state: State) -> &'static str {
    match state {
        State::Queued => "queued",
        State::Running => "running",
        State::Succeeded => "succeeded",
        State::Failed => "failed",
        State::Cancelled => "cancelled",
    }
}

/// A state as a mark.
pub(crate) fn state(language: Language, state: State) -> String {
    let (word, name) = (state_word(state), state_name(language, state));
    format!("<span class=\"state {word}\">{name}</span>")
}

/// What a family of tasks is called.
pub(crate) fn family(language: Language, family: &str) -> String {
    let (english, chinese) = match family {
        "drive.import" => ("Import", "导入"),
        "drive.export" => ("Export", "导出"),
        "drive.folder" => ("Folder", "文件夹"),
        "wiki.move" => ("Move to wiki", "移入知识库"),
        "vc.export" => ("Meeting report", "会议报表"),
        "contact.batch" => ("Contacts", "通讯录"),
        other => return other.to_owned(),
    };
    language.pick(english, chinese).to_owned()
}

/// The families there are.
pub(crate) const FAMILIES: [&str; 6] =
    ["drive.import", "drive.export", "drive.folder", "wiki.move", "vc.export", "contact.batch"];

/// The page that shows a thing of this kind.
pub(crate) fn address(kind: &str, token: &str) -> Option<String> {
    let room = match kind {
        "docx" => "documents",
        "sheet" => "sheets",
        "bitable" => "bases",
        "folder" => return Some(format!("/console/files?folder={}", in_address(token))),
        "file" => return Some(format!("/console/files/{}/content", in_address(token))),
        _ => return None,
    };
    Some(format!("/console/{room}/{}", in_address(token)))
}

/// The address of an app's requests.
pub(crate) fn requests_of(app: &str) -> String {
    format!("/console/requests?app={}", in_address(app))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        assert_eq!(number(-1_234_567_i64), "-1\u{202f}234\u{202f}567");
        assert_eq!(
            [size(999_i64), size(1024_u32), size(5_u64 << 30)],
            ["999 B", "1.0 KiB", "5.0 GiB"]
        );
        assert_eq!(
            [span(40_i64), span(1_250_i64), span(61_000_i64)],
            ["40 ms", "1.2 s", "1 min 1 s"]
        );
        assert_eq!([span(3_660_000_i64), span(90_000_000_i64)], ["1 h 1 min", "1 d 1 h"]);
        let shown = time(1_764_208_805_000_i64);
        assert_eq!(shown, "<time datetime=\"2025-11-27T02:00:05Z\">2025-11-27 02:00:05 UTC</time>");
    }
}

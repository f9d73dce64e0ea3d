//! What stands around every page: where one can go, whose things are shown, in which language and
//! colours; and the choice of those.

use std::future::ready;

use larkspur_api::{Answer, Language, Operation, Request};

use crate::page;
use crate::visit::{self, LANGUAGE, TENANT, THEME};

/// Where choices are made.
const CHOOSE: &str = "/console/choose";

/// What a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Overview,
    Tasks,
    Files,
    Wiki,
    People,
    Meetings,
    Rehearsal,
    Requests,
    Apps,
}

/// A way to a section.
pub(crate) struct Way {
    pub(crate) section: Section,
    pub(crate) address: &'static str,
    english: &'static str,
    chinese: &'static str,
    /// The drawing beside its name, a path of 24 by 24.
    pub(crate) drawing: &'static str,
}

/// Where one can go.
pub(crate) const WAYS: [Way; 9] = [
    way(
        Section::Overview,
        "/console",
        ["Overview", "概览"],
        "M3 13h8V3H3zm0 8h8v-6H3zm10 0h8V11h-8zm0-18v6h8V3z",
    ),
    way(
        Section::Tasks,
        "/console/tasks",
        ["Tasks", "任务"],
        "M4 6h2v2H4zm4 0h12v2H8zM4 11h2v2H4zm4 0h12v2H8zM4 16h2v2H4zm4 0h12v2H8z",
    ),
    way(
        Section::Files,
        "/console/files",
        ["Files", "文件"],
        "M10 4H4a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h16a2 2 0 0 0 2-2V8a2 2 0 0 0-2-2h-8z",
    ),
    way(
        Section::Wiki,
        "/console/wiki",
        ["Wiki", "知识库"],
        "M5 3h11a3 3 0 0 1 3 3v15H7a3 3 0 0 1-3-3V4a1 1 0 0 1 1-1zm2 13a1 1 0 0 0 0 2h10v-2z",
    ),
    way(
        Section::People,
        "/console/people",
        ["People", "人员"],
        "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm0 2c-4 0-8 2-8 5v1h16v-1c0-3-4-5-8-5z",
    ),
    way(
        Section::Meetings,
        "/console/meetings",
        ["Meetings", "会议"],
        "M15 8V6a1 1 0 0 0-1-1H3a1 1 0 0 0-1 1v12a1 1 0 0 0 1 1h11a1 1 0 0 0 1-1v-2l6 3V5z",
    ),
    way(
        Section::Rehearsal,
        "/console/rehearsal",
        ["Rehearsal", "演练"],
        "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm1 5v5l4 3-1 1.6-5-3.6V7z",
    ),
    way(
        Section::Requests,
        "/console/requests",
        ["Requests", "请求"],
        "M4 4h16v3H4zm0 6h16v3H4zm0 6h10v3H4z",
    ),
    way(
        Section::Apps,
        "/console/apps",
        ["Apps", "应用"],
        "M4 4h7v7H4zm9 0h7v7h-7zM4 13h7v7H4zm9 0h7v7h-7z",
    ),
];

const fn way(
    section: Section,
    address: &'static str,
    [english, chinese]: [&'static str; 2],
    drawing: &'static str,
) -> Way {
    Way { section, address, english, chinese, drawing }
}

/// A tenant that may be looked at.
pub(crate) struct TenantChoice {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) chosen: bool,
}

/// What stands around a page.
pub(crate) struct Frame {
    pub(crate) language: Language,
    pub(crate) section: Section,
    pub(crate) title: String,
    /// What forms carry.
    pub(crate) proof: String,
    /// `light`, `dark` or `auto`.
    pub(crate) theme: &'static str,
    /// The address of the page.
    pub(crate) here: String,
    pub(crate) tenants: Vec<TenantChoice>,
}

impl Frame {
    /// The one of two texts.
    pub(crate) const fn t(&self, english: &'static str, chinese: &'static str) -> &'static str {
        self.language.pick(english, chinese)
    }

    pub(crate) const fn way_name(&self, way: &Way) -> &'static str {
        self.language.pick(way.english, way.chinese)
    }

    pub(crate) fn is_here(&self, way: &Way) -> bool {
        way.section == self.section
    }

    /// The address that chooses and comes back here.
    pub(crate) fn choose(&self, what: &str, value: &str) -> String {
        format!("{CHOOSE}?{what}={value}&back={}", visit::in_address(&self.here))
    }

    /// The theme behind this one.
    pub(crate) const fn next_theme(&self) -> &'static str {
        match self.theme.as_bytes() {
            b"auto" => "light",
            b"light" => "dark",
            _ => "auto",
        }
    }

    pub(crate) const fn theme_name(&self) -> &'static str {
        match self.theme.as_bytes() {
            b"auto" => self.t("Colours: as the system", "配色：跟随系统"),
            b"light" => self.t("Colours: light", "配色：浅色"),
            _ => self.t("Colours: dark", "配色：深色"),
        }
    }
}

pub(crate) fn operations() -> Vec<Operation> {
    vec![page("consoleChoose", CHOOSE, |_, request| Box::pin(ready(Ok(choose(&request)))))]
}

/// Keeps a choice in a cookie. It needs no session: the page to sign in has a language too.
fn choose(request: &Request) -> Answer {
    let kept = |name: &str| request.query.text(name).filter(|value| is_plain(value));
    let choices = [("lang", LANGUAGE), ("theme", THEME), ("tenant", TENANT)];
    let chosen = choices.into_iter().find_map(|(name, cookie)| Some((cookie, kept(name)?)));
    let cookie = chosen.map(|(cookie, value)| {
        format!("{cookie}={value}; Path=/console; Max-Age=31536000; HttpOnly; SameSite=Lax")
    });
    let back = request.query.text("back").filter(|back| is_own(back));
    Answer::Redirect { to: back.unwrap_or_else(|| "/console".to_owned()), cookie }
}

/// Whether a value may stand in a cookie as it is.
fn is_plain(value: &str) -> bool {
    value.len() <= 64
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// Whether an address is one of the console's.
pub(crate) fn is_own(address: &str) -> bool {
    let behind = address.strip_prefix("/console");
    behind.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
        && address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_comes_back_to_the_console_alone() {
        for own in ["/console", "/console?x=1", "/console/tasks/1"] {
            assert!(is_own(own), "{own}");
        }
        for other in [
            "//evil.example",
            "/consoleevil",
            "https://evil.example",
            "/console/\\evil",
            "/console\r\nX: 1",
            "",
        ] {
            assert!(!is_own(other), "{other}");
        }
        assert!(is_plain("zh-CN") && !is_plain("a; Path=/") && !is_plain("中"));
    }
}

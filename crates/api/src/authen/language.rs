//! The pages' texts, in English and Chinese, and which of them a browser is shown.

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Language {
    English,
    Chinese,
}

impl Language {
    /// The language that was chosen on the page, else the first one the browser prefers.
    pub(super) fn of(chosen: Option<&str>, accept_language: &str) -> Self {
        if let Some(chosen) = chosen.and_then(Self::of_tag) {
            return chosen;
        }
        let mut best = (0.0_f32, Self::English);
        for range in accept_language.split(',') {
            let mut parts = range.split(';');
            let language = Self::of_tag(parts.next().unwrap_or_default().trim());
            let weight = parts.find_map(|part| part.trim().strip_prefix("q="));
            let weight = weight.map_or(1.0, |weight| weight.trim().parse().unwrap_or(0.0));
            if let Some(language) = language
                && weight > best.0
            {
                best = (weight, language);
            }
        }
        best.1
    }

    fn of_tag(tag: &str) -> Option<Self> {
        match tag.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "zh" => Some(Self::Chinese),
            _ => None,
        }
    }

    /// As it stands in `lang` attributes.
    pub(super) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// The other one.
    pub(super) const fn other(self) -> Self {
        match self {
            Self::English => Self::Chinese,
            Self::Chinese => Self::English,
        }
    }

    /// What it calls itself.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "中文",
        }
    }

    /// The one of two texts.
    pub(super) const fn pick(self, english: &'static str, chinese: &'static str) -> &'static str {
        match self {
            Self::English => english,
            Self::Chinese => chinese,
        }
    }

    /// What stands on the pages.
    pub(super) const fn texts(self) -> &'static Texts {
        match self {
            Self::English => &ENGLISH,
            Self::Chinese => &CHINESE,
        }
    }
}

/// Everything that is said on the pages.
pub(super) struct Texts {
    pub(super) title: &'static str,
    pub(super) asks: &'static str,
    pub(super) asks_nothing: &'static str,
    pub(super) goes_to: &'static str,
    pub(super) who: &'static str,
    pub(super) who_hint: &'static str,
    pub(super) user: &'static str,
    pub(super) user_hint: &'static str,
    pub(super) password: &'static str,
    pub(super) password_hint: &'static str,
    pub(super) nobody: &'static str,
    pub(super) allow: &'static str,
    pub(super) deny: &'static str,
    pub(super) local: &'static str,
    pub(super) problem: &'static str,
    pub(super) code: &'static str,
    pub(super) log_id: &'static str,
}

const ENGLISH: Texts = Texts {
    title: "Allow access",
    asks: "asks to act for you and to:",
    asks_nothing: "asks who you are. It names no scope, so it may do only what you allowed it before.",
    goes_to: "Afterwards you go to",
    who: "Continue as",
    who_hint: "This page was opened on the machine that runs the server, so you may be anybody.",
    user: "User id",
    user_hint: "This app acts in several tenants: tenant key, a slash, user id.",
    password: "Password",
    password_hint: "Yours, or the operator's admin token.",
    nobody: "There is no user who could allow this. Make one with: larkspur user create NAME",
    allow: "Allow",
    deny: "Deny",
    local: "Larkspur · a server for your own documents",
    problem: "This request cannot go on",
    code: "Code",
    log_id: "Log id",
};

const CHINESE: Texts = Texts {
    title: "授权",
    asks: "申请代表你执行以下操作：",
    asks_nothing: "申请获取你的身份。未指定权限，仅可使用你此前已授予的权限。",
    goes_to: "完成后将跳转至",
    who: "以此身份继续",
    who_hint: "此页面在运行服务器的本机上打开，可选择任意用户。",
    user: "用户 ID",
    user_hint: "此应用安装于多个租户：租户 key、斜杠、用户 ID。",
    password: "密码",
    password_hint: "你的登录密码，或运维者的 admin token。",
    nobody: "没有可以授权的用户。请先创建：larkspur user create NAME",
    allow: "同意授权",
    deny: "拒绝",
    local: "Larkspur · 自托管文档服务器",
    problem: "无法继续此请求",
    code: "错误码",
    log_id: "日志 ID",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_wins_and_then_the_browsers_order() {
        for (chosen, accepted, language) in [
            (None, "", Language::English),
            (None, "zh-CN,zh;q=0.9,en;q=0.8", Language::Chinese),
            (None, "de,en;q=0.5,zh;q=0.4", Language::English),
            (None, "en;q=0.1, zh-TW;q=0.2", Language::Chinese),
            (None, "zh;q=0", Language::English),
            (Some("en"), "zh", Language::English),
            (Some("zh-CN"), "en", Language::Chinese),
            (Some("fr"), "zh", Language::Chinese),
        ] {
            assert_eq!(Language::of(chosen, accepted), language, "{chosen:?} {accepted}");
        }
    }
}

//! What the pages say, in English and Chinese.

use crate::Language;

impl Texts {
    /// What stands on the pages in this language.
    pub(super) const fn of(language: Language) -> &'static Self {
        match language {
            Language::English => &ENGLISH,
            Language::Chinese => &CHINESE,
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

//! What a reviewer says about a client: each rule with its sentence and what to do about it.

use serde::Serialize;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// It may be meant.
    Notice,
    /// It wastes calls, or will go wrong one day.
    Warning,
    /// It goes wrong.
    Error,
}

/// A rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Its name.
    #[serde(rename = "rule")]
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// What the client does.
    pub message: &'static str,
    /// The same in Chinese.
    pub message_zh: &'static str,
    /// What to do about it.
    pub advice: &'static str,
    /// The same in Chinese.
    pub advice_zh: &'static str,
}

macro_rules! rules {
    ($($name:ident $id:literal $severity:ident: $message:literal / $message_zh:literal => $advice:literal / $advice_zh:literal;)+) => {
        $(pub(super) const $name: Rule = Rule {
            id: $id,
            severity: Severity::$severity,
            message: $message,
            message_zh: $message_zh,
            advice: $advice,
            advice_zh: $advice_zh,
        };)+
        /// Every rule.
        pub const RULES: &[Rule] = &[$($name),+];
    };
}

rules! {
    TICKET_LEFT "ticket-left" Warning:
        "A task was never polled to its end."
        / "任务没有轮询到结束状态。"
        => "Poll the ticket until the task has succeeded or failed."
        / "请持续轮询，直到任务成功或失败。";
    POLLED_AFTER_END "polled-after-end" Warning:
        "A task was polled again after its end was told."
        / "任务已返回结束状态后仍被轮询。"
        => "Stop at the first final state; it does not change."
        / "收到最终状态后应停止轮询，状态不会再变。";
    POLLED_TOO_FAST "polled-too-fast" Warning:
        "A task was polled several times a second."
        / "同一任务每秒被轮询多次。"
        => "Wait at least a second between polls; common clients wait one to five."
        / "两次轮询之间至少间隔一秒，常见客户端为一到五秒。";
    REPEATED_REFUSAL "refusal-repeated" Error:
        "A request was sent again unchanged after a refusal that repeating cannot mend."
        / "请求因不可重试的错误被拒绝后，又原样重发。"
        => "Repeat only what was throttled or failed on the server's side; mend or report the rest."
        / "只重试限流或服务端错误，其余错误应修正或上报。";
    THROTTLE_IGNORED "throttle-ignored" Error:
        "An operation was called again before the time that a throttled answer had named."
        / "被限流后，未等到重置时间就再次调用。"
        => "Wait x-ogw-ratelimit-reset seconds before the next call of that operation."
        / "请等待 x-ogw-ratelimit-reset 指定的秒数后再调用该接口。";
    WOULD_BE_THROTTLED "would-be-throttled" Warning:
        "Calls came faster than the platform allows; there they would have been refused."
        / "调用频率超过平台限制，在线上会被拒绝。"
        => "Slow down, and try with --rate-limits documented."
        / "请降低调用频率，并用 --rate-limits documented 验证。";
    BAD_TOKEN_REUSED "bad-token-reused" Error:
        "A token was used again after it had been refused as expired, unknown or of the wrong kind."
        / "令牌因过期、无效或类型不符被拒绝后仍被使用。"
        => "Fetch a new token on the first such refusal, of the kind the operation takes."
        / "第一次被拒绝时就应重新获取接口所需类型的令牌。";
    TOKEN_EACH_CALL "token-for-each-call" Warning:
        "A token was fetched for nearly every call."
        / "几乎每次调用前都获取了令牌。"
        => "Keep a token until shortly before it expires; asking again gives the same one."
        / "请缓存令牌直到临近过期，重复获取得到的是同一个令牌。";
    PAGE_LEFT "page-left" Notice:
        "A list had more pages that were never asked for."
        / "列表还有后续分页未被读取。"
        => "Follow the page token while has_more is true, if all entries matter."
        / "若需要全部数据，请在 has_more 为 true 时继续翻页。";
    PAGING_IN_CIRCLES "paging-in-circles" Error:
        "The same page of a list was asked for again and again."
        / "反复请求列表的同一页。"
        => "Take the page token of the last answer for the next request, and stop when has_more is false."
        / "下一次请求应使用最近一次返回的分页标记，has_more 为 false 时停止。";
    SOURCE_EXPIRED "source-expired" Warning:
        "An uploaded source was submitted after its five minutes."
        / "导入源文件上传超过五分钟后才提交。"
        => "Create the import right after the upload, and upload again after a refusal."
        / "上传后请立即创建导入任务，被拒绝后需重新上传。";
    UPLOAD_LEFT "upload-left" Warning:
        "An upload in parts was opened and never finished."
        / "分片上传已开始但没有完成。"
        => "Send all parts and call upload_finish within 24 hours."
        / "请在 24 小时内上传全部分片并调用 upload_finish。";
    EXPORT_LEFT "export-left" Warning:
        "An exported file vanished before anybody downloaded it."
        / "导出的文件未下载就已失效。"
        => "Download the file within ten minutes of the task's end."
        / "请在任务结束后十分钟内下载文件。";
}

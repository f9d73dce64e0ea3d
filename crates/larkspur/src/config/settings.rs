//! The settings there are: names, defaults and what they mean. Flags, environment, file and the
//! `config` command all read this list.

/// One setting. Its environment variable is `LARKSPUR_` and the name in capitals, its key in
/// `larkspur.toml` the name itself.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    /// The name.
    pub name: &'static str,
    /// The value where nobody says otherwise; empty for none.
    pub default: &'static str,
    /// What it means, in a sentence.
    pub about: &'static str,
    /// Whether the value, or a part of it, is a secret.
    pub secret: bool,
    /// Whether it is a list, with a comma between its items.
    pub list: bool,
    /// A variable of the environment that others have agreed on; it holds where its own is not set.
    pub common_variable: Option<&'static str>,
}

impl Setting {
    const fn new(name: &'static str, default: &'static str, about: &'static str) -> Self {
        Self { name, default, about, secret: false, list: false, common_variable: None }
    }

    const fn secret(self) -> Self {
        Self { secret: true, ..self }
    }

    const fn list(self) -> Self {
        Self { list: true, ..self }
    }

    const fn or_variable(self, name: &'static str) -> Self {
        Self { common_variable: Some(name), ..self }
    }

    /// Its environment variable.
    pub fn variable(&self) -> String {
        format!("LARKSPUR_{}", self.name.to_ascii_uppercase())
    }

    /// Its value as it may be shown.
    pub fn shown(&self, value: &str) -> String {
        if self.secret { mask(value) } else { value.to_owned() }
    }
}

/// Every setting.
pub const SETTINGS: &[Setting] = &[
    Setting::new("data", "larkspur-data", "folder of the database and the files"),
    Setting::new(
        "listen",
        "127.0.0.1:8484",
        "addresses and ports for http, or `none`; port 0 picks a free one",
    )
    .list(),
    Setting::new("tls", "", "addresses and ports for https; `true` for 127.0.0.1:8443").list(),
    Setting::new("tls_name", "", "further names that callers use over https").list(),
    Setting::new("tls_cert", "", "a certificate chain (PEM) instead of the server's own CA"),
    Setting::new("tls_key", "", "the key of `tls_cert` (PEM)"),
    Setting::new("tls_ca_file", "", "file that receives the CA's certificate"),
    Setting::new("public_url", "", "address under which callers reach the server"),
    Setting::new("env_file", "", "file that receives LARKSPUR_URL, _APP_ID and _APP_SECRET"),
    Setting::new(
        "sample_workspace",
        "false",
        "fill a workspace with things to try out, at the first start",
    ),
    Setting::new(
        "memory",
        "false",
        "keep nothing: database in memory, files in a temporary folder",
    ),
    Setting::new("fixtures", "", "TOML or JSON file of what the server is to hold"),
    Setting::new(
        "clock",
        "",
        "clock at the start: `real`, `frozen`, a moment (RFC 3339), or a factor such as `x60`",
    ),
    Setting::new("database", "", "postgres://... instead of the database in the data folder")
        .secret(),
    Setting::new("blobs", "", "s3://bucket/prefix instead of the files in the data folder")
        .secret(),
    Setting::new("fonts", "", "folders with further fonts, separated by `:`"),
    Setting::new("conversion_timeout_s", "300", "longest time of a conversion, seconds"),
    Setting::new("conversion_memory_mb", "512", "most memory of a conversion, MiB"),
    Setting::new("print_memory_mb", "1536", "most memory of a conversion to pages, MiB"),
    Setting::new("limits", "documented", "where imports are cut: `documented` or `off`"),
    Setting::new("watermark", "false", "whether exported pdf files bear who asked for them"),
    Setting::new("base_records", "5000000", "records a table of a base may have"),
    Setting::new(
        "request_faults",
        "false",
        "whether a request may bring its own fault in X-Larkspur-Fault",
    ),
    Setting::new(
        "rate_limits",
        "off",
        "how often may be called: `documented`, `off`, or a file of ceilings",
    ),
    Setting::new("record", "200", "requests of each app that are kept to look at; 0 keeps none"),
    Setting::new("explain", "false", "refusals say in X-Larkspur-Why what would help"),
    Setting::new(
        "metrics",
        "local",
        "who may read /metrics: `local` (this machine, or the admin token), `admin`, or `all`",
    ),
    Setting::new(
        "otlp_endpoint",
        "",
        "collector that is sent traces, such as http://127.0.0.1:4318; `none` for none",
    )
    .secret()
    .or_variable("OTEL_EXPORTER_OTLP_ENDPOINT"),
    Setting::new("light_tasks", "4", "conversions of small sources at a time; 0 does none"),
    Setting::new("heavy_tasks", "1", "conversions of large sources at a time; 0 does none"),
    Setting::new(
        "webhook_private",
        "false",
        "whether webhooks may lead to private and loopback addresses",
    ),
    Setting::new(
        "keep_events",
        "5000000",
        "most transitions of tasks that the log of events holds",
    ),
    Setting::new("keep_events_h", "168", "how far the log of events goes back, hours"),
    Setting::new(
        "shutdown_grace_s",
        "20",
        "longest time a stopping server waits for work, seconds",
    ),
    Setting::new(
        "log",
        "info",
        "what is logged, for example `warn` or `info,larkspur_engine=debug`",
    ),
    Setting::new("log_format", "text", "`text` or `json`"),
];

/// Hides the password of an address, and values of parameters that look like one.
fn mask(value: &str) -> String {
    let mut shown = String::new();
    let rest = match value.split_once("://") {
        Some((scheme, rest)) => {
            shown.push_str(scheme);
            shown.push_str("://");
            rest
        }
        None => value,
    };
    let (place, parameters) = rest.split_once('?').unwrap_or((rest, ""));
    match place.rsplit_once('@') {
        Some((who, place)) => {
            let user = who.split_once(':').map_or(who, |(user, _)| user);
            shown.push_str(user);
            shown.push_str(":***@");
            shown.push_str(place);
        }
        None => shown.push_str(place),
    }
    if !parameters.is_empty() {
        shown.push('?');
        let hidden: Vec<String> = parameters
            .split('&')
            .map(|pair| match pair.split_once('=') {
                Some((name, _)) if is_secret_name(name) => format!("{name}=***"),
                _ => pair.to_owned(),
            })
            .collect();
        shown.push_str(&hidden.join("&"));
    }
    shown
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["secret", "password", "token", "key"].iter().any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_never_shown() {
        let cases = [
            ("postgres://me:p@ss:w@db/x?sslmode=require", "postgres://me:***@db/x?sslmode=require"),
            ("postgres://db/x?password=abc", "postgres://db/x?password=***"),
            ("s3://bucket/a?access_key_id=A&region=r", "s3://bucket/a?access_key_id=***&region=r"),
            ("", ""),
        ];
        for (value, shown) in cases {
            assert_eq!(mask(value), shown);
        }
    }
}

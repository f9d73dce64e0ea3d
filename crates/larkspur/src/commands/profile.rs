//! Profiles: servers by name, the platform's own among them, in a file of the user's. Secrets stand
//! in variables or files that a profile names, never in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::trouble::{Attempt, Trouble};

/// Names another file of profiles.
const FILE: &str = "LARKSPUR_PROFILES";
/// Hosts of the platform end so.
const PLATFORM: [&str; 3] = ["feishu.cn", "larksuite.com", "larkoffice.com"];

/// A server and as whom to speak to it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Profile {
    /// Base address.
    pub(super) url: String,
    /// The app to speak as.
    pub(super) app_id: Option<String>,
    app_secret_env: Option<String>,
    app_secret_file: Option<PathBuf>,
    admin_token_env: Option<String>,
    admin_token_file: Option<PathBuf>,
    /// A CA to trust beside those of the system.
    pub(super) ca_file: Option<PathBuf>,
    #[serde(skip)]
    folder: PathBuf,
}

impl Profile {
    /// The profile of this name.
    pub(super) fn read(name: &str) -> Attempt<Self> {
        let path = file()?;
        let text = std::fs::read_to_string(&path).map_err(|cause| {
            Trouble::caused(format!("cannot read the profiles in {}", path.display()), &cause)
                .hint(format!(
                    "it holds tables such as\n[{name}]\n{EXAMPLE}\n{FILE} names another file"
                ))
                .setup()
        })?;
        Self::find(&text, name, &path)
    }

    fn find(text: &str, name: &str, path: &Path) -> Attempt<Self> {
        let mut all: BTreeMap<String, Self> = toml::from_str(text).map_err(|cause| {
            let what = format!("{} is no file of profiles", path.display());
            Trouble::caused(what, &cause)
                .hint(format!("a profile has these keys:\n{EXAMPLE}"))
                .setup()
        })?;
        let known = all.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
        let profile = all.remove(name).ok_or_else(|| {
            Trouble::new(format!("there is no profile {name} in {}", path.display()))
                .hint(format!("there are: {known}"))
                .setup()
        })?;
        let folder = path.parent().unwrap_or_else(|| Path::new("")).to_owned();
        let ca_file = profile.ca_file.as_ref().map(|file| folder.join(file));
        Ok(Self { ca_file, folder, ..profile })
    }

    /// The secret of the app.
    pub(super) fn app_secret(&self) -> Attempt<Option<String>> {
        self.secret(self.app_secret_env.as_deref(), self.app_secret_file.as_deref())
    }

    /// The operator's token, of Larkspur alone.
    pub(super) fn admin_token(&self) -> Attempt<Option<String>> {
        self.secret(self.admin_token_env.as_deref(), self.admin_token_file.as_deref())
    }

    fn secret(&self, variable: Option<&str>, file: Option<&Path>) -> Attempt<Option<String>> {
        if let Some(variable) = variable {
            let value = std::env::var(variable).ok().filter(|value| !value.is_empty());
            return value.map(Some).ok_or_else(|| {
                Trouble::new(format!(
                    "{variable} is not set, which the profile takes a secret from"
                ))
                .setup()
            });
        }
        let Some(file) = file else { return Ok(None) };
        let path = self.folder.join(file);
        let text = std::fs::read_to_string(&path).map_err(|cause| {
            Trouble::caused(format!("cannot read the secret in {}", path.display()), &cause).setup()
        })?;
        Ok(Some(text.trim().to_owned()))
    }
}

const EXAMPLE: &str = "\
url = \"https://open.feishu.cn\"
app_id = \"cli_a1b2c3d4e5f60718\"
app_secret_env = \"ACME_APP_SECRET\"      # or app_secret_file = \"acme.secret\"";

/// Where the profiles are.
fn file() -> Attempt<PathBuf> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(path) = variable(FILE) {
        return Ok(path.into());
    }
    let folder = variable("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| variable("HOME").map(|home| Path::new(&home).join(".config")))
        .or_else(|| variable("APPDATA").map(PathBuf::from));
    let folder = folder.ok_or_else(|| {
        Trouble::new("nobody knows where profiles are here").hint(format!("set {FILE}")).setup()
    })?;
    Ok(folder.join("larkspur").join("profiles.toml"))
}

/// Whether the address is one of the platform itself, which knows the documented operations alone.
pub(super) fn is_platform(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', ':', '?']).next().unwrap_or_default().to_ascii_lowercase();
    PLATFORM.iter().any(|end| {
        host.strip_suffix(end).is_some_and(|start| start.is_empty() || start.ends_with('.'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platform_is_known_by_its_hosts() {
        for url in
            ["https://open.feishu.cn", "https://open.larksuite.com/", "https://feishu.cn:443"]
        {
            assert!(is_platform(url), "{url}");
        }
        for url in
            ["http://127.0.0.1:8484", "https://notfeishu.cn", "https://feishu.cn.example.com"]
        {
            assert!(!is_platform(url), "{url}");
        }
    }

    #[test]
    fn profiles_name_where_their_secrets_are() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("acme.secret"), "s3cret\n").unwrap();
        let path = folder.path().join("profiles.toml");
        let text = "[acme]\nurl = \"https://open.feishu.cn\"\napp_id = \"cli_a\"\n\
                    app_secret_file = \"acme.secret\"\n";
        let acme = Profile::find(text, "acme", &path).unwrap();
        assert_eq!(acme.app_secret().unwrap().as_deref(), Some("s3cret"));
        assert_eq!(acme.admin_token().unwrap(), None);
        let trouble = Profile::find(text, "other", &path).unwrap_err();
        assert!(trouble.to_string().contains("there are: acme"), "{trouble}");
        let inside = "[acme]\nurl = \"u\"\napp_secret = \"s3cret\"\n";
        let trouble = Profile::find(inside, "acme", &path).unwrap_err();
        assert_eq!(trouble.exit_code(), 3);
    }
}

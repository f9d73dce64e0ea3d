//! Where the value of a setting comes from: four layers of texts, the upper one wins.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use super::settings::{SETTINGS, Setting};
use crate::trouble::{Attempt, Trouble};

/// The file that is read where nobody names another.
const USUAL_FILE: &str = "larkspur.toml";

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// On the command line.
    Flag,
    /// In the environment.
    Environment,
    /// In a file.
    File(PathBuf),
    /// Nowhere.
    Default,
}

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => out.write_str("flag"),
            Self::Environment => out.write_str("environment"),
            Self::File(path) => write!(out, "{}", path.display()),
            Self::Default => out.write_str("default"),
        }
    }
}

/// A setting with its value.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// The setting.
    pub setting: &'static Setting,
    /// Its value, as text.
    pub value: String,
    /// Where that stands.
    pub source: Source,
}

/// The layers, as texts.
#[derive(Debug, Clone, Default)]
pub struct Layers {
    flags: BTreeMap<&'static str, String>,
    environment: BTreeMap<&'static str, String>,
    file: BTreeMap<&'static str, String>,
    file_path: PathBuf,
}

impl Layers {
    /// Reads `larkspur.toml`, or the file that is named, and the environment. `flags` holds what
    /// the command line says, by the settings' names.
    ///
    /// # Errors
    /// A file that is named but missing, that is no TOML, or that holds an unknown setting.
    pub fn read(
        file: Option<&Path>,
        environment: &dyn Fn(&str) -> Option<String>,
        flags: BTreeMap<&'static str, String>,
    ) -> Attempt<Self> {
        let named =
            file.map(Path::to_owned).or_else(|| environment("LARKSPUR_CONFIG").map(PathBuf::from));
        let path = named.clone().unwrap_or_else(|| PathBuf::from(USUAL_FILE));
        let file = match std::fs::read_to_string(&path) {
            Ok(text) => read_file(&text, &path)?,
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound && named.is_none() => {
                BTreeMap::new()
            }
            Err(cause) => {
                return Err(Trouble::caused(format!("cannot read {}", path.display()), &cause)
                    .hint("--config and LARKSPUR_CONFIG name the file of settings")
                    .setup());
            }
        };
        let environment = SETTINGS
            .iter()
            .filter_map(|setting| {
                let said = |variable: &str| environment(variable).filter(|value| !value.is_empty());
                let common = || setting.common_variable.and_then(said);
                Some((setting.name, said(&setting.variable()).or_else(common)?))
            })
            .collect();
        Ok(Self { flags, environment, file, file_path: path })
    }

    /// Flags alone: no environment, no file.
    pub fn of_flags(flags: BTreeMap<&'static str, String>) -> Self {
        Self { flags, ..Self::default() }
    }

    /// A setting with its value.
    ///
    /// # Panics
    /// If there is no such setting.
    pub fn get(&self, name: &str) -> Resolved {
        let setting = SETTINGS
            .iter()
            .find(|setting| setting.name == name)
            .expect("only settings of the list are asked for");
        let layers = [
            (&self.flags, Source::Flag),
            (&self.environment, Source::Environment),
            (&self.file, Source::File(self.file_path.clone())),
        ];
        for (layer, source) in layers {
            if let Some(value) = layer.get(name) {
                return Resolved { setting, value: value.clone(), source };
            }
        }
        Resolved { setting, value: setting.default.to_owned(), source: Source::Default }
    }

    /// Every setting with its value.
    pub fn all(&self) -> impl Iterator<Item = Resolved> {
        SETTINGS.iter().map(|setting| self.get(setting.name))
    }

    pub(super) fn parse<T: FromStr>(&self, name: &str) -> Attempt<T> {
        self.get(name).value.parse().map_err(|_| {
            let kind = match std::any::type_name::<T>() {
                "bool" => "it is `true` or `false`",
                _ => "it is a whole number",
            };
            self.wrong(name, kind)
        })
    }

    pub(super) fn wrong(&self, name: &str, rule: &str) -> Trouble {
        let Resolved { setting, value, source } = self.get(name);
        Trouble::new(format!(
            "the setting `{name}` cannot be `{}` ({source})",
            setting.shown(&value)
        ))
        .hint(format!("{rule}: {}", setting.about))
        .setup()
    }
}

/// The settings in a file, as texts.
fn read_file(text: &str, path: &Path) -> Attempt<BTreeMap<&'static str, String>> {
    let trouble = |what: String| Trouble::new(format!("{}: {what}", path.display())).setup();
    let table: toml::Table =
        text.parse().map_err(|cause: toml::de::Error| trouble(cause.to_string()))?;
    let mut settings = BTreeMap::new();
    for (key, value) in &table {
        let Some(setting) = SETTINGS.iter().find(|setting| setting.name == key) else {
            let names: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
            return Err(trouble(format!("there is no setting `{key}`"))
                .hint(format!("there are {}", names.join(", "))));
        };
        let value = text_of(setting, value).ok_or_else(|| {
            trouble(format!("`{key}` is neither a text nor a number nor a list of texts"))
        })?;
        settings.insert(setting.name, value);
    }
    Ok(settings)
}

fn text_of(setting: &Setting, value: &toml::Value) -> Option<String> {
    Some(match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Boolean(value) => value.to_string(),
        toml::Value::Array(items) => {
            let items: Option<Vec<&str>> = items.iter().map(toml::Value::as_str).collect();
            if setting.list {
                items?.join(",")
            } else {
                std::env::join_paths(items?).ok()?.into_string().ok()?
            }
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::super::Config;
    use super::*;

    fn layers(
        file: &str,
        environment: &[(&str, &str)],
        flags: &[(&'static str, &str)],
    ) -> Attempt<Layers> {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("larkspur.toml");
        std::fs::write(&path, file).expect("it can be written");
        let look = |name: &str| {
            environment
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        };
        let flags = flags.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Layers::read(Some(&path), &look, flags)
    }

    #[test]
    fn flags_win_over_environment_over_file_over_defaults() {
        let file = "listen = '1.1.1.1:1'\ndata = '/file'\nlight_tasks = 7\nfonts = ['/a', '/b']";
        let environment = [("LARKSPUR_LISTEN", "2.2.2.2:2"), ("LARKSPUR_DATA", "/environment")];
        let layers = layers(file, &environment, &[("listen", "3.3.3.3:3")]).expect("all is well");
        let config = Config::resolve(&layers).expect("all is well");
        assert_eq!(config.listen, ["3.3.3.3:3"]);
        assert_eq!(config.data, PathBuf::from("/environment"));
        assert_eq!(config.light_tasks, 7);
        assert_eq!(config.fonts, [PathBuf::from("/a"), PathBuf::from("/b")]);
        assert_eq!(config.conversion_memory_bytes, 512 << 20);
        let sources: Vec<Source> =
            ["listen", "data", "heavy_tasks"].map(|name| layers.get(name).source).into();
        assert_eq!(sources, [Source::Flag, Source::Environment, Source::Default]);
        assert!(matches!(layers.get("fonts").source, Source::File(_)));
    }

    #[test]
    fn a_variable_that_others_agreed_on_holds_where_ours_is_not_set() {
        let common = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector:4318");
        let endpoint = |environment: &[(&str, &str)]| {
            let layers = layers("", environment, &[]).expect("all is well");
            Config::resolve(&layers).expect("all is well").otlp_endpoint
        };
        assert_eq!(endpoint(&[]), None);
        assert_eq!(endpoint(&[common]).as_deref(), Some("http://collector:4318"));
        let ours = |value| [("LARKSPUR_OTLP_ENDPOINT", value), common];
        assert_eq!(endpoint(&ours("http://ours")).as_deref(), Some("http://ours"));
        assert_eq!(endpoint(&ours("")).as_deref(), Some("http://collector:4318"));
        assert_eq!(endpoint(&ours("none")), None);
    }

    #[test]
    fn listeners_are_lists_and_can_be_turned_off() {
        let config = |file: &str| {
            let layers = layers(file, &[], &[]).expect("the file itself is well");
            Config::resolve(&layers)
        };
        let one = config("").expect("all is well");
        assert_eq!(
            (one.listen.as_slice(), one.tls.len()),
            (["127.0.0.1:8484".to_owned()].as_slice(), 0)
        );
        let both = config("listen = ['1.1.1.1:1', '[::1]:2']\ntls = true").expect("all is well");
        assert_eq!(
            (both.listen, both.tls),
            (vec!["1.1.1.1:1".into(), "[::1]:2".into()], vec!["127.0.0.1:8443".into()])
        );
        let safe = config("listen = 'none'\ntls = '0.0.0.0:1, 0.0.0.0:2'").expect("all is well");
        assert_eq!((safe.listen.len(), safe.tls.len()), (0, 2));
        assert!(config("listen = 'none'").is_err(), "nobody could be heard");
        assert!(config("tls = true\ntls_cert = 'a'").is_err(), "there is no key");
    }

    #[test]
    fn wrong_values_name_the_setting_and_the_rule() {
        let cases = [
            ("limits = 'some'", "`limits`", "`off`"),
            ("memory = 'perhaps'", "`memory`", "`true` or `false`"),
            ("public_url = 'example.com'", "`public_url`", "http://"),
            ("otlp_endpoint = 'localhost:4318'", "`otlp_endpoint`", "http://"),
            ("log_format = 'xml'", "`log_format`", "`json`"),
            ("conversion_memory_mb = 8", "`conversion_memory_mb`", "at least 64"),
        ];
        for (file, setting, rule) in cases {
            let layers = layers(file, &[], &[]).expect("the file itself is well");
            let trouble = Config::resolve(&layers).expect_err(file).to_string();
            assert!(trouble.contains(setting) && trouble.contains(rule), "{trouble}");
        }
        for file in ["lisen = '1'", "data = ", "data = { a = 1 }"] {
            assert!(layers(file, &[], &[]).is_err(), "{file}");
        }
    }
}

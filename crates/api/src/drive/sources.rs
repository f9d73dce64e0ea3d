//! Which files may become which online documents, and how large they may be (contract,
//! `import_sources`), and what an import source carries along from its upload.

use larkspur_model::id::ObjectToken;
use larkspur_model::time::{HOUR_MS, MINUTE_MS, Millis};
use serde::{Deserialize, Serialize};

/// How long an uploaded import source may be submitted (contract, "Import").
pub(super) const SOURCE_LIFE_MS: Millis = 5 * MINUTE_MS;
/// How long a submitted one is kept for its import, however long the queue is.
pub(super) const SOURCE_HELD_MS: Millis = 24 * HOUR_MS;

const MB: u64 = 1 << 20;

/// What an import makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Target {
    /// An online document.
    Docx,
    /// An online spreadsheet.
    Sheet,
    /// A base.
    Bitable,
}

impl Target {
    /// The target of a wire `type`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "docx" => Self::Docx,
            "sheet" => Self::Sheet,
            "bitable" => Self::Bitable,
            _ => return None,
        })
    }

    /// Its wire `type`.
    pub(crate) const fn wire(self) -> &'static str {
        match self {
            Self::Docx => "docx",
            Self::Sheet => "sheet",
            Self::Bitable => "bitable",
        }
    }
}

/// Extension, target, largest file.
const SOURCES: &[(&str, Target, u64)] = &[
    ("docx", Target::Docx, 600 * MB),
    ("doc", Target::Docx, 600 * MB),
    ("txt", Target::Docx, 20 * MB),
    ("md", Target::Docx, 20 * MB),
    ("mark", Target::Docx, 20 * MB),
    ("markdown", Target::Docx, 20 * MB),
    ("html", Target::Docx, 20 * MB),
    ("xlsx", Target::Sheet, 800 * MB),
    ("xlsx", Target::Bitable, 800 * MB),
    ("csv", Target::Sheet, 20 * MB),
    ("csv", Target::Bitable, 100 * MB),
    ("xls", Target::Sheet, 20 * MB),
];

/// Largest file of an extension that may become `target`; `None` where it cannot.
pub(super) fn largest(extension: &str, target: Target) -> Option<u64> {
    SOURCES
        .iter()
        .find(|(from, to, _)| *from == extension && *to == target)
        .map(|(_, _, bytes)| *bytes)
}

/// Whether files of this extension may become a wire `type`.
pub fn can_become(extension: &str, kind: &str) -> bool {
    Target::parse(kind).is_some_and(|target| largest(extension, target).is_some())
}

/// Whether files of this extension may become anything.
pub(super) fn is_known(extension: &str) -> bool {
    SOURCES.iter().any(|(from, _, _)| *from == extension)
}

/// What the upload of an import source said about it: `extra` of `ccm_import_open`, which may have
/// its keys in any order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ImportExtra {
    /// What it is to become, `docx`, `sheet` or `bitable`.
    pub(crate) obj_type: String,
    /// Its extension.
    pub(crate) file_extension: String,
}

/// What a stored media object keeps of its upload.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct MediaExtra {
    /// `parent_type` as sent.
    pub(crate) parent_type: String,
    /// `parent_node` as sent.
    pub(crate) parent_node: String,
    /// The document it hangs on.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) drive_route_token: String,
    /// For import sources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) import: Option<ImportExtra>,
}

impl MediaExtra {
    /// Reads what [`MediaExtra::write`] wrote; nothing for what it did not.
    pub(crate) fn read(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    /// The document it hangs on, if it does.
    pub(crate) fn route(&self) -> Option<ObjectToken> {
        let token = self.drive_route_token.as_str();
        (!token.is_empty()).then(|| ObjectToken::from(token))
    }

    /// As it is stored.
    pub(crate) fn write(&self) -> String {
        serde_json::to_string(self).expect("strings serialise")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_contracts() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/contract/codes.json");
        let Ok(text) = std::fs::read_to_string(path) else {
            println!("the contract is not beside the repository: 1 comparison not run");
            return;
        };
        let codes: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mut documented = 0;
        for source in codes["import_sources"]["values"].as_array().unwrap() {
            for extension in source["file_extensions"].as_array().unwrap() {
                for target in source["targets"].as_array().unwrap() {
                    let kind = Target::parse(target["type"].as_str().unwrap()).unwrap();
                    assert_eq!(
                        largest(extension.as_str().unwrap(), kind),
                        target["max_bytes"].as_u64(),
                        "{extension} {kind:?}"
                    );
                    documented += 1;
                }
            }
        }
        assert_eq!(SOURCES.len(), documented);
    }
}

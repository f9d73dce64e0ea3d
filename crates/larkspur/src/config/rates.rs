//! The setting `rate_limits`: a word, or a TOML file with ceilings by the operations' ids.

use std::collections::BTreeMap;
use std::path::Path;

use larkspur_http::{RateRule, RateRules};
use larkspur_platform::Ceilings;
use serde::Deserialize;

use crate::trouble::{Attempt, Trouble};

/// An entry of the file: a word, or ceilings.
#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Word(String),
    Own(Own),
}

/// Ceilings in the contract's names; what is absent is no ceiling.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, default)]
#[derive(Default)]
struct Own {
    per_second: u32,
    per_minute: u32,
    per_day: u32,
    no_concurrency: bool,
    per_document_per_second: u32,
    per_document_serial: bool,
}

impl Entry {
    fn rule(self) -> Option<RateRule> {
        match self {
            Self::Word(word) => match word.as_str() {
                "documented" => Some(RateRule::Documented),
                "off" => Some(RateRule::Off),
                _ => None,
            },
            Self::Own(own) => Some(RateRule::Own(Ceilings {
                per_second: own.per_second,
                per_minute: own.per_minute,
                per_day: own.per_day,
                no_concurrency: own.no_concurrency,
                per_document_per_second: own.per_document_per_second,
                per_document_serial: own.per_document_serial,
            })),
        }
    }
}

/// The rules that `setting` stands for.
pub(super) fn read(setting: &str) -> Attempt<RateRules> {
    let everywhere = |default| RateRules { default, operations: BTreeMap::new() };
    match setting {
        "off" => return Ok(everywhere(RateRule::Off)),
        "documented" => return Ok(everywhere(RateRule::Documented)),
        _ => {}
    }
    let text = std::fs::read_to_string(Path::new(setting)).map_err(|cause| {
        Trouble::caused(format!("cannot read the ceilings in {setting}"), &cause)
            .hint("`rate_limits` is `documented`, `off`, or the path of a TOML file")
            .setup()
    })?;
    parse(&text).map_err(|what| {
        Trouble::new(format!("the ceilings in {setting} cannot be used: {what}"))
            .hint("for example:\ndefault = \"documented\"\ndriveExportTaskGet = { per_second = 5 }")
            .setup()
    })
}

fn parse(text: &str) -> Result<RateRules, String> {
    let entries: BTreeMap<String, Entry> =
        toml::from_str(text).map_err(|error| error.message().to_owned())?;
    let known = larkspur_api::operations();
    let mut rules = RateRules { default: RateRule::Documented, operations: BTreeMap::new() };
    for (name, entry) in entries {
        let rule = entry.rule();
        let rule =
            rule.ok_or_else(|| format!("{name} is `documented`, `off` or a table of ceilings"))?;
        if name == "default" {
            rules.default = rule;
        } else if known.iter().any(|operation| operation.id == name) {
            rules.operations.insert(name, rule);
        } else {
            return Err(format!("there is no operation {name}"));
        }
    }
    Ok(rules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_overrides_ceilings_by_operation() {
        let rules = parse("default = \"off\"\ndriveExportTaskGet = { per_second = 5 }").unwrap();
        assert_eq!(rules.default, RateRule::Off);
        let own = Ceilings { per_second: 5, ..Ceilings::NONE };
        assert_eq!(rules.operations["driveExportTaskGet"], RateRule::Own(own));
        assert_eq!(parse("").unwrap().default, RateRule::Documented);
        assert!(parse("default = \"on\"").unwrap_err().contains("`documented`"));
        assert!(parse("driveNothing = \"off\"").unwrap_err().contains("driveNothing"));
        assert!(parse("default = { per_hour = 1 }").is_err());
    }
}

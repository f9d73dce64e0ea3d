//! `larkspur coverage`: every documented answer, and how it can be had here.

use std::collections::BTreeMap;

use clap::{Args, ValueEnum};
use larkspur_api::documented::reached::{Number, Refusal, Way, numbers, refusals};
use serde_json::{Value, json};

use super::asking::print_json;
use crate::trouble::{Attempt, Trouble};

/// Say which documented answers can be had here, and how
///
/// Every operation served, with every error code that its page or the platform documents, and every
/// number its tasks may show. `nature`: doing what leads to it does, and a test of Larkspur's does
/// that; `rule`: what leads to it exists only on the platform, and a fault rule stands in for it.
/// Needs no server.
#[derive(Debug, Args)]
#[command(after_long_help = "\
Examples:
  larkspur coverage                                   a line for each operation and family
  larkspur coverage --operation driveImportTaskCreate every code of it
  larkspur coverage --only rule --json                what only rules can bring about
  larkspur fault add --operation driveImportTaskCreate --error 1069912 --first 1")]
pub(super) struct Coverage {
    /// Every code of this operation, or every number of this family
    #[arg(long, visible_alias = "family", value_name = "ID")]
    operation: Option<String>,
    /// Only what can be had in this way
    #[arg(long, value_name = "WAY")]
    only: Option<Only>,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Only {
    Nature,
    Rule,
}

const fn word(way: Way) -> &'static str {
    match way {
        Way::Nature => "nature",
        Way::Rule => "rule",
    }
}

impl Coverage {
    pub(super) fn run(&self) -> Attempt {
        let wanted = |of: &str, way: Way| {
            let only = match self.only {
                None => true,
                Some(Only::Nature) => way == Way::Nature,
                Some(Only::Rule) => way == Way::Rule,
            };
            only && self.operation.as_deref().is_none_or(|one| one == of)
        };
        let mut refusals = refusals();
        let mut numbers = numbers();
        if let Some(id) = &self.operation
            && !refusals.iter().any(|it| it.operation == id)
            && !numbers.iter().any(|it| it.family == id)
        {
            return Err(Trouble::new(format!("{id} is no operation and no family served here"))
                .hint("`larkspur coverage` lists them; ids are those of the contract"));
        }
        refusals.retain(|it| wanted(it.operation, it.way));
        numbers.retain(|it| wanted(it.family, it.way));
        if self.json {
            return print_json(&json!({
                "refusals": refusals.iter().map(refusal_value).collect::<Vec<_>>(),
                "numbers": numbers.iter().map(number_value).collect::<Vec<_>>(),
            }));
        }
        if self.operation.is_some() {
            show_all(&refusals, &numbers);
        } else {
            show_counts(&refusals, &numbers);
        }
        Ok(())
    }
}

fn refusal_value(refusal: &Refusal) -> Value {
    json!({"operation": refusal.operation, "http": refusal.error.http, "code": refusal.error.code,
           "msg": refusal.error.msg, "from": if refusal.own { "operation" } else { "platform" },
           "way": word(refusal.way)})
}

fn number_value(number: &Number) -> Value {
    json!({"family": number.family, "kind": number.kind.word(), "number": number.number,
           "text": number.text, "meaning": number.meaning, "way": word(number.way)})
}

fn show_all(refusals: &[Refusal], numbers: &[Number]) {
    for Refusal { error, own, way, .. } in refusals {
        let http = if error.http == 0 { "-".to_owned() } else { error.http.to_string() };
        let from = if *own { "" } else { "  (platform)" };
        println!("{:<7} {http:>4} {:>9}  {}{from}", word(*way), error.code, error.msg);
    }
    for Number { kind, number, text, meaning, way, .. } in numbers {
        let text = if text.is_empty() { String::new() } else { format!("{text}: ") };
        println!("{:<7} {:>7} {number:>6}  {text}{meaning}", word(*way), kind.word());
    }
}

fn show_counts(refusals: &[Refusal], numbers: &[Number]) {
    // Nature and rule, of what the page itself documents; of what the platform does.
    let mut operations: BTreeMap<&str, [usize; 4]> = BTreeMap::new();
    for refusal in refusals {
        let at = usize::from(!refusal.own) * 2 + usize::from(refusal.way == Way::Rule);
        operations.entry(refusal.operation).or_default()[at] += 1;
    }
    println!("{:<40} {:>14}   {:>14}", "", "own codes", "platform codes");
    println!("{:<40} {:>8} {:>5}   {:>8} {:>5}", "operation", "nature", "rule", "nature", "rule");
    let mut sum = [0; 4];
    for (operation, counts) in &operations {
        let [nature, rule, of_all, of_all_by_rule] = counts;
        println!("{operation:<40} {nature:>8} {rule:>5}   {of_all:>8} {of_all_by_rule:>5}");
        (0..4).for_each(|at| sum[at] += counts[at]);
    }
    let [nature, rule, of_all, of_all_by_rule] = sum;
    let operations = format!("{} operations", operations.len());
    println!("{operations:<40} {nature:>8} {rule:>5}   {of_all:>8} {of_all_by_rule:>5}\n");
    let mut families: BTreeMap<(&str, &str), [usize; 2]> = BTreeMap::new();
    for number in numbers {
        let of = families.entry((number.family, number.kind.word())).or_default();
        of[usize::from(number.way == Way::Rule)] += 1;
    }
    println!("{:<40} {:>8} {:>5}", "numbers of tasks", "nature", "rule");
    for ((family, kind), [nature, rule]) in families {
        println!("{:<40} {nature:>8} {rule:>5}", format!("{family} {kind}"));
    }
    println!(
        "\nNothing documented is out of reach. One operation: larkspur coverage --operation ID"
    );
}

//! The filters of the historic list, which are formulas: `AND(CurrentValue.[Height]>180, OR(…))`.

use larkspur_model::base::{Design, Field, UiType};

use super::codes;
use super::filter::{Condition, Filter, Test, Today, compared, test};
use crate::ApiError;

/// Formulas within each other.
const DEPTH: usize = 20;

fn wrong(why: impl Into<String>) -> ApiError {
    codes::FILTER.because(why)
}

/// Reads a formula.
pub(super) fn read(text: &str, design: &Design, today: Today) -> Result<Filter, ApiError> {
    let mut reader = Reader { rest: text, design, today };
    let filter = reader.formula(DEPTH)?;
    reader.space();
    if reader.rest.is_empty() {
        Ok(filter)
    } else {
        Err(wrong(format!("filter goes on where it should end: {:.60}", reader.rest)))
    }
}

struct Reader<'a> {
    rest: &'a str,
    design: &'a Design,
    today: Today,
}

/// What stands on the right side.
enum Operand {
    Text(String),
    Number(f64),
    Flag(bool),
    Day(String),
}

impl Reader<'_> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start();
    }

    /// Steps over `mark`, if it stands here.
    fn step(&mut self, mark: &str) -> bool {
        self.space();
        match self.rest.get(..mark.len()) {
            Some(head) if head.eq_ignore_ascii_case(mark) => {
                self.rest = &self.rest[mark.len()..];
                true
            }
            _ => false,
        }
    }

    fn need(&mut self, mark: &str) -> Result<(), ApiError> {
        if self.step(mark) {
            return Ok(());
        }
        Err(wrong(format!("filter lacks {mark} before: {:.60}", self.rest)))
    }

    fn formula(&mut self, depth: usize) -> Result<Filter, ApiError> {
        let Some(depth) = depth.checked_sub(1) else {
            return Err(wrong("filter has more than 20 formulas within each other"));
        };
        for (name, all) in [("AND", true), ("&&", true), ("OR", false)] {
            if self.step(&format!("{name}(")) {
                let mut children = vec![self.formula(depth)?];
                while self.step(",") {
                    children.push(self.formula(depth)?);
                }
                self.need(")")?;
                return Ok(Filter { all, conditions: Vec::new(), children });
            }
        }
        let condition = self.condition()?;
        Ok(Filter { all: true, conditions: vec![condition], children: Vec::new() })
    }

    fn condition(&mut self) -> Result<Condition, ApiError> {
        self.need("CurrentValue.[")?;
        let (name, rest) = self.rest.split_once(']').ok_or_else(|| wrong("filter lacks ]"))?;
        self.rest = rest;
        let at = self.design.fields.iter().position(|field| field.name == name);
        let at = at.ok_or_else(|| {
            codes::FIELD.because(format!("the filter's field {name:.100} is none of the table"))
        })?;
        let field = &self.design.fields[at];
        if self.step(".contains(") {
            let operand = self.operand()?;
            self.need(")")?;
            let Operand::Text(text) = operand else {
                return Err(wrong("contains takes a text in quotes"));
            };
            return Ok(Condition { at, test: test(field, "contains", &[text], self.today)? });
        }
        let marks = [
            ("!=", "isNot"),
            (">=", "isGreaterEqual"),
            ("<=", "isLessEqual"),
            ("=", "is"),
            (">", "isGreater"),
            ("<", "isLess"),
        ];
        let operator = marks.into_iter().find(|(mark, _)| self.step(mark)).map(|(_, name)| name);
        let operator = operator.ok_or_else(|| {
            wrong(format!("filter lacks =, !=, >, <, >= or <= before: {:.60}", self.rest))
        })?;
        let operand = self.operand()?;
        Ok(Condition { at, test: self.test(field, operator, operand)? })
    }

    fn test(&self, field: &Field, operator: &str, operand: Operand) -> Result<Test, ApiError> {
        let moment =
            matches!(field.ui, UiType::DateTime | UiType::CreatedTime | UiType::ModifiedTime);
        match operand {
            Operand::Text(text) if text.is_empty() => match operator {
                "is" => Ok(Test::Filled(false)),
                "isNot" => Ok(Test::Filled(true)),
                _ => Err(wrong("nothing is greater or less than an empty text")),
            },
            Operand::Text(text) if field.ui == UiType::Checkbox => {
                test(field, operator, &[text.to_lowercase()], self.today)
            }
            Operand::Text(text) => test(field, operator, &[text], self.today),
            Operand::Number(number) if moment => {
                compared(operator, number, number + 1.0).ok_or_else(|| wrong("no comparison"))
            }
            Operand::Number(number) => {
                test(field, operator, &[super::show::number_of(number).to_string()], self.today)
            }
            Operand::Flag(flag) => test(field, operator, &[flag.to_string()], self.today),
            Operand::Day(day) => test(field, operator, &[day], self.today),
        }
    }

    fn operand(&mut self) -> Result<Operand, ApiError> {
        self.space();
        if let Some(rest) = self.rest.strip_prefix('"') {
            let (text, rest) =
                rest.split_once('"').ok_or_else(|| wrong("filter lacks a closing quote"))?;
            self.rest = rest;
            return Ok(Operand::Text(text.to_owned()));
        }
        if self.step("TODAY()") {
            return Ok(Operand::Day("Today".to_owned()));
        }
        for (word, flag) in [("TRUE()", true), ("FALSE()", false), ("true", true), ("false", false)]
        {
            if self.step(word) {
                return Ok(Operand::Flag(flag));
            }
        }
        let end = self
            .rest
            .find(|letter: char| !(letter.is_ascii_digit() || "+-.eE".contains(letter)))
            .unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        let number = number.parse().map_err(|_| {
            wrong(format!(
                "filter compares with a number, a text in quotes or TODAY(): {:.60}",
                self.rest
            ))
        })?;
        self.rest = rest;
        Ok(Operand::Number(number))
    }
}

#[cfg(test)]
mod tests {
    use larkspur_model::base::Value;

    use super::super::read::Record;
    use super::*;

    fn design() -> Design {
        let fields = vec![
            Field::new("名称", UiType::Text),
            Field::new("身高", UiType::Number),
            Field::new("日期", UiType::DateTime),
            Field::new("完成", UiType::Checkbox),
        ];
        Design { fields, views: Vec::new() }
    }

    const TODAY: Today = Today { now_ms: 1_795_244_000_000, offset_ms: 0 };

    #[test]
    fn formulas_choose_records() {
        let record = Record {
            values: vec![
                Some(Value::Text("张三".to_owned())),
                Some(Value::Number(181.5)),
                Some(Value::Moment(1_795_240_000_000)),
                None,
            ],
            ..Record::default()
        };
        for (formula, wanted) in [
            ("CurrentValue.[身高]>180", true),
            ("AND(CurrentValue.[身高]>180, CurrentValue.[名称]=\"李四\")", false),
            ("OR(CurrentValue.[身高]>190, CurrentValue.[名称].contains(\"张\"))", true),
            ("CurrentValue.[身高]<=181.5", true),
            ("CurrentValue.[身高]!=181.5", false),
            ("CurrentValue.[日期]=TODAY()", true),
            ("CurrentValue.[日期]<TODAY()", false),
            ("CurrentValue.[完成]=true", false),
            ("CurrentValue.[名称]!=\"\"", true),
            ("CurrentValue.[完成]=\"\"", true),
        ] {
            let filter = read(formula, &design(), TODAY).unwrap();
            assert_eq!(filter.wants(&record), wanted, "{formula}");
        }
    }

    #[test]
    fn what_is_no_formula_is_refused() {
        let deep = format!("{}CurrentValue.[身高]>1{}", "AND(".repeat(30), ")".repeat(30));
        for (formula, code) in [
            ("", 1_254_018),
            ("身高>180", 1_254_018),
            ("CurrentValue.[身高]", 1_254_018),
            ("CurrentValue.[身高]>abc", 1_254_018),
            ("CurrentValue.[身高]>180)", 1_254_018),
            ("AND(CurrentValue.[身高]>180", 1_254_018),
            ("CurrentValue.[体重]>180", 1_254_045),
            (deep.as_str(), 1_254_018),
        ] {
            assert_eq!(read(formula, &design(), TODAY).unwrap_err().code, code, "{formula}");
        }
    }

    #[test]
    fn days_have_names() {
        // A Sunday in 2026, half past eight in the morning in Shanghai.
        let today = Today { now_ms: 1_795_307_400_000, offset_ms: 28_800_000 };
        let length = |name| today.range(name).map(|(start, end)| (end - start) / 86_400_000);
        for (name, days) in [
            ("Today", 1),
            ("CurrentWeek", 7),
            ("LastWeek", 7),
            ("CurrentMonth", 30),
            ("LastMonth", 31),
            ("TheLastMonth", 30),
        ] {
            assert_eq!(length(name), Some(days), "{name}");
        }
        let (start, end) = today.range("Today").unwrap();
        assert!(start <= today.now_ms && today.now_ms < end);
        assert_eq!((start + today.offset_ms) % 86_400_000, 0);
        assert_eq!(length("Someday"), None);
    }
}

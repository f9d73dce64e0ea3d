//! Which records a request wants: conditions on fields, joined by `and` or `or`, checked against the
//! table before a record is read (contract, NOTES §9).

use larkspur_model::base::{Design, Field, UiType, Value};
use larkspur_model::time::Millis;

use super::codes;
use super::read::Record;
use super::wire::{ConditionBody, FilterBody};
use crate::ApiError;

/// Conditions of one filter, those of its children included (contract, `maxItems`).
const MOST_CONDITIONS: usize = 50;
const DAY_MS: i64 = 86_400_000;

/// Conditions that must all hold, or one of them.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Filter {
    pub(super) all: bool,
    pub(super) conditions: Vec<Condition>,
    pub(super) children: Vec<Filter>,
}

/// A condition on the field at a place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    pub(super) at: usize,
    pub(super) test: Test,
}

/// What a value must be.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    /// There is one, or there is none.
    Filled(bool),
    /// A text: one of these, or none of them.
    TextIs(Vec<String>, bool),
    /// A text with one of these in it, or with none.
    TextContains(Vec<String>, bool),
    /// Exactly these of a list, or not.
    ListIs(Vec<String>, bool),
    /// One of these in a list, or none.
    ListContains(Vec<String>, bool),
    /// A number or a moment in this range (first inclusive, end not), or not in it.
    Within(f64, f64, bool),
    /// A checked box, or one that is not.
    Checked(bool),
}

/// When it is, for dates that a filter names by words.
#[derive(Debug, Clone, Copy)]
pub(super) struct Today {
    pub(super) now_ms: Millis,
    pub(super) offset_ms: i64,
}

impl Today {
    /// First moment of the day of `moment`.
    const fn day_of(self, moment: i64) -> i64 {
        (moment + self.offset_ms).div_euclid(DAY_MS) * DAY_MS - self.offset_ms
    }

    /// Days since 1970-01-01, a Thursday.
    const fn days(self) -> i64 {
        (self.now_ms + self.offset_ms).div_euclid(DAY_MS)
    }

    /// First and last moment, the latter not inclusive, of what a filter calls by a name.
    pub(super) fn range(self, name: &str) -> Option<(i64, i64)> {
        let today = self.day_of(self.now_ms);
        // Weeks begin on Monday.
        let monday = today - (self.days() + 3).rem_euclid(7) * DAY_MS;
        let days = |from: i64, count: i64| (today + from * DAY_MS, today + (from + count) * DAY_MS);
        Some(match name {
            "Today" => days(0, 1),
            "Tomorrow" => days(1, 1),
            "Yesterday" => days(-1, 1),
            "CurrentWeek" => (monday, monday + 7 * DAY_MS),
            "LastWeek" => (monday - 7 * DAY_MS, monday),
            "CurrentMonth" => self.month(0)?,
            "LastMonth" => self.month(-1)?,
            "TheLastWeek" => days(-7, 7),
            "TheNextWeek" => days(1, 7),
            "TheLastMonth" => days(-30, 30),
            "TheNextMonth" => days(1, 30),
            _ => return None,
        })
    }

    fn month(self, from_now: i32) -> Option<(i64, i64)> {
        let seconds = (self.now_ms + self.offset_ms).div_euclid(1_000);
        let date = time::OffsetDateTime::from_unix_timestamp(seconds).ok()?.date();
        let first = |months: i32| {
            let number = date.year() * 12 + i32::from(u8::from(date.month())) - 1 + months;
            let month = time::Month::try_from((number.rem_euclid(12) + 1) as u8).ok()?;
            let day = time::Date::from_calendar_date(number.div_euclid(12), month, 1).ok()?;
            let seconds = day.midnight().assume_utc().unix_timestamp();
            Some(seconds * 1_000 - self.offset_ms)
        };
        Some((first(from_now)?, first(from_now + 1)?))
    }
}

fn wrong(why: impl Into<String>) -> ApiError {
    codes::FILTER.because(why)
}

/// Reads a filter.
pub(super) fn read(body: &FilterBody, design: &Design, today: Today) -> Result<Filter, ApiError> {
    let count = |body: &FilterBody| body.conditions.as_ref().map_or(0, Vec::len);
    let children = body.children.as_deref().unwrap_or_default();
    if count(body) + children.iter().map(count).sum::<usize>() > MOST_CONDITIONS {
        return Err(codes::LONG_FILTER.because("a filter has at most 50 conditions"));
    }
    if children.iter().any(|child| child.children.as_ref().is_some_and(|more| !more.is_empty())) {
        return Err(wrong("children have no children of their own"));
    }
    level(body, design, today)
}

fn level(body: &FilterBody, design: &Design, today: Today) -> Result<Filter, ApiError> {
    let all = match body.conjunction.as_deref() {
        Some("and") => true,
        Some("or") => false,
        _ => return Err(wrong("conjunction is and or or")),
    };
    let conditions = body.conditions.as_deref().unwrap_or_default();
    let conditions =
        conditions.iter().map(|one| condition(one, design, today)).collect::<Result<_, _>>()?;
    let children = body.children.as_deref().unwrap_or_default();
    let children =
        children.iter().map(|child| level(child, design, today)).collect::<Result<_, _>>()?;
    Ok(Filter { all, conditions, children })
}

fn condition(body: &ConditionBody, design: &Design, today: Today) -> Result<Condition, ApiError> {
    let name = body.field_name.as_deref().unwrap_or_default();
    let at = design.fields.iter().position(|field| field.name == name);
    let at = at.ok_or_else(|| {
        codes::FIELD.because(format!("the filter's field {name:.100} is none of the table"))
    })?;
    let operator = body.operator.as_deref().unwrap_or_default();
    let values = body.value.as_deref().unwrap_or_default();
    let test = test(&design.fields[at], operator, values, today)?;
    Ok(Condition { at, test })
}

/// What an operator and its values ask of a field.
pub(super) fn test(
    field: &Field,
    operator: &str,
    values: &[String],
    today: Today,
) -> Result<Test, ApiError> {
    let none = |what: &str| wrong(format!("{:.100} ({}): {what}", field.name, field.ui.name()));
    match operator {
        "isEmpty" => return Ok(Test::Filled(false)),
        "isNotEmpty" => return Ok(Test::Filled(true)),
        "is" | "isNot" | "contains" | "doesNotContain" | "isGreater" | "isGreaterEqual"
        | "isLess" | "isLessEqual" => {}
        "like" | "in" => {
            return Err(none("operator like and in are not supported by the platform"));
        }
        _ => return Err(none("operator is one of the documented ones")),
    }
    let first = values.first().ok_or_else(|| none("value is a list with a value in it"))?;
    let positive = matches!(operator, "is" | "contains");
    let known = values.to_vec();
    let unfit = || none(&format!("operator {operator} does not fit the field"));
    match (kind(field.ui), operator) {
        (Kind::Text | Kind::Option, "is" | "isNot")
        | (Kind::Option, "contains" | "doesNotContain") => Ok(Test::TextIs(known, positive)),
        (Kind::Text, "contains" | "doesNotContain") => Ok(Test::TextContains(known, positive)),
        (Kind::List, "is" | "isNot") => Ok(Test::ListIs(known, positive)),
        (Kind::List, "contains" | "doesNotContain") => Ok(Test::ListContains(known, positive)),
        (Kind::Flag, "is") => match first.as_str() {
            "true" => Ok(Test::Checked(true)),
            "false" => Ok(Test::Checked(false)),
            _ => Err(none("value is [\"true\"] or [\"false\"]")),
        },
        (Kind::Number, _) => {
            let number: f64 = first.trim().parse().map_err(|_| none("value is [\"a number\"]"))?;
            compared(operator, number, number.next_up()).ok_or_else(unfit)
        }
        (Kind::Moment, _) => {
            let range = if first == "ExactDate" {
                let moment = values.get(1).and_then(|moment| moment.parse::<i64>().ok());
                let moment = moment.ok_or_else(|| {
                    none("value is [\"ExactDate\", \"milliseconds since the epoch\"]")
                })?;
                let day = today.day_of(moment);
                Some((day, day + DAY_MS))
            } else {
                today.range(first)
            };
            let (start, end) = range.ok_or_else(|| {
                none("value is [\"ExactDate\", …], [\"Today\"] or another documented day or range")
            })?;
            compared(operator, start as f64, end as f64).ok_or_else(unfit)
        }
        _ => Err(unfit()),
    }
}

/// A comparison with what lies from `start` up to, not including, `end`.
pub(super) fn compared(operator: &str, start: f64, end: f64) -> Option<Test> {
    Some(match operator {
        "is" => Test::Within(start, end, true),
        "isNot" => Test::Within(start, end, false),
        "isGreater" => Test::Within(end, f64::INFINITY, true),
        "isGreaterEqual" => Test::Within(start, f64::INFINITY, true),
        "isLess" => Test::Within(f64::NEG_INFINITY, start, true),
        "isLessEqual" => Test::Within(f64::NEG_INFINITY, end, true),
        _ => return None,
    })
}

/// How the values of a field are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Option,
    List,
    Flag,
    Number,
    Moment,
    Other,
}

const fn kind(ui: UiType) -> Kind {
    match ui {
        UiType::SingleSelect => Kind::Option,
        UiType::Checkbox => Kind::Flag,
        UiType::Number | UiType::Progress | UiType::Currency | UiType::Rating => Kind::Number,
        UiType::DateTime | UiType::CreatedTime | UiType::ModifiedTime => Kind::Moment,
        UiType::MultiSelect
        | UiType::User
        | UiType::GroupChat
        | UiType::SingleLink
        | UiType::CreatedUser
        | UiType::ModifiedUser => Kind::List,
        UiType::Text
        | UiType::Email
        | UiType::Barcode
        | UiType::Phone
        | UiType::Url
        | UiType::Location
        | UiType::AutoNumber => Kind::Text,
        _ => Kind::Other,
    }
}

impl Filter {
    /// Whether the record is wanted.
    pub(super) fn wants(&self, record: &Record) -> bool {
        let mut tests = self
            .conditions
            .iter()
            .map(|one| one.test.holds(record.values.get(one.at).and_then(Option::as_ref)))
            .chain(self.children.iter().map(|child| child.wants(record)));
        if self.all { tests.all(|holds| holds) } else { tests.any(|holds| holds) }
    }

    /// Whether there is nothing to check.
    pub(super) fn is_empty(&self) -> bool {
        self.conditions.is_empty() && self.children.iter().all(Self::is_empty)
    }

    /// Marks the fields it looks at.
    pub(super) fn mark(&self, wanted: &mut [bool]) {
        for condition in &self.conditions {
            wanted[condition.at] = true;
        }
        self.children.iter().for_each(|child| child.mark(wanted));
    }

    /// Turns the ids of persons that conditions name into what values hold.
    pub(super) fn persons(&mut self, design: &Design) -> Vec<&mut String> {
        let of_people =
            |ui| matches!(ui, UiType::User | UiType::CreatedUser | UiType::ModifiedUser);
        let mut ids: Vec<&mut String> = Vec::new();
        for condition in &mut self.conditions {
            if let Test::ListIs(named, _) | Test::ListContains(named, _) = &mut condition.test
                && of_people(design.fields[condition.at].ui)
            {
                ids.extend(named.iter_mut());
            }
        }
        for child in &mut self.children {
            ids.extend(child.persons(design));
        }
        ids
    }
}

impl Test {
    fn holds(&self, value: Option<&Value>) -> bool {
        let text = || match value {
            Some(Value::Text(text) | Value::Link { text, .. }) => text.as_str(),
            _ => "",
        };
        let list = || match value {
            Some(
                Value::Options(list)
                | Value::People(list)
                | Value::Chats(list)
                | Value::Records(list),
            ) => list.as_slice(),
            _ => &[],
        };
        match self {
            Self::Filled(filled) => *filled == value.is_some(),
            Self::TextIs(wanted, positive) => {
                wanted.iter().any(|wanted| wanted == text()) == *positive
            }
            Self::TextContains(wanted, positive) => {
                wanted.iter().any(|wanted| text().contains(wanted.as_str())) == *positive
            }
            Self::ListIs(wanted, positive) => {
                let list = list();
                let same =
                    list.len() == wanted.len() && wanted.iter().all(|one| list.contains(one));
                same == *positive
            }
            Self::ListContains(wanted, positive) => {
                wanted.iter().any(|one| list().contains(one)) == *positive
            }
            Self::Within(start, end, positive) => match value {
                Some(Value::Number(number)) => (*start..*end).contains(number) == *positive,
                Some(Value::Moment(moment)) => {
                    (*start..*end).contains(&(*moment as f64)) == *positive
                }
                // What is not there is no number, and so another one.
                _ => !positive,
            },
            Self::Checked(checked) => matches!(value, Some(Value::Flag(true))) == *checked,
        }
    }
}

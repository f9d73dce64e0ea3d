//! From what a column has held to the field it becomes. A field's type is one that every cell of the
//! column fits; where there is none, or where a name says that digits are no number, it is text, in
//! which each cell stands as the file shows it.

use std::collections::{HashMap, HashSet};

use larkspur_model::base::{Property, SelectOption, UiType};

use super::column::Column;
use super::shape::DateOrder;

/// Cells below which nothing is said to repeat.
const LEAST_CELLS: u64 = 6;
/// Options that a column may have however few its cells are.
const FEW_OPTIONS: usize = 50;
/// Options of a multiple select.
const MOST_TAGS: usize = 100;
/// Characters of an option.
const OPTION_CHARACTERS: usize = 40;
/// Digits from which numbers that all have as many of them are codes.
const CODE_DIGITS: u32 = 12;
/// What may stand between the options of a cell.
const SEPARATORS: [char; 7] = [',', '，', '、', ';', '；', '|', '\u{2022}'];
/// Colours of options (contract, `property.options.color`).
const COLORS: i64 = 55;

/// Names of columns whose digits are no numbers.
const CODES: [&str; 26] = [
    "编号",
    "编码",
    "代码",
    "单号",
    "号码",
    "账号",
    "帐号",
    "卡号",
    "证号",
    "工号",
    "学号",
    "料号",
    "货号",
    "批号",
    "税号",
    "信用代码",
    "邮编",
    "邮政编码",
    "身份证",
    "序列号",
    "条码",
    "型号",
    "qq",
    "sku",
    "isbn",
    "微信",
];
/// The same in English, as whole words.
const CODE_WORDS: [&str; 12] = [
    "id", "ids", "code", "no", "uuid", "zip", "zipcode", "postcode", "serial", "account", "ean",
    "upc",
];
/// Names of columns of telephone numbers.
const PHONES: [&str; 13] = [
    "电话",
    "手机",
    "联系方式",
    "座机",
    "传真",
    "热线",
    "phone",
    "mobile",
    "telephone",
    "tel",
    "cell",
    "fax",
    "联系号码",
];

/// What a field is to be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Decision {
    pub(super) ui: UiType,
    pub(super) property: Property,
    pub(super) separator: Option<char>,
}

impl Decision {
    pub(super) fn of(ui: UiType) -> Self {
        Self { ui, property: Property::default(), separator: None }
    }

    fn with(ui: UiType, property: Property) -> Self {
        Self { property, ..Self::of(ui) }
    }
}

/// The field of a column called `name`, `linked` of whose cells carry a link.
pub(super) fn decide(name: &str, column: &Column, linked: u64, primary: bool) -> Decision {
    let all = column.cells;
    if all == 0 {
        return Decision::of(UiType::Text);
    }
    let name = name.to_lowercase();
    if column.flags == all && !primary {
        return Decision::of(UiType::Checkbox);
    }
    if linked >= all || column.urls == all {
        return Decision::of(UiType::Url);
    }
    if column.emails == all {
        return Decision::of(UiType::Email);
    }
    let called_phone = PHONES.iter().any(|word| has_word(&name, word));
    if column.phones == all && (column.mobiles == all || called_phone) {
        return Decision::of(UiType::Phone);
    }
    if column.dates == all {
        return Decision::with(UiType::DateTime, date_property(column));
    }
    if column.numbers == all {
        return number(&name, column);
    }
    if column.texts == all
        && !primary
        && !is_code(&name)
        && !called_phone
        && let Some(decision) = select(column)
    {
        return decision;
    }
    Decision::of(UiType::Text)
}

/// Whether a name has a word in it; one in Latin letters must stand for itself.
fn has_word(name: &str, word: &str) -> bool {
    if !word.is_ascii() {
        return name.contains(word);
    }
    name.split(|letter: char| !letter.is_ascii_alphanumeric()).any(|part| part == word)
}

fn is_code(name: &str) -> bool {
    CODES.iter().chain(&CODE_WORDS).any(|word| has_word(name, word))
        // `orderId`, `客户ID`
        || name.ends_with("id") && name.chars().rev().nth(2).is_none_or(|c| !c.is_ascii_lowercase())
}

fn number(name: &str, column: &Column) -> Decision {
    let all = column.cells;
    let same_width = column.digits.0 == column.digits.1 && column.digits.1 >= CODE_DIGITS;
    if column.plain == all && (is_code(name) || (same_width && all > 1)) {
        return Decision::of(UiType::Text);
    }
    let decimals = usize::from(column.decimals.min(4));
    if column.percents > 0 {
        // Percentages and plain numbers side by side are shown as either, wrongly.
        if column.percents < all {
            return Decision::of(UiType::Text);
        }
        let formatter = if decimals == 0 { "%" } else { "0.00%" };
        return formatted(UiType::Number, formatter.to_owned(), None);
    }
    let formatter = match (column.thousands > 0, decimals) {
        (true, 0) => "1,000".to_owned(),
        (true, _) => "1,000.00".to_owned(),
        (false, 0) => "0".to_owned(),
        (false, decimals) => format!("0.{}", "0".repeat(decimals)),
    };
    match column.currencies.iter().next() {
        None => formatted(UiType::Number, formatter, None),
        Some((code, count)) if column.currencies.len() == 1 && *count == all => {
            formatted(UiType::Currency, formatter, Some((*code).to_owned()))
        }
        // Amounts in several currencies, or in none now and then, are not to be added up.
        Some(_) => Decision::of(UiType::Text),
    }
}

fn formatted(ui: UiType, formatter: String, currency_code: Option<String>) -> Decision {
    let formatter = Some(formatter);
    Decision::with(ui, Property { formatter, currency_code, ..Property::default() })
}

fn date_property(column: &Column) -> Property {
    let mut best = DateOrder::Slashes;
    let mut most = 0;
    for (order, count) in DateOrder::ALL.into_iter().zip(column.orders) {
        if count > most {
            (best, most) = (order, count);
        }
    }
    // Forms of the contract's list.
    let formatter = match (best, column.timed > 0) {
        (DateOrder::Dashes, true) => "yyyy-MM-dd HH:mm",
        (_, true) => "yyyy/MM/dd HH:mm",
        (DateOrder::Dashes | DateOrder::Slashes, false) => "yyyy/MM/dd",
        (DateOrder::MonthFirst, false) => "MM/dd/yyyy",
        (DateOrder::DayFirst, false) => "dd/MM/yyyy",
        (DateOrder::NoYear, false) => "MM-dd",
    };
    Property {
        date_formatter: Some(formatter.to_owned()),
        auto_fill: Some(false),
        ..Property::default()
    }
}

fn options<'a>(names: impl Iterator<Item = &'a str>) -> Property {
    let option = |(color, name): (i64, &str)| SelectOption {
        id: String::new(),
        name: name.to_owned(),
        color: color % COLORS,
    };
    Property { options: Some((0..).zip(names).map(option).collect()), ..Property::default() }
}

fn select(column: &Column) -> Option<Decision> {
    let texts = column.distinct()?;
    if column.cells < LEAST_CELLS {
        return None;
    }
    if let Some(decision) = tags(&texts) {
        return Some(decision);
    }
    let (kinds, all) = (texts.len(), column.cells);
    let times = match kinds {
        0..=3 => 2,
        4..=FEW_OPTIONS => 3,
        _ => 20,
    };
    let few = kinds as u64 * times <= all;
    let short = texts.iter().all(|(text, _)| text.chars().count() <= OPTION_CHARACTERS);
    (few && short)
        .then(|| Decision::with(UiType::SingleSelect, options(texts.iter().map(|(text, _)| *text))))
}

/// Several options in a cell: the same few stand there again and again, in several combinations.
fn tags(texts: &[(&str, u64)]) -> Option<Decision> {
    let separator = SEPARATORS
        .into_iter()
        .max_by_key(|separator| texts.iter().filter(|(text, _)| text.contains(*separator)).count())
        .filter(|separator| {
            texts.iter().filter(|(text, _)| text.contains(*separator)).count() >= 2
        })?;
    let mut order = Vec::new();
    let mut counts: HashMap<&str, (u64, u64)> = HashMap::new();
    for (text, count) in texts {
        let mut of_cell = HashSet::new();
        for part in text.split(separator) {
            let tag = part.trim();
            let fits = !tag.is_empty() && tag.chars().count() <= OPTION_CHARACTERS / 2;
            if !fits || !of_cell.insert(tag) {
                return None;
            }
            let (combinations, cells) = counts.entry(tag).or_insert_with(|| {
                order.push(tag);
                (0, 0)
            });
            *combinations += 1;
            *cells += count;
        }
    }
    let uses: u64 = counts.values().map(|(_, cells)| cells).sum();
    let combined = counts.values().filter(|(combinations, _)| *combinations > 1).count();
    let repeat = uses >= 3 * order.len() as u64 && combined * 2 >= order.len();
    (order.len() <= MOST_TAGS && repeat).then(|| Decision {
        separator: Some(separator),
        ..Decision::with(UiType::MultiSelect, options(order.into_iter()))
    })
}

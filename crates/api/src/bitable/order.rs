//! In which order records come: by the values of fields, then by their places. A page is found by
//! one walk that keeps no more records than the page has.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use larkspur_model::base::{Design, Field, Value};

use super::filter::Filter;
use super::read::{Record, Visitor};

/// A field to order by.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Sort {
    pub(super) at: usize,
    pub(super) desc: bool,
    /// The options of a select in their own order.
    options: Option<Vec<String>>,
}

impl Sort {
    pub(super) fn new(design: &Design, at: usize, desc: bool) -> Self {
        let field: &Field = &design.fields[at];
        let options = field.property.options.as_ref();
        let names = |options: &Vec<larkspur_model::base::SelectOption>| {
            options.iter().map(|option| option.name.clone()).collect()
        };
        Self { at, desc, options: options.map(names) }
    }

    fn key(&self, value: Option<&Value>) -> Key {
        let place = |option: &String| {
            let options = self.options.as_deref().unwrap_or_default();
            options.iter().position(|known| known == option).unwrap_or(options.len()) as f64
        };
        match value {
            None => Key::Empty,
            Some(Value::Number(number)) => Key::Number(*number),
            Some(Value::Moment(moment)) => Key::Number(*moment as f64),
            Some(Value::Flag(flag)) => Key::Number(f64::from(u8::from(*flag))),
            Some(Value::Text(option)) if self.options.is_some() => Key::Number(place(option)),
            Some(Value::Options(list)) => {
                list.first().map_or(Key::Empty, |one| Key::Number(place(one)))
            }
            Some(value) => Key::Text(super::show::plain_text(value)),
        }
    }
}

/// What a value is ordered by.
#[derive(Debug, Clone, PartialEq)]
enum Key {
    Number(f64),
    Text(String),
    Empty,
}

/// Where a record stands among others. The records of one table and one order are compared alone.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Standing {
    keys: Vec<(Key, bool)>,
    pub(super) place: i64,
}

impl Eq for Standing {}

impl Ord for Standing {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_keys = self.keys.iter().zip(&other.keys).map(|((own, desc), (others, _))| {
            match (own, others) {
                // Empty ones are last in either direction.
                (Key::Empty, Key::Empty) => Ordering::Equal,
                (Key::Empty, _) => Ordering::Greater,
                (_, Key::Empty) => Ordering::Less,
                (own, others) => {
                    let ascending = match (own, others) {
                        (Key::Number(own), Key::Number(others)) => own.total_cmp(others),
                        (Key::Text(own), Key::Text(others)) => own.cmp(others),
                        (Key::Number(_), _) => Ordering::Less,
                        (_, _) => Ordering::Greater,
                    };
                    if *desc { ascending.reverse() } else { ascending }
                }
            }
        });
        by_keys
            .into_iter()
            .find(|order| order.is_ne())
            .unwrap_or_else(|| self.place.cmp(&other.place))
    }
}

impl PartialOrd for Standing {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Where a record stands.
pub(super) fn standing(sorts: &[Sort], record: &Record) -> Standing {
    let value = |sort: &Sort| record.values.get(sort.at).and_then(Option::as_ref);
    let keys = sorts.iter().map(|sort| (sort.key(value(sort)), sort.desc)).collect();
    Standing { keys, place: record.place }
}

/// Finds a page on a walk over all records.
pub(super) struct Finder {
    pub(super) filter: Option<Filter>,
    pub(super) sorts: Vec<Sort>,
    /// The last record of the page before.
    pub(super) after: Option<Standing>,
    /// One more than the page has, to know whether there is another.
    pub(super) most: usize,
    /// The first of the page, those that would have to go first on top.
    pub(super) found: BinaryHeap<Standing>,
    /// All that the filter wants.
    pub(super) total: usize,
}

impl Finder {
    /// The places of the page's records, in their order, and whether there are more behind it.
    pub(super) fn page(self) -> (Vec<i64>, bool) {
        let size = self.most - 1;
        let found = self.found.into_sorted_vec();
        let more = found.len() > size;
        (found.into_iter().take(size).map(|found| found.place).collect(), more)
    }
}

impl Visitor for Finder {
    fn visit(&mut self, record: Record) -> bool {
        if self.filter.as_ref().is_some_and(|filter| !filter.wants(&record)) {
            return true;
        }
        self.total += 1;
        let standing = standing(&self.sorts, &record);
        if self.after.as_ref().is_some_and(|after| standing <= *after) {
            return true;
        }
        if self.found.len() < self.most {
            self.found.push(standing);
        } else if let Some(mut last) = self.found.peek_mut()
            && standing < *last
        {
            *last = standing;
        }
        true
    }
}

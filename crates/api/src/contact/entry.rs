//! What somebody wants in the book, as both generations of the API come to say it: a user or a
//! department whose fields have been read and not yet compared with the book. Batches are stored in
//! this form, an entry a line: fields are only ever added, with defaults.

use serde::{Deserialize, Serialize};

use super::fields;
use super::problem::Problem;

/// Most characters of a name.
const NAME: usize = 255;
/// Most characters of a city.
const CITY: usize = 100;
/// Most departments of a user.
const DEPARTMENTS: usize = 50;

/// A user somebody names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum UserRef {
    /// By their id in the tenant.
    Id(String),
    /// By an id made from their number, here beside it.
    Number(i64, String),
    /// By an id from which no number can be read.
    Unreadable(String),
}

/// A department somebody names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DepartmentRef {
    /// By its id in the tenant.
    Id(String),
    /// By an id made from its number, here beside it.
    Number(i64, String),
    /// By an id from which no number can be read.
    Unreadable(String),
}

impl DepartmentRef {
    /// As it was sent.
    pub(crate) fn text(&self) -> &str {
        match self {
            Self::Id(text) | Self::Number(_, text) | Self::Unreadable(text) => text,
        }
    }
}

/// A custom attribute somebody sets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct AttributeEntry {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) id: String,
    pub(crate) has_value: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) text: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) pc_url: String,
}

/// A user's order in a department.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct OrderEntry {
    pub(crate) department: DepartmentRef,
    pub(crate) user_order: i64,
    pub(crate) department_order: i64,
    pub(crate) primary: bool,
}

/// A user to be added or updated. `None` and empty lists: nothing was said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct UserEntry {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) en_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) nickname: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mobile: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mobile_visible: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) gender: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) employee_type: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) employee_no: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) join_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) country: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) city: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) work_station: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) job_title: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) departments: Vec<DepartmentRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) leader: Option<UserRef>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) dotted_leaders: Vec<UserRef>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) orders: Vec<OrderEntry>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) custom_attrs: Vec<AttributeEntry>,
}

/// A department to be added or updated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct DepartmentEntry {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) parent: Option<DepartmentRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) order: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) leader: Option<UserRef>,
    pub(crate) create_group_chat: bool,
    /// JSON of what only the newer operations know.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) more: Option<String>,
}

/// In what the generations of the API differ.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// An id that exists is updated, not refused.
    pub(crate) updates: bool,
    /// A user belongs to exactly one department.
    pub(crate) one_department: bool,
    /// Smallest and largest `gender`.
    pub(crate) genders: (i64, i64),
    /// Custom attributes nobody set up are passed over, not refused.
    pub(crate) ignores_attributes: bool,
}

/// The batches of the older generation.
pub(crate) const BATCH: Rules =
    Rules { updates: true, one_department: true, genders: (1, 2), ignores_attributes: true };
/// The single creates of the newer one.
pub(crate) const SINGLE: Rules =
    Rules { updates: false, one_department: false, genders: (0, 3), ignores_attributes: false };

fn present(text: Option<&String>) -> Option<&str> {
    text.map(String::as_str).filter(|text| !text.trim().is_empty())
}

fn short(text: Option<&String>, name: &str, most: usize) -> Result<(), Problem> {
    match text {
        Some(text) if fields::exceeds(text, most) => Err(Problem::TooLong(name.to_owned(), most)),
        _ => Ok(()),
    }
}

impl UserEntry {
    /// Whether the fields fit by themselves.
    pub(crate) fn check(&self, rules: Rules) -> Result<(), Problem> {
        if present(self.name.as_ref()).is_none() {
            return Err(Problem::NameMissing);
        }
        self.check_lengths()?;
        if self.id.as_ref().is_some_and(|id| !fields::is_id(id)) {
            return Err(Problem::IdInvalid);
        }
        self.check_addresses()?;
        self.check_departments(rules)?;
        let (lowest, highest) = rules.genders;
        if self.gender.is_some_and(|gender| gender < lowest || gender > highest) {
            return Err(Problem::GenderInvalid);
        }
        if self.employee_type.is_some_and(|kind| !(1..=5).contains(&kind)) {
            return Err(Problem::EmployeeTypeInvalid);
        }
        if self.join_time.is_some_and(|seconds| !fields::is_join_time(seconds)) {
            return Err(Problem::JoinTimeInvalid);
        }
        if self.country.as_ref().is_some_and(|code| !code.is_empty() && !fields::is_country(code)) {
            return Err(Problem::CountryInvalid);
        }
        check_leader(self.leader.as_ref())?;
        self.dotted_leaders.iter().try_for_each(|leader| check_leader(Some(leader)))
    }

    fn check_lengths(&self) -> Result<(), Problem> {
        short(self.name.as_ref(), "name", NAME)?;
        short(self.en_name.as_ref(), "en_name", NAME)?;
        short(self.nickname.as_ref(), "nickname", NAME)?;
        short(self.employee_no.as_ref(), "employee_no", NAME)?;
        short(self.work_station.as_ref(), "work_station", NAME)?;
        short(self.job_title.as_ref(), "job_title", NAME)?;
        short(self.city.as_ref(), "city", CITY)
    }

    fn check_addresses(&self) -> Result<(), Problem> {
        let email = present(self.email.as_ref());
        let Some(mobile) = present(self.mobile.as_ref()) else {
            return Err(match email {
                Some(_) => Problem::MobileMissing,
                None => Problem::AddressMissing,
            });
        };
        if fields::mobile(mobile).is_none() {
            return Err(Problem::MobileInvalid);
        }
        match email {
            Some(email) if !fields::is_email(email) => Err(Problem::EmailInvalid),
            _ => Ok(()),
        }
    }

    fn check_departments(&self, rules: Rules) -> Result<(), Problem> {
        if self.departments.is_empty() {
            return Err(Problem::DepartmentsMissing);
        }
        if self.departments.iter().any(|department| department.text().trim().is_empty()) {
            return Err(Problem::DepartmentBlank);
        }
        if self.departments.len() > DEPARTMENTS {
            return Err(Problem::DepartmentsTooMany);
        }
        if rules.one_department && self.departments.len() > 1 {
            return Err(Problem::DepartmentsSeveral);
        }
        let first = self.departments.first();
        for order in &self.orders {
            if !self.departments.contains(&order.department) {
                return Err(Problem::OrderInvalid);
            }
            if order.primary && Some(&order.department) != first {
                return Err(Problem::PrimaryInvalid);
            }
        }
        Ok(())
    }

    /// The telephone number in the form it is kept in.
    pub(crate) fn kept_mobile(&self) -> Option<String> {
        present(self.mobile.as_ref()).and_then(fields::mobile)
    }

    /// The mail address, if one was sent.
    pub(crate) fn kept_email(&self) -> Option<&str> {
        present(self.email.as_ref())
    }

    /// The employee number, if one was sent.
    pub(crate) fn kept_employee_no(&self) -> Option<&str> {
        present(self.employee_no.as_ref())
    }
}

/// Whether a leader's id has the form of one.
fn check_leader(leader: Option<&UserRef>) -> Result<(), Problem> {
    match leader {
        Some(UserRef::Id(id)) if !fields::is_id(id) => Err(Problem::LeaderIdInvalid(id.clone())),
        Some(UserRef::Unreadable(id)) => Err(Problem::LeaderOpenIdInvalid(id.clone())),
        _ => Ok(()),
    }
}

impl DepartmentEntry {
    /// Whether the fields fit by themselves.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        let Some(name) = present(self.name.as_ref()) else { return Err(Problem::NameMissing) };
        if name.contains('/') {
            return Err(Problem::NameSeparator);
        }
        short(self.name.as_ref(), "name", NAME)?;
        if let Some(id) = &self.id {
            if id == "0" {
                return Err(Problem::RootForbidden);
            }
            if !fields::is_id(id) {
                return Err(Problem::IdInvalid);
            }
        }
        let parent = self.parent.as_ref().filter(|parent| !parent.text().trim().is_empty());
        let Some(parent) = parent else { return Err(Problem::ParentMissing) };
        if let (Some(id), DepartmentRef::Id(parent)) = (&self.id, parent)
            && id.eq_ignore_ascii_case(parent)
        {
            return Err(Problem::ParentSelf);
        }
        check_leader(self.leader.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user() -> UserEntry {
        UserEntry {
            name: Some("张三".into()),
            mobile: Some("13000000001".into()),
            departments: vec![DepartmentRef::Id("d".into())],
            ..UserEntry::default()
        }
    }

    #[test]
    fn each_field_of_a_user_has_its_rule() {
        assert_eq!(user().check(BATCH), Ok(()));
        let with = |change: fn(&mut UserEntry)| {
            let mut entry = user();
            change(&mut entry);
            entry.check(BATCH).unwrap_err()
        };
        let id = |id: &str| DepartmentRef::Id(id.into());
        assert_eq!(with(|u| u.name = Some("  ".into())), Problem::NameMissing);
        assert_eq!(with(|u| u.name = Some("张".repeat(256))), Problem::TooLong("name".into(), 255));
        assert_eq!(with(|u| u.id = Some("_custom_2".into())), Problem::IdInvalid);
        assert_eq!(with(|u| u.mobile = None), Problem::AddressMissing);
        assert_eq!(
            with(|u| (u.mobile, u.email) = (None, Some("a@b.cn".into()))),
            Problem::MobileMissing
        );
        assert_eq!(with(|u| u.mobile = Some("12".into())), Problem::MobileInvalid);
        assert_eq!(with(|u| u.email = Some("a".into())), Problem::EmailInvalid);
        assert_eq!(with(|u| u.departments.clear()), Problem::DepartmentsMissing);
        assert_eq!(
            with(|u| u.departments[0] = DepartmentRef::Id(String::new())),
            Problem::DepartmentBlank
        );
        let mut entry = user();
        entry.departments = vec![id("a"), id("b")];
        assert_eq!(entry.check(BATCH), Err(Problem::DepartmentsSeveral));
        assert_eq!(entry.check(SINGLE), Ok(()));
        entry.departments = (0..51).map(|number| id(&number.to_string())).collect();
        assert_eq!(entry.check(SINGLE), Err(Problem::DepartmentsTooMany));
        assert_eq!(with(|u| u.gender = Some(3)), Problem::GenderInvalid);
        assert_eq!(with(|u| u.employee_type = Some(6)), Problem::EmployeeTypeInvalid);
        assert_eq!(with(|u| u.join_time = Some(0)), Problem::JoinTimeInvalid);
        assert_eq!(with(|u| u.country = Some("cn".into())), Problem::CountryInvalid);
        assert_eq!(with(|u| u.city = Some("x".repeat(101))), Problem::TooLong("city".into(), 100));
        assert_eq!(
            with(|u| u.leader = Some(UserRef::Id("_".into()))),
            Problem::LeaderIdInvalid("_".into())
        );
        assert_eq!(
            with(|u| u.leader = Some(UserRef::Unreadable("ou_".into()))),
            Problem::LeaderOpenIdInvalid("ou_".into())
        );
    }

    #[test]
    fn orders_belong_to_departments_of_the_user_and_the_first_is_primary() {
        let order = |department: &str, primary| OrderEntry {
            department: DepartmentRef::Id(department.into()),
            user_order: 0,
            department_order: 0,
            primary,
        };
        let mut entry = user();
        entry.departments.push(DepartmentRef::Id("e".into()));
        entry.orders = vec![order("d", true), order("e", false)];
        assert_eq!(entry.check(SINGLE), Ok(()));
        entry.orders = vec![order("e", true)];
        assert_eq!(entry.check(SINGLE), Err(Problem::PrimaryInvalid));
        entry.orders = vec![order("f", false)];
        assert_eq!(entry.check(SINGLE), Err(Problem::OrderInvalid));
    }

    #[test]
    fn each_field_of_a_department_has_its_rule() {
        let good = DepartmentEntry {
            id: Some("a".into()),
            name: Some("部门".into()),
            parent: Some(DepartmentRef::Id("0".into())),
            ..DepartmentEntry::default()
        };
        assert_eq!(good.check(), Ok(()));
        let with = |change: fn(&mut DepartmentEntry)| {
            let mut entry = good.clone();
            change(&mut entry);
            entry.check().unwrap_err()
        };
        assert_eq!(with(|d| d.name = None), Problem::NameMissing);
        assert_eq!(with(|d| d.name = Some("a/b".into())), Problem::NameSeparator);
        assert_eq!(with(|d| d.id = Some("0".into())), Problem::RootForbidden);
        assert_eq!(with(|d| d.id = Some("_".into())), Problem::IdInvalid);
        assert_eq!(with(|d| d.parent = None), Problem::ParentMissing);
        assert_eq!(with(|d| d.parent = Some(DepartmentRef::Id("A".into()))), Problem::ParentSelf);
    }
}

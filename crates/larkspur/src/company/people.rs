//! The people of the company that does not exist.

use super::random::Random;

const FAMILY: [(&str, &str); 20] = [
    ("王", "wang"),
    ("李", "li"),
    ("张", "zhang"),
    ("刘", "liu"),
    ("陈", "chen"),
    ("杨", "yang"),
    ("赵", "zhao"),
    ("黄", "huang"),
    ("周", "zhou"),
    ("吴", "wu"),
    ("徐", "xu"),
    ("孙", "sun"),
    ("马", "ma"),
    ("朱", "zhu"),
    ("胡", "hu"),
    ("林", "lin"),
    ("郭", "guo"),
    ("何", "he"),
    ("高", "gao"),
    ("罗", "luo"),
];
const GIVEN: [(&str, &str); 24] = [
    ("伟", "wei"),
    ("敏", "min"),
    ("静", "jing"),
    ("磊", "lei"),
    ("洋", "yang"),
    ("婷", "ting"),
    ("子涵", "zihan"),
    ("雨桐", "yutong"),
    ("浩然", "haoran"),
    ("梓萱", "zixuan"),
    ("思远", "siyuan"),
    ("佳怡", "jiayi"),
    ("俊杰", "junjie"),
    ("晓明", "xiaoming"),
    ("志强", "zhiqiang"),
    ("丽娜", "lina"),
    ("宇航", "yuhang"),
    ("欣然", "xinran"),
    ("建国", "jianguo"),
    ("诗琪", "shiqi"),
    ("明轩", "mingxuan"),
    ("若曦", "ruoxi"),
    ("天宇", "tianyu"),
    ("嘉欣", "jiaxin"),
];
const DEPARTMENTS: [&str; 10] = [
    "研发中心",
    "产品部",
    "设计部",
    "市场部",
    "销售一部",
    "销售二部",
    "人力资源部",
    "财务部",
    "客户成功部",
    "基础架构组",
];

/// Somebody who works there.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) user_id: String,
    pub(super) department: &'static str,
    pub(super) employee_no: String,
    pub(super) email: String,
    pub(super) mobile: String,
}

impl Person {
    pub(super) fn new(number: u64, random: &mut Random) -> Self {
        let family = FAMILY[random.below(FAMILY.len() as u64) as usize];
        let given = GIVEN[random.below(GIVEN.len() as u64) as usize];
        Self {
            name: format!("{}{}", family.0, given.0),
            user_id: random.hex(8),
            department: DEPARTMENTS[random.below(DEPARTMENTS.len() as u64) as usize],
            employee_no: format!("2021{:07}", 1_000 + number),
            email: format!("{}{}{number}@example.com", given.1, family.1),
            // 100 to 109 open no network in China.
            mobile: format!("+86100{}", random.digits(8)),
        }
    }
}

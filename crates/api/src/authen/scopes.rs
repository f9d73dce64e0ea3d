//! What scopes are, in words for the person who is asked to grant them.

use crate::Language;

/// Scopes of one field.
pub(super) struct Group {
    pub(super) name: &'static str,
    pub(super) scopes: Vec<Scope>,
}

/// One scope that is asked for.
pub(super) struct Scope {
    pub(super) key: String,
    pub(super) meaning: &'static str,
}

/// Fields by how their keys begin; keys of none of them go to the last one.
const FIELDS: [(&[&str], &str, &str); 8] = [
    (&["auth", "user_profile", "contact"], "People", "人员"),
    (&["drive", "space", "docs"], "Files and folders", "文件与文件夹"),
    (&["docx"], "Documents", "文档"),
    (&["sheets"], "Spreadsheets", "电子表格"),
    (&["bitable", "base"], "Bases", "多维表格"),
    (&["wiki"], "Wiki", "知识库"),
    (&["vc"], "Meetings", "视频会议"),
    (&[], "Other", "其他"),
];

/// The meanings that are more than field and verb.
const MEANINGS: [(&str, &str, &str); 15] = [
    ("offline_access", "Stay signed in until you take it back", "保持登录，直到你撤回授权"),
    ("auth:user.id:read", "Know your user id", "获取你的用户 ID"),
    ("user_profile", "See your profile", "查看你的个人资料"),
    ("contact:user.email:readonly", "See your mail address", "查看你的邮箱"),
    ("contact:user.phone:readonly", "See your telephone number", "查看你的手机号"),
    ("contact:user.employee_id:readonly", "See your id in the company", "查看你的企业用户 ID"),
    ("contact:user.employee:readonly", "See your employee data", "查看你的雇佣信息"),
    ("contact:contact", "See and change the address book", "查看和修改通讯录"),
    ("drive:drive", "See, change and delete all your files", "查看、修改和删除你的全部文件"),
    ("docs:document:import", "Turn uploaded files into documents", "将上传的文件导入为云文档"),
    ("docs:document:export", "Save documents as files", "将云文档导出为文件"),
    ("drive:export:readonly", "Save documents as files", "将云文档导出为文件"),
    ("docs:permission.member", "Share documents with others", "管理文档协作者"),
    ("wiki:wiki", "See and change your wiki", "查看和修改你的知识库"),
    ("vc:export", "Export meeting reports", "导出会议报表"),
];

/// The scopes of a request, field by field, each with what it is.
pub(super) fn explained(keys: &[String], language: Language) -> Vec<Group> {
    let field_of = |key: &str| {
        let start = key.split(':').next().unwrap_or_default();
        let found = FIELDS.iter().position(|(starts, ..)| starts.contains(&start));
        found.unwrap_or(FIELDS.len() - 1)
    };
    let mut groups: Vec<Group> = Vec::new();
    for (index, (_, english, chinese)) in FIELDS.iter().enumerate() {
        let scopes: Vec<Scope> = keys
            .iter()
            .filter(|key| field_of(key) == index)
            .map(|key| Scope { key: key.clone(), meaning: meaning(key, language) })
            .collect();
        if !scopes.is_empty() {
            groups.push(Group { name: language.pick(english, chinese), scopes });
        }
    }
    groups
}

fn meaning(key: &str, language: Language) -> &'static str {
    if let Some((_, english, chinese)) = MEANINGS.iter().find(|(known, ..)| *known == key) {
        return language.pick(english, chinese);
    }
    match key.rsplit(':').next().unwrap_or_default() {
        "readonly" | "read" | "retrieve" | "download" => language.pick("See", "查看"),
        "create" | "upload" | "copy" => language.pick("Make new ones", "新建"),
        "write_only" | "update" | "move" => language.pick("Change", "修改"),
        "delete" => language.pick("Delete", "删除"),
        _ => language.pick("See and change", "查看和修改"),
    }
}

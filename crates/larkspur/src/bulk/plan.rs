//! What a run is to do: items out of folders, out of a manifest, out of a folder of the drive. Knows
//! nothing of how they are done.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use glob::{MatchOptions, Pattern};
use serde::{Deserialize, Serialize};
use walkdir::WalkDir;

use crate::client::{Client, ExportTarget, ImportTarget, safe_name};
use crate::trouble::{Attempt, Trouble};

/// What is done with an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Work {
    /// A file becomes a document.
    #[default]
    Import,
    /// A document becomes a file.
    Export,
}

/// One file to import, or one document to export.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Item {
    /// What is done.
    pub(crate) work: Work,
    /// The file here: the source of an import, the output of an export.
    pub(crate) file: PathBuf,
    /// Kind of document; of an export empty where the server is to be asked.
    #[serde(rename = "type", default)]
    pub(crate) kind: String,
    /// Extension of the file.
    pub(crate) extension: String,
    /// Title of the document, of imports.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) name: String,
    /// Where it goes, below the folder of the run: `2026/月报`.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) folder: String,
    /// Token of the folder it goes to instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) folder_token: Option<String>,
    /// Token of the document, of exports.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) token: String,
    /// Sheet or table, of exports to csv.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sub_id: Option<String>,
}

impl Item {
    /// What nothing else of the plan shares, unless it makes a document that is called alike.
    pub(crate) fn place(&self) -> (String, String, String) {
        let folder = self.folder_token.as_ref().unwrap_or(&self.folder);
        match self.work {
            Work::Import => (folder.clone(), self.name.clone(), self.kind.clone()),
            Work::Export => (self.file.display().to_string(), String::new(), String::new()),
        }
    }

    /// What it becomes, of imports.
    pub(crate) fn import_target(&self) -> Option<ImportTarget> {
        ImportTarget::of_name(&self.kind)
    }

    /// What it becomes, of exports.
    pub(crate) fn export_target(&self) -> Option<ExportTarget> {
        ExportTarget::of_name(&self.extension)
    }

    /// What people know it by.
    pub(crate) fn label(&self) -> String {
        self.file.display().to_string()
    }
}

/// What came of planning.
#[derive(Debug, Default)]
pub(crate) struct Planned {
    /// The items.
    pub(crate) items: Vec<Item>,
    /// What is none, and why.
    pub(crate) skipped: Vec<(String, String)>,
}

/// Imports out of folders and single files.
#[derive(Debug)]
pub(crate) struct FolderPlan<'a> {
    /// Folders and files.
    pub(crate) paths: &'a [PathBuf],
    /// Patterns of what to take; all without.
    pub(crate) include: &'a [String],
    /// Patterns of what to leave.
    pub(crate) exclude: &'a [String],
    /// Whether everything goes into one folder.
    pub(crate) flat: bool,
    /// What the files become, where not by their extension.
    pub(crate) target: Option<ImportTarget>,
}

/// The items of folders, in the order of their paths.
pub(crate) fn of_folders(plan: &FolderPlan<'_>) -> Attempt<Planned> {
    let (include, exclude) = (Patterns::read(plan.include)?, Patterns::read(plan.exclude)?);
    let mut planned = Planned::default();
    for path in plan.paths {
        if path.is_file() {
            planned.take(path, String::new(), plan.target);
            continue;
        }
        let walk = WalkDir::new(path).sort_by_file_name().into_iter().filter_entry(|entry| {
            let relative = relative(path, entry.path());
            entry.depth() == 0 || !(is_hidden(&relative) || exclude.fit(&relative))
        });
        for entry in walk {
            let entry = entry.map_err(|cause| {
                Trouble::caused(format!("cannot read {}", path.display()), &cause).setup()
            })?;
            let relative = relative(path, entry.path());
            let taken = plan.include.is_empty() || include.fit(&relative);
            if !entry.file_type().is_file() || !taken {
                continue;
            }
            let folder = match relative.rsplit_once('/') {
                Some((folder, _)) if !plan.flat => folder.to_owned(),
                _ => String::new(),
            };
            planned.take(entry.path(), folder, plan.target);
        }
    }
    Ok(planned)
}

/// Patterns of paths; one without a slash means names in any folder.
struct Patterns(Vec<Pattern>);

impl Patterns {
    const OPTIONS: MatchOptions = MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: false,
    };

    fn read(texts: &[String]) -> Attempt<Self> {
        let pattern = |text: &String| {
            let whole = if text.contains('/') { text.clone() } else { format!("**/{text}") };
            Pattern::new(whole.trim_start_matches("./")).map_err(|cause| {
                Trouble::caused(format!("`{text}` is no pattern"), &cause)
                    .hint("such as '*.md' or '2026/**'")
                    .usage()
            })
        };
        texts.iter().map(pattern).collect::<Attempt<_>>().map(Self)
    }

    fn fit(&self, path: &str) -> bool {
        self.0.iter().any(|pattern| pattern.matches_with(path, Self::OPTIONS))
    }
}

fn relative(root: &Path, path: &Path) -> String {
    let below = path.strip_prefix(root).unwrap_or(path);
    let parts = below.components().map(|part| part.as_os_str().to_string_lossy());
    parts.collect::<Vec<_>>().join("/")
}

fn is_hidden(relative: &str) -> bool {
    let name = relative.rsplit('/').next().unwrap_or(relative);
    // `~$` is what Office leaves beside a file that is open.
    name.starts_with('.') || name.starts_with("~$")
}

impl Planned {
    fn take(&mut self, path: &Path, folder: String, target: Option<ImportTarget>) {
        let readable = path.to_str().ok_or_else(|| "its name is not Unicode".to_owned());
        match readable.and_then(|_| import_of(path, target)) {
            Ok(item) => self.items.push(Item { folder, ..item }),
            Err(why) => self.skipped.push((path.display().to_string(), why)),
        }
    }
}

/// The import of a file, or why it is none.
fn import_of(path: &Path, target: Option<ImportTarget>) -> Result<Item, String> {
    let extension = path.extension().and_then(|extension| extension.to_str());
    let extension = extension.ok_or("its name has no extension")?.to_ascii_lowercase();
    let usual = ImportTarget::of_extension(&extension);
    let usual = usual.ok_or_else(|| format!("nothing imports .{extension}"))?;
    let kind = target.unwrap_or(usual).name();
    if !larkspur_api::can_become(&extension, kind) {
        return Err(format!("a {extension} file cannot become a {kind}"));
    }
    let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Item {
        work: Work::Import,
        file: path.to_owned(),
        kind: kind.to_owned(),
        extension,
        name,
        ..Item::default()
    })
}

/// A row of a manifest; which fields count depends on what is done.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Row {
    file: String,
    name: String,
    folder: String,
    token: String,
    extension: String,
    output: String,
    sub_id: String,
    #[serde(rename = "type")]
    kind: String,
}

/// The items of a manifest: CSV with a heading, or JSON Lines. Files stand beside the manifest,
/// outputs below `to`.
pub(crate) fn manifest(path: &Path, work: Work, to: &Path) -> Attempt<Planned> {
    let text = std::fs::read(path).map_err(|cause| {
        Trouble::caused(format!("cannot read {}", path.display()), &cause).setup()
    })?;
    let is_csv = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let rows = if is_csv { csv_rows(&text) } else { json_rows(&text) };
    let base = path.parent().unwrap_or_else(|| Path::new(""));
    let mut planned = Planned::default();
    for (line, row) in rows {
        let item = row.and_then(|row| match work {
            Work::Import => import_row(&row, base),
            Work::Export => export_row(row, to),
        });
        planned.items.push(item.map_err(|why| {
            Trouble::new(format!("{}, line {line}: {why}", path.display()))
                .hint(match work {
                    Work::Import => "columns: file, type, name, folder (a folder's token)",
                    Work::Export => "columns: token, type, extension, output, sub_id",
                })
                .usage()
        })?);
    }
    Ok(planned)
}

type Rows = Vec<(u64, Result<Row, String>)>;

fn csv_rows(text: &[u8]) -> Rows {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text);
    let mut rows = Rows::new();
    // The heading is read first, so that every position is that of a record.
    if let Err(cause) = reader.headers() {
        return vec![(1, Err(cause.to_string()))];
    }
    let mut records = reader.deserialize::<Row>();
    loop {
        let line = records.reader().position().line();
        let Some(row) = records.next() else { break };
        rows.push((line, row.map_err(|cause| cause.to_string())));
    }
    rows
}

fn json_rows(text: &[u8]) -> Rows {
    let lines = text.split(|byte| *byte == b'\n').zip(1..);
    lines
        .filter(|(line, _)| !line.trim_ascii().is_empty())
        .map(|(line, number)| {
            (number, serde_json::from_slice(line).map_err(|cause| cause.to_string()))
        })
        .collect()
}

fn import_row(row: &Row, base: &Path) -> Result<Item, String> {
    if row.file.is_empty() {
        return Err("no file".to_owned());
    }
    let target = match row.kind.as_str() {
        "" => None,
        kind => {
            let target = ImportTarget::of_name(kind);
            Some(target.ok_or_else(|| format!("`{kind}` is not docx, sheet or bitable"))?)
        }
    };
    let mut item = import_of(&base.join(&row.file), target)?;
    if !row.name.is_empty() {
        item.name.clone_from(&row.name);
    }
    item.folder_token = Some(row.folder.clone()).filter(|folder| !folder.is_empty());
    Ok(item)
}

fn export_row(row: Row, to: &Path) -> Result<Item, String> {
    if row.token.is_empty() {
        return Err("no token".to_owned());
    }
    let target = ExportTarget::of_name(&row.extension)
        .ok_or_else(|| format!("extension is docx, pdf, xlsx or csv, not `{}`", row.extension))?;
    let usual = if target.is_table() { "" } else { "docx" };
    let kind = if row.kind.is_empty() { usual.to_owned() } else { row.kind };
    if !["", "doc", "docx", "sheet", "bitable"].contains(&kind.as_str()) {
        return Err(format!("`{kind}` is not doc, docx, sheet or bitable"));
    }
    let output = match row.output.as_str() {
        "" => format!("{}.{}", row.token, target.name()),
        output => output.to_owned(),
    };
    Ok(Item {
        work: Work::Export,
        file: to.join(output),
        kind,
        extension: target.name().to_owned(),
        token: row.token,
        sub_id: Some(row.sub_id).filter(|id| !id.is_empty()),
        ..Item::default()
    })
}

/// The documents of a folder of the drive and of those in it, to be exported below `to` under their
/// names.
pub(crate) async fn export_folder(
    client: &Client,
    folder: &str,
    to: &Path,
    documents: ExportTarget,
) -> Attempt<Planned> {
    let mut planned = Planned::default();
    let mut taken = HashSet::new();
    let mut folders = vec![(folder.to_owned(), to.to_owned())];
    while let Some((folder, path)) = folders.pop() {
        let mut listed = client.list_folder(&folder).await?;
        listed.sort_by(|one, other| one.name.cmp(&other.name).then(one.token.cmp(&other.token)));
        for one in listed {
            let target = match one.kind.as_str() {
                "folder" => {
                    let below = unused(&path, &safe_name(&one.name), "", &mut taken);
                    folders.push((one.token, below));
                    continue;
                }
                "doc" | "docx" => documents,
                "sheet" | "bitable" => ExportTarget::Xlsx,
                kind => {
                    let why = format!("nothing exports a {kind}");
                    planned.skipped.push((path.join(&one.name).display().to_string(), why));
                    continue;
                }
            };
            let file = unused(&path, &safe_name(&one.name), target.name(), &mut taken);
            planned.items.push(Item {
                work: Work::Export,
                file,
                kind: one.kind,
                extension: target.name().to_owned(),
                token: one.token,
                ..Item::default()
            });
        }
    }
    Ok(planned)
}

/// A path that the plan does not have yet, however large letters are written.
fn unused(folder: &Path, stem: &str, extension: &str, taken: &mut HashSet<String>) -> PathBuf {
    let dot = if extension.is_empty() { "" } else { "." };
    let mut number = 1;
    loop {
        let name = match number {
            1 => format!("{stem}{dot}{extension}"),
            number => format!("{stem} ({number}){dot}{extension}"),
        };
        let path = folder.join(name);
        if taken.insert(path.to_string_lossy().to_lowercase()) {
            return path;
        }
        number += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(planned: &Planned) -> Vec<(String, String)> {
        let name = |item: &Item| (item.folder.clone(), item.name.clone());
        planned.items.iter().map(name).collect()
    }

    #[test]
    fn folders_are_walked_and_patterns_hold() {
        let root = tempfile::tempdir().unwrap();
        for path in ["a.md", "b.png", ".git/x.md", "old/c.csv", "2026/d.xlsx", "2026/x/e.MD"] {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        }
        let paths = [root.path().to_owned()];
        let (none, old) = (Vec::new(), vec!["old".to_owned()]);
        let plan =
            FolderPlan { paths: &paths, include: &none, exclude: &old, flat: false, target: None };
        let planned = of_folders(&plan).unwrap();
        let own = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(one, other)| ((*one).to_owned(), (*other).to_owned())).collect()
        };
        assert_eq!(names(&planned), own(&[("2026", "d"), ("2026/x", "e"), ("", "a")]));
        assert_eq!(planned.skipped.len(), 1, "{:?}", planned.skipped);
        let include = vec!["2026/*".to_owned(), "*.md".to_owned()];
        let plan = FolderPlan { include: &include, flat: true, ..plan };
        assert_eq!(names(&of_folders(&plan).unwrap()), own(&[("", "d"), ("", "a")]));
        let wrong = vec!["[".to_owned()];
        assert_eq!(of_folders(&FolderPlan { include: &wrong, ..plan }).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn manifests_say_what_to_do_in_two_forms() {
        let root = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = root.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let table =
            write("in.csv", "\u{feff}file,type,name,folder\nx/a.csv,bitable,甲,fldx\nb.md,,,\n");
        let planned = manifest(&table, Work::Import, Path::new("")).unwrap();
        let [first, second] = &planned.items[..] else { panic!("{planned:?}") };
        assert_eq!((first.kind.as_str(), first.name.as_str()), ("bitable", "甲"));
        assert_eq!(first.folder_token.as_deref(), Some("fldx"));
        assert_eq!((second.kind.as_str(), second.name.as_str()), ("docx", "b"));
        assert_eq!(first.file, root.path().join("x/a.csv"));
        let lines = write(
            "out.jsonl",
            "{\"token\":\"t\",\"extension\":\"pdf\",\"output\":\"a/b.pdf\"}\n\n{\"token\":\"u\",\"extension\":\"csv\",\"type\":\"sheet\",\"sub_id\":\"s\"}",
        );
        let planned = manifest(&lines, Work::Export, Path::new("to")).unwrap();
        let [first, second] = &planned.items[..] else { panic!("{planned:?}") };
        assert_eq!((first.kind.as_str(), first.file.as_path()), ("docx", Path::new("to/a/b.pdf")));
        assert_eq!(
            (second.sub_id.as_deref(), second.file.as_path()),
            (Some("s"), Path::new("to/u.csv"))
        );
        for wrong in ["file\nx.png\n", "file,colour\nx.md,red\n", "type\nsheet\n"] {
            let path = write("wrong.csv", wrong);
            let trouble = manifest(&path, Work::Import, Path::new("")).unwrap_err();
            assert_eq!(trouble.exit_code(), 2, "{trouble}");
            assert!(trouble.message().contains("line 2"), "{trouble}");
        }
    }

    #[test]
    fn names_of_the_plan_never_meet() {
        let mut taken = HashSet::new();
        let mut name = |stem: &str| unused(Path::new("to"), stem, "pdf", &mut taken);
        assert_eq!(name("A"), Path::new("to/A.pdf"));
        assert_eq!(name("a"), Path::new("to/a (2).pdf"));
    }
}

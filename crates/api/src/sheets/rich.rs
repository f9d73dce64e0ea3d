//! Cells that are more than a string or a number, both ways: as a call writes them and as a read
//! answers them (contract, "Sheets").

use std::sync::Arc;

use larkspur_formats::formulas::later_functions;
use larkspur_model::id::{AppId, TenantId};
use larkspur_model::workbook::{Font, RichPart};
use larkspur_platform::Platform;
use serde_json::{Map, Value, json};

/// Characters of a cell's text (contract: 50,000, 90222).
pub(super) const MOST_CHARACTERS: usize = 50_000;
/// Size of text in a cell, points.
const FONT_SIZES: std::ops::RangeInclusive<f64> = 9.0..=36.0;
/// Ways a person can be named.
const PERSON_IDS: [&str; 3] = ["email", "openId", "unionId"];
/// Kinds of documents a cell can mention.
const DOCUMENT_KINDS: [&str; 5] = ["sheet", "doc", "slide", "bitable", "mindnote"];

/// A value to be written.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Written {
    /// Nothing: the cell is emptied.
    Empty,
    Bool(bool),
    Number(f64),
    Text(String),
    /// Without the leading `=`.
    Formula(String),
    /// People in it have no number yet.
    Parts(Vec<RichPart>),
}

/// What is wrong with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unfit {
    /// It is none of the documented kinds.
    Shape(&'static str),
    /// Its text is too long.
    Long,
}

impl Written {
    /// Reads a value of a call.
    pub(super) fn read(value: Value) -> Result<Self, Unfit> {
        let written = match value {
            Value::Null => Self::Empty,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(number) => Self::Number(number.as_f64().unwrap_or_default()),
            Value::String(text) if text.is_empty() => Self::Empty,
            Value::String(text) => match bare_target(&text) {
                None => Self::Text(text),
                Some(target) => Self::Parts(vec![RichPart::Link { text, target, look: None }]),
            },
            Value::Object(object) => Self::of_object(&object)?,
            Value::Array(items) if items.is_empty() => Self::Empty,
            Value::Array(items) => {
                let mut parts = Vec::new();
                for item in &items {
                    let object = item.as_object().ok_or(Unfit::Shape(
                        "an array in the place of a value holds objects of type text, url or mention",
                    ))?;
                    parts.extend(segments(object)?.ok_or(Unfit::Shape(
                        "an array in the place of a value holds objects of type text, url or mention",
                    ))?);
                }
                Self::of_parts(parts)
            }
        };
        written.check()
    }

    fn of_object(object: &Map<String, Value>) -> Result<Self, Unfit> {
        match object.get("type").and_then(Value::as_str) {
            Some("formula") => {
                let text = object.get("text").and_then(Value::as_str).unwrap_or_default();
                let formula = text.strip_prefix('=').filter(|rest| !rest.trim().is_empty());
                let formula = formula.ok_or(Unfit::Shape("text of a formula begins with \"=\""))?;
                if formula.to_ascii_uppercase().contains("IMPORTRANGE") {
                    return Err(Unfit::Shape("formulas may not call IMPORTRANGE"));
                }
                Ok(Self::Formula(later_functions::stored(formula).into_owned()))
            }
            Some("multipleValue") => chosen(object).map(Self::Text),
            _ => {
                let parts = segments(object)?.ok_or(Unfit::Shape(
                    "an object in the place of a value has the type text, url, mention, formula or \
                     multipleValue",
                ))?;
                Ok(Self::of_parts(parts))
            }
        }
    }

    /// Text without a look of its own is just text.
    fn of_parts(mut parts: Vec<RichPart>) -> Self {
        parts.retain(|part| !part.text().is_empty() || matches!(part, RichPart::Person { .. }));
        match parts.as_slice() {
            [] => Self::Empty,
            [RichPart::Text { text, look: None }] => Self::Text(text.clone()),
            _ => Self::Parts(parts),
        }
    }

    fn check(self) -> Result<Self, Unfit> {
        let characters = match &self {
            Self::Text(text) | Self::Formula(text) => characters(text),
            Self::Parts(parts) => parts.iter().map(|part| characters(part.text())).sum(),
            Self::Empty | Self::Bool(_) | Self::Number(_) => 0,
        };
        if characters > MOST_CHARACTERS { Err(Unfit::Long) } else { Ok(self) }
    }
}

/// The people, by kind of id and id, to whom mentions in a value are to open the spreadsheet.
pub(super) fn opened_to(value: &Value) -> Vec<(String, String)> {
    match value {
        Value::Array(items) => items.iter().flat_map(opened_to).collect(),
        Value::Object(object) if object.get("grantReadPermission") == Some(&Value::Bool(true)) => {
            let text = |key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
            text("textType").zip(text("text")).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn characters(text: &str) -> usize {
    if text.len() <= MOST_CHARACTERS { text.len() } else { text.chars().count() }
}

/// Where a text leads that is nothing but an address.
fn bare_target(text: &str) -> Option<String> {
    if text.len() > 2_000 || text.contains(|it: char| it.is_whitespace() || it.is_control()) {
        return None;
    }
    let address = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    if address.is_some_and(|rest| rest.starts_with(|it: char| it.is_alphanumeric() || it == '[')) {
        return Some(text.to_owned());
    }
    let (name, host) = text.split_once('@')?;
    let named = |part: &str, also: &[char]| {
        !part.is_empty() && part.chars().all(|it| it.is_alphanumeric() || also.contains(&it))
    };
    let dotted = host.contains('.') && host.split('.').all(|label| named(label, &['-']));
    (named(name, &['.', '_', '+', '-', '%']) && dotted).then(|| format!("mailto:{text}"))
}

/// The texts of a chosen dropdown, as the cell shows them.
fn chosen(object: &Map<String, Value>) -> Result<String, Unfit> {
    let unfit = Unfit::Shape("values of a multipleValue is a list of texts without commas");
    let values = object.get("values").and_then(Value::as_array).ok_or(unfit)?;
    let texts = values.iter().map(|value| match value {
        Value::String(text) if !text.contains(',') => Ok(text.clone()),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(unfit),
    });
    Ok(texts.collect::<Result<Vec<_>, _>>()?.join(","))
}

/// The parts an object stands for; `None` for an object of another type.
fn segments(object: &Map<String, Value>) -> Result<Option<Vec<RichPart>>, Unfit> {
    let text = |key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
    Ok(Some(match object.get("type").and_then(Value::as_str) {
        Some("text") => {
            let text = text("text").ok_or(Unfit::Shape("text of a styled text is missing"))?;
            vec![RichPart::Text { text, look: look(object)? }]
        }
        Some("url") => {
            let link = text("link").filter(|link| !link.is_empty());
            let target = link.ok_or(Unfit::Shape("link of a url is missing"))?;
            let Some(texts) = object.get("texts").and_then(Value::as_array) else {
                let text = text("text").filter(|text| !text.is_empty());
                let text = text.unwrap_or_else(|| target.clone());
                return Ok(Some(vec![RichPart::Link { text, target, look: look(object)? }]));
            };
            let piece = |piece: &Value| {
                let unfit = Unfit::Shape("texts of a url holds objects with a text");
                let piece = piece.as_object().ok_or(unfit)?;
                let text = piece.get("text").and_then(Value::as_str).ok_or(unfit)?.to_owned();
                Ok(RichPart::Link { text, target: target.clone(), look: look(piece)? })
            };
            texts.iter().map(piece).collect::<Result<_, Unfit>>()?
        }
        Some("mention") => {
            let named = text("text").filter(|text| !text.is_empty());
            let named = named.ok_or(Unfit::Shape("text of a mention is missing"))?;
            vec![mention(named, &text("textType").unwrap_or_default(), text("objType"))?]
        }
        _ => return Ok(None),
    }))
}

fn mention(named: String, named_by: &str, kind: Option<String>) -> Result<RichPart, Unfit> {
    if PERSON_IDS.contains(&named_by) {
        let named_by = named_by.to_owned();
        return Ok(RichPart::Person { text: String::new(), number: 0, named_by, named });
    }
    if named_by != "fileToken" {
        return Err(Unfit::Shape("textType of a mention is email, openId, unionId or fileToken"));
    }
    match kind {
        Some(object_type) if DOCUMENT_KINDS.contains(&object_type.as_str()) => {
            Ok(RichPart::Document { text: named.clone(), token: named, object_type })
        }
        _ => Err(Unfit::Shape(
            "objType of a mention of a document is sheet, doc, slide, bitable or mindnote",
        )),
    }
}

/// The `segmentStyle` of an object.
fn look(object: &Map<String, Value>) -> Result<Option<Font>, Unfit> {
    let Some(style) = object.get("segmentStyle").filter(|style| !style.is_null()) else {
        return Ok(None);
    };
    let style = style.as_object().ok_or(Unfit::Shape("segmentStyle is an object"))?;
    let flag = |key: &str| match style.get(key) {
        None | Some(Value::Null) => Ok(false),
        Some(Value::Bool(value)) => Ok(*value),
        Some(_) => Err(Unfit::Shape(
            "bold, italic, strikeThrough and underline of a segmentStyle are true or false",
        )),
    };
    let color = match style.get("foreColor") {
        None | Some(Value::Null) => String::new(),
        Some(color) => {
            let digits = color.as_str().and_then(|color| color.strip_prefix('#'));
            let digits = digits.filter(|digits| {
                digits.len() == 6 && digits.bytes().all(|digit| digit.is_ascii_hexdigit())
            });
            digits.ok_or(Unfit::Shape("foreColor of a segmentStyle is #rrggbb"))?.to_owned()
        }
    };
    let size_pt = match style.get("fontSize") {
        None | Some(Value::Null) => 0.0,
        Some(size) => {
            let size = size.as_f64().filter(|size| FONT_SIZES.contains(size));
            size.ok_or(Unfit::Shape("fontSize of a segmentStyle is 9 to 36"))?
        }
    };
    let look = Font {
        bold: flag("bold")?,
        italic: flag("italic")?,
        strikethrough: flag("strikeThrough")?,
        underline: flag("underline")?,
        color,
        size_pt,
        ..Font::default()
    };
    Ok((look != Font::default()).then_some(look))
}

/// How reads name people.
#[derive(Clone)]
pub(crate) enum PersonId {
    /// As they were named when they were written: this server has no `lark_id` of its own.
    AsWritten,
    /// By the open id the app knows them by.
    Open(Arc<Platform>, AppId),
    /// By their union id.
    Union(Arc<Platform>, TenantId),
}

impl std::fmt::Debug for PersonId {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::AsWritten => "AsWritten",
            Self::Open(..) => "Open",
            Self::Union(..) => "Union",
        })
    }
}

/// Parts as a read answers them: a picture alone as a bare object, all else as an array.
pub(super) fn shown(parts: &[RichPart], people: &PersonId) -> Value {
    if let [RichPart::Image { token, width_px, height_px }] = parts {
        return json!({
            "type": "embed-image", "fileToken": token, "height": height_px, "width": width_px,
            "link": "", "text": "",
        });
    }
    parts.iter().map(|part| shown_part(part, people)).collect()
}

/// Pictures where text was asked for: nobody sees their tokens then.
pub(super) fn pictures(parts: &[RichPart]) -> Value {
    let pictures = parts.iter().filter(|part| matches!(part, RichPart::Image { .. }));
    pictures.enumerate().map(|(at, _)| json!({"type": "embed-image", "id": at + 1})).collect()
}

fn shown_part(part: &RichPart, people: &PersonId) -> Value {
    let styled = |mut value: Value, look: &Option<Font>| {
        if let Some(look) = look {
            value["segmentStyle"] = segment_style(look);
        }
        value
    };
    match part {
        RichPart::Text { text, look } => styled(json!({"type": "text", "text": text}), look),
        RichPart::Link { text, target, look } => {
            styled(json!({"type": "url", "text": text, "link": target, "cellPosition": null}), look)
        }
        RichPart::Person { number, named_by, named, .. } => {
            let (kind, id) = match people {
                PersonId::AsWritten => (named_by.as_str(), named.clone()),
                PersonId::Open(platform, app) => {
                    ("openId", platform.open_id_of_number(app, *number))
                }
                PersonId::Union(platform, tenant) => {
                    ("unionId", platform.union_id_of_number(tenant, *number))
                }
            };
            json!({"type": "mention", "textType": kind, "text": id})
        }
        RichPart::Document { token, object_type, .. } => json!({
            "type": "mention", "textType": "fileToken", "text": token, "objType": object_type,
        }),
        RichPart::Image { token, width_px, height_px } => json!({
            "type": "embed-image", "fileToken": token, "height": height_px, "width": width_px,
            "link": "", "text": "",
        }),
        RichPart::File { token, name, media_type } => json!({
            "type": "attachment", "fileToken": token, "mimeType": media_type, "text": name,
        }),
    }
}

fn segment_style(look: &Font) -> Value {
    let mut style = Map::new();
    for (key, set) in [
        ("bold", look.bold),
        ("italic", look.italic),
        ("strikeThrough", look.strikethrough),
        ("underline", look.underline),
    ] {
        if set {
            style.insert(key.to_owned(), true.into());
        }
    }
    if !look.color.is_empty() {
        style.insert("foreColor".to_owned(), format!("#{}", look.color).into());
    }
    if look.size_pt > 0.0 {
        let whole = look.size_pt.fract() == 0.0;
        let size = if whole { json!(look.size_pt as i64) } else { json!(look.size_pt) };
        style.insert("fontSize".to_owned(), size);
    }
    Value::Object(style)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: Value) -> Result<Value, Unfit> {
        Ok(match Written::read(value)? {
            Written::Parts(parts) => shown(&parts, &PersonId::AsWritten),
            Written::Text(text) => text.into(),
            Written::Formula(text) => json!({"=": text}),
            Written::Number(number) => number.into(),
            Written::Bool(value) => value.into(),
            Written::Empty => Value::Null,
        })
    }

    #[test]
    fn every_documented_kind_is_taken_and_read_back() {
        let styled = json!({"type": "text", "text": "b", "segmentStyle": {"bold": true, "foreColor": "#ff0000", "fontSize": 12}});
        for (written, shown) in [
            (json!(null), json!(null)),
            (json!(""), json!(null)),
            (json!([]), json!(null)),
            (json!(1.5), json!(1.5)),
            (json!(true), json!(true)),
            (json!("==="), json!("===")),
            (json!("a@b"), json!("a@b")),
            (json!("https://x.org/ and more"), json!("https://x.org/ and more")),
            (
                json!("https://open.feishu.cn"),
                json!([{"type": "url", "text": "https://open.feishu.cn", "link": "https://open.feishu.cn", "cellPosition": null}]),
            ),
            (
                json!("a.b@x.org"),
                json!([{"type": "url", "text": "a.b@x.org", "link": "mailto:a.b@x.org", "cellPosition": null}]),
            ),
            (
                json!({"type": "url", "text": "t", "link": "https://x.org"}),
                json!([{"type": "url", "text": "t", "link": "https://x.org", "cellPosition": null}]),
            ),
            (
                json!({"type": "url", "link": "https://x.org", "texts": [{"text": "t", "segmentStyle": {"italic": true}}, {"text": "u"}]}),
                json!([
                    {"type": "url", "text": "t", "link": "https://x.org", "cellPosition": null, "segmentStyle": {"italic": true}},
                    {"type": "url", "text": "u", "link": "https://x.org", "cellPosition": null},
                ]),
            ),
            (styled.clone(), json!([styled])),
            (
                json!([{"type": "text", "text": "a"}, styled]),
                json!([{"type": "text", "text": "a"}, styled]),
            ),
            (json!({"type": "text", "text": "a", "segmentStyle": {"bold": false}}), json!("a")),
            (json!({"type": "formula", "text": "=SUM(A1:A3)"}), json!({"=": "SUM(A1:A3)"})),
            (json!({"type": "formula", "text": "=ifs(A1,2)"}), json!({"=": "_xlfn.IFS(A1,2)"})),
            (json!({"type": "multipleValue", "values": ["a", "b", 3]}), json!("a,b,3")),
            (
                json!({"type": "mention", "textType": "email", "text": "a@x.org", "notify": true, "grantReadPermission": true}),
                json!([{"type": "mention", "textType": "email", "text": "a@x.org"}]),
            ),
            (
                json!({"type": "mention", "textType": "fileToken", "text": "shtx", "objType": "sheet"}),
                json!([{"type": "mention", "textType": "fileToken", "text": "shtx", "objType": "sheet"}]),
            ),
        ] {
            assert_eq!(read(written.clone()), Ok(shown), "{written}");
        }
    }

    #[test]
    fn what_is_none_of_them_is_refused() {
        for value in [
            json!({"type": "picture"}),
            json!({"text": "a"}),
            json!(["a"]),
            json!([{"type": "formula", "text": "=1"}]),
            json!({"type": "formula", "text": "A1"}),
            json!({"type": "formula", "text": "=importrange(\"x\",\"A1\")"}),
            json!({"type": "url", "text": "a"}),
            json!({"type": "url", "link": "https://x.org", "texts": ["a"]}),
            json!({"type": "text"}),
            json!({"type": "text", "text": "a", "segmentStyle": {"bold": "yes"}}),
            json!({"type": "text", "text": "a", "segmentStyle": {"foreColor": "red"}}),
            json!({"type": "text", "text": "a", "segmentStyle": {"fontSize": 8}}),
            json!({"type": "mention", "textType": "phone", "text": "1"}),
            json!({"type": "mention", "textType": "openId", "text": ""}),
            json!({"type": "mention", "textType": "fileToken", "text": "x"}),
            json!({"type": "multipleValue", "values": ["a,b"]}),
            json!({"type": "multipleValue"}),
        ] {
            assert!(matches!(read(value.clone()), Err(Unfit::Shape(_))), "{value}");
        }
        let most = "字".repeat(MOST_CHARACTERS);
        assert_eq!(read(json!(most)), Ok(json!(most)));
        assert_eq!(read(json!(format!("{most}x"))), Err(Unfit::Long));
    }

    #[test]
    fn pictures_and_files_stand_as_they_were_reported() {
        let picture = RichPart::Image { token: "box".into(), width_px: 2, height_px: 3 };
        let file = RichPart::File {
            token: "f".into(),
            name: "a.pdf".into(),
            media_type: "application/pdf".into(),
        };
        assert_eq!(
            shown(std::slice::from_ref(&picture), &PersonId::AsWritten),
            json!({"type": "embed-image", "fileToken": "box", "height": 3, "width": 2, "link": "", "text": ""})
        );
        assert_eq!(pictures(&[picture]), json!([{"type": "embed-image", "id": 1}]));
        assert_eq!(
            shown(&[file], &PersonId::AsWritten),
            json!([{"type": "attachment", "fileToken": "f", "mimeType": "application/pdf", "text": "a.pdf"}])
        );
    }
}

//! What a paragraph or run is by the names of its style, in the languages word processors come in.

/// What a paragraph is by its style.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Role {
    #[default]
    Body,
    /// 1 to 9.
    Heading(u8),
    Title,
    Subtitle,
    Code,
    Quote,
    Caption,
}

/// Small letters without blanks, lines and dashes, so that `Heading 1` equals `heading1`.
pub(crate) fn folded(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '_'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// Beginnings of names of heading styles in the languages word processors come in; the level follows.
const HEADINGS: [&str; 30] = [
    "heading",
    "überschrift",
    "berschrift",
    "titre",
    "título",
    "titulo",
    "ttulo",
    "titolo",
    "intestazione",
    "kop",
    "rubrik",
    "overskrift",
    "otsikko",
    "nagłówek",
    "nagwek",
    "nadpis",
    "címsor",
    "cmsor",
    "заголовок",
    "başlık",
    "balk",
    "επικεφαλίδα",
    "标题",
    "標題",
    "見出し",
    "제목",
    "tiêuđề",
    "naslov",
    "antraštė",
    "judul",
];

pub(crate) fn role_of(names: &[String; 2]) -> Role {
    for name in names {
        for start in HEADINGS {
            let level = name.strip_prefix(start).and_then(|rest| rest.chars().next());
            let whole = name.strip_prefix(start).is_some_and(|rest| {
                rest.len() == 1 || rest.get(1..).is_some_and(|rest| rest.starts_with(','))
            });
            if let (Some(level @ '1'..='9'), true) = (level, whole) {
                return Role::Heading(level as u8 - b'0');
            }
        }
        match name.as_str() {
            "title" | "titel" | "titre" | "título" | "titolo" | "标题" | "標題" | "表題"
            | "제목" | "название" => return Role::Title,
            "subtitle"
            | "untertitel"
            | "soustitre"
            | "subtítulo"
            | "sottotitolo"
            | "副标题"
            | "副標題"
            | "副題"
            | "부제"
            | "подзаголовок" => return Role::Subtitle,
            "quote" | "intensequote" | "blockquote" | "blocktext" | "quotations" | "zitat"
            | "citation" | "cita" | "引用" | "明显引用" | "인용" | "цитата" => {
                return Role::Quote;
            }
            "caption" | "beschriftung" | "légende" | "题注" | "標號" | "図表番号"
            | "imagecaption" | "tablecaption" => return Role::Caption,
            _ => {}
        }
        if is_code_paragraph(name) {
            return Role::Code;
        }
    }
    Role::Body
}

fn is_code_paragraph(name: &str) -> bool {
    matches!(
        name,
        "code"
            | "codeblock"
            | "sourcecode"
            | "source"
            | "htmlpreformatted"
            | "preformattedtext"
            | "preformatted"
            | "macrotext"
            | "macro"
            | "listing"
            | "codelisting"
            | "program"
            | "programlisting"
            | "verbatim"
            | "codesnippet"
            | "codeparagraph"
            | "代码"
            | "程序代码"
            | "代码块"
            | "ソースコード"
            | "htmlvorformatiert"
            | "htmlpréformaté"
    )
}

pub(crate) fn is_code(names: &[String; 2]) -> bool {
    names.iter().any(|name| {
        matches!(
            name.as_str(),
            "code"
                | "codecharacters"
                | "codechar"
                | "inlinecode"
                | "codeinline"
                | "verbatimchar"
                | "verbatim"
                | "sourcetext"
                | "htmlcode"
                | "htmltypewriter"
                | "htmlkeyboard"
                | "htmlsample"
                | "codetext"
                | "codeintext"
                | "sourcecodechar"
                | "teletype"
                | "行内代码"
        )
    })
}

pub(crate) fn is_link(names: &[String; 2]) -> bool {
    names.iter().any(|name| {
        matches!(name.as_str(), "hyperlink" | "followedhyperlink" | "internetlink" | "超链接")
    })
}

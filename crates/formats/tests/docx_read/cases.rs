//! What single features become.

use larkspur_formats::Limits;
use larkspur_model::loss::LossKind;

use super::build::Build;
use super::{Outcome, outline, read};

/// A picture of one point.
const DOT: &[u8] = &[
    0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0,
    0, 1, 8, 2, 0, 0, 0, 0x90, 0x77, 0x53, 0xDE,
];

fn opened(build: Build) -> Outcome {
    read(&build.finish(), &Limits::default()).expect("readable")
}

fn becomes(body: &str, expected: &str) {
    let outcome = opened(standard(body));
    let expected: Vec<&str> = expected.trim_matches('\n').lines().collect();
    let found = outline(&outcome.document);
    let found: Vec<&str> = found.lines().collect();
    assert_eq!(found, expected, "{body}\n{:#?}", outcome.losses);
}

fn standard(body: &str) -> Build {
    Build::new(body)
        .styles(
            r#"<w:style w:type="paragraph" w:styleId="1"><w:name w:val="标题 1"/></w:style>
            <w:style w:type="paragraph" w:styleId="Mine"><w:name w:val="Chapter"/><w:basedOn w:val="1"/><w:rPr><w:b/></w:rPr></w:style>
            <w:style w:type="paragraph" w:styleId="Out"><w:name w:val="Section"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style>
            <w:style w:type="paragraph" w:styleId="Q"><w:name w:val="Quote"/><w:rPr><w:i/></w:rPr></w:style>
            <w:style w:type="paragraph" w:styleId="Src"><w:name w:val="Source Code"/></w:style>
            <w:style w:type="paragraph" w:styleId="Loud"><w:name w:val="Loud"/><w:rPr><w:b/></w:rPr></w:style>
            <w:style w:type="character" w:styleId="Str"><w:name w:val="Strong"/><w:rPr><w:b/></w:rPr></w:style>
            <w:style w:type="character" w:styleId="Hyp"><w:name w:val="Hyperlink"/><w:rPr><w:color w:val="0000FF"/><w:u w:val="single"/></w:rPr></w:style>"#,
        )
        .numbering(
            r#"<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/><w:pPr><w:ind w:left="720" w:hanging="360"/></w:pPr></w:lvl><w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%2."/><w:pPr><w:ind w:left="1440" w:hanging="360"/></w:pPr></w:lvl></w:abstractNum>
            <w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/><w:pPr><w:ind w:left="720" w:hanging="360"/></w:pPr></w:lvl></w:abstractNum>
            <w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num>
            <w:num w:numId="3"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride></w:num>"#,
        )
        .outside("rOut", "hyperlink", "https://a.example/")
        .outside("rFar", "image", "https://a.example/p.png")
        .part("rDot", "image", "media/dot.png", DOT)
        .part("rHtml", "aFChunk", "chunk.html", b"<p>from <b>html</b></p>")
        .xml("footnotes", r#"<w:footnote w:id="-1" w:type="separator"><w:p/></w:footnote><w:footnote w:id="2"><w:p><w:r><w:t>the note</w:t></w:r></w:p></w:footnote>"#)
}

fn p(properties: &str, text: &str) -> String {
    format!(
        "<w:p><w:pPr>{properties}</w:pPr><w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r></w:p>"
    )
}

fn item(list: u32, level: u32, text: &str) -> String {
    p(&format!("<w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"{list}\"/></w:numPr>"), text)
}

#[test]
fn headings_by_name_base_and_outline() {
    let body = [
        p("<w:pStyle w:val=\"1\"/>", "a"),
        p("<w:pStyle w:val=\"Mine\"/>", "b"),
        p("<w:pStyle w:val=\"Out\"/>", "c"),
        p("<w:outlineLvl w:val=\"1\"/>", "d"),
    ]
    .concat();
    becomes(&body, "h1 a\nh1 b\nh3 c\nh2 d");
}

#[test]
fn a_heading_that_loses_its_number_says_so() {
    let number = "<w:numPr><w:ilvl w:val=\"0\"/><w:numId w:val=\"1\"/></w:numPr>";
    let numbered = p(&format!("<w:pStyle w:val=\"1\"/>{number}"), "Scope");
    let outcome = opened(standard(&(numbered + &p("<w:pStyle w:val=\"1\"/>", "Terms"))));
    assert_eq!(outline(&outcome.document), "h1 Scope\nh1 Terms\n");
    let told: Vec<_> = outcome.losses.iter().map(|loss| (loss.kind, loss.count)).collect();
    assert_eq!(told, [(LossKind::FormattingDropped, 1)]);
}

#[test]
fn runs_resolve_their_styles() {
    becomes(
        r#"<w:p><w:pPr><w:pStyle w:val="Loud"/></w:pPr><w:r><w:t>a</w:t></w:r><w:r><w:rPr><w:rStyle w:val="Str"/></w:rPr><w:t>b</w:t></w:r><w:r><w:rPr><w:b w:val="0"/><w:i/><w:strike/></w:rPr><w:t>c</w:t></w:r></w:p>
        <w:p><w:r><w:rPr><w:color w:val="FF0000"/><w:highlight w:val="yellow"/></w:rPr><w:t>d</w:t></w:r><w:r><w:rPr><w:rFonts w:ascii="Consolas"/></w:rPr><w:t>e</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>gone</w:t></w:r></w:p>
        <w:p><w:hyperlink r:id="rOut"><w:r><w:rPr><w:rStyle w:val="Hyp"/></w:rPr><w:t>f</w:t></w:r></w:hyperlink><w:r><w:sym w:font="Wingdings" w:char="F0FC"/><w:br/><w:t>g</w:t></w:r></w:p>"#,
        "text {b}a b {is}c\ntext {t1g10}d {c}e\ntext {@https://a.example/}f ✓⏎g",
    );
}

#[test]
fn lists_nest_restart_and_resume() {
    let body = [
        item(1, 0, "a"),
        item(1, 1, "b"),
        item(1, 0, "c"),
        p("<w:ind w:left=\"720\"/>", "under c"),
        p("", "between"),
        item(1, 0, "d"),
        item(2, 0, "e"),
        item(3, 0, "f"),
    ]
    .concat();
    becomes(&body, "1. a\n  1. b\n+ c\n  text under c\ntext between\n3. d\n- e\n5. f");
}

#[test]
fn tasks_code_quotes_and_lines() {
    let task = r#"<w:p><w:sdt><w:sdtPr><w14:checkbox><w14:checked w14:val="1"/></w14:checkbox></w:sdtPr><w:sdtContent><w:r><w:t>☒</w:t></w:r></w:sdtContent></w:sdt><w:r><w:t xml:space="preserve"> done</w:t></w:r></w:p>"#;
    let body = [
        task.to_owned(),
        p("", "☐ open"),
        p("", "☐ yes ☐ no"),
        p("<w:pStyle w:val=\"Src\"/>", "let a;"),
        p("<w:pStyle w:val=\"Src\"/>", "  let b;"),
        p("<w:pStyle w:val=\"Q\"/>", "said"),
        "<w:p><w:pPr><w:pBdr><w:bottom w:val=\"single\"/></w:pBdr></w:pPr></w:p>".to_owned(),
    ]
    .concat();
    becomes(
        &body,
        "[x] done\n[ ] open\ntext ☐ yes ☐ no\ncode let a;⏎  let b;\n>\n  text said\n---",
    );
}

#[test]
fn cells_merge_both_ways_and_inner_tables_become_lines() {
    let cell = |properties: &str, inner: &str| {
        format!("<w:tc><w:tcPr>{properties}</w:tcPr>{inner}</w:tc>")
    };
    let inner = format!(
        "<w:tbl><w:tr>{}{}</w:tr></w:tbl><w:p/>",
        cell("", &p("", "x")),
        cell("", &p("", "y"))
    );
    let body = format!(
        "<w:tbl><w:tblGrid><w:gridCol w:w=\"1500\"/><w:gridCol w:w=\"3000\"/></w:tblGrid>\
         <w:tr><w:trPr><w:tblHeader/></w:trPr>{}</w:tr><w:tr>{}{}</w:tr><w:tr>{}{}</w:tr></w:tbl>",
        cell("<w:gridSpan w:val=\"2\"/>", &p("", "head")),
        cell("<w:vMerge w:val=\"restart\"/>", &p("", "tall")),
        cell("", &p("", "b")),
        cell("<w:vMerge/>", "<w:p/>"),
        cell("", &inner),
    );
    becomes(
        &body,
        "table 3x2 headed 0,0+1x2 1,0+2x1\n  cell\n    text head\n  cell\n  cell\n    text tall\n  cell\n    text b\n  cell\n  cell\n    text x\ty",
    );
}

#[test]
fn changes_fields_notes_and_boxes() {
    becomes(
        r#"<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:ins><w:r><w:t>kept </w:t></w:r></w:ins><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:t xml:space="preserve">one </w:t></w:r></w:p><w:p><w:r><w:t>two</w:t></w:r></w:p>
        <w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText> HYPERLINK "https://b.example" </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>b</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r><w:r><w:footnoteReference w:id="2"/></w:r></w:p>
        <w:p><w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent></wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent><w:p><w:r><w:t>boxed</w:t></w:r></w:p></w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r><w:r><w:t>anchor</w:t></w:r></w:p>
        <w:p><w:r><w:ruby><w:rt><w:r><w:t>kan</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>漢</w:t></w:r></w:rubyBase></w:ruby></w:r></w:p><w:altChunk r:id="rHtml"/>"#,
        "text keptone two\ntext {@https://b.example}b [1]\ntext anchor\ntext boxed\ntext 漢(kan)\ntext from  {b}html\n---\n1. the note",
    );
}

#[test]
fn pictures_are_kept_and_outer_ones_never_fetched() {
    let drawing = |relation: &str, words: &str| {
        format!(
            "<w:p><w:r><w:drawing><wp:inline><wp:extent cx=\"952500\" cy=\"476250\"/><wp:docPr id=\"1\" name=\"n\" descr=\"{words}\"/><a:graphic><a:graphicData><pic:pic><pic:blipFill><a:blip {relation}/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
        )
    };
    let body = [
        drawing("r:embed=\"rDot\"", "a dot"),
        drawing("r:embed=\"rDot\"", "dot.png"),
        drawing("r:link=\"rFar\"", "far away"),
    ]
    .concat();
    let outcome = opened(standard(&body));
    assert_eq!(
        outline(&outcome.document),
        "image 100x50 a dot\nimage 100x50 \ntext {@https://a.example/p.png}far away\n"
    );
    assert_eq!(outcome.assets, [DOT]);
    assert!(outcome.losses.contains(LossKind::ImageNotFetched));
}

#[test]
fn a_heading_without_words_is_what_stands_in_it() {
    becomes(
        r#"<w:p><w:pPr><w:pStyle w:val="1"/></w:pPr><w:r><w:drawing><wp:inline><wp:extent cx="952500" cy="476250"/><a:graphic><a:graphicData><pic:pic><pic:blipFill><a:blip r:embed="rDot"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>
        <w:p><w:pPr><w:pStyle w:val="1"/></w:pPr><w:r><w:t>Words</w:t></w:r></w:p>"#,
        "image 100x50 \nh1 Words",
    );
}

#[test]
fn formulas_become_latex() {
    let run = |text: &str| format!("<m:r><m:t>{text}</m:t></m:r>");
    let fraction = format!("<m:f><m:num>{}</m:num><m:den>{}</m:den></m:f>", run("a"), run("α+1"));
    let power = format!("<m:sSup><m:e>{}</m:e><m:sup>{}</m:sup></m:sSup>", run("x"), run("2"));
    let sum = format!(
        "<m:nary><m:naryPr><m:chr m:val=\"∑\"/></m:naryPr><m:sub>{}</m:sub><m:sup>{}</m:sup><m:e>{}</m:e></m:nary>",
        run("i"),
        run("n"),
        run("i")
    );
    becomes(
        &format!("<w:p><m:oMath>{fraction}{power}{sum}</m:oMath></w:p>"),
        r"text $\frac{a}{\alpha+1}x^{2}\sum_{i}^{n}i$",
    );
}

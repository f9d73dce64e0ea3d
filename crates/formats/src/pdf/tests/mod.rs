//! Prints of small documents, read back with another program's eyes: text, bookmarks, links, pages.

mod sample;
mod structure;

use larkspur_model::document::{Block, Content, Document, Inline, Merge, Text};
use larkspur_model::loss::{LossKind, Losses};
use lopdf::{Object, ObjectId};

use super::FORMAT;
use crate::{Context, Error, Limits, Monitor, Options, Unwatched};

fn print_with(document: &Document, options: &Options) -> (Vec<u8>, Losses) {
    let limits = Limits::default();
    let mut unwatched = Unwatched;
    let mut context = Context::new(&limits, options, &mut unwatched);
    let mut out = Vec::new();
    let write = FORMAT.write_document.expect("pdf is written");
    write(document, &mut sample::assets(), &mut out, &mut context).expect("prints");
    if let Ok(folder) = std::env::var("PRINTS") {
        let name = std::thread::current().name().unwrap_or("print").replace("::", "-");
        std::fs::write(format!("{folder}/{name}.pdf"), &out).expect("the folder takes it");
    }
    (out, context.losses)
}

fn print(document: &Document) -> (Vec<u8>, Losses) {
    print_with(document, &Options::default())
}

fn of(blocks: Vec<Block>) -> Document {
    Document { title: Text::default(), blocks, assets: Vec::new() }
}

/// The text of all pages without white space: where lines break is not what is asked here.
fn text_of(pdf: &[u8]) -> String {
    let file = lopdf::Document::load_mem(pdf).expect("a PDF");
    let pages: Vec<u32> = file.get_pages().keys().copied().collect();
    squeeze(&file.extract_text(&pages).expect("text"))
}

fn squeeze(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && *c != '\u{200b}' && *c != '\u{fe0f}' && *c < '\u{1f000}')
        .collect()
}

fn page_count(pdf: &[u8]) -> usize {
    lopdf::Document::load_mem(pdf).expect("a PDF").get_pages().len()
}

fn words(object: &Object) -> String {
    lopdf::decode_text_string(object).expect("text")
}

/// Titles of the bookmarks with their depth, in order.
fn bookmarks(pdf: &[u8]) -> Vec<(usize, String)> {
    let file = lopdf::Document::load_mem(pdf).expect("a PDF");
    let root = file.catalog().expect("a catalog");
    let Ok(outlines) = root.get(b"Outlines").and_then(Object::as_reference) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut pending: Vec<(usize, ObjectId)> = Vec::new();
    let first = |id: ObjectId, key: &[u8]| {
        file.get_dictionary(id).ok().and_then(|d| d.get(key).and_then(Object::as_reference).ok())
    };
    pending.extend(first(outlines, b"First").map(|id| (1, id)));
    while let Some((depth, id)) = pending.pop() {
        let entry = file.get_dictionary(id).expect("an entry");
        found.push((depth, words(entry.get(b"Title").expect("a title"))));
        pending.extend(first(id, b"Next").map(|next| (depth, next)));
        pending.extend(first(id, b"First").map(|child| (depth + 1, child)));
    }
    found
}

fn links(pdf: &[u8]) -> Vec<String> {
    let file = lopdf::Document::load_mem(pdf).expect("a PDF");
    let mut found = Vec::new();
    for object in file.objects.values() {
        let Ok(dictionary) = object.as_dict() else { continue };
        let Ok(action) = dictionary.get(b"A").and_then(|a| file.dereference(a)) else { continue };
        if let Ok(uri) = action.1.as_dict().and_then(|a| a.get(b"URI")) {
            found.push(String::from_utf8_lossy(uri.as_str().expect("text")).into_owned());
        }
    }
    found.sort();
    found.dedup();
    found
}

#[test]
fn every_kind_of_block_is_on_paper() {
    let document = sample::document();
    let (pdf, losses) = print(&document);
    let text = text_of(&pdf);
    let mut expected = vec![squeeze("Larkspur 使用手册")];
    document.walk(&mut |block, _| {
        if let Some(own) = block.content.text() {
            for element in &own.elements {
                if let Inline::Run { content, .. } = element {
                    expected.extend(content.split('\n').map(squeeze));
                }
            }
        }
    });
    for part in expected {
        assert!(text.contains(&part), "{part:?} is not on paper:\n{text}");
    }
    for part in [
        "季度计划Q4",
        "@ou_alice",
        "报告2026.pdf",
        "图1：示意图",
        "Figma",
        "\\thiscommanddoesnotexist",
    ] {
        assert!(text.contains(part), "{part}");
    }
    assert!(losses.contains(LossKind::ImageFailed));
    assert!(losses.contains(LossKind::FeatureDropped));
    assert!(!losses.contains(LossKind::FontMissing), "{losses:?}");
}

#[test]
fn headings_are_bookmarks_and_links_open() {
    let (pdf, _) = print(&sample::document());
    let marks = bookmarks(&pdf);
    assert_eq!(marks.first(), Some(&(1, "导入与导出 Import and export".to_owned())));
    assert_eq!(marks.get(1), Some(&(2, "列表与任务".to_owned())));
    assert_eq!(marks.last(), Some(&(9, "第 9 级标题 Heading 9".to_owned())));
    assert_eq!(marks.len(), 15);
    assert_eq!(
        links(&pdf),
        [
            "https://example.com/%E6%96%87%E6%A1%A3?a=1&b=2",
            "https://example.com/docx/1",
            "https://www.figma.com/file/abc"
        ]
    );
}

/// Page numbers that links within the file lead to, rising.
fn inner_links(pdf: &[u8]) -> Vec<u32> {
    let file = lopdf::Document::load_mem(pdf).expect("a PDF");
    let pages: Vec<(u32, ObjectId)> = file.get_pages().into_iter().collect();
    let mut found = Vec::new();
    for object in file.objects.values() {
        let Ok(dictionary) = object.as_dict() else { continue };
        if dictionary.get(b"Subtype").and_then(Object::as_name).ok() != Some(b"Link") {
            continue;
        }
        let action = dictionary.get(b"A").and_then(|action| file.dereference(action));
        let place = match dictionary.get(b"Dest") {
            Ok(place) => place.clone(),
            Err(_) => match action.ok().and_then(|(_, action)| action.as_dict().ok()) {
                Some(action) if action.has(b"D") => action.get(b"D").expect("a place").clone(),
                _ => continue,
            },
        };
        let (_, place) = file.dereference(&place).expect("a place");
        let page = place.as_array().expect("page and point").first().expect("a page");
        let page = page.as_reference().expect("a page");
        found.extend(pages.iter().filter(|(_, id)| *id == page).map(|(number, _)| *number));
    }
    found.sort_unstable();
    found
}

#[test]
fn links_within_the_document_lead_to_their_headings() {
    let to = |name: &str| sample::styled(name, |style| style.link = Some(format!("#{name}")));
    let mut blocks = vec![
        Block::new(Content::Text(sample::text(vec![to("first"), to("last-one"), to("nowhere")]))),
        sample::heading(1, "First"),
    ];
    // More than one run of the typesetter sets.
    blocks.extend((0..260).map(|_| Block::paragraph("word ".repeat(100))));
    blocks.push(sample::heading(2, "Last one"));
    let (pdf, losses) = print(&of(blocks));
    assert_eq!(inner_links(&pdf), [1, page_count(&pdf) as u32]);
    let lost: Vec<_> = losses.iter().map(|loss| (loss.kind, loss.count)).collect();
    assert_eq!(lost, [(LossKind::FormattingDropped, 1)], "the link to nowhere is text");
}

#[test]
fn the_same_document_gives_the_same_bytes() {
    let document = sample::document();
    assert!(print(&document).0 == print(&document).0);
}

#[test]
fn text_never_becomes_markup() {
    let hostile =
        "#panic() *not bold* _x_ `raw` $x$ = no heading <label> @ref \\ \" ] } ) // /* u{41}";
    let document = of(vec![
        Block::paragraph(hostile),
        sample::code(1, hostile),
        sample::heading(1, hostile),
        sample::table(&[&[hostile, "b"], &["c", hostile]], |_| {}),
        sample::callout(1, None, hostile, vec![Block::paragraph(hostile)]),
    ]);
    let options =
        Options { watermark: hostile.to_owned(), title: hostile.to_owned(), ..Options::default() };
    let text = text_of(&print_with(&document, &options).0);
    assert!(text.matches(&squeeze(hostile)).count() >= 5, "{text}");
}

#[test]
fn pages_are_numbered_and_the_watermark_is_on_each() {
    let blocks = (0..120).map(|n| Block::paragraph(format!("第 {n} 段。"))).collect();
    let options = Options { watermark: "内部资料".to_owned(), ..Options::default() };
    let (pdf, _) = print_with(&of(blocks), &options);
    let pages = page_count(&pdf);
    assert!(pages >= 3);
    let file = lopdf::Document::load_mem(&pdf).expect("a PDF");
    for page in 1..=pages as u32 {
        let text = squeeze(&file.extract_text(&[page]).expect("text"));
        assert!(text.contains("内部资料"), "{text}");
        assert!(text.contains(&format!("{page}/{pages}")), "{text}");
    }
}

#[test]
fn strange_text_is_no_failure() {
    let mut deep = Block::paragraph("最深处");
    for level in 0..300 {
        deep = match level % 4 {
            0 => Block::with_children(Content::QuoteContainer, vec![deep]),
            1 => sample::callout(2, None, "gift", vec![deep]),
            2 => sample::bullet("层", vec![deep]),
            _ => Block::with_children(Content::Text(Text::plain("层")), vec![deep]),
        };
    }
    let wide: Vec<String> = (0..100).map(|column| format!("列{column}")).collect();
    let wide: Vec<&str> = wide.iter().map(String::as_str).collect();
    let document = of(vec![
        Block::paragraph("x".repeat(100_000)),
        Block::paragraph("字".repeat(20_000)),
        Block::paragraph("a\u{0}b\u{7}c\u{1b}[0m\u{fffe}\u{202e}right to left\u{202c} \u{feff}"),
        Block::paragraph("שלום עולם مرحبا بالعالم 👩‍👩‍👧‍👦 👍🏽 🇨🇳 e\u{301}\u{302}\u{303}"),
        Block::paragraph("\n\n\n"),
        sample::code(1, &"y".repeat(5_000)),
        sample::table(&[&wide, &wide], |table| {
            table.merges = vec![
                Merge { row: 0, column: 5, row_span: 1, column_span: 60 },
                Merge { row: 0, column: 6, row_span: 9, column_span: 9 },
                Merge { row: 77, column: 6, row_span: 9, column_span: 9 },
            ];
        }),
        Block::new(Content::Table(larkspur_model::document::Table {
            rows: u32::MAX,
            columns: u32::MAX,
            ..Default::default()
        })),
        Block::new(Content::Grid),
        sample::picture(99, 0, 0, ""),
        deep,
    ]);
    let (pdf, losses) = print(&document);
    let text = text_of(&pdf);
    assert_eq!(text.matches('x').count(), 100_000);
    assert_eq!(text.matches('y').count(), 5_000);
    assert!(text.contains("最深处") && text.contains("abc"), "{}", &text[text.len() - 300..]);
    assert!(losses.contains(LossKind::TextReplaced));
}

#[test]
fn a_character_without_a_font_is_a_loss_that_says_so() {
    let (_, losses) = print(&of(vec![Block::paragraph("a \u{f0001} b")]));
    let loss = losses.iter().find(|loss| loss.kind == LossKind::FontMissing).expect("a loss");
    assert!(loss.detail.contains('\u{f0001}'), "{loss:?}");
}

#[test]
fn a_long_table_flows_on_with_its_head_repeated() {
    let mut cells = vec!["编号".to_owned(), "名称".to_owned(), "备注".to_owned()];
    for row in 0..1_500 {
        cells.extend([format!("行{row}"), format!("item {row}"), String::new()]);
    }
    let rows: Vec<Vec<&str>> =
        cells.chunks(3).map(|row| row.iter().map(String::as_str).collect()).collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let (pdf, _) = print(&of(vec![
        Block::paragraph("前"),
        sample::table(&rows, |_| {}),
        Block::paragraph("后"),
    ]));
    let file = lopdf::Document::load_mem(&pdf).expect("a PDF");
    let pages = file.get_pages().len();
    let mut seen = 0;
    for page in 1..=pages as u32 {
        let text = squeeze(&file.extract_text(&[page]).expect("text"));
        assert!(text.contains("编号"), "page {page} of {pages} has no head");
        let rows = text.matches("item").count();
        // A cut between two runs of the typesetter leaves no page half empty.
        assert!(page as usize == pages || rows >= 20, "page {page} has {rows} rows");
        seen += rows;
    }
    assert_eq!(seen, 1_500);
}

#[test]
fn the_typesetter_takes_every_formula_the_translator_makes() {
    let formulas = [
        "\\hat a \\widehat{ab} \\tilde x \\bar y \\vec v \\dot x \\ddot x \\dddot x \\acute a \\grave a \\breve a \\check a \\mathring a",
        "\\mathbb{R} \\mathcal{L} \\mathscr{H} \\mathfrak{g} \\mathbf{x} \\boldsymbol{\\beta} \\mathrm{d}x \\mathsf{S} \\mathtt{t} \\mathit{it}",
        "\\overline{a+b} \\underline{c} \\overrightarrow{AB} \\overleftarrow{AB} \\cancel{x} \\phantom{xx} \\boxed{e^{i\\pi}+1=0}",
        "\\overbrace{a+b}^{n} \\underbrace{a+b}_{m} \\overbrace{c}",
        "\\mathop{A}\\limits_{x} \\mathrel{R} \\mathbin{B} \\sum\\nolimits_i \\int\\limits_0^1",
        "\\left( \\frac{a}{b} \\middle| c \\right] \\left\\{ x \\right. \\big( \\Big[ \\bigg\\| \\Bigg\\rangle \\bigl< \\bigr>",
        "\\dfrac12 \\tfrac{1}{2} \\binom{n}{k} \\sqrt[3]{x} \\sqrt2 x^10 a'' x'_i^2",
        "\\overset{!}{=} \\underset{x}{\\max} \\stackrel{a}{\\to} \\xrightarrow[b]{a+b+c} \\xleftarrow{x}",
        "\\text{a \\{b\\} \"c\"} \\textbf{b} \\textit{i} \\texttt{t} \\operatorname{foo} \\operatorname*{arg\\,max}_x",
        "\\lim_{x \\to 0} \\sin x \\limsup_{n} \\argmax_\\theta \\det A \\gcd(a,b)",
        "a \\not= b \\not\\in C \\not\\ni d \\not x \\ne y",
        "a \\equiv b \\pmod{n} \\bmod k \\quad x \\qquad y \\, \\: \\; \\! \\  z~w",
        "\\begin{matrix}1&2\\\\3\\end{matrix} \\begin{bmatrix}1\\end{bmatrix} \\begin{Bmatrix}1\\end{Bmatrix} \\begin{vmatrix}1\\end{vmatrix} \\begin{Vmatrix}1\\end{Vmatrix}",
        "\\begin{array}{l|cr} a & b & c \\\\ \\hline d & e & f \\end{array} \\substack{a \\\\ b}",
        "\\begin{align*} a &= b \\\\ c &= d \\end{align*}",
        "\\begin{cases} a & x \\\\ b \\end{cases} \\begin{rcases} c \\end{rcases}",
        "x = \\begin{aligned} a &= b \\\\ c &= d \\end{aligned} + 1 \\tag{3.1} \\label{x}",
        "a \\\\ b \\\\[2pt] c % a comment",
        "\\color{red} x \\textcolor{blue}{y} \\displaystyle \\sum_i x_i \\scriptstyle y",
        "( [ ] ) , ; : / \\| < > # $ @ ! ? \\& \\% \\# \\$ \\_ \\{ \\} 中文 é",
        "^2 _3 {} {}^{14}C",
        "",
    ];
    let blocks = formulas
        .iter()
        .map(|source| Block::new(Content::Text(sample::text(vec![sample::equation(source)]))))
        .chain(formulas.iter().map(|source| {
            let parts =
                vec![Inline::run("在文字里 "), sample::equation(source), Inline::run(" 的公式")];
            Block::new(Content::Text(sample::text(parts)))
        }))
        .collect();
    let (_, losses) = print(&of(blocks));
    assert!(losses.is_empty(), "{losses:#?}");
}

struct StopAt(u32);

impl Monitor for StopAt {
    fn progress(&mut self, _: &'static str, _: u64, _: u64) -> Result<(), Error> {
        self.0 = self.0.saturating_sub(1);
        if self.0 == 0 { Err(Error::Cancelled) } else { Ok(()) }
    }
}

#[test]
fn a_print_can_be_stopped_at_any_word() {
    for word in 1..=3 {
        let (limits, options, mut stop) = (Limits::default(), Options::default(), StopAt(word));
        let mut context = Context::new(&limits, &options, &mut stop);
        let write = FORMAT.write_document.expect("pdf is written");
        let document = of(vec![Block::paragraph("a")]);
        let done = write(&document, &mut crate::NoAssets, &mut Vec::new(), &mut context);
        assert!(matches!(done, Err(Error::Cancelled)), "{word}");
    }
}

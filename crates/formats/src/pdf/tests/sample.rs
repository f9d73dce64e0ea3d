//! A document with every kind of block, in Chinese and English.

use larkspur_model::document::{
    Align, Asset, AssetId, Block, Callout, CodeLanguage, Content, Document, Image, Inline,
    InlineStyle, Merge, Table, Text, TextStyle,
};

pub(super) fn styled(content: &str, change: impl FnOnce(&mut InlineStyle)) -> Inline {
    let mut style = InlineStyle::default();
    change(&mut style);
    Inline::styled(content, style)
}

pub(super) fn text(elements: Vec<Inline>) -> Text {
    Text { style: TextStyle::default(), elements }
}

pub(super) fn heading(level: u8, content: &str) -> Block {
    Block::new(Content::Heading { level, text: Text::plain(content) })
}

pub(super) fn bullet(content: &str, children: Vec<Block>) -> Block {
    Block::with_children(Content::Bullet(Text::plain(content)), children)
}

pub(super) fn ordered(content: &str, sequence: Option<u32>, children: Vec<Block>) -> Block {
    let mut text = Text::plain(content);
    text.style.sequence = sequence;
    Block::with_children(Content::Ordered(text), children)
}

pub(super) fn todo(content: &str, done: bool) -> Block {
    let mut text = Text::plain(content);
    text.style.done = done;
    Block::new(Content::Todo(text))
}

pub(super) fn code(number: u8, content: &str) -> Block {
    let mut text = Text::plain(content);
    text.style.language = Some(CodeLanguage(number));
    Block::new(Content::Code(text))
}

pub(super) fn equation(content: &str) -> Inline {
    Inline::Equation { content: content.to_owned(), style: InlineStyle::default() }
}

pub(super) fn table(rows: &[&[&str]], change: impl FnOnce(&mut Table)) -> Block {
    let columns = rows.first().map_or(0, |row| row.len());
    let mut shape = Table {
        rows: rows.len() as u32,
        columns: columns as u32,
        header_row: true,
        ..Table::default()
    };
    change(&mut shape);
    let cells = rows
        .iter()
        .flat_map(|row| row.iter())
        .map(|content| {
            let children =
                if content.is_empty() { Vec::new() } else { vec![Block::paragraph(*content)] };
            Block::with_children(Content::TableCell, children)
        })
        .collect();
    Block::with_children(Content::Table(shape), cells)
}

pub(super) fn picture(asset: u32, width_px: u32, height_px: u32, caption: &str) -> Block {
    Block::new(Content::Image(Image {
        asset: AssetId(asset),
        width_px,
        height_px,
        align: Align::Center,
        caption: caption.to_owned(),
    }))
}

pub(super) fn callout(back: u8, edge: Option<u8>, emoji: &str, children: Vec<Block>) -> Block {
    let look = Callout {
        background_color: Some(back),
        border_color: edge,
        text_color: None,
        emoji: emoji.to_owned(),
    };
    Block::with_children(Content::Callout(look), children)
}

/// A drawing in blue and white, as SVG.
const DRAWING: &str = r##"<svg xmlns="http://www.w3.org/2000/svg" width="480" height="200">
<rect width="480" height="200" fill="#e1eaff"/><circle cx="120" cy="100" r="60" fill="#3370ff"/>
<path d="M220 160 L300 60 L380 120 L440 40" stroke="#245bdb" stroke-width="8" fill="none"/></svg>"##;

pub(super) fn assets() -> Vec<Vec<u8>> {
    vec![DRAWING.as_bytes().to_vec(), b"no picture at all".to_vec(), b"report".to_vec()]
}

fn intro() -> Vec<Block> {
    let mut right = Text::plain("2026 年 11 月 · 项目组");
    right.style.align = Align::Right;
    let mut indented = Text::plain(
        "首行缩进的段落：在中文排版里，段首空两格是常见的做法。这一段足够长，可以看到第二行回到版心左侧，\
         而标点符号不会出现在行首。",
    );
    indented.style.indented = true;
    vec![
        Block::new(Content::Text(right)),
        Block::new(Content::Text(text(vec![
            Inline::run("本文档说明 Larkspur 的导入与导出流程。它支持"),
            styled("粗体", |s| s.bold = true),
            Inline::run("、"),
            styled("斜体 italics", |s| s.italic = true),
            Inline::run("、"),
            styled("下划线", |s| s.underline = true),
            Inline::run("、"),
            styled("删除线", |s| s.strikethrough = true),
            Inline::run("、"),
            styled("inline_code()", |s| s.inline_code = true),
            Inline::run("、"),
            styled("红色文字", |s| s.text_color = Some(1)),
            Inline::run("、"),
            styled("黄色背景", |s| s.background_color = Some(3)),
            Inline::run("以及"),
            styled("链接", |s| s.link = Some("https://example.com/文档?a=1&b=2".into())),
            Inline::run("，还有“引号”、《书名号》和 emoji 🎉🚀。行内公式 "),
            equation("E = mc^2"),
            Inline::run(" 也可以混排。"),
        ]))),
        Block::new(Content::Text(indented)),
        Block::new(Content::Text(text(vec![
            Inline::run("English paragraphs use “curly quotes” and stay Latin; see "),
            styled("bold italic", |s| {
                s.bold = true;
                s.italic = true;
            }),
            Inline::run(" and "),
            Inline::MentionUser { user: "ou_alice".into(), style: InlineStyle::default() },
            Inline::run(", or "),
            Inline::MentionDocument {
                token: "doxcn1".into(),
                kind: 22,
                url: "https://example.com/docx/1".into(),
                title: "季度计划 Q4".into(),
                fallback: String::new(),
                style: InlineStyle::default(),
            },
            Inline::run("."),
        ]))),
    ]
}

fn lists() -> Vec<Block> {
    vec![
        heading(2, "列表与任务"),
        bullet(
            "第一层 first level",
            vec![
                bullet(
                    "第二层",
                    vec![bullet(
                        "第三层，文字长到需要换行：无论设备上是否安装字体，中文都应当完整地打印出来，而不是一排方框，这一点必须做到。",
                        vec![],
                    )],
                ),
                Block::paragraph("列表项里的段落。"),
            ],
        ),
        bullet("另一项", vec![]),
        ordered(
            "准备",
            None,
            vec![
                ordered("子项甲", None, vec![]),
                ordered("子项乙", None, vec![ordered("更深", None, vec![])]),
            ],
        ),
        ordered("执行", None, vec![]),
        ordered("从九开始", Some(9), vec![]),
        ordered("十", None, vec![]),
        todo("已完成的任务 done", true),
        todo("未完成的任务 open", false),
    ]
}

fn boxes() -> Vec<Block> {
    vec![
        heading(2, "引用与高亮块"),
        Block::new(Content::Quote(Text::plain("学而时习之，不亦说乎？"))),
        Block::with_children(
            Content::QuoteContainer,
            vec![
                Block::paragraph("多段引用的第一段。"),
                Block::paragraph("Second paragraph of the quote."),
            ],
        ),
        callout(
            5,
            Some(5),
            "bulb",
            vec![
                Block::paragraph("提示：任务提交后立即返回 task id，请轮询结果。"),
                bullet("高亮块里的列表", vec![]),
            ],
        ),
        callout(1, Some(1), "warning", vec![Block::paragraph("警告：删除后无法恢复。")]),
        callout(10, None, "", vec![Block::paragraph("默认图标。")]),
        code(
            53,
            "// 计算斐波那契数\nfn fibonacci(n: u64) -> u64 {\n    match n {\n        0 | 1 => n,\n        _ => fibonacci(n - 1) + fibonacci(n - 2), // a rather long comment that has to wrap at the end of the line\n    }\n}",
        ),
        code(49, "def hello(name: str) -> None:\n\tprint(f\"你好, {name}\")"),
        Block::new(Content::Divider),
    ]
}

fn tables() -> Vec<Block> {
    let wide: Vec<String> = (1..=20).map(|column| format!("C{column}")).collect();
    let wide: Vec<&str> = wide.iter().map(String::as_str).collect();
    vec![
        heading(2, "表格"),
        table(
            &[
                &["名称", "说明", "数量", "备注"],
                &[
                    "导入 import",
                    "把本地文件转换为在线文档，保留标题、列表和表格",
                    "12",
                    "纵向合并",
                ],
                &["导出 export", "Convert an online document to docx or PDF", "7", ""],
                &["横向合并两列", "", "3", "完成"],
            ],
            |table| {
                table.column_widths_px = vec![120, 280, 80, 120];
                table.merges = vec![
                    Merge { row: 1, column: 3, row_span: 2, column_span: 1 },
                    Merge { row: 3, column: 0, row_span: 1, column_span: 2 },
                ];
            },
        ),
        Block::paragraph("宽表格："),
        table(&[&wide, &wide, &wide], |_| {}),
    ]
}

fn media() -> Vec<Block> {
    let column = |ratio: u32, children: Vec<Block>| {
        Block::with_children(Content::GridColumn { width_ratio: ratio }, children)
    };
    vec![
        heading(2, "图片、分栏与嵌入"),
        picture(0, 480, 200, "图 1：示意图"),
        picture(1, 300, 100, "坏掉的图片"),
        Block::with_children(
            Content::Grid,
            vec![
                column(
                    50,
                    vec![
                        Block::paragraph("左栏：分栏内容各自换行，互不影响，宽度按比例分配。"),
                        bullet("要点", vec![]),
                    ],
                ),
                column(
                    50,
                    vec![
                        Block::paragraph("Right column with a picture."),
                        picture(0, 480, 200, ""),
                    ],
                ),
            ],
        ),
        Block::new(Content::File { asset: AssetId(2) }),
        Block::new(Content::Iframe { url: "https://www.figma.com/file/abc".into(), kind: 8 }),
    ]
}

fn equations() -> Vec<Block> {
    let sources = [
        "\\int_{-\\infty}^{\\infty} e^{-x^2} \\, dx = \\sqrt{\\pi}",
        "f(x) = \\begin{cases} x^2 & x \\ge 0 \\\\ -x & \\text{否则} \\end{cases}",
        "\\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}^{-1} = \\frac{1}{ad-bc} \\begin{pmatrix} d & -b \\\\ -c & a \\end{pmatrix}",
        "\\begin{aligned} \\nabla \\cdot \\vec{E} &= \\frac{\\rho}{\\varepsilon_0} \\\\ \\sum_{i=1}^{n} i &= \\frac{n(n+1)}{2} \\end{aligned}",
        "\\thiscommanddoesnotexist{x}",
    ];
    let mut blocks = vec![heading(2, "公式")];
    blocks.extend(
        sources.iter().map(|source| Block::new(Content::Text(text(vec![equation(source)])))),
    );
    blocks
}

/// The document.
pub(super) fn document() -> Document {
    let mut blocks = intro();
    blocks.push(heading(1, "导入与导出 Import and export"));
    blocks.push(Block::paragraph("下面的小节逐一展示各种块。"));
    blocks.extend(lists());
    blocks.extend(boxes());
    blocks.extend(tables());
    blocks.extend(media());
    blocks.extend(equations());
    blocks.push(heading(1, "各级标题"));
    blocks
        .extend((2..=9).map(|level| heading(level, &format!("第 {level} 级标题 Heading {level}"))));
    blocks.push(Block::paragraph("结束。The end."));
    let asset = |name: &str, media_type: &str, size_bytes| Asset {
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        size_bytes,
        ..Asset::default()
    };
    Document {
        title: Text::plain("Larkspur 使用手册"),
        blocks,
        assets: vec![
            asset("drawing.svg", "image/svg+xml", 400),
            asset("broken.png", "image/png", 17),
            asset("报告 2026.pdf", "application/pdf", 2_400_000),
        ],
    }
}

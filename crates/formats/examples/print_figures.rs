//! Measures prints: the first of a process, a warm page, many pages, a large table. Run in release;
//! give the name of one case to see its memory alone.

use std::error::Error;

use larkspur_formats::{Context, Limits, NoAssets, Options, Unwatched, by_extension};
use larkspur_model::document::{Block, Content, Document, Table, Text};

fn paragraph(number: usize) -> String {
    format!(
        "第 {number} 段：任务提交后立即返回编号，调用方以编号轮询结果，直到完成。Each paragraph mixes some \
         English words, numbers such as {number} and 标点符号。导入的文件可以是文档、表格或者纯文本，\
         导出的格式包括可移植文档，版面与屏幕上所见一致，标题进入书签，链接可以点击。"
    )
}

fn prose(paragraphs: usize) -> Document {
    let mut blocks = Vec::new();
    for number in 0..paragraphs {
        if number % 8 == 0 {
            let text = Text::plain(format!("第 {number} 节"));
            let level = if number % 40 == 0 { 1 } else { 2 };
            blocks.push(Block::new(Content::Heading { level, text }));
        }
        blocks.push(match number % 5 {
            3 => Block::new(Content::Bullet(Text::plain(paragraph(number)))),
            _ => Block::paragraph(paragraph(number)),
        });
    }
    Document { title: Text::plain("测量"), blocks, assets: Vec::new() }
}

fn table(rows: u32, columns: u32) -> Document {
    let cells = (0..rows * columns)
        .map(|cell| {
            let text = format!("{}行 {}", cell / columns, cell % columns);
            Block::with_children(Content::TableCell, vec![Block::paragraph(text)])
        })
        .collect();
    let shape = Table { rows, columns, header_row: true, ..Table::default() };
    let blocks = vec![Block::with_children(Content::Table(shape), cells)];
    Document { title: Text::plain("表格"), blocks, assets: Vec::new() }
}

type Case = (&'static str, fn() -> Document);

fn peak_kib() -> u64 {
    std::fs::read_to_string("/proc/self/status")
        .unwrap_or_default()
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}

fn main() -> Result<(), Box<dyn Error>> {
    let wanted = std::env::args().nth(1);
    let write = by_extension("pdf").and_then(|format| format.write_document).ok_or("no pdf")?;
    let cases: [Case; 6] = [
        ("first small", || prose(4)),
        ("one page", || prose(6)),
        ("200 pages", || prose(2_000)),
        ("1000 x 8 table", || table(1_000, 8)),
        ("10000 x 8 table", || table(10_000, 8)),
        ("20000 blocks", || prose(17_700)),
    ];
    for (name, make) in cases {
        if wanted.as_deref().is_some_and(|wanted| wanted != name) {
            continue;
        }
        let document = make();
        let (limits, options) = (Limits::default(), Options::default());
        let mut unwatched = Unwatched;
        let mut context = Context::new(&limits, &options, &mut unwatched);
        let mut out = Vec::new();
        #[expect(clippy::disallowed_methods, reason = "a measurement of real time")]
        let start = std::time::Instant::now();
        write(&document, &mut NoAssets, &mut out, &mut context)?;
        println!(
            "{name}: {:?}, {} bytes, peak {} MiB",
            start.elapsed(),
            out.len(),
            peak_kib() / 1024
        );
    }
    Ok(())
}

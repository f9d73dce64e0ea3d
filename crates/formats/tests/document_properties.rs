//! Properties of documents that no golden file can list: nothing panics, text is kept, Markdown comes to
//! rest.

use std::io::Cursor;

use larkspur_formats::{Context, Limits, Options, Unwatched, by_extension};
use larkspur_model::document::{Block, Content, Document, Inline, InlineStyle, Text};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn read(extension: &str, bytes: &[u8]) -> Option<(Document, Vec<Vec<u8>>)> {
    let (limits, options) = (Limits::default(), Options::default());
    let mut monitor = Unwatched;
    let mut context = Context::new(&limits, &options, &mut monitor);
    let mut assets = Vec::new();
    let reader = by_extension(extension)?.read_document?;
    let document = reader(&mut Cursor::new(bytes), &mut assets, &mut context).ok()?;
    Some((document, assets))
}

fn write(extension: &str, document: &Document, assets: &mut Vec<Vec<u8>>) -> Vec<u8> {
    let (limits, options) = (Limits::default(), Options::default());
    let mut monitor = Unwatched;
    let mut context = Context::new(&limits, &options, &mut monitor);
    let mut bytes = Vec::new();
    let writer = by_extension(extension).and_then(|format| format.write_document);
    writer.expect("a writer")(document, assets, &mut bytes, &mut context).expect("writable");
    bytes
}

/// Pieces that mean something, in any order.
fn markup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-z]{1,6}",
        2 => Just(" ".to_owned()),
        2 => Just("\n".to_owned()),
        2 => Just("\n\n".to_owned()),
        1 => "[ \\-*_#>`~$|\\[\\]()!<&:\\\\0-9.]{1,4}",
        1 => prop::sample::select(vec![
            "**", "*", "~~", "`", "```\n", "- ", "1. ", "> ", "# ", "| a | b |\n|---|---|\n",
            "[x](y)", "![x](y)", "<b>", "</b>", "<div>", "</div>", "<table><tr><td>", "</table>",
            "[^1]", "[^1]: ", "- [ ] ", "$x$", "$$", "&amp;", "  ", "    ", "\t", "***", "\\",
            "<ul><li>", "</ul>", "汉字", "。", "http://a.b/c", "<!-- ", "-->", "---\n", "> [!NOTE]\n",
            "\n: ", "<br>", "<https://a.b>", "\r\n", "\r", "<p align=center>", "<svg>", "</svg>",
        ]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

fn style() -> impl Strategy<Value = InlineStyle> {
    (any::<[bool; 5]>(), prop::option::weighted(0.2, "[a-z/:.() ]{1,12}")).prop_map(
        |([bold, italic, strikethrough, underline, code], link)| InlineStyle {
            bold,
            italic,
            strikethrough,
            underline,
            inline_code: code && !bold && !italic,
            link,
            ..InlineStyle::default()
        },
    )
}

fn text() -> impl Strategy<Value = Text> {
    let run = ("[ -~汉字。，\n]{1,12}", style())
        .prop_map(|(content, style)| Inline::styled(content, style));
    prop::collection::vec(run, 0..6).prop_map(|elements| Text { elements, ..Text::default() })
}

fn blocks() -> impl Strategy<Value = Vec<Block>> {
    let leaf = prop_oneof![
        text().prop_map(|text| Block::new(Content::Text(text))),
        (1_u8..10, text()).prop_map(|(level, text)| Block::new(Content::Heading { level, text })),
        "[ -~\n]{0,30}".prop_map(|code| Block::new(Content::Code(Text::plain(code)))),
        Just(Block::new(Content::Divider)),
    ];
    let tree = leaf.prop_recursive(4, 24, 4, |inner| {
        (0..5, text(), prop::collection::vec(inner, 0..4)).prop_map(|(kind, text, children)| {
            let content = match kind {
                0 => Content::Bullet(text),
                1 => Content::Ordered(text),
                2 => Content::Todo(text),
                3 => Content::QuoteContainer,
                _ => Content::Callout(larkspur_model::document::Callout::default()),
            };
            Block::with_children(content, children)
        })
    });
    prop::collection::vec(tree, 0..5)
}

/// Letters of a document, in order of their kind: what must not get lost.
fn letters(document: &Document) -> Vec<char> {
    let mut letters: Vec<char> =
        document.to_plain().chars().filter(|c| c.is_alphanumeric()).collect();
    letters.sort_unstable();
    letters
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(20),
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        for extension in ["md", "txt", "html", "json"] {
            let _ = read(extension, &bytes);
        }
    }

    #[test]
    fn any_markup_goes_through_all_writers(source in markup()) {
        for extension in ["md", "html", "txt"] {
            let (document, mut assets) = read(extension, source.as_bytes()).expect("readable");
            for target in ["md", "txt", "json", "docx"] {
                write(target, &document, &mut assets);
            }
        }
    }

    #[test]
    fn markdown_keeps_its_text_and_comes_to_rest(source in markup()) {
        let (first, mut assets) = read("md", source.as_bytes()).expect("readable");
        let written = write("md", &first, &mut assets);
        let (second, mut assets) = read("md", &written).expect("readable");
        prop_assert_eq!(letters(&first), letters(&second), "{}", String::from_utf8_lossy(&written));
        let again = write("md", &second, &mut assets);
        let (third, _) = read("md", &again).expect("readable");
        prop_assert_eq!(second, third, "{}", String::from_utf8_lossy(&again));
    }

    #[test]
    fn any_document_keeps_its_text_in_markdown(blocks in blocks()) {
        let document = Document { blocks, ..Document::default() };
        let written = write("md", &document, &mut Vec::new());
        let (back, _) = read("md", &written).expect("readable");
        prop_assert_eq!(letters(&document), letters(&back), "{}", String::from_utf8_lossy(&written));
    }

    #[test]
    fn any_document_comes_back_from_json(blocks in blocks()) {
        let document = Document { title: Text::plain("t"), blocks, ..Document::default() };
        let written = write("json", &document, &mut Vec::new());
        let (back, _) = read("json", &written).expect("readable");
        prop_assert_eq!(document, back);
    }

    #[test]
    fn any_document_is_well_formed_in_word(blocks in blocks()) {
        let document = Document { title: Text::plain("t"), blocks, ..Document::default() };
        let bytes = write("docx", &document, &mut Vec::new());
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("a container");
        let mut part = String::new();
        let mut entry = archive.by_name("word/document.xml").expect("the main part");
        std::io::Read::read_to_string(&mut entry, &mut part).expect("text");
        let mut reader = quick_xml::Reader::from_str(&part);
        let mut depth = 0;
        loop {
            match reader.read_event().expect("well-formed") {
                quick_xml::events::Event::Start(_) => depth += 1,
                quick_xml::events::Event::End(_) => depth -= 1,
                quick_xml::events::Event::Eof => break,
                _ => {}
            }
        }
        prop_assert_eq!(depth, 0);
    }
}

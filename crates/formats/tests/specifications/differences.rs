//! Where a document differs from what the specifications show, and why that is right: the suite, the
//! number of the example, the reason.

/// The text is another one.
pub(crate) const TEXT: &[(&str, usize, &str)] = &[
    ("GFM", 645, "two hyphens within a comment: text in CommonMark 0.29, a comment since 0.31"),
    ("GFM", 646, "`<!-->` is text in CommonMark 0.29, a comment since 0.31"),
    ("GFM", 653, FILTER),
    ("cmark-gfm", 20, "the suite says IGNORE instead of HTML: it only asks for no crash"),
    ("cmark-gfm", 22, FILTER),
    (
        "cmark-gfm",
        23,
        "numbers of notes stand in brackets, arrows that lead back from notes are left out, and a note \
         that nobody mentions is kept",
    ),
];

/// A round trip changes the document.
pub(crate) const ROUND_TRIP: &[(&str, usize, &str)] = &[(
    "cmark-gfm",
    22,
    "`<xmp>` becomes code with bold words, which no fence can say; told as lost",
)];

/// GitHub's filter for tags and CommonMark's raw HTML exclude each other.
const FILTER: &str = "GitHub shows `<title>`, `<style>`, `<xmp>` and `<textarea>` as text because its pages may \
    not hold them; here they mean what HTML says, as in CommonMark, which the other examples follow";

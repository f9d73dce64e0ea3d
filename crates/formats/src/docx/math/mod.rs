//! LaTeX formulas (KaTeX's subset, as far as Word can show it) as Office Math.

mod parse;
mod symbols;
mod write;

pub(super) use self::symbols::sign_name;

/// Whether this is the name of a function that LaTeX has a command for.
pub(super) fn is_function(name: &str) -> bool {
    symbols::function(name).is_some() && !matches!(name, "argmax" | "argmin")
}

/// A piece of a formula.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    /// Characters in one face.
    Run { text: String, face: Face },
    /// Pieces side by side.
    Row(Vec<Node>),
    /// One over the other; with a line between or without.
    Fraction { above: Box<Node>, below: Box<Node>, line: bool },
    /// Something with a subscript, a superscript, or both.
    Scripts { base: Box<Node>, below: Option<Box<Node>>, above: Option<Box<Node>> },
    /// Something with something small exactly below or above it.
    Limits { base: Box<Node>, below: Option<Box<Node>>, above: Option<Box<Node>> },
    /// A sum, integral or their like over what follows it.
    Large {
        sign: &'static str,
        /// Limits stand below and above instead of beside.
        stacked: bool,
        below: Option<Box<Node>>,
        above: Option<Box<Node>>,
        body: Box<Node>,
    },
    /// A root; square without a degree.
    Root { degree: Option<Box<Node>>, body: Box<Node> },
    /// Brackets that grow; parts are divided by a growing bar.
    Fenced { open: String, close: String, middle: String, parts: Vec<Node> },
    /// Rows of cells; `left` aligned, else centred, or right and left in turn.
    Matrix { rows: Vec<Vec<Node>>, columns: Columns },
    /// A sign over something.
    Accent { sign: &'static str, body: Box<Node> },
    /// A line over or under something.
    Line { above: bool, body: Box<Node> },
    /// A brace or arrow over or under something.
    Group { sign: &'static str, above: bool, body: Box<Node> },
    /// A frame around something.
    Boxed(Box<Node>),
}

/// Where the cells of a matrix stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Columns {
    Centred,
    Left,
    /// Right and left in turn, for aligned equations.
    Paired,
}

/// The face of characters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Face {
    /// Variables italic, digits and signs upright: what Word does by itself.
    #[default]
    Math,
    /// Upright: names of functions.
    Upright,
    Bold,
    BoldItalic,
    Italic,
    DoubleStruck,
    Script,
    Fraktur,
    SansSerif,
    Monospace,
    /// Words.
    Words,
}

/// The formula as the element `m:oMath`; or the name of what Word has nothing for.
pub(super) fn to_office_math(latex: &str) -> Result<String, String> {
    let node = parse::parse(latex)?;
    let mut into = String::from("<m:oMath>");
    write::node(&node, &mut into);
    into.push_str("</m:oMath>");
    Ok(into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_is_understood() {
        for latex in [
            r"e^{i\pi} + 1 = 0",
            r"\frac{a}{b} \dfrac12 \binom{n}{k}",
            r"x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}, \sqrt[3]{x}",
            r"\sum_{i=1}^n i^2 = \int_0^\infty e^{-x}\,dx",
            r"\lim_{x \to 0} \frac{\sin x}{x}",
            r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
            r"f(x) = \begin{cases} 1 & x > 0 \\ 0 & \text{otherwise} \end{cases}",
            r"\left( \frac{a}{b} \middle| c \right]",
            r"\mathbb{R}^n \mathcal{L} \mathbf{v} \hat{x} \vec{AB} \overline{z}",
            r"\begin{aligned} a &= b \\ &= c \end{aligned}",
            r"\underbrace{a+b}_{n} \overset{!}{=} x'",
            r"A \xrightarrow{f} B \implies \forall x \in \emptyset",
            r"\operatorname{argmax}_\theta \text{若 }x_1^2 \{1,2\} \ldots",
            r"\boxed{E=mc^2} \color{red}{x} \tag{1}",
            "质量 = 密度 \\times 体积",
        ] {
            let office = to_office_math(latex);
            assert!(office.is_ok(), "{latex}: {office:?}");
        }
    }

    #[test]
    fn structure_is_kept() {
        let office = to_office_math(r"\frac{a}{b_1}").unwrap();
        assert_eq!(office.matches("<m:f>").count(), 1);
        assert_eq!(office.matches("<m:sSub>").count(), 1);
        let office = to_office_math(r"\sum_{i}^{n} i = 3").unwrap();
        let nary = office.split("<m:nary>").nth(1).unwrap().split("</m:nary>").next().unwrap();
        assert!(!nary.contains(">=") && nary.contains("<m:e><m:r>"), "{office}");
    }

    #[test]
    fn nonsense_is_an_error_and_depth_is_bounded() {
        for latex in [r"\nosuchcommand", "{", r"\frac{a}", r"\begin{matrix}", r"\left( x", "}", "^"]
        {
            assert!(to_office_math(latex).is_err(), "{latex}");
        }
        assert!(to_office_math(&"{".repeat(100_000)).is_err());
        assert!(to_office_math(&r"\sqrt".repeat(100_000)).is_err());
    }
}

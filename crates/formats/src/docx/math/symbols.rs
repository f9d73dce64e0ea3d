//! Commands that are one sign, and what sort of sign.

use std::collections::HashMap;
use std::sync::OnceLock;

/// Signs by the name of their command, sorted.
const SIGNS: &[(&str, &str)] = &[
    ("!", ""),
    ("#", "#"),
    ("$", "$"),
    ("%", "%"),
    ("&", "&"),
    (",", "\u{2006}"),
    (":", "\u{2005}"),
    (";", "\u{2004}"),
    (">", "\u{2005}"),
    ("Alpha", "Α"),
    ("Beta", "Β"),
    ("Chi", "Χ"),
    ("Delta", "Δ"),
    ("Downarrow", "⇓"),
    ("Epsilon", "Ε"),
    ("Eta", "Η"),
    ("Gamma", "Γ"),
    ("Im", "ℑ"),
    ("Iota", "Ι"),
    ("Kappa", "Κ"),
    ("Lambda", "Λ"),
    ("Leftarrow", "⇐"),
    ("Leftrightarrow", "⇔"),
    ("Longleftarrow", "⟸"),
    ("Longleftrightarrow", "⟺"),
    ("Longrightarrow", "⟹"),
    ("Mu", "Μ"),
    ("Nu", "Ν"),
    ("Omega", "Ω"),
    ("P", "¶"),
    ("Phi", "Φ"),
    ("Pi", "Π"),
    ("Psi", "Ψ"),
    ("R", "ℝ"),
    ("Re", "ℜ"),
    ("Rho", "Ρ"),
    ("Rightarrow", "⇒"),
    ("S", "§"),
    ("Sigma", "Σ"),
    ("Tau", "Τ"),
    ("Theta", "Θ"),
    ("Uparrow", "⇑"),
    ("Updownarrow", "⇕"),
    ("Upsilon", "Υ"),
    ("Vert", "‖"),
    ("Xi", "Ξ"),
    ("Zeta", "Ζ"),
    ("_", "_"),
    ("aleph", "ℵ"),
    ("alpha", "α"),
    ("amalg", "⨿"),
    ("angle", "∠"),
    ("approx", "≈"),
    ("approxeq", "≊"),
    ("ast", "∗"),
    ("asymp", "≍"),
    ("backslash", "∖"),
    ("because", "∵"),
    ("beta", "β"),
    ("beth", "ℶ"),
    ("bigcirc", "◯"),
    ("bigstar", "★"),
    ("blacksquare", "■"),
    ("bot", "⊥"),
    ("bowtie", "⋈"),
    ("bullet", "•"),
    ("cap", "∩"),
    ("cdot", "⋅"),
    ("cdotp", "·"),
    ("cdots", "⋯"),
    ("checkmark", "✓"),
    ("chi", "χ"),
    ("circ", "∘"),
    ("clubsuit", "♣"),
    ("colon", ":"),
    ("coloneqq", "≔"),
    ("complement", "∁"),
    ("cong", "≅"),
    ("coprod", "∐"),
    ("cup", "∪"),
    ("curvearrowright", "↷"),
    ("dagger", "†"),
    ("dashv", "⊣"),
    ("ddagger", "‡"),
    ("ddots", "⋱"),
    ("degree", "°"),
    ("delta", "δ"),
    ("diamond", "⋄"),
    ("diamondsuit", "♢"),
    ("digamma", "ϝ"),
    ("div", "÷"),
    ("doteq", "≐"),
    ("dots", "…"),
    ("dotsb", "⋯"),
    ("dotsc", "…"),
    ("downarrow", "↓"),
    ("ell", "ℓ"),
    ("emptyset", "∅"),
    ("epsilon", "ϵ"),
    ("equiv", "≡"),
    ("eta", "η"),
    ("eth", "ð"),
    ("exists", "∃"),
    ("flat", "♭"),
    ("forall", "∀"),
    ("frown", "⌢"),
    ("gamma", "γ"),
    ("ge", "≥"),
    ("geq", "≥"),
    ("geqslant", "⩾"),
    ("gets", "←"),
    ("gg", "≫"),
    ("gtrsim", "≳"),
    ("hbar", "ℏ"),
    ("heartsuit", "♡"),
    ("hookleftarrow", "↩"),
    ("hookrightarrow", "↪"),
    ("hslash", "ℏ"),
    ("iff", "⟺"),
    ("imath", "ı"),
    ("impliedby", "⟸"),
    ("implies", "⟹"),
    ("in", "∈"),
    ("infty", "∞"),
    ("int", "∫"),
    ("iota", "ι"),
    ("jmath", "ȷ"),
    ("kappa", "κ"),
    ("lVert", "‖"),
    ("lambda", "λ"),
    ("land", "∧"),
    ("langle", "⟨"),
    ("lbrace", "{"),
    ("lbrack", "["),
    ("lceil", "⌈"),
    ("ldotp", "."),
    ("ldots", "…"),
    ("le", "≤"),
    ("leadsto", "⇝"),
    ("leftarrow", "←"),
    ("leftharpoonup", "↼"),
    ("leftrightarrow", "↔"),
    ("leq", "≤"),
    ("leqslant", "⩽"),
    ("lesssim", "≲"),
    ("lfloor", "⌊"),
    ("ll", "≪"),
    ("lnot", "¬"),
    ("longleftarrow", "⟵"),
    ("longleftrightarrow", "⟷"),
    ("longmapsto", "⟼"),
    ("longrightarrow", "⟶"),
    ("lor", "∨"),
    ("lvert", "|"),
    ("mapsto", "↦"),
    ("measuredangle", "∡"),
    ("mid", "∣"),
    ("models", "⊨"),
    ("mp", "∓"),
    ("mu", "μ"),
    ("nabla", "∇"),
    ("natural", "♮"),
    ("ne", "≠"),
    ("nearrow", "↗"),
    ("neg", "¬"),
    ("neq", "≠"),
    ("nexists", "∄"),
    ("ni", "∋"),
    ("nmid", "∤"),
    ("notin", "∉"),
    ("nparallel", "∦"),
    ("nsubseteq", "⊈"),
    ("nu", "ν"),
    ("nwarrow", "↖"),
    ("odot", "⊙"),
    ("omega", "ω"),
    ("omicron", "ο"),
    ("ominus", "⊖"),
    ("oplus", "⊕"),
    ("oslash", "⊘"),
    ("otimes", "⊗"),
    ("parallel", "∥"),
    ("partial", "∂"),
    ("perp", "⊥"),
    ("phi", "ϕ"),
    ("pi", "π"),
    ("pm", "±"),
    ("prec", "≺"),
    ("preceq", "⪯"),
    ("prime", "′"),
    ("propto", "∝"),
    ("psi", "ψ"),
    ("qquad", "\u{2003}\u{2003}"),
    ("quad", "\u{2003}"),
    ("rVert", "‖"),
    ("rangle", "⟩"),
    ("rbrace", "}"),
    ("rbrack", "]"),
    ("rceil", "⌉"),
    ("rfloor", "⌋"),
    ("rho", "ρ"),
    ("rightarrow", "→"),
    ("rightharpoonup", "⇀"),
    ("rightleftharpoons", "⇌"),
    ("rvert", "|"),
    ("searrow", "↘"),
    ("setminus", "∖"),
    ("sharp", "♯"),
    ("sigma", "σ"),
    ("sim", "∼"),
    ("simeq", "≃"),
    ("smallsetminus", "∖"),
    ("smile", "⌣"),
    ("spadesuit", "♠"),
    ("sqcap", "⊓"),
    ("sqcup", "⊔"),
    ("sqsubset", "⊏"),
    ("sqsubseteq", "⊑"),
    ("sqsupset", "⊐"),
    ("sqsupseteq", "⊒"),
    ("square", "□"),
    ("star", "⋆"),
    ("subset", "⊂"),
    ("subseteq", "⊆"),
    ("subsetneq", "⊊"),
    ("succ", "≻"),
    ("succeq", "⪰"),
    ("supset", "⊃"),
    ("supseteq", "⊇"),
    ("supsetneq", "⊋"),
    ("surd", "√"),
    ("swarrow", "↙"),
    ("tau", "τ"),
    ("therefore", "∴"),
    ("theta", "θ"),
    ("times", "×"),
    ("to", "→"),
    ("top", "⊤"),
    ("triangle", "△"),
    ("triangledown", "▽"),
    ("triangleleft", "◃"),
    ("triangleq", "≜"),
    ("triangleright", "▹"),
    ("uparrow", "↑"),
    ("updownarrow", "↕"),
    ("uplus", "⊎"),
    ("upsilon", "υ"),
    ("vDash", "⊨"),
    ("varDelta", "𝛥"),
    ("varepsilon", "ε"),
    ("varkappa", "ϰ"),
    ("varnothing", "∅"),
    ("varphi", "φ"),
    ("varpi", "ϖ"),
    ("varrho", "ϱ"),
    ("varsigma", "ς"),
    ("vartheta", "ϑ"),
    ("vdash", "⊢"),
    ("vdots", "⋮"),
    ("vee", "∨"),
    ("vert", "|"),
    ("wedge", "∧"),
    ("wp", "℘"),
    ("wr", "≀"),
    ("xi", "ξ"),
    ("zeta", "ζ"),
    ("{", "{"),
    ("|", "‖"),
    ("}", "}"),
];

/// The sign of a command.
pub(super) fn sign(name: &str) -> Option<&'static str> {
    SIGNS.binary_search_by(|(known, _)| (*known).cmp(name)).ok().map(|at| SIGNS[at].1)
}

/// Names that are usual where several commands show one sign.
const USUAL: [&str; 20] = [
    "leq",
    "geq",
    "neq",
    "rightarrow",
    "leftarrow",
    "wedge",
    "vee",
    "neg",
    "ldots",
    "cdots",
    "emptyset",
    "cdot",
    "in",
    "ni",
    "models",
    "setminus",
    "hbar",
    "sim",
    "quad",
    "iff",
];

/// The command that shows a sign.
pub(in crate::docx) fn sign_name(sign: char) -> Option<&'static str> {
    static NAMES: OnceLock<HashMap<char, &'static str>> = OnceLock::new();
    let names = NAMES.get_or_init(|| {
        let mut names = HashMap::new();
        let (large, usual) = (["sum", "prod", "coprod", "int", "iint", "iiint", "oint"], USUAL);
        let large = large.into_iter().filter_map(|name| Some((name, self::large(name)?.0)));
        let usual = usual.into_iter().filter_map(|name| Some((name, self::sign(name)?)));
        for (name, shown) in usual.chain(large).chain(SIGNS.iter().copied()) {
            let mut characters = shown.chars();
            if let (Some(only), None) = (characters.next(), characters.next())
                && !only.is_ascii()
            {
                names.entry(only).or_insert(name);
            }
        }
        names
    });
    names.get(&sign).copied()
}

/// Sums, integrals and their like: the sign, and whether limits stand below and above.
pub(super) fn large(name: &str) -> Option<(&'static str, bool)> {
    Some(match name {
        "sum" => ("∑", true),
        "prod" => ("∏", true),
        "coprod" => ("∐", true),
        "bigcup" => ("⋃", true),
        "bigcap" => ("⋂", true),
        "bigvee" => ("⋁", true),
        "bigwedge" => ("⋀", true),
        "bigoplus" => ("⨁", true),
        "bigotimes" => ("⨂", true),
        "bigodot" => ("⨀", true),
        "biguplus" => ("⨄", true),
        "bigsqcup" => ("⨆", true),
        "int" => ("∫", false),
        "iint" => ("∬", false),
        "iiint" => ("∭", false),
        "oint" => ("∮", false),
        _ => return None,
    })
}

/// Names of functions; true where limits stand below them.
pub(super) fn function(name: &str) -> Option<bool> {
    match name {
        "lim" | "max" | "min" | "sup" | "inf" | "limsup" | "liminf" | "det" | "gcd" | "Pr"
        | "argmax" | "argmin" => Some(true),
        "sin" | "cos" | "tan" | "cot" | "sec" | "csc" | "arcsin" | "arccos" | "arctan" | "sinh"
        | "cosh" | "tanh" | "coth" | "exp" | "log" | "ln" | "lg" | "arg" | "deg" | "dim"
        | "hom" | "ker" => Some(false),
        _ => None,
    }
}

/// Combining signs over something.
pub(super) fn accent(name: &str) -> Option<&'static str> {
    Some(match name {
        "hat" | "widehat" => "\u{302}",
        "tilde" | "widetilde" => "\u{303}",
        "bar" => "\u{305}",
        "vec" | "overrightarrow" => "\u{20d7}",
        "overleftarrow" => "\u{20d6}",
        "dot" => "\u{307}",
        "ddot" => "\u{308}",
        "dddot" => "\u{20db}",
        "acute" => "\u{301}",
        "grave" => "\u{300}",
        "breve" => "\u{306}",
        "check" => "\u{30c}",
        "mathring" => "\u{30a}",
        _ => return None,
    })
}

/// Whether a run ends what a sum ranges over.
pub(super) fn is_relation(text: &str) -> bool {
    let relation = |c: char| {
        matches!(
            c,
            '=' | '<'
                | '>'
                | '≤'
                | '≥'
                | '≠'
                | '≈'
                | '≡'
                | '∼'
                | '≃'
                | '≅'
                | '⟹'
                | '⇒'
                | '⟺'
                | '→'
                | ','
                | '≔'
                | '⩽'
                | '⩾'
        )
    };
    text.chars().all(relation) && !text.is_empty()
}

#[cfg(test)]
mod tests {
    #[test]
    fn signs_are_sorted_for_the_search() {
        assert!(super::SIGNS.is_sorted_by(|a, b| a.0 < b.0));
    }
}

//! Functions that came after Excel 2007. Files mark them, `_xlfn.IFS(...)`, and people never see that; without
//! the mark Excel takes them for names it does not know ([MS-XLSX] 2.2.2). Formulas are kept as files
//! write them.

use std::borrow::Cow;
use std::collections::HashSet;

use super::pieces::{Piece, pieces};
use crate::sheet_flow::names::is_place;

/// What files put before functions, of more than one kind, and before what `LET` and `LAMBDA` name.
const MARKS: [&str; 3] = ["_xlfn.", "_xlws.", "_xlpm."];

/// Functions whose mark has a second part.
const OF_WORKSHEETS: [&str; 2] = ["FILTER", "SORT"];

/// The functions, in order.
const LATER: &[&str] = &[
    "ACOT",
    "ACOTH",
    "AGGREGATE",
    "ARABIC",
    "ARRAYTOTEXT",
    "BASE",
    "BETA.DIST",
    "BETA.INV",
    "BINOM.DIST",
    "BINOM.DIST.RANGE",
    "BINOM.INV",
    "BITAND",
    "BITLSHIFT",
    "BITOR",
    "BITRSHIFT",
    "BITXOR",
    "BYCOL",
    "BYROW",
    "CEILING.MATH",
    "CEILING.PRECISE",
    "CHISQ.DIST",
    "CHISQ.DIST.RT",
    "CHISQ.INV",
    "CHISQ.INV.RT",
    "CHISQ.TEST",
    "CHOOSECOLS",
    "CHOOSEROWS",
    "COMBINA",
    "CONCAT",
    "CONFIDENCE.NORM",
    "CONFIDENCE.T",
    "COT",
    "COTH",
    "COVARIANCE.P",
    "COVARIANCE.S",
    "CSC",
    "CSCH",
    "DAYS",
    "DECIMAL",
    "DROP",
    "ERF.PRECISE",
    "ERFC.PRECISE",
    "EXPAND",
    "EXPON.DIST",
    "F.DIST",
    "F.DIST.RT",
    "F.INV",
    "F.INV.RT",
    "F.TEST",
    "FIELDVALUE",
    "FILTER",
    "FILTERXML",
    "FLOOR.MATH",
    "FLOOR.PRECISE",
    "FORECAST.ETS",
    "FORECAST.ETS.CONFINT",
    "FORECAST.ETS.SEASONALITY",
    "FORECAST.ETS.STAT",
    "FORECAST.LINEAR",
    "FORMULATEXT",
    "GAMMA",
    "GAMMA.DIST",
    "GAMMA.INV",
    "GAMMALN.PRECISE",
    "GAUSS",
    "HSTACK",
    "HYPGEOM.DIST",
    "IFNA",
    "IFS",
    "IMAGE",
    "IMCOSH",
    "IMCOT",
    "IMCSC",
    "IMCSCH",
    "IMSEC",
    "IMSECH",
    "IMSINH",
    "IMTAN",
    "ISFORMULA",
    "ISOMITTED",
    "LAMBDA",
    "LET",
    "LOGNORM.DIST",
    "LOGNORM.INV",
    "MAKEARRAY",
    "MAP",
    "MAXIFS",
    "MINIFS",
    "MODE.MULT",
    "MODE.SNGL",
    "MUNIT",
    "NEGBINOM.DIST",
    "NORM.DIST",
    "NORM.INV",
    "NORM.S.DIST",
    "NORM.S.INV",
    "NUMBERVALUE",
    "PDURATION",
    "PERCENTILE.EXC",
    "PERCENTILE.INC",
    "PERCENTRANK.EXC",
    "PERCENTRANK.INC",
    "PERMUTATIONA",
    "PHI",
    "POISSON.DIST",
    "QUARTILE.EXC",
    "QUARTILE.INC",
    "QUERYSTRING",
    "RANDARRAY",
    "RANK.AVG",
    "RANK.EQ",
    "REDUCE",
    "RRI",
    "SCAN",
    "SEC",
    "SECH",
    "SEQUENCE",
    "SHEET",
    "SHEETS",
    "SKEW.P",
    "SORT",
    "SORTBY",
    "STDEV.P",
    "STDEV.S",
    "SWITCH",
    "T.DIST",
    "T.DIST.2T",
    "T.DIST.RT",
    "T.INV",
    "T.INV.2T",
    "T.TEST",
    "TAKE",
    "TEXTAFTER",
    "TEXTBEFORE",
    "TEXTJOIN",
    "TEXTSPLIT",
    "TOCOL",
    "TOROW",
    "UNICHAR",
    "UNICODE",
    "UNIQUE",
    "VALUETOTEXT",
    "VAR.P",
    "VAR.S",
    "VSTACK",
    "WEBSERVICE",
    "WEIBULL.DIST",
    "WRAPCOLS",
    "WRAPROWS",
    "XLOOKUP",
    "XMATCH",
    "XOR",
    "Z.TEST",
];

/// A formula as people see it.
pub fn shown(formula: &str) -> Cow<'_, str> {
    if memchr::memmem::find(formula.as_bytes(), b"_xl").is_none() {
        return Cow::Borrowed(formula);
    }
    let mut plain = String::with_capacity(formula.len());
    for piece in pieces(formula) {
        match piece {
            Piece::Word(mut word) => {
                while let Some(rest) = MARKS.iter().find_map(|mark| word.strip_prefix(mark)) {
                    word = rest;
                }
                plain.push_str(word);
            }
            Piece::Other(text) => plain.push_str(text),
        }
    }
    Cow::Owned(plain)
}

/// A formula as files write it, from what a person wrote.
pub fn stored(formula: &str) -> Cow<'_, str> {
    let all: Vec<Piece<'_>> = pieces(formula).collect();
    let named = named_within(&all);
    let is_call =
        |at: usize| matches!(all.get(at + 1), Some(Piece::Other(next)) if next.starts_with('('));
    let mut marked = String::with_capacity(formula.len() + 16);
    for (at, piece) in all.iter().enumerate() {
        let (Piece::Word(word) | Piece::Other(word)) = piece;
        let upper = word.to_ascii_uppercase();
        if matches!(piece, Piece::Other(_)) {
            marked.push_str(word);
        } else if named.contains(&upper) {
            marked.push_str("_xlpm.");
            marked.push_str(word);
        } else if is_call(at) && LATER.binary_search(&upper.as_str()).is_ok() {
            marked.push_str("_xlfn.");
            if OF_WORKSHEETS.contains(&upper.as_str()) {
                marked.push_str("_xlws.");
            }
            marked.push_str(&upper);
        } else {
            marked.push_str(word);
        }
    }
    if marked == formula { Cow::Borrowed(formula) } else { Cow::Owned(marked) }
}

/// What `LET` and `LAMBDA` name, in upper case: words that stand alone in an argument.
fn named_within(pieces: &[Piece<'_>]) -> HashSet<String> {
    let mut named = HashSet::new();
    for (at, piece) in pieces.iter().enumerate() {
        let Piece::Word(function) = piece else { continue };
        let is_let = function.eq_ignore_ascii_case("LET");
        if !(is_let || function.eq_ignore_ascii_case("LAMBDA")) {
            continue;
        }
        let (mut depth, mut argument) = (0_usize, 0_usize);
        let mut alone: Option<&str> = None;
        for piece in &pieces[at + 1..] {
            let text = match piece {
                Piece::Word(word) => {
                    // A word is alone until something stands beside it.
                    alone = if depth == 1 && alone.is_none() { Some(word) } else { Some("") };
                    continue;
                }
                Piece::Other(text) => *text,
            };
            match text {
                "(" | "{" => depth += 1,
                ")" | "}" => depth = depth.saturating_sub(1),
                "," if depth == 1 => {
                    let word = alone.take().filter(|word| is_name(word));
                    // The last argument of both is what is computed.
                    if let Some(word) = word.filter(|_| !is_let || argument.is_multiple_of(2)) {
                        named.insert(word.to_ascii_uppercase());
                    }
                    argument += 1;
                    continue;
                }
                text if text.trim().is_empty() => continue,
                _ => {}
            }
            if depth == 0 {
                break;
            }
            if text != "(" || depth > 1 {
                alone = Some("");
            }
        }
    }
    named
}

fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_alphabetic() || first == '_') && !is_place(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_for_files_alone() {
        assert!(LATER.is_sorted());
        for (file, person) in [
            ("_xlfn.IFS(A1>1,2)+SUM(B1)", "IFS(A1>1,2)+SUM(B1)"),
            ("_xlfn._xlws.SORT(A1:A9)", "SORT(A1:A9)"),
            ("_xlfn.LET(_xlpm.x,5,_xlpm.x*2)", "LET(x,5,x*2)"),
            (
                "_xlfn.LET(_xlpm.x, A1+B1, _xlpm.y,_xlpm.x,_xlpm.x*_xlpm.y)",
                "LET(x, A1+B1, y,x,x*y)",
            ),
            ("_xlfn.MAP(A1:A3,_xlfn.LAMBDA(_xlpm.v,_xlpm.v+rate))", "MAP(A1:A3,LAMBDA(v,v+rate))"),
            ("\"_xlfn.IFS(\"&Sort[Map]&'IFS'!A1", "\"_xlfn.IFS(\"&Sort[Map]&'IFS'!A1"),
            ("_xlfn.STDEV.S(T[IFS(])", "STDEV.S(T[IFS(])"),
            ("LET+1", "LET+1"),
            ("[", "["),
        ] {
            assert_eq!(shown(file), person);
            assert_eq!(stored(person), file);
            assert_eq!(shown(person), person);
        }
        assert_eq!(stored("ifs(a1,2)"), "_xlfn.IFS(a1,2)");
        assert_eq!(stored("_xlfn.IFS(A1,2)"), "_xlfn.IFS(A1,2)");
        assert_eq!(shown("_xlfn.FOO(1)"), "FOO(1)");
        assert_eq!(stored("\"表"), "\"表");
    }
}

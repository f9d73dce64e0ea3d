//! Patterns of file names: `*` stands for any characters, `?` for one, letters of either case are the
//! same.

/// A pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Glob(Vec<char>);

impl Glob {
    pub(super) fn new(pattern: &str) -> Self {
        Self(folded(pattern))
    }

    /// Whether the whole of `name` fits. Takes at most the product of both lengths.
    pub(super) fn fits(&self, name: &str) -> bool {
        let (pattern, name) = (&self.0, folded(name));
        let (mut at, mut seen) = (0, 0);
        // Where the last star stood, and how much of the name it has taken.
        let mut star = None;
        while seen < name.len() {
            match pattern.get(at) {
                Some('*') => {
                    star = Some((at, seen));
                    at += 1;
                }
                Some(one) if *one == '?' || *one == name[seen] => {
                    at += 1;
                    seen += 1;
                }
                _ => {
                    let Some((place, taken)) = star else { return false };
                    star = Some((place, taken + 1));
                    at = place + 1;
                    seen = taken + 1;
                }
            }
        }
        pattern[at..].iter().all(|rest| *rest == '*')
    }
}

fn folded(text: &str) -> Vec<char> {
    text.chars().map(|one| one.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plainly(pattern: &[char], name: &[char]) -> bool {
        match (pattern.split_first(), name.split_first()) {
            (None, None) => true,
            (Some(('*', rest)), _) => {
                plainly(rest, name) || (!name.is_empty() && plainly(pattern, &name[1..]))
            }
            (Some((one, rest)), Some((letter, left))) if *one == '?' || one == letter => {
                plainly(rest, left)
            }
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn fits_what_the_plain_definition_fits(pattern in "[ab*?.]{0,8}", name in "[ab.]{0,8}") {
            let expected = plainly(&folded(&pattern), &folded(&name));
            prop_assert_eq!(Glob::new(&pattern).fits(&name), expected);
        }
    }

    #[test]
    fn case_does_not_matter_and_neither_do_other_letters() {
        assert!(Glob::new("*.xlsx").fits("销售表.XLSX"));
        assert!(!Glob::new("*.xlsx").fits("a.xls"));
        assert!(Glob::new("报?-*").fits("报表-一"));
    }
}

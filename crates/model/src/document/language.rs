//! The code languages of the platform (contract, `docx_code_languages`) and the names that fences and
//! file endings use for them.

use serde::{Deserialize, Serialize};

/// A language of a code block, by the platform's number, 1 to 75.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CodeLanguage(pub u8);

impl CodeLanguage {
    /// Text in no language.
    pub const PLAIN_TEXT: Self = Self(1);

    /// The language of a fence's info string (`rust`, `C++`, `js title="x"`), if it is a known one.
    pub fn from_fence(info: &str) -> Option<Self> {
        let word = info.trim().trim_start_matches(['.', '{']);
        let word = word.split([' ', '\t', ',', '{', '}', ':']).next()?.to_ascii_lowercase();
        ALIASES
            .binary_search_by(|(alias, _)| (*alias).cmp(&word))
            .ok()
            .map(|at| Self(ALIASES[at].1))
    }

    /// The platform's name of the language.
    pub fn name(self) -> &'static str {
        NAMES.get(usize::from(self.0).wrapping_sub(1)).copied().unwrap_or("PlainText")
    }

    /// A fence's info string for this language; empty for plain text.
    pub fn to_fence(self) -> String {
        match self.0 {
            0 | 1 => String::new(),
            4 => "apache".to_owned(),
            7 => "bash".to_owned(),
            8 => "csharp".to_owned(),
            9 => "cpp".to_owned(),
            18 => "dockerfile".to_owned(),
            33 => "latex".to_owned(),
            38 => "makefile".to_owned(),
            41 => "objectivec".to_owned(),
            48 => "protobuf".to_owned(),
            65 => "vb".to_owned(),
            72 => "glsl".to_owned(),
            _ => self.name().to_ascii_lowercase(),
        }
    }
}

/// Names by number, from 1.
const NAMES: [&str; 75] = [
    "PlainText",
    "ABAP",
    "Ada",
    "Apache",
    "Apex",
    "Assembly",
    "Bash",
    "CSharp",
    "C++",
    "C",
    "COBOL",
    "CSS",
    "CoffeeScript",
    "D",
    "Dart",
    "Delphi",
    "Django",
    "Dockerfile",
    "Erlang",
    "Fortran",
    "FoxPro",
    "Go",
    "Groovy",
    "HTML",
    "HTMLBars",
    "HTTP",
    "Haskell",
    "JSON",
    "Java",
    "JavaScript",
    "Julia",
    "Kotlin",
    "LateX",
    "Lisp",
    "Logo",
    "Lua",
    "MATLAB",
    "Makefile",
    "Markdown",
    "Nginx",
    "Objective",
    "OpenEdgeABL",
    "PHP",
    "Perl",
    "PostScript",
    "PowerShell",
    "Prolog",
    "ProtoBuf",
    "Python",
    "R",
    "RPG",
    "Ruby",
    "Rust",
    "SAS",
    "SCSS",
    "SQL",
    "Scala",
    "Scheme",
    "Scratch",
    "Shell",
    "Swift",
    "Thrift",
    "TypeScript",
    "VBScript",
    "Visual",
    "XML",
    "YAML",
    "CMake",
    "Diff",
    "Gherkin",
    "GraphQL",
    "OpenGL Shading Language",
    "Properties",
    "Solidity",
    "TOML",
];

/// Fence names, sorted, with the number each stands for.
const ALIASES: [(&str, u8); 165] = [
    ("abap", 2),
    ("abl", 42),
    ("ada", 3),
    ("apache", 4),
    ("apacheconf", 4),
    ("apex", 5),
    ("asm", 6),
    ("assembly", 6),
    ("bash", 7),
    ("c", 10),
    ("c#", 8),
    ("c++", 9),
    ("cc", 9),
    ("cjs", 30),
    ("clj", 34),
    ("clojure", 34),
    ("cmake", 68),
    ("cobol", 11),
    ("coffee", 13),
    ("coffeescript", 13),
    ("conf", 73),
    ("console", 60),
    ("cpp", 9),
    ("cs", 8),
    ("csharp", 8),
    ("css", 12),
    ("cucumber", 70),
    ("cxx", 9),
    ("d", 14),
    ("dart", 15),
    ("delphi", 16),
    ("diff", 69),
    ("django", 17),
    ("docker", 18),
    ("dockerfile", 18),
    ("elisp", 34),
    ("env", 73),
    ("erl", 19),
    ("erlang", 19),
    ("f90", 20),
    ("feature", 70),
    ("fortran", 20),
    ("foxpro", 21),
    ("gherkin", 70),
    ("glsl", 72),
    ("go", 22),
    ("golang", 22),
    ("gql", 71),
    ("gradle", 23),
    ("graphql", 71),
    ("groovy", 23),
    ("h", 10),
    ("handlebars", 25),
    ("haskell", 27),
    ("hbs", 25),
    ("hpp", 9),
    ("hs", 27),
    ("html", 24),
    ("htmlbars", 25),
    ("http", 26),
    ("ini", 73),
    ("ipython", 49),
    ("java", 29),
    ("javascript", 30),
    ("jinja", 17),
    ("jinja2", 17),
    ("jl", 31),
    ("js", 30),
    ("json", 28),
    ("json5", 28),
    ("jsonc", 28),
    ("jsonl", 28),
    ("jsx", 30),
    ("julia", 31),
    ("kotlin", 32),
    ("kt", 32),
    ("kts", 32),
    ("latex", 33),
    ("less", 55),
    ("lisp", 34),
    ("logo", 35),
    ("lua", 36),
    ("make", 38),
    ("makefile", 38),
    ("markdown", 39),
    ("matlab", 37),
    ("md", 39),
    ("mdx", 39),
    ("mjs", 30),
    ("mk", 38),
    ("mysql", 56),
    ("nasm", 6),
    ("nginx", 40),
    ("node", 30),
    ("objc", 41),
    ("objective", 41),
    ("objective-c", 41),
    ("objectivec", 41),
    ("octave", 37),
    ("openedgeabl", 42),
    ("pascal", 16),
    ("patch", 69),
    ("perl", 44),
    ("php", 43),
    ("pl", 44),
    ("plain", 1),
    ("plaintext", 1),
    ("plsql", 56),
    ("postgresql", 56),
    ("postscript", 45),
    ("powershell", 46),
    ("prolog", 47),
    ("properties", 73),
    ("proto", 48),
    ("protobuf", 48),
    ("ps", 45),
    ("ps1", 46),
    ("pwsh", 46),
    ("py", 49),
    ("python", 49),
    ("python3", 49),
    ("r", 50),
    ("racket", 58),
    ("rb", 52),
    ("rpg", 51),
    ("rs", 53),
    ("ruby", 52),
    ("rust", 53),
    ("sas", 54),
    ("sass", 55),
    ("scala", 57),
    ("scheme", 58),
    ("scratch", 59),
    ("scss", 55),
    ("sh", 60),
    ("shell", 60),
    ("sol", 74),
    ("solidity", 74),
    ("sql", 56),
    ("svelte", 24),
    ("svg", 66),
    ("swift", 61),
    ("terminal", 60),
    ("tex", 33),
    ("text", 1),
    ("thrift", 62),
    ("toml", 75),
    ("ts", 63),
    ("tsx", 63),
    ("txt", 1),
    ("typescript", 63),
    ("vb", 65),
    ("vbnet", 65),
    ("vbs", 64),
    ("vbscript", 64),
    ("visual", 65),
    ("visualbasic", 65),
    ("vue", 24),
    ("xhtml", 24),
    ("xml", 66),
    ("xsd", 66),
    ("xsl", 66),
    ("yaml", 67),
    ("yml", 67),
    ("zsh", 60),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fence_name_leads_back_to_its_language() {
        assert!(ALIASES.is_sorted_by_key(|(alias, _)| *alias));
        for number in 2..=75 {
            let language = CodeLanguage(number);
            let fence = language.to_fence();
            assert_eq!(CodeLanguage::from_fence(&fence), Some(language), "{fence}");
        }
    }

    #[test]
    fn info_strings_may_carry_more_than_the_language() {
        assert_eq!(CodeLanguage::from_fence("Rust,ignore").map(CodeLanguage::name), Some("Rust"));
        assert_eq!(CodeLanguage::from_fence("js{1,3} title"), Some(CodeLanguage(30)));
        assert_eq!(CodeLanguage::from_fence("no-such"), None);
    }
}

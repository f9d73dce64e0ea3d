//! LaTeX formulas (KaTeX's common subset) into Typst math. Every character goes over as an escape
//! or inside a string literal, so no formula can leave its place. What is not known is an error, and
//! the caller shows the LaTeX as it is.

mod environment;
mod symbols;

use std::fmt::Write as _;

use super::source::literal;

/// Groups, commands and environments within each other.
const MOST_DEPTH: usize = 48;
/// Characters of one formula.
const MOST_CHARACTERS: usize = 20_000;

/// The Typst math of a formula, without the dollar signs; or what in it is not known.
pub(super) fn translate(latex: &str) -> Result<String, String> {
    let mut parser = Parser { rest: latex.trim(), depth: 0 };
    if latex.chars().count() > MOST_CHARACTERS {
        return Err("the formula is too long".to_owned());
    }
    let rows = parser.rows(&[])?;
    if !parser.rest.is_empty() {
        return Err(format!("unexpected {:?}", parser.rest.chars().next().unwrap_or_default()));
    }
    Ok(environment::lines(&rows))
}

/// What ends a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stop {
    Brace,
    Bracket,
    End,
    Right,
}

struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn bump(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.rest = &self.rest[character.len_utf8()..];
        Some(character)
    }

    fn eat(&mut self, text: &str) -> bool {
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn skip_space(&mut self) {
        loop {
            self.rest = self.rest.trim_start();
            if !self.rest.starts_with('%') {
                return;
            }
            self.rest = self.rest.split_once('\n').map_or("", |(_, rest)| rest);
        }
    }

    fn deeper<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, String>,
    ) -> Result<T, String> {
        if self.depth >= MOST_DEPTH {
            return Err("the formula nests too deep".to_owned());
        }
        self.depth += 1;
        let done = work(self);
        self.depth -= 1;
        done
    }

    /// The name of the command at the head, without its backslash; one sign for `\,` and the like.
    fn peek_command(&self) -> Option<&'a str> {
        let after = self.rest.strip_prefix('\\')?;
        let letters = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let length = if letters > 0 { letters } else { after.chars().next()?.len_utf8() };
        after.get(..length)
    }

    fn eat_command(&mut self, name: &str) -> bool {
        let found = self.peek_command() == Some(name);
        if found {
            self.rest = &self.rest[1 + name.len()..];
        }
        found
    }

    fn at_stop(&self, stops: &[Stop]) -> bool {
        stops.iter().any(|stop| match stop {
            Stop::Brace => self.rest.starts_with('}'),
            Stop::Bracket => self.rest.starts_with(']'),
            Stop::End => self.peek_command() == Some("end"),
            Stop::Right => self.peek_command() == Some("right"),
        })
    }

    /// Rows of cells, up to a stop or the end.
    fn rows(&mut self, stops: &[Stop]) -> Result<Vec<Vec<String>>, String> {
        let mut rows = vec![vec![String::new()]];
        loop {
            let cell = self.run(stops)?;
            if let Some(last) = rows.last_mut().and_then(|row| row.last_mut()) {
                *last = cell;
            }
            if self.eat("&") {
                if let Some(row) = rows.last_mut() {
                    row.push(String::new());
                }
            } else if self.eat_command("\\")
                || self.eat_command("newline")
                || self.eat_command("cr")
            {
                self.skip_space();
                if self.eat("[") {
                    self.rest = self.rest.split_once(']').map_or("", |(_, rest)| rest);
                }
                rows.push(vec![String::new()]);
            } else {
                break;
            }
        }
        if rows.len() > 1 && rows.last().is_some_and(|row| row.iter().all(String::is_empty)) {
            rows.pop();
        }
        Ok(rows)
    }

    /// Elements up to a stop, a cell's or a row's end.
    fn run(&mut self, stops: &[Stop]) -> Result<String, String> {
        let mut out = String::new();
        loop {
            self.skip_space();
            if self.rest.is_empty() || self.at_stop(stops) || self.rest.starts_with('&') {
                return Ok(out);
            }
            match self.peek_command() {
                Some("\\" | "newline" | "cr") => return Ok(out),
                Some("displaystyle" | "textstyle" | "scriptstyle" | "scriptscriptstyle") => {
                    let name = self.peek_command().unwrap_or_default();
                    self.eat_command(name);
                    let call = match name {
                        "displaystyle" => "display",
                        "textstyle" => "inline",
                        "scriptstyle" => "script",
                        _ => "sscript",
                    };
                    let rest = self.deeper(|parser| parser.run(stops))?;
                    push(&mut out, &format!("{call}({rest})"));
                    return Ok(out);
                }
                Some("color") => {
                    self.eat_command("color");
                    self.raw_argument()?;
                }
                _ => {
                    let element = self.scripted()?;
                    push(&mut out, &element);
                }
            }
        }
    }

    /// An element with its scripts and primes.
    fn scripted(&mut self) -> Result<String, String> {
        let mut base = match self.peek() {
            Some('^' | '_' | '\'') => "#\"\"".to_owned(),
            _ => self.deeper(Self::atom)?,
        };
        let (mut above, mut below) = (String::new(), String::new());
        let mut any = false;
        loop {
            self.skip_space();
            if self.eat_command("limits") {
                base = format!("limits({base})");
            } else if self.eat_command("nolimits") {
                base = format!("scripts({base})");
            } else if self.eat("'") {
                push(&mut above, "\\u{2032}");
                any = true;
            } else if self.eat("^") {
                let script = self.argument()?;
                push(&mut above, &script);
                any = true;
            } else if self.eat("_") {
                let script = self.argument()?;
                push(&mut below, &script);
                any = true;
            } else {
                break;
            }
        }
        if !any {
            return Ok(base);
        }
        let mut out = format!("attach({base}");
        if !above.is_empty() {
            let _ = write!(out, ", t: {above}");
        }
        if !below.is_empty() {
            let _ = write!(out, ", b: {below}");
        }
        out.push(')');
        Ok(out)
    }

    /// A braced group, a command or one sign, as a command's argument.
    fn argument(&mut self) -> Result<String, String> {
        self.skip_space();
        // An argument without braces is one sign: `x^10` is x to the 1, then 0.
        if let Some(digit) = self.peek().filter(char::is_ascii_digit) {
            self.bump();
            return Ok(digit.to_string());
        }
        let argument = self.deeper(Self::atom)?;
        Ok(if argument.is_empty() { "#\"\"".to_owned() } else { argument })
    }

    fn optional(&mut self) -> Result<Option<String>, String> {
        self.skip_space();
        if !self.eat("[") {
            return Ok(None);
        }
        let inner = self.deeper(|parser| parser.run(&[Stop::Bracket]))?;
        if self.eat("]") { Ok(Some(inner)) } else { Err("a [ is not closed".to_owned()) }
    }

    /// An argument's characters as they stand.
    fn raw_argument(&mut self) -> Result<&'a str, String> {
        self.skip_space();
        if !self.eat("{") {
            let start = self.rest;
            let length = self.bump().map_or(0, char::len_utf8);
            return Ok(&start[..length]);
        }
        let mut open = 1;
        for (at, character) in self.rest.char_indices() {
            match character {
                '{' => open += 1,
                '}' => open -= 1,
                _ => {}
            }
            if open == 0 {
                let inner = &self.rest[..at];
                self.rest = &self.rest[at + 1..];
                return Ok(inner);
            }
        }
        Err("a { is not closed".to_owned())
    }

    fn atom(&mut self) -> Result<String, String> {
        if self.rest.starts_with('\\') {
            let name = self.peek_command().ok_or("a backslash at the end")?;
            self.rest = &self.rest[1 + name.len()..];
            return self.command(name);
        }
        match self.peek() {
            None => Err("something is missing at the end".to_owned()),
            Some('{') => {
                self.bump();
                let rows = self.rows(&[Stop::Brace])?;
                if !self.eat("}") {
                    return Err("a { is not closed".to_owned());
                }
                Ok(environment::nested(&rows))
            }
            Some('}') => Err("a } without its {".to_owned()),
            Some('~') => {
                self.bump();
                Ok("space.nobreak".to_owned())
            }
            Some(digit) if digit.is_ascii_digit() => {
                let end = self
                    .rest
                    .char_indices()
                    .find(|(at, c)| {
                        let decimal = *c == '.'
                            && self.rest[at + 1..].starts_with(|next: char| next.is_ascii_digit());
                        !c.is_ascii_digit() && !decimal
                    })
                    .map_or(self.rest.len(), |(at, _)| at);
                let number = &self.rest[..end];
                self.rest = &self.rest[end..];
                Ok(number.to_owned())
            }
            Some(character) => {
                self.bump();
                Ok(match character {
                    '-' => sign('−'),
                    '*' => sign('∗'),
                    '`' => sign('‘'),
                    _ => sign(character),
                })
            }
        }
    }

    fn command(&mut self, name: &str) -> Result<String, String> {
        if let Some(character) = symbols::symbol(name) {
            return Ok(sign(character));
        }
        if let Some((text, limits)) = symbols::operator(name) {
            return Ok(format!("op({}, limits: #{limits})", quoted(text)));
        }
        if let Some(call) = symbols::wrapper(name) {
            let argument = self.argument()?;
            return Ok(call.replace('@', &argument));
        }
        if let Some(space) = symbols::space(name) {
            return Ok(space.to_owned());
        }
        if let Some(percent) = symbols::delimiter_size(name) {
            let delimiter = self.delimiter()?;
            return Ok(format!("lr(size: #{percent}%, {delimiter})"));
        }
        self.structure(name)
    }

    fn structure(&mut self, name: &str) -> Result<String, String> {
        match name {
            "frac" | "cfrac" | "dfrac" | "tfrac" => {
                let (over, under) = (self.argument()?, self.argument()?);
                let fraction = format!("frac({over}, {under})");
                Ok(match name {
                    "dfrac" | "cfrac" => format!("display({fraction})"),
                    "tfrac" => format!("inline({fraction})"),
                    _ => fraction,
                })
            }
            "binom" | "dbinom" | "tbinom" => {
                let (over, under) = (self.argument()?, self.argument()?);
                Ok(format!("binom({over}, {under})"))
            }
            "sqrt" => {
                let index = self.optional()?;
                let inner = self.argument()?;
                Ok(index.map_or_else(
                    || format!("sqrt({inner})"),
                    |index| format!("root({index}, {inner})"),
                ))
            }
            "overset" | "stackrel" => {
                let (over, base) = (self.argument()?, self.argument()?);
                Ok(format!("attach(limits({base}), t: {over})"))
            }
            "underset" => {
                let (under, base) = (self.argument()?, self.argument()?);
                Ok(format!("attach(limits({base}), b: {under})"))
            }
            "overbrace" | "underbrace" | "overbracket" | "underbracket" => self.brace(name),
            "xrightarrow" | "xleftarrow" | "xleftrightarrow" | "xRightarrow" | "xLeftarrow" => {
                self.long_arrow(name)
            }
            "text" | "textrm" | "textnormal" | "mbox" | "hbox" | "textup" => {
                Ok(quoted(&plain_text(self.raw_argument()?)))
            }
            "textbf" => Ok(format!("bold({})", quoted(&plain_text(self.raw_argument()?)))),
            "textit" => Ok(format!("#emph({})", literal(&plain_text(self.raw_argument()?)))),
            "texttt" => Ok(format!("mono({})", quoted(&plain_text(self.raw_argument()?)))),
            "operatorname" => {
                let limits = self.eat("*");
                let name = plain_text(self.raw_argument()?);
                Ok(format!("op({}, limits: #{limits})", quoted(&name)))
            }
            "left" => self.left(),
            "middle" => Ok(format!("mid({})", self.delimiter()?)),
            "begin" => self.environment(),
            "substack" => self.argument(),
            "not" => self.negated(),
            "textcolor" | "colorbox" => {
                self.raw_argument()?;
                self.argument()
            }
            "tag" => {
                Ok(format!("quad {}", quoted(&format!("({})", plain_text(self.raw_argument()?)))))
            }
            "label" => self.raw_argument().map(|_| "#\"\"".to_owned()),
            "hspace" | "mspace" | "hskip" | "kern" | "mkern" => {
                if self.rest.starts_with('{') {
                    self.raw_argument()?;
                }
                Ok("med".to_owned())
            }
            "nonumber" | "notag" | "hline" | "strut" | "mathstrut" | "relax" | "rm" | "bf"
            | "it" => Ok("#\"\"".to_owned()),
            "pmod" => Ok(format!(
                "quad \\u{{28}} op({}) med {} \\u{{29}}",
                quoted("mod"),
                self.argument()?
            )),
            "bmod" | "mod" => Ok(format!("med op({}) med", quoted("mod"))),
            _ => Err(format!("the command \\{name} is not known")),
        }
    }

    fn brace(&mut self, name: &str) -> Result<String, String> {
        let inner = self.argument()?;
        self.skip_space();
        let script = if name.starts_with("over") { "^" } else { "_" };
        if self.eat(script) {
            let note = self.argument()?;
            return Ok(format!("{name}({inner}, {note})"));
        }
        Ok(format!("{name}({inner})"))
    }

    fn long_arrow(&mut self, name: &str) -> Result<String, String> {
        let below = self.optional()?;
        let above = self.argument()?;
        let arrow = match name {
            "xleftarrow" => '←',
            "xleftrightarrow" => '↔',
            "xRightarrow" => '⇒',
            "xLeftarrow" => '⇐',
            _ => '→',
        };
        let mut out =
            format!("attach(limits(stretch({}, size: #(100% + 1em))), t: {above}", sign(arrow));
        if let Some(below) = below {
            let _ = write!(out, ", b: {below}");
        }
        out.push(')');
        Ok(out)
    }

    fn left(&mut self) -> Result<String, String> {
        let open = self.delimiter()?;
        let rows = self.deeper(|parser| parser.rows(&[Stop::Right]))?;
        if !self.eat_command("right") {
            return Err("a \\left without its \\right".to_owned());
        }
        let close = self.delimiter()?;
        Ok(format!("lr({open} {} {close})", environment::nested(&rows)))
    }

    /// A delimiter after `\left`, `\right`, `\big`: empty for a dot.
    fn delimiter(&mut self) -> Result<String, String> {
        self.skip_space();
        if let Some(name) = self.peek_command() {
            self.rest = &self.rest[1 + name.len()..];
            return symbols::symbol(name)
                .map(sign)
                .ok_or_else(|| format!("\\{name} is not a delimiter"));
        }
        match self.bump() {
            Some('.') => Ok(String::new()),
            Some('<') => Ok(sign('⟨')),
            Some('>') => Ok(sign('⟩')),
            Some(character) => Ok(sign(character)),
            None => Err("a delimiter is missing".to_owned()),
        }
    }

    fn negated(&mut self) -> Result<String, String> {
        self.skip_space();
        let target = match self.peek_command() {
            Some(name) => {
                self.rest = &self.rest[1 + name.len()..];
                symbols::symbol(name)
            }
            None => self.bump(),
        };
        let target = target.ok_or("\\not stands before nothing")?;
        Ok(symbols::negated(target).map_or_else(|| format!("cancel({})", sign(target)), sign))
    }
}

/// One character as an escape, whatever it is.
fn sign(character: char) -> String {
    format!("\\u{{{:x}}}", u32::from(character))
}

/// Upright text within a formula.
fn quoted(text: &str) -> String {
    format!("#{}", literal(text))
}

/// Text mode: what is left of it without commands for single signs.
fn plain_text(raw: &str) -> String {
    let mut out = String::new();
    let mut characters = raw.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => {
                if let Some(next) = characters.next_if(|next| !next.is_ascii_alphabetic()) {
                    out.push(if ",;:! ".contains(next) { ' ' } else { next });
                }
            }
            '{' | '}' | '$' => {}
            '~' => out.push(' '),
            _ => out.push(character),
        }
    }
    out
}

fn push(out: &mut String, element: &str) {
    if !out.is_empty() && !element.is_empty() {
        out.push(' ');
    }
    out.push_str(element);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_become_calls_and_escapes() {
        assert_eq!(translate("a+b").as_deref(), Ok("\\u{61} \\u{2b} \\u{62}"));
        assert_eq!(translate("\\frac{1}{2}").as_deref(), Ok("frac(1, 2)"));
        assert_eq!(translate("x_i^{2}").as_deref(), Ok("attach(\\u{78}, t: 2, b: \\u{69})"));
        assert_eq!(translate("x^10").as_deref(), Ok("attach(\\u{78}, t: 1) 0"));
        assert_eq!(translate("\\text{速度}").as_deref(), Ok("#\"速度\""));
        assert_eq!(
            translate("\\begin{pmatrix}a&b\\\\c&\\end{pmatrix}").as_deref(),
            Ok("mat(delim: #(\"(\", \")\"), \\u{61}, \\u{62}; \\u{63}, #\"\")")
        );
    }

    #[test]
    fn nothing_of_a_formula_leaves_its_place() {
        let hostile = "#panic() $ \\text{\" + panic() + \"} ) , ; / \" \\# \\$";
        let math = translate(hostile).expect("every sign is known");
        // What was in text stands in one string literal, the rest in escapes.
        assert!(math.contains("#\"\\\" + panic() + \\\"\""), "{math}");
        assert_eq!(math.matches("panic").count(), 1);
        assert!(math.contains("\\u{24}"));
    }

    #[test]
    fn what_is_not_known_or_not_closed_is_an_error() {
        for broken in
            ["\\nosuchthing", "{a", "a}", "\\frac{1}", "\\left( x", "\\begin{matrix} a", "\\"]
        {
            assert!(translate(broken).is_err(), "{broken}");
        }
        assert!(translate(&"{".repeat(10_000)).is_err());
        assert!(translate(&"x^".repeat(10_000)).is_err());
    }
}

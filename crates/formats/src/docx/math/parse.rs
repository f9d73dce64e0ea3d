//! LaTeX into nodes. Depth is bounded; a command nobody knows makes the whole formula an error.

use super::symbols::{accent, function, is_relation, large, sign};
use super::{Columns, Face, Node};

const MOST_DEPTH: usize = 60;

/// Reads a formula.
pub(super) fn parse(latex: &str) -> Result<Node, String> {
    let mut parser = Parser { rest: latex, depth: 0 };
    let row = parser.row(&[])?;
    if parser.rest.is_empty() { Ok(row) } else { Err("a bracket nobody opened".to_owned()) }
}

struct Parser<'s> {
    rest: &'s str,
    depth: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token<'s> {
    Command(&'s str),
    Character(char),
}

impl<'s> Parser<'s> {
    fn peek(&mut self) -> Option<Token<'s>> {
        loop {
            self.rest = self.rest.trim_start();
            match self.rest.strip_prefix('%') {
                Some(remark) => self.rest = remark.split_once('\n').map_or("", |(_, rest)| rest),
                None => break,
            }
        }
        let first = self.rest.chars().next()?;
        if first != '\\' {
            return Some(Token::Character(first));
        }
        let name = self.rest.get(1..).unwrap_or_default();
        let letters = name.bytes().take_while(u8::is_ascii_alphabetic).count();
        let length =
            if letters > 0 { letters } else { name.chars().next().map_or(0, char::len_utf8) };
        Some(Token::Command(name.get(..length).unwrap_or_default()))
    }

    fn take(&mut self) -> Option<Token<'s>> {
        let token = self.peek()?;
        let length = match token {
            Token::Command(name) => name.len() + 1,
            Token::Character(character) => character.len_utf8(),
        };
        self.rest = self.rest.get(length..).unwrap_or_default();
        Some(token)
    }

    fn accept(&mut self, token: Token<'_>) -> bool {
        let there = self.peek() == Some(token);
        if there {
            self.take();
        }
        there
    }

    fn expect(&mut self, character: char) -> Result<(), String> {
        if self.accept(Token::Character(character)) {
            Ok(())
        } else {
            Err(format!("no {character} where one belongs"))
        }
    }

    /// Pieces up to something that ends a row, which is left standing.
    fn row(&mut self, stops: &[Token<'_>]) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err("nesting without end".to_owned());
        }
        let mut nodes = Vec::new();
        while let Some(token) = self.peek() {
            let ends = matches!(
                token,
                Token::Character('}' | '&')
                    | Token::Command("\\" | "cr" | "right" | "middle" | "end")
            );
            if ends || stops.contains(&token) {
                break;
            }
            match token {
                Token::Command(
                    "limits" | "nolimits" | "displaystyle" | "textstyle" | "scriptstyle"
                    | "scriptscriptstyle" | "nonumber" | "notag" | "left." | "hline",
                ) => {
                    self.take();
                }
                Token::Command("over") => {
                    self.take();
                    let below = self.row(stops)?;
                    let above = grouped(std::mem::take(&mut nodes));
                    nodes.push(Node::Fraction {
                        above: Box::new(above),
                        below: Box::new(below),
                        line: true,
                    });
                }
                _ => {
                    let node = self.scripted()?;
                    push(&mut nodes, node);
                }
            }
        }
        self.depth -= 1;
        Ok(grouped(give_bodies(nodes)))
    }

    /// One piece with its subscript and superscript.
    fn scripted(&mut self) -> Result<Node, String> {
        let first = self.peek();
        let starred = self.rest.starts_with("\\operatorname*");
        let base = match first {
            Some(Token::Character('^' | '_')) => Node::Row(Vec::new()),
            _ => self.piece()?,
        };
        while self.accept(Token::Command("limits")) || self.accept(Token::Command("nolimits")) {}
        let (mut below, mut above) = (None, None);
        loop {
            if self.accept(Token::Character('_')) && below.is_none() {
                below = Some(Box::new(self.argument()?));
            } else if self.accept(Token::Character('^')) && above.is_none() {
                above = Some(Box::new(self.argument()?));
            } else if self.peek() == Some(Token::Character('\'')) && above.is_none() {
                let mut primes = String::new();
                while self.accept(Token::Character('\'')) {
                    primes.push('′');
                }
                let mut raised = vec![run(primes, Face::Math)];
                if self.accept(Token::Character('^')) {
                    raised.push(self.argument()?);
                }
                above = Some(Box::new(grouped(raised)));
            } else {
                break;
            }
        }
        if below.is_none() && above.is_none() {
            return match base {
                Node::Row(nodes) if nodes.is_empty() && self.rest.is_empty() => {
                    Ok(Node::Row(nodes))
                }
                other => Ok(other),
            };
        }
        Ok(match base {
            Node::Large { sign, stacked, body, .. } => {
                Node::Large { sign, stacked, below, above, body }
            }
            Node::Run { ref text, face: Face::Upright } if function(text) == Some(true) => {
                Node::Limits { base: Box::new(base), below, above }
            }
            base if starred => Node::Limits { base: Box::new(base), below, above },
            Node::Group { .. } => Node::Limits { base: Box::new(base), below, above },
            base => Node::Scripts { base: Box::new(base), below, above },
        })
    }

    /// What a command takes: a group in braces, or one piece.
    fn argument(&mut self) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > MOST_DEPTH {
            return Err("nesting without end".to_owned());
        }
        let node = match self.peek() {
            None | Some(Token::Character('}' | '&' | '^' | '_')) => {
                return Err("a command without what it takes".to_owned());
            }
            Some(_) => self.piece()?,
        };
        self.depth -= 1;
        Ok(node)
    }

    fn boxed(&mut self) -> Result<Box<Node>, String> {
        self.argument().map(Box::new)
    }

    fn optional(&mut self) -> Result<Option<Node>, String> {
        if !self.accept(Token::Character('[')) {
            return Ok(None);
        }
        let node = self.row(&[Token::Character(']')])?;
        self.expect(']')?;
        Ok(Some(node))
    }

    fn piece(&mut self) -> Result<Node, String> {
        match self.take() {
            None => Err("an end too early".to_owned()),
            Some(Token::Character('{')) => {
                let node = self.row(&[])?;
                self.expect('}')?;
                Ok(node)
            }
            Some(Token::Character('~')) => Ok(run("\u{a0}", Face::Math)),
            Some(Token::Character(character)) => {
                let shown = match character {
                    '-' => '−',
                    '*' => '∗',
                    other => other,
                };
                Ok(run(shown, Face::Math))
            }
            Some(Token::Command(name)) => self.command(name),
        }
    }

    fn command(&mut self, name: &str) -> Result<Node, String> {
        if let Some((sign, stacked)) = large(name) {
            let body = Box::new(Node::Row(Vec::new()));
            return Ok(Node::Large { sign, stacked, below: None, above: None, body });
        }
        if let Some(sign) = sign(name) {
            return Ok(run(sign, Face::Math));
        }
        if function(name).is_some() {
            return Ok(run(name, Face::Upright));
        }
        if let Some(sign) = accent(name) {
            return Ok(Node::Accent { sign, body: self.boxed()? });
        }
        match name {
            " " | "\n" => Ok(run("\u{a0}", Face::Math)),
            "frac" | "dfrac" | "tfrac" | "cfrac" => {
                Ok(Node::Fraction { above: self.boxed()?, below: self.boxed()?, line: true })
            }
            "binom" | "dbinom" | "tbinom" => {
                let (above, below) = (self.boxed()?, self.boxed()?);
                Ok(fenced("(", ")", vec![Node::Fraction { above, below, line: false }]))
            }
            "sqrt" => {
                let degree = self.optional()?.map(Box::new);
                Ok(Node::Root { degree, body: self.boxed()? })
            }
            "overline" => Ok(Node::Line { above: true, body: self.boxed()? }),
            "underline" => Ok(Node::Line { above: false, body: self.boxed()? }),
            "overbrace" => Ok(Node::Group { sign: "⏞", above: true, body: self.boxed()? }),
            "underbrace" => Ok(Node::Group { sign: "⏟", above: false, body: self.boxed()? }),
            "boxed" | "fbox" => Ok(Node::Boxed(self.boxed()?)),
            "overset" | "stackrel" => {
                let above = Some(self.boxed()?);
                Ok(Node::Limits { base: self.boxed()?, below: None, above })
            }
            "underset" => {
                let below = Some(self.boxed()?);
                Ok(Node::Limits { base: self.boxed()?, below, above: None })
            }
            "xrightarrow" | "xleftarrow" => {
                let arrow = if name == "xrightarrow" { "→" } else { "←" };
                let below = self.optional()?.map(Box::new);
                let above = Some(self.boxed()?);
                Ok(Node::Limits { base: Box::new(run(arrow, Face::Math)), below, above })
            }
            "left" => self.fence(),
            "begin" => self.environment(),
            "not" => Ok(self.negated()?),
            "mod" | "bmod" => Ok(run(" mod ", Face::Upright)),
            "pmod" => {
                let modulus = self.argument()?;
                Ok(fenced("(", ")", vec![Node::Row(vec![run("mod ", Face::Upright), modulus])]))
            }
            "substack" => self.substack(),
            _ => self.worded(name),
        }
    }

    /// Commands about faces, words and things that leave no trace.
    fn worded(&mut self, name: &str) -> Result<Node, String> {
        let face = match name {
            "mathrm" | "rm" | "operatorname" | "mathop" | "mathnormal" => Some(Face::Upright),
            "mathbf" | "bf" => Some(Face::Bold),
            "boldsymbol" | "bm" | "pmb" => Some(Face::BoldItalic),
            "mathit" => Some(Face::Italic),
            "mathbb" | "Bbb" => Some(Face::DoubleStruck),
            "mathcal" | "mathscr" => Some(Face::Script),
            "mathfrak" | "frak" => Some(Face::Fraktur),
            "mathsf" => Some(Face::SansSerif),
            "mathtt" => Some(Face::Monospace),
            _ => None,
        };
        if let Some(face) = face {
            self.accept(Token::Character('*'));
            let node = self.argument()?;
            return Ok(in_face(node, face));
        }
        match name {
            "text" | "textrm" | "textnormal" | "mbox" | "textit" | "textbf" | "texttt"
            | "textsf" | "hbox" => self.words().map(|words| run(words, Face::Words)),
            "tag" => self.words().map(|words| run(format!("\u{2003}({words})"), Face::Words)),
            "label" => self.words().map(|_| Node::Row(Vec::new())),
            "color" | "textcolor" => {
                self.words()?;
                self.argument()
            }
            "phantom" | "hphantom" | "vphantom" => {
                self.argument()?;
                Ok(Node::Row(Vec::new()))
            }
            "mathrel" | "mathbin" | "mathord" | "mathopen" | "mathclose" | "mathpunct"
            | "mathinner" | "smash" => self.argument(),
            "big" | "Big" | "bigg" | "Bigg" | "bigl" | "Bigl" | "biggl" | "Biggl" | "bigr"
            | "Bigr" | "biggr" | "Biggr" | "bigm" | "Bigm" => {
                self.delimiter().map(|sign| run(sign, Face::Math))
            }
            _ => Err(format!("\\{name}")),
        }
    }

    fn negated(&mut self) -> Result<Node, String> {
        let node = self.argument()?;
        match node {
            Node::Run { mut text, face } => {
                text.push('\u{338}');
                Ok(Node::Run { text, face })
            }
            _ => Err("\\not before more than a sign".to_owned()),
        }
    }

    /// The words in braces, as they stand; formulas within them lose their signs.
    fn words(&mut self) -> Result<String, String> {
        self.expect('{')?;
        let mut open = 1;
        for (at, character) in self.rest.char_indices() {
            match character {
                '{' => open += 1,
                '}' => open -= 1,
                _ => {}
            }
            if open == 0 {
                let words = self.rest.get(..at).unwrap_or_default();
                self.rest = self.rest.get(at + 1..).unwrap_or_default();
                return Ok(words.replace("\\ ", " ").replace(['{', '}', '\\', '$'], ""));
            }
        }
        Err("words without an end".to_owned())
    }

    fn delimiter(&mut self) -> Result<String, String> {
        match self.take() {
            Some(Token::Character('.')) => Ok(String::new()),
            Some(Token::Character('<')) => Ok("⟨".to_owned()),
            Some(Token::Character('>')) => Ok("⟩".to_owned()),
            Some(Token::Character(character)) => Ok(character.to_string()),
            Some(Token::Command(name)) => {
                sign(name).map(str::to_owned).ok_or_else(|| format!("\\{name} as a bracket"))
            }
            None => Err("a bracket is missing".to_owned()),
        }
    }

    fn fence(&mut self) -> Result<Node, String> {
        let open = self.delimiter()?;
        let mut parts = vec![self.row(&[])?];
        let mut middle = String::from("|");
        loop {
            if self.accept(Token::Command("middle")) {
                middle = self.delimiter()?;
                parts.push(self.row(&[])?);
            } else if self.accept(Token::Command("right")) {
                let close = self.delimiter()?;
                return Ok(Node::Fenced { open, close, middle, parts });
            } else {
                return Err("\\left without \\right".to_owned());
            }
        }
    }

    fn substack(&mut self) -> Result<Node, String> {
        self.expect('{')?;
        let rows = self.cells()?;
        self.expect('}')?;
        Ok(Node::Matrix { rows, columns: Columns::Centred })
    }

    fn cells(&mut self) -> Result<Vec<Vec<Node>>, String> {
        let mut rows = vec![Vec::new()];
        loop {
            let cell = self.row(&[])?;
            if let Some(row) = rows.last_mut() {
                row.push(cell);
            }
            if self.accept(Token::Character('&')) {
                continue;
            }
            if self.accept(Token::Command("\\")) || self.accept(Token::Command("cr")) {
                self.optional()?;
                rows.push(Vec::new());
                continue;
            }
            break;
        }
        // The line end after the last row begins no row.
        if rows.len() > 1
            && rows.last().is_some_and(|row| row.iter().all(|cell| *cell == Node::Row(Vec::new())))
        {
            rows.pop();
        }
        Ok(rows)
    }

    fn environment(&mut self) -> Result<Node, String> {
        let name = self.words()?;
        let plain = name.trim_end_matches('*');
        if matches!(plain, "array" | "alignat" | "alignedat") {
            self.words()?;
        }
        let rows = self.cells()?;
        if !self.accept(Token::Command("end")) || self.words()? != name {
            return Err(format!("\\begin{{{name}}} without its end"));
        }
        let matrix = |columns| Node::Matrix { rows, columns };
        Ok(match plain {
            "matrix" | "smallmatrix" | "array" | "gather" | "gathered" | "equation" => {
                matrix(Columns::Centred)
            }
            "pmatrix" => fenced("(", ")", vec![matrix(Columns::Centred)]),
            "bmatrix" => fenced("[", "]", vec![matrix(Columns::Centred)]),
            "Bmatrix" => fenced("{", "}", vec![matrix(Columns::Centred)]),
            "vmatrix" => fenced("|", "|", vec![matrix(Columns::Centred)]),
            "Vmatrix" => fenced("‖", "‖", vec![matrix(Columns::Centred)]),
            "cases" | "dcases" => fenced("{", "", vec![matrix(Columns::Left)]),
            "rcases" => fenced("", "}", vec![matrix(Columns::Left)]),
            "aligned" | "align" | "split" | "alignat" | "alignedat" | "eqnarray" => {
                matrix(Columns::Paired)
            }
            _ => return Err(format!("\\begin{{{name}}}")),
        })
    }
}

fn run(text: impl Into<String>, face: Face) -> Node {
    let text = text.into();
    if text.is_empty() { Node::Row(Vec::new()) } else { Node::Run { text, face } }
}

fn fenced(open: &str, close: &str, parts: Vec<Node>) -> Node {
    let (open, close) = (open.to_owned(), close.to_owned());
    Node::Fenced { open, close, middle: "|".to_owned(), parts }
}

fn grouped(mut nodes: Vec<Node>) -> Node {
    match nodes.len() {
        1 => nodes.pop().unwrap_or(Node::Row(Vec::new())),
        _ => Node::Row(nodes),
    }
}

fn push(nodes: &mut Vec<Node>, node: Node) {
    match node {
        Node::Row(inner) if inner.is_empty() => {}
        other => nodes.push(other),
    }
}

/// Gives each sum what follows it up to the next relation: Word shows a box where a sum has nothing.
fn give_bodies(nodes: Vec<Node>) -> Vec<Node> {
    let mut done: Vec<Node> = Vec::with_capacity(nodes.len());
    for node in nodes.into_iter().rev() {
        match node {
            Node::Large { sign, stacked, below, above, body } if *body == Node::Row(Vec::new()) => {
                // `done` is in reverse: its end is what comes next.
                let mut followers = Vec::new();
                while let Some(next) = done.pop() {
                    if matches!(&next, Node::Run { text, .. } if is_relation(text)) {
                        done.push(next);
                        break;
                    }
                    followers.push(next);
                }
                let body = Box::new(grouped(followers));
                done.push(Node::Large { sign, stacked, below, above, body });
            }
            other => done.push(other),
        }
    }
    done.reverse();
    done
}

/// The node with its letters in `face`.
fn in_face(node: Node, face: Face) -> Node {
    match node {
        Node::Run { text, face: Face::Math } => Node::Run { text, face },
        Node::Row(nodes) => {
            let nodes = nodes.into_iter().map(|node| in_face(node, face)).collect::<Vec<_>>();
            let text: Option<String> = nodes
                .iter()
                .map(|node| match node {
                    Node::Run { text, face: own } if *own == face => Some(text.as_str()),
                    _ => None,
                })
                .collect();
            match text {
                Some(text) => run(text, face),
                None => Node::Row(nodes),
            }
        }
        Node::Scripts { base, below, above } => {
            Node::Scripts { base: Box::new(in_face(*base, face)), below, above }
        }
        other => other,
    }
}

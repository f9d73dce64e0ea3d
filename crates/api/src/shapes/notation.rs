//! The notation that shapes are written in, read into JSON Schema. A file holds names for shapes that come
//! up more than once, and operations:
//!
//! ```text
//! Point = { x: integer, y?: integer(0..) = 0 }
//!
//! someOperation
//!   query { kinds?: ['a' | 'b'](1..9) }
//!   body { at: Point, note: string(1..64) | null, by_name?: { *: [Point] } }
//!   data { count: integer }
//! ```
//!
//! A field with `?` may be missing, one behind `=` has this value then. Numbers in brackets are bounds of a
//! number, of a text's length or a list's; a pattern may follow. `*` stands for fields of any other name.
//! `any` and `object` are what nothing more is said about.

use serde_json::{Map, Value, json};

use super::{Answered, Sent, Shape, Shapes};

/// What is wrong with a file, and in which line.
#[derive(Debug, thiserror::Error)]
#[error("line {line}: {what}")]
pub(super) struct Mistake {
    line: usize,
    what: String,
}

type Read<T> = Result<T, Mistake>;

/// Reads a whole file.
pub(super) fn read(text: &str, into: &mut Shapes) -> Read<()> {
    let mut reader = Reader { text, at: 0 };
    while !reader.is_at_end() {
        let name = reader.name()?;
        let taken = if name.starts_with(|letter: char| letter.is_ascii_uppercase()) {
            reader.expect("=")?;
            let shape = reader.shape()?;
            into.named.insert(name.clone(), shape).is_some()
        } else {
            let shape = reader.operation()?;
            into.operations.insert(name.clone(), shape).is_some()
        };
        if taken {
            return Err(reader.mistake(format!("{name} stands twice")));
        }
    }
    Ok(())
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

/// A field of an object, or a parameter.
pub(crate) struct Member {
    /// Its name.
    pub(crate) name: String,
    /// Whether it must be there.
    pub(crate) required: bool,
    /// What it looks like.
    pub(crate) schema: Value,
}

impl<'a> Reader<'a> {
    fn mistake(&self, what: impl Into<String>) -> Mistake {
        let line = self.text[..self.at].matches('\n').count() + 1;
        Mistake { line, what: what.into() }
    }

    /// What is left, without space and remarks before it.
    fn rest(&mut self) -> &'a str {
        loop {
            let rest = &self.text[self.at..];
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with('#') {
                return trimmed;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    fn is_at_end(&mut self) -> bool {
        self.rest().is_empty()
    }

    fn accept(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }

    fn expect(&mut self, token: &str) -> Read<()> {
        if self.accept(token) {
            return Ok(());
        }
        let found: String = self.rest().chars().take(20).collect();
        Err(self.mistake(format!("`{token}` is missing before `{found}`")))
    }

    /// A word, if one comes next; it is not taken.
    fn word(&mut self) -> &'a str {
        let rest = self.rest();
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || "_-".contains(letter);
        let end = rest.find(|letter| !is_part(letter)).unwrap_or(rest.len());
        &rest[..end]
    }

    fn name(&mut self) -> Read<String> {
        if self.rest().starts_with('\'') {
            return self.quoted();
        }
        let word = self.word();
        if word.is_empty() {
            return Err(self.mistake("a name is missing"));
        }
        self.at += word.len();
        Ok(word.to_owned())
    }

    fn quoted(&mut self) -> Read<String> {
        self.expect("'")?;
        let rest = &self.text[self.at..];
        let end = rest.find('\'').ok_or_else(|| self.mistake("a text has no end"))?;
        self.at += end + 1;
        Ok(rest[..end].to_owned())
    }

    fn operation(&mut self) -> Read<Shape> {
        let mut shape = Shape::default();
        loop {
            let word = self.word();
            if !["path", "query", "header", "body", "form", "data", "answer", "file", "other"]
                .contains(&word)
            {
                return Ok(shape);
            }
            self.at += word.len();
            match word {
                "path" => shape.path = self.members()?.0,
                "query" => shape.query = self.members()?.0,
                "header" => shape.header = self.members()?.0,
                "body" => shape.sent = Sent::Json(self.shape()?),
                "form" => shape.sent = Sent::Form(self.shape()?),
                "data" => shape.answered = Answered::Data(self.shape()?),
                "answer" => shape.answered = Answered::Whole(self.shape()?),
                "file" => shape.answered = Answered::File,
                _ => shape.answered = Answered::Other,
            }
        }
    }

    /// The fields between two braces, and what any other one looks like, where there may be others.
    fn members(&mut self) -> Read<(Vec<Member>, Option<Value>)> {
        self.expect("{")?;
        let (mut members, mut others) = (Vec::new(), None);
        while !self.accept("}") {
            if self.accept("*") {
                self.expect(":")?;
                others = Some(self.shape()?);
            } else {
                let name = self.name()?;
                let required = !self.accept("?");
                self.expect(":")?;
                let mut schema = self.shape()?;
                if self.accept("=") {
                    let value = self.value()?;
                    schema["default"] = value;
                }
                members.push(Member { name, required, schema });
            }
            if !self.accept(",") {
                self.expect("}")?;
                break;
            }
        }
        Ok((members, others))
    }

    /// A shape, with others that may stand for it.
    fn shape(&mut self) -> Read<Value> {
        let mut choices = vec![self.choice()?];
        while self.accept("|") {
            choices.push(self.choice()?);
        }
        if choices.len() == 1 {
            return Ok(choices.remove(0));
        }
        let kind = choices[0]["type"].clone();
        let alike = choices.iter().all(|one| one["type"] == kind && one.get("enum").is_some());
        if alike {
            let values: Vec<Value> =
                choices.into_iter().map(|one| one["enum"][0].clone()).collect();
            return Ok(json!({ "type": kind, "enum": values }));
        }
        Ok(json!({ "anyOf": choices }))
    }

    fn choice(&mut self) -> Read<Value> {
        if self.rest().starts_with('{') {
            let (members, others) = self.members()?;
            return Ok(object(members, others));
        }
        if self.accept("[") {
            let items = self.shape()?;
            self.expect("]")?;
            let schema = json!({ "type": "array", "items": items });
            return self.bounded(schema, ["minItems", "maxItems"]);
        }
        let first = self.rest().chars().next().unwrap_or_default();
        if first == '\'' || first == '-' || first.is_ascii_digit() {
            let value = self.value()?;
            let kind = if value.is_string() { "string" } else { "integer" };
            return Ok(json!({ "type": kind, "enum": [value] }));
        }
        let word = self.name()?;
        match word.as_str() {
            "string" => self.bounded(json!({ "type": "string" }), ["minLength", "maxLength"]),
            "integer" | "number" => self.bounded(json!({ "type": word }), ["minimum", "maximum"]),
            "boolean" | "object" | "null" => Ok(json!({ "type": word })),
            "binary" => Ok(json!({ "type": "string", "format": "binary" })),
            "any" => Ok(json!({})),
            "true" | "false" => Ok(json!({ "type": "boolean", "enum": [word == "true"] })),
            name if name.starts_with(|letter: char| letter.is_ascii_uppercase()) => {
                Ok(json!({ "$ref": format!("#/components/schemas/{name}") }))
            }
            other => Err(self.mistake(format!("`{other}` is no shape"))),
        }
    }

    /// A shape with the bounds that stand behind it, and the pattern.
    fn bounded(&mut self, mut schema: Value, [least, most]: [&str; 2]) -> Read<Value> {
        // A bracket belongs to the word right before it.
        if !self.text[self.at..].starts_with('(') {
            return Ok(schema);
        }
        self.at += 1;
        let text = self.rest();
        if !text.starts_with('/') {
            let end = text.find([',', ')']).ok_or_else(|| self.mistake("bounds have no end"))?;
            let (from, to) =
                text[..end].split_once("..").ok_or_else(|| self.mistake("no bounds"))?;
            for (name, bound) in [(least, from), (most, to)] {
                if !bound.is_empty() {
                    let bound: i64 =
                        bound.trim().parse().map_err(|_| self.mistake("a bound is a number"))?;
                    schema[name] = json!(bound);
                }
            }
            self.at += end;
            self.accept(",");
        }
        if self.accept("/") {
            let rest = &self.text[self.at..];
            let end = rest.find("/)").ok_or_else(|| self.mistake("a pattern has no end"))?;
            schema["pattern"] = json!(rest[..end]);
            self.at += end + 1;
        }
        self.expect(")")?;
        Ok(schema)
    }

    /// A text, a number, true or false.
    fn value(&mut self) -> Read<Value> {
        if self.rest().starts_with('\'') {
            return self.quoted().map(Value::from);
        }
        let word = self.word();
        self.at += word.len();
        match word {
            "true" | "false" => Ok(json!(word == "true")),
            number => {
                let number: i64 = number.parse().map_err(|_| self.mistake("no value"))?;
                Ok(json!(number))
            }
        }
    }
}

fn object(members: Vec<Member>, others: Option<Value>) -> Value {
    let mut required = Vec::new();
    let mut properties = Map::new();
    for member in members {
        if member.required {
            required.push(Value::from(member.name.clone()));
        }
        properties.insert(member.name, member.schema);
    }
    let mut schema = json!({ "type": "object" });
    if !properties.is_empty() || others.is_none() {
        schema["properties"] = properties.into();
    }
    if !required.is_empty() {
        schema["required"] = required.into();
    }
    if let Some(others) = others {
        schema["additionalProperties"] = others;
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shapes(text: &str) -> Result<Shapes, Mistake> {
        let mut shapes = Shapes::default();
        read(text, &mut shapes).map(|()| shapes)
    }

    #[test]
    fn the_notation_becomes_schemas() {
        let read = shapes(
            "# A remark.\nPoint = { x: integer(-1..), y?: integer = 0 }\n\nsome\n  \
             query { kinds?: ['a' | 'b'](1..9) }\n  body { at: Point | null, *: string(..3, /^a*$/) }\n",
        )
        .unwrap();
        assert_eq!(
            read.named["Point"],
            json!({"type": "object", "properties": {"x": {"type": "integer", "minimum": -1},
                   "y": {"type": "integer", "default": 0}}, "required": ["x"]})
        );
        let some = &read.operations["some"];
        assert_eq!(
            some.query[0].schema,
            json!({"type": "array", "items": {"type": "string", "enum": ["a", "b"]},
                   "minItems": 1, "maxItems": 9})
        );
        let Sent::Json(body) = &some.sent else { panic!("no body") };
        assert_eq!(
            *body,
            json!({"type": "object", "properties": {"at": {"anyOf": [
                       {"$ref": "#/components/schemas/Point"}, {"type": "null"}]}},
                   "required": ["at"], "additionalProperties":
                       {"type": "string", "maxLength": 3, "pattern": "^a*$"}})
        );
    }

    #[test]
    fn mistakes_name_their_line() {
        for (text, line) in
            [("A = {\n  b string\n}", 2), ("a\n  data strin", 2), ("A = null\nA = null", 2)]
        {
            assert_eq!(shapes(text).map(drop).unwrap_err().line, line, "{text}");
        }
    }
}

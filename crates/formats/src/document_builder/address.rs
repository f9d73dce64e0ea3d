//! Addresses that stand bare in a text (GitHub's "extended autolinks") as links: `http(s)://`, `www.`
//! and mail addresses.

use std::ops::Range;

use larkspur_model::document::{Inline, InlineStyle, Text};

/// Makes links of the addresses in all runs that are neither links nor code.
pub(super) fn link_addresses(text: &mut Text) {
    let might = |element: &Inline| match element {
        Inline::Run { content, style } => {
            !style.inline_code && style.link.is_none() && may_hold_address(content)
        }
        _ => false,
    };
    if !text.elements.iter().any(might) {
        return;
    }
    let mut linked = Vec::with_capacity(text.elements.len() + 2);
    for element in std::mem::take(&mut text.elements) {
        match element {
            Inline::Run { content, style } if !style.inline_code && style.link.is_none() => {
                split_run(&content, &style, &mut linked);
            }
            other => linked.push(other),
        }
    }
    text.elements = linked;
}

fn may_hold_address(content: &str) -> bool {
    memchr::memchr2(b':', b'@', content.as_bytes()).is_some() || content.contains("www.")
}

fn split_run(content: &str, style: &InlineStyle, into: &mut Vec<Inline>) {
    let mut done = 0;
    let mut from = 0;
    while let Some((range, link)) = next_address(content, from) {
        if range.start >= done {
            if range.start > done {
                into.push(Inline::styled(&content[done..range.start], style.clone()));
            }
            let style = InlineStyle { link: Some(link), ..style.clone() };
            into.push(Inline::styled(&content[range.clone()], style));
            done = range.end;
        }
        from = range.end;
    }
    if done < content.len() {
        into.push(Inline::styled(&content[done..], style.clone()));
    }
}

/// The next address at or after `from`, and where it leads.
fn next_address(content: &str, from: usize) -> Option<(Range<usize>, String)> {
    let bytes = content.as_bytes();
    let mut at = from;
    while let Some(found) =
        memchr::memchr3(b':', b'@', b'w', bytes.get(at..)?).map(|offset| at + offset)
    {
        let hit = match bytes[found] {
            b':' => scheme_address(content, found, from),
            b'@' => mail_address(content, found, from),
            _ => www_address(content, found),
        };
        if hit.is_some() {
            return hit;
        }
        at = found + 1;
    }
    None
}

fn scheme_address(content: &str, colon: usize, from: usize) -> Option<(Range<usize>, String)> {
    let before = content.get(from..colon)?;
    let length = ["https", "http"].iter().find_map(|scheme| {
        let start = before.len().checked_sub(scheme.len())?;
        before.get(start..)?.eq_ignore_ascii_case(scheme).then_some(scheme.len())
    })?;
    let start = colon - length;
    let rest = content.get(colon..)?.strip_prefix("://")?;
    if !starts_word(content, start) || !rest.starts_with(|c: char| c.is_alphanumeric() || c == '[')
    {
        return None;
    }
    let end = address_end(content, colon + 3);
    Some((start..end, content.get(start..end)?.to_owned()))
}

fn www_address(content: &str, start: usize) -> Option<(Range<usize>, String)> {
    let rest = content.get(start..)?.strip_prefix("www.")?;
    if !starts_word(content, start) || !rest.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        return None;
    }
    let end = address_end(content, start + 4);
    let host = content.get(start + 4..end)?.split(['/', '?', '#', ':']).next()?;
    if !host.contains('.') || host.ends_with('_') {
        return None;
    }
    Some((start..end, format!("http://{}", content.get(start..end)?)))
}

fn mail_address(content: &str, sign: usize, from: usize) -> Option<(Range<usize>, String)> {
    let local = content.get(from..sign)?;
    let is_local = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_+".contains(byte);
    let length = local.bytes().rev().take_while(is_local).count();
    let start = sign - length;
    let is_host = |byte: &u8| byte.is_ascii_alphanumeric() || b".-_".contains(byte);
    let host_length = content.get(sign + 1..)?.bytes().take_while(is_host).count();
    let host = content.get(sign + 1..sign + 1 + host_length)?.trim_end_matches('.');
    let dotted = host.contains('.') && host.split('.').all(|part| !part.is_empty());
    if length == 0 || !dotted || host.ends_with(['-', '_']) || !starts_word(content, start) {
        return None;
    }
    let end = sign + 1 + host.len();
    Some((start..end, format!("mailto:{}", content.get(start..end)?)))
}

fn starts_word(content: &str, start: usize) -> bool {
    let before = content.get(..start).and_then(|before| before.chars().next_back());
    before.is_none_or(|c| !c.is_ascii_alphanumeric() && !matches!(c, '/' | '@' | ':' | '.' | '-'))
}

/// Where an address that holds `from` ends: at a blank or a sign addresses do not hold, less the
/// punctuation of the sentence around it.
fn address_end(content: &str, from: usize) -> usize {
    let rest = content.get(from..).unwrap_or_default();
    let stops = |c: char| {
        c.is_whitespace()
            || c.is_control()
            || matches!(c, '<' | '>' | '"' | '`' | '|' | '\\' | '^' | '{' | '}')
            || matches!(u32::from(c), 0x2010..=0x206F | 0x3000..=0x303F | 0xFE30..=0xFE4F | 0xFF00..=0xFFEF)
    };
    let mut address = rest.split(stops).next().unwrap_or_default();
    loop {
        let shorter = address.trim_end_matches(['?', '!', '.', ',', ':', '*', '_', '~', '\'', ';']);
        let unbalanced =
            shorter.ends_with(')') && shorter.matches(')').count() > shorter.matches('(').count();
        let next = if unbalanced { shorter.strip_suffix(')').unwrap_or(shorter) } else { shorter };
        if next.len() == address.len() {
            return from + address.len();
        }
        address = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(text: &str) -> Vec<(String, String)> {
        let mut text = Text::plain(text);
        link_addresses(&mut text);
        let link = |element: Inline| match element {
            Inline::Run { content, style } => style.link.map(|link| (content, link)),
            _ => None,
        };
        text.elements.into_iter().filter_map(link).collect()
    }

    #[test]
    fn addresses_are_found_and_end_where_people_mean() {
        let same = |address: &str| vec![(address.to_owned(), address.to_owned())];
        assert_eq!(links("see https://a.example/x_(y)?q=1."), same("https://a.example/x_(y)?q=1"));
        assert_eq!(links("(http://a.example/)"), same("http://a.example/"));
        assert_eq!(links("见https://a.example/路径，谢谢"), same("https://a.example/路径"));
        assert_eq!(
            links("www.a.example, me@a.example."),
            [
                ("www.a.example".into(), "http://www.a.example".into()),
                ("me@a.example".into(), "mailto:me@a.example".into())
            ]
        );
        assert_eq!(links("xhttp://a 12:30 a@b www.x std::http://").len(), 0);
    }
}

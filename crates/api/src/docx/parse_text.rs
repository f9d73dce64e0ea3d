//! Texts of requests -> texts of the model (contract, "Text").

use larkspur_model::document::{CodeLanguage, Inline, InlineStyle, Reminder, Text, TextStyle};
use percent_encoding::percent_decode_str;

use super::codes;
use super::input::{
    ElementInput, ElementStyleInput, MentionDocInput, ReminderInput, StyleInput, TextInput,
};
use super::parse::{At, align, in_range};
use crate::ApiError;

/// UTF-16 units a text may have, as many as an import gives one (contract, "Import").
pub(super) const TEXT_UNITS: usize = 100_000;
/// Characters of a title, also of a mentioned document's.
pub(super) const TITLE_CHARACTERS: usize = 800;
/// Names of backgrounds (contract, "Text").
const BACKGROUNDS: [&str; 15] = [
    "LightGrayBackground",
    "LightRedBackground",
    "LightOrangeBackground",
    "LightYellowBackground",
    "LightGreenBackground",
    "LightBlueBackground",
    "LightPurpleBackground",
    "PaleGrayBackground",
    "DarkGrayBackground",
    "DarkRedBackground",
    "DarkOrangeBackground",
    "DarkYellowBackground",
    "DarkGreenBackground",
    "DarkBlueBackground",
    "DarkPurpleBackground",
];
/// A document that cannot be mentioned becomes a link to it.
pub(super) const FALLBACK_LINK: &str = "FallbackToLink";
/// A document that cannot be mentioned becomes its title.
pub(super) const FALLBACK_TEXT: &str = "FallbackToText";

/// An address as it is kept. Requests bring it percent-encoded, some clients do not (contract, the
/// sample of `docxDocumentBlockPatch`).
pub(super) fn address(sent: &str) -> String {
    if sent.contains("://") {
        return sent.to_owned();
    }
    percent_decode_str(sent).decode_utf8_lossy().into_owned()
}

/// Reads a text with its style.
pub(super) fn text(input: &TextInput, at: At<'_>) -> Result<Text, ApiError> {
    let elements = input.elements.as_ref();
    let elements = elements.ok_or_else(|| at.wrong("elements is required"))?;
    let style = match &input.style {
        Some(style) => text_style(style, at)?,
        None => TextStyle::default(),
    };
    Ok(Text { style, elements: self::elements(elements, at)? })
}

/// Reads the pieces of a text.
pub(super) fn elements(inputs: &[ElementInput], at: At<'_>) -> Result<Vec<Inline>, ApiError> {
    let mut elements = Vec::with_capacity(inputs.len());
    for (index, input) in inputs.iter().enumerate() {
        let path = format!("{}.elements[{index}]", at.path);
        elements.push(element(input, At { path: &path, ..at })?);
    }
    let units: usize = elements
        .iter()
        .map(|element| match element {
            Inline::Run { content, .. } | Inline::Equation { content, .. } => {
                content.encode_utf16().count()
            }
            _ => 1,
        })
        .sum();
    if units > TEXT_UNITS {
        let why = format!("{}: a block holds at most 100,000 characters, not {units}", at.path);
        return Err(codes::CONTENT_TOO_LARGE.because(why));
    }
    // An empty run says nothing: it stands where there is no element at all.
    elements
        .retain(|element| !matches!(element, Inline::Run { content, .. } if content.is_empty()));
    Ok(elements)
}

fn element(input: &ElementInput, at: At<'_>) -> Result<Inline, ApiError> {
    let ElementInput { text_run, mention_user, mention_doc, reminder, equation, .. } = input;
    let refused = [&input.file, &input.inline_block, &input.undefined, &input.undefined_element];
    let given = [
        text_run.is_some(),
        mention_user.is_some(),
        mention_doc.is_some(),
        reminder.is_some(),
        equation.is_some(),
    ];
    if refused.iter().any(|one| one.is_some()) {
        let why = format!("{}: file, inline_block and undefined are read only", at.path);
        return Err(codes::OPERATION.because(why));
    }
    if given.iter().filter(|given| **given).count() != 1 {
        return Err(at.wrong(
            "an element is exactly one of text_run, mention_user, mention_doc, \
                             reminder and equation",
        ));
    }
    if let Some(run) = text_run {
        let content = run.content.clone().ok_or_else(|| at.wrong("content is required"))?;
        let style = element_style(run.text_element_style.as_ref(), at)?;
        return Ok(Inline::Run { content, style });
    }
    let styled = |style: Option<&ElementStyleInput>| {
        let style = element_style(style, at)?;
        // Only runs are links (contract's source, 1770024).
        if style.link.is_some() {
            let why = format!("{}: only a text_run has a link", at.path);
            return Err(codes::OPERATION.because(why));
        }
        Ok(style)
    };
    if let Some(equation) = equation {
        let content = equation.content.clone().filter(|content| !content.is_empty());
        let content = content.ok_or_else(|| at.wrong("equation.content is required"))?;
        return Ok(Inline::Equation {
            content,
            style: styled(equation.text_element_style.as_ref())?,
        });
    }
    if let Some(mention) = mention_user {
        let user = mention.user_id.clone().filter(|user| !user.is_empty());
        let user = user.ok_or_else(|| at.wrong("mention_user.user_id is required"))?;
        let style = styled(mention.text_element_style.as_ref())?;
        return Ok(Inline::MentionUser { user, style });
    }
    if let Some(reminder) = reminder {
        let style = styled(reminder.text_element_style.as_ref())?;
        return self::reminder(reminder, style, at).map(Inline::Reminder);
    }
    let mention = mention_doc.as_ref().ok_or_else(|| at.wrong("an element is empty"))?;
    mention_document(mention, styled(mention.text_element_style.as_ref())?, at)
}

fn mention_document(
    input: &MentionDocInput,
    style: InlineStyle,
    at: At<'_>,
) -> Result<Inline, ApiError> {
    let token = input.token.clone().filter(|token| !token.is_empty());
    let token = token.ok_or_else(|| at.wrong("mention_doc.token is required"))?;
    let kind = match input.obj_type {
        Some(kind @ (1 | 3 | 8 | 11 | 12 | 15 | 16 | 22)) => kind as u8,
        _ => return Err(at.wrong("mention_doc.obj_type is 1, 3, 8, 11, 12, 15, 16 or 22")),
    };
    let title = input.title.clone().unwrap_or_default();
    if title.chars().count() > TITLE_CHARACTERS {
        return Err(at.wrong("mention_doc.title has at most 800 characters"));
    }
    let url = input.url.as_deref().map(address).unwrap_or_default();
    let fallback = input.fallback_type.clone().unwrap_or_default();
    if !["", FALLBACK_LINK, FALLBACK_TEXT].contains(&fallback.as_str()) {
        return Err(at.wrong("mention_doc.fallback_type is FallbackToLink or FallbackToText"));
    }
    Ok(Inline::MentionDocument { token, kind, url, title, fallback, style })
}

fn reminder(input: &ReminderInput, style: InlineStyle, at: At<'_>) -> Result<Reminder, ApiError> {
    let creator = input.create_user_id.clone().filter(|user| !user.is_empty());
    let creator = creator.ok_or_else(|| at.wrong("reminder.create_user_id is required"))?;
    let moment = |sent: &Option<String>, what: &str| {
        let sent = sent.as_deref().and_then(|sent| sent.trim().parse::<i64>().ok());
        let sent = sent.filter(|moment| (0..=253_402_300_799_999).contains(moment));
        sent.ok_or_else(|| at.wrong(&format!("reminder.{what} is milliseconds, in a string")))
    };
    Ok(Reminder {
        creator,
        expire_ms: moment(&input.expire_time, "expire_time")?,
        notify_ms: moment(&input.notify_time, "notify_time")?,
        notify: input.is_notify.unwrap_or(false),
        whole_day: input.is_whole_day.unwrap_or(false),
        style,
    })
}

fn element_style(input: Option<&ElementStyleInput>, at: At<'_>) -> Result<InlineStyle, ApiError> {
    let Some(input) = input else { return Ok(InlineStyle::default()) };
    let colour = |number: Option<i64>, most, what| {
        number.map(|number| in_range(number, 1, most, what, at).map(|n| n as u8)).transpose()
    };
    let link = match &input.link {
        None => None,
        Some(link) => {
            let url = link.url.as_deref().filter(|url| !url.is_empty());
            Some(address(url.ok_or_else(|| at.wrong("text_element_style.link.url is required"))?))
        }
    };
    Ok(InlineStyle {
        bold: input.bold.unwrap_or(false),
        italic: input.italic.unwrap_or(false),
        strikethrough: input.strikethrough.unwrap_or(false),
        underline: input.underline.unwrap_or(false),
        inline_code: input.inline_code.unwrap_or(false),
        text_color: colour(input.text_color, 7, "text_element_style.text_color")?,
        background_color: colour(
            input.background_color,
            15,
            "text_element_style.background_color",
        )?,
        link,
        comment_ids: input.comment_ids.clone().unwrap_or_default(),
    })
}

/// Reads the style of a text.
pub(super) fn text_style(input: &StyleInput, at: At<'_>) -> Result<TextStyle, ApiError> {
    let language = input.language.map(|number| in_range(number, 1, 75, "style.language", at));
    let background = input.background_color.clone().unwrap_or_default();
    if !background.is_empty() && !BACKGROUNDS.contains(&background.as_str()) {
        return Err(at.wrong("style.background_color is none of the names there are"));
    }
    let indented = match input.indentation_level.as_deref() {
        None | Some("" | "NoIndent") => false,
        Some("OneLevelIndent") => true,
        Some(_) => return Err(at.wrong("style.indentation_level is NoIndent or OneLevelIndent")),
    };
    let sequence = match input.sequence.as_deref() {
        None | Some("" | "auto") => None,
        Some(number) => {
            let number = number.parse::<u32>().ok().filter(|number| *number <= 999_999);
            Some(number.ok_or_else(|| at.wrong("style.sequence is a number, or auto"))?)
        }
    };
    Ok(TextStyle {
        align: align(input.align, larkspur_model::document::Align::Left, at)?,
        indented,
        done: input.done.unwrap_or(false),
        folded: input.folded.unwrap_or(false),
        language: language.transpose()?.map(|number| CodeLanguage(number as u8)),
        wrap: input.wrap.unwrap_or(false),
        sequence,
        background,
    })
}

//! How a run looks once its own formatting, its style and its paragraph's style are laid over each other.

use super::fonts::Face;
use super::paragraph::Look;
use super::properties::RunProperties;
use super::role::Role;

/// A style of characters.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RunStyle {
    pub(crate) run: RunProperties,
    /// It is the style of links.
    pub(crate) link: bool,
    /// It is a style of code.
    pub(crate) code: bool,
}

/// All that has a say in how a run looks.
pub(crate) struct Formatting {
    pub(crate) direct: RunProperties,
    pub(crate) character: Option<RunStyle>,
    /// What the paragraph around is, and what its style says of runs.
    pub(crate) role: Role,
    pub(crate) paragraph: RunProperties,
    pub(crate) defaults: RunProperties,
}

impl Formatting {
    /// How the run looks in link number `link`, 0 for none; and whether it is hidden.
    pub(crate) fn look(self, link: u32) -> (Look, bool) {
        let Self { direct, character, role, mut paragraph, defaults } = self;
        if role != Role::Body {
            // How all headings or all quotes look is no emphasis.
            let (hidden, face) = (paragraph.hidden, paragraph.face);
            paragraph = RunProperties { hidden, ..RunProperties::default() };
            paragraph.face = face.filter(|_| role == Role::Code);
        }
        let style = character.unwrap_or_default();
        let (is_link_style, is_code_style) = (style.link, style.code);
        let mut character = style.run;
        if is_link_style {
            (character.color, character.underline) = (None, None);
        }
        if is_code_style {
            (character.color, character.shading) = (None, None);
        }
        let toggle = |own: Option<bool>, one: Option<bool>, other: Option<bool>| {
            own.unwrap_or(one.unwrap_or(false) ^ other.unwrap_or(false))
        };
        let below = character.over(paragraph);
        let mut underline = direct.underline.or(below.underline).unwrap_or(false);
        let all = direct.over(below).over(defaults);
        let mut color = all.color.and_then(|paint| paint.0);
        if link > 0 && all.link_blue && (!is_link_style || direct.color.is_none()) {
            color = None;
            underline &= is_link_style;
        }
        let usual = defaults.face == Some(Face::Monospace);
        let face = direct.face.or(below.face);
        let look = Look {
            bold: toggle(direct.bold, character.bold, paragraph.bold),
            italic: toggle(direct.italic, character.italic, paragraph.italic),
            strike: toggle(direct.strike, character.strike, paragraph.strike),
            underline,
            code: is_code_style || (face == Some(Face::Monospace) && !usual),
            color,
            background: all
                .highlight
                .and_then(|paint| paint.0)
                .or(all.shading.and_then(|paint| paint.0)),
            link,
        };
        // What is hidden by default only a run of its own accord shows (ISO/IEC 29500-1, 17.7.3).
        let hidden = toggle(direct.hidden, character.hidden, paragraph.hidden);
        (look, hidden || (direct.hidden.is_none() && defaults.hidden == Some(true)))
    }
}

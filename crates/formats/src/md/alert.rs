//! GitHub's alerts (`> [!NOTE]`) are the platform's highlighted boxes, told apart by their colour.

use larkspur_model::document::Callout;
use pulldown_cmark::BlockQuoteKind;

/// Name of the alert, its colour (contract, `docx_enums`: blue, green, purple, yellow, red), picture.
const ALERTS: [(BlockQuoteKind, &str, u8, &str); 5] = [
    (BlockQuoteKind::Note, "NOTE", 5, "information_source"),
    (BlockQuoteKind::Tip, "TIP", 4, "bulb"),
    (BlockQuoteKind::Important, "IMPORTANT", 6, "exclamation"),
    (BlockQuoteKind::Warning, "WARNING", 3, "warning"),
    (BlockQuoteKind::Caution, "CAUTION", 1, "no_entry"),
];

/// The box of an alert.
pub(super) fn callout(kind: BlockQuoteKind) -> Callout {
    let (_, _, colour, emoji) =
        ALERTS.into_iter().find(|alert| alert.0 == kind).unwrap_or(ALERTS[0]);
    Callout {
        background_color: Some(colour),
        border_color: Some(colour),
        text_color: None,
        emoji: emoji.to_owned(),
    }
}

/// The alert whose colour a box has; a note for other boxes.
pub(super) fn kind_of(callout: &Callout) -> &'static str {
    let colour = callout.border_color.or(callout.background_color);
    ALERTS.iter().find(|alert| Some(alert.2) == colour).unwrap_or(&ALERTS[0]).1
}

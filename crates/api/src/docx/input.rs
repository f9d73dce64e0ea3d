//! Blocks as requests bring them, exactly as the API spells them (contract, `DocxChildBlockInput`,
//! `DocxDescendantBlockInput`). What they mean is `parse`'s.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

/// A new block.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BlockInput {
    pub(super) block_id: Option<String>,
    pub(super) block_type: Option<i64>,
    pub(super) children: Option<Vec<String>>,
    pub(super) comment_ids: Option<Vec<String>>,
    pub(super) text: Option<TextInput>,
    pub(super) heading1: Option<TextInput>,
    pub(super) heading2: Option<TextInput>,
    pub(super) heading3: Option<TextInput>,
    pub(super) heading4: Option<TextInput>,
    pub(super) heading5: Option<TextInput>,
    pub(super) heading6: Option<TextInput>,
    pub(super) heading7: Option<TextInput>,
    pub(super) heading8: Option<TextInput>,
    pub(super) heading9: Option<TextInput>,
    pub(super) bullet: Option<TextInput>,
    pub(super) ordered: Option<TextInput>,
    pub(super) code: Option<TextInput>,
    pub(super) quote: Option<TextInput>,
    pub(super) todo: Option<TextInput>,
    pub(super) bitable: Option<BitableInput>,
    pub(super) callout: Option<CalloutInput>,
    pub(super) chat_card: Option<ChatCardInput>,
    pub(super) file: Option<FileInput>,
    pub(super) grid: Option<GridInput>,
    pub(super) grid_column: Option<GridColumnInput>,
    pub(super) iframe: Option<IframeInput>,
    pub(super) image: Option<ImageInput>,
    pub(super) isv: Option<ComponentInput>,
    pub(super) add_ons: Option<ComponentInput>,
    pub(super) sheet: Option<SheetInput>,
    pub(super) table: Option<TableInput>,
    pub(super) okr: Option<OkrInput>,
    pub(super) wiki_catalog: Option<WikiInput>,
    pub(super) board: Option<BoardInput>,
    pub(super) link_preview: Option<LinkPreviewInput>,
    pub(super) sub_page_list: Option<WikiInput>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TextInput {
    pub(super) style: Option<StyleInput>,
    pub(super) elements: Option<Vec<ElementInput>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct StyleInput {
    pub(super) align: Option<i64>,
    pub(super) done: Option<bool>,
    pub(super) folded: Option<bool>,
    pub(super) language: Option<i64>,
    pub(super) wrap: Option<bool>,
    pub(super) background_color: Option<String>,
    pub(super) indentation_level: Option<String>,
    pub(super) sequence: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ElementInput {
    pub(super) text_run: Option<RunInput>,
    pub(super) mention_user: Option<MentionUserInput>,
    pub(super) mention_doc: Option<MentionDocInput>,
    pub(super) reminder: Option<ReminderInput>,
    pub(super) equation: Option<RunInput>,
    pub(super) file: Option<IgnoredAny>,
    pub(super) inline_block: Option<IgnoredAny>,
    pub(super) undefined: Option<IgnoredAny>,
    pub(super) undefined_element: Option<IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RunInput {
    pub(super) content: Option<String>,
    pub(super) text_element_style: Option<ElementStyleInput>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MentionUserInput {
    pub(super) user_id: Option<String>,
    pub(super) text_element_style: Option<ElementStyleInput>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MentionDocInput {
    pub(super) token: Option<String>,
    pub(super) obj_type: Option<i64>,
    pub(super) url: Option<String>,
    pub(super) title: Option<String>,
    pub(super) fallback_type: Option<String>,
    pub(super) text_element_style: Option<ElementStyleInput>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ReminderInput {
    pub(super) create_user_id: Option<String>,
    pub(super) is_notify: Option<bool>,
    pub(super) is_whole_day: Option<bool>,
    /// Milliseconds, in a string.
    pub(super) expire_time: Option<String>,
    /// Milliseconds, in a string.
    pub(super) notify_time: Option<String>,
    pub(super) text_element_style: Option<ElementStyleInput>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ElementStyleInput {
    pub(super) bold: Option<bool>,
    pub(super) italic: Option<bool>,
    pub(super) strikethrough: Option<bool>,
    pub(super) underline: Option<bool>,
    pub(super) inline_code: Option<bool>,
    pub(super) background_color: Option<i64>,
    pub(super) text_color: Option<i64>,
    pub(super) link: Option<LinkInput>,
    pub(super) comment_ids: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LinkInput {
    pub(super) url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BitableInput {
    pub(super) view_type: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CalloutInput {
    pub(super) background_color: Option<i64>,
    pub(super) border_color: Option<i64>,
    pub(super) text_color: Option<i64>,
    pub(super) emoji_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ChatCardInput {
    pub(super) chat_id: Option<String>,
    pub(super) align: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct FileInput {
    pub(super) view_type: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct GridInput {
    pub(super) column_size: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct GridColumnInput {
    pub(super) width_ratio: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct IframeInput {
    pub(super) component: Option<IframeComponentInput>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct IframeComponentInput {
    pub(super) iframe_type: Option<i64>,
    pub(super) url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ImageInput {
    pub(super) align: Option<i64>,
    pub(super) caption: Option<CaptionInput>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CaptionInput {
    pub(super) content: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ComponentInput {
    pub(super) component_id: Option<String>,
    pub(super) component_type_id: Option<String>,
    /// JSON in a string.
    pub(super) record: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct SheetInput {
    pub(super) row_size: Option<i64>,
    pub(super) column_size: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TableInput {
    pub(super) property: Option<TablePropertyInput>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TablePropertyInput {
    pub(super) row_size: Option<i64>,
    pub(super) column_size: Option<i64>,
    pub(super) column_width: Option<Vec<i64>>,
    pub(super) merge_info: Option<Value>,
    pub(super) header_row: Option<bool>,
    pub(super) header_column: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct OkrInput {
    pub(super) okr_id: Option<String>,
    pub(super) objectives: Option<Vec<ObjectiveInput>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ObjectiveInput {
    pub(super) objective_id: Option<String>,
    pub(super) kr_ids: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct WikiInput {
    pub(super) wiki_token: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct BoardInput {
    pub(super) align: Option<i64>,
    pub(super) width: Option<i64>,
    pub(super) height: Option<i64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LinkPreviewInput {
    pub(super) url: Option<String>,
    pub(super) url_type: Option<String>,
}

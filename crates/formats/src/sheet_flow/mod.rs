//! What workbooks of all Excel's generations mean: rows within the limits, styles without repetitions,
//! dates, number formats, colours, sizes, areas, links, dropdowns.

pub(crate) mod cells;
pub(crate) mod date;
pub(crate) mod dropdowns;
pub(crate) mod layout;
pub(crate) mod links;
pub(crate) mod merges;
pub(crate) mod names;
pub(crate) mod number_formats;
pub(crate) mod palette;
pub(crate) mod rich;
pub(crate) mod style_list;

//! A document as JSON, indented, fields in the model's order; the bytes of pictures follow as base64.

use std::io::{Read as _, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use larkspur_model::document::{AssetId, Document};
use larkspur_model::loss::LossKind;

use crate::{AssetSource, Context, Error};

/// Writes a JSON file; see [`crate::WriteDocument`].
pub(super) fn write(
    document: &Document,
    assets: &mut dyn AssetSource,
    output: &mut dyn Write,
    context: &mut Context<'_>,
) -> Result<(), Error> {
    if document.assets.is_empty() {
        serde_json::to_writer_pretty(&mut *output, document).map_err(std::io::Error::from)?;
        output.write_all(b"\n")?;
        return Ok(());
    }
    let model = serde_json::to_string_pretty(document).map_err(std::io::Error::from)?;
    let open = model.trim_end().strip_suffix('}').unwrap_or(&model).trim_end();
    output.write_all(open.as_bytes())?;
    output.write_all(b",\n  \"asset_data\": [")?;
    for (index, asset) in (0..).zip(&document.assets) {
        let mut bytes = Vec::new();
        let most = context.limits.entry_bytes;
        let read = assets
            .open(AssetId(index))
            .and_then(|reader| reader.take(most).read_to_end(&mut bytes));
        if let Err(error) = read {
            let what = format!("a picture cannot be read: {error}");
            context.lose(LossKind::ImageFailed, asset.name.as_str(), what);
        }
        let comma = if index == 0 { "" } else { "," };
        write!(output, "{comma}\n    \"{}\"", STANDARD.encode(&bytes))?;
    }
    output.write_all(b"\n  ]\n}\n")?;
    Ok(())
}

//! Pictures as parts of the package.

use crate::ooxml::{Package, Part};
use crate::word_flow::media::{Opened, Pictures};

/// The package as the place of pictures.
pub(super) struct Parts<'p, 'a>(pub(super) &'p mut Package<'a>);

impl Pictures<Part> for Parts<'_, '_> {
    fn open(&mut self, part: Part) -> Result<Opened<'_>, String> {
        let name = self.0.name(part).to_owned();
        let named = self.0.content_type(part).to_owned();
        let reader =
            self.0.reader(part).map_err(|error| format!("a picture cannot be read: {error}"))?;
        Ok(Opened { name, named, bytes: Box::new(reader) })
    }
}

//! The faces built into the program; `fonts/README.md` says where each comes from.

use std::sync::LazyLock;

use typst::foundations::Bytes;
use typst::text::Font;

const FILES: [&[u8]; 11] = [
    include_bytes!("../../fonts/NotoSans-Regular.ttf"),
    include_bytes!("../../fonts/NotoSans-Italic.ttf"),
    include_bytes!("../../fonts/NotoSans-Bold.ttf"),
    include_bytes!("../../fonts/NotoSans-BoldItalic.ttf"),
    include_bytes!("../../fonts/NotoSansHans-Regular.otf"),
    include_bytes!("../../fonts/NotoSansHans-Bold.otf"),
    include_bytes!("../../fonts/JetBrainsMono-Regular.ttf"),
    include_bytes!("../../fonts/JetBrainsMono-Bold.ttf"),
    include_bytes!("../../fonts/DejaVuSansMono.ttf"),
    include_bytes!("../../fonts/NotoColorEmoji-Subset.ttf"),
    include_bytes!("../../fonts/NewCMMath-Regular.otf"),
];

static FACES: LazyLock<Vec<Font>> = LazyLock::new(|| {
    FILES
        .into_iter()
        .map(|file| Font::new(Bytes::new(file), 0).expect("the built-in fonts are whole"))
        .collect()
});

/// All built-in faces, in the order of preference.
pub(crate) fn faces() -> &'static [Font] {
    &FACES
}

/// Whether any built-in face has the character.
pub(crate) fn covers(character: char) -> bool {
    FACES.iter().any(|face| face.info().coverage.contains(u32::from(character)))
}

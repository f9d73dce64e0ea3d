//! Which namespace an element is in. Only three are told apart: the root element's, which is the
//! document's own whatever its address, markup compatibility, and all others.

use super::Attributes;
use crate::Error;
use crate::ooxml::text::decoded;

/// Namespace bindings in force at once.
const MOST_BINDINGS: usize = 4_096;
const COMPATIBILITY: &[u8] = b"http://schemas.openxmlformats.org/markup-compatibility/2006";

/// Which namespace an element is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    /// That of the root element.
    Main,
    /// Markup compatibility.
    Compatibility,
    /// Any other.
    Foreign,
}

#[derive(Debug)]
struct Binding {
    prefix: Box<[u8]>,
    address: Box<[u8]>,
    space: Space,
    depth: usize,
}

/// The bindings in force.
#[derive(Debug, Default)]
pub(super) struct Namespaces {
    bindings: Vec<Binding>,
    default: Option<Space>,
    /// Whether the root element is in no namespace at all.
    is_bare: bool,
}

impl Namespaces {
    /// The namespace of elements without prefix; `None` before the root element.
    pub(super) const fn unprefixed(&self) -> Option<Space> {
        self.default
    }

    /// Takes the declarations among the attributes of the element that starts at `depth`.
    pub(super) fn bind(&mut self, attributes: Attributes<'_>, depth: usize) -> Result<(), Error> {
        for (name, value) in attributes {
            let prefix = match name.strip_prefix(b"xmlns") {
                Some([]) => &[][..],
                Some([b':', prefix @ ..]) => prefix,
                _ => continue,
            };
            let address = decoded(value);
            let address = address.as_bytes();
            let space = if address == COMPATIBILITY {
                Space::Compatibility
            } else if self.main_address() == Some(address) {
                Space::Main
            } else {
                Space::Foreign
            };
            let (prefix, address) = (prefix.into(), address.into());
            self.bindings.push(Binding { prefix, address, space, depth });
        }
        if self.bindings.len() > MOST_BINDINGS {
            return Err(Error::TooLarge("an XML part binds too many namespaces".into()));
        }
        self.default = Some(self.of(b""));
        Ok(())
    }

    /// Forgets the declarations of the element that ends at `depth`.
    pub(super) fn leave(&mut self, depth: usize) {
        let before = self.bindings.len();
        while self.bindings.last().is_some_and(|binding| binding.depth >= depth) {
            self.bindings.pop();
        }
        if self.bindings.len() < before {
            self.default = Some(self.of(b""));
        }
    }

    /// Makes the namespace of the root element, whose prefix this is, the document's own.
    pub(super) fn enter_root(&mut self, prefix: &[u8]) -> Space {
        let found = self.bindings.iter().rev().find(|binding| *binding.prefix == *prefix);
        let main = found.map(|binding| binding.address.clone());
        for binding in &mut self.bindings {
            if Some(&binding.address) == main.as_ref() {
                binding.space = Space::Main;
            }
        }
        self.is_bare = prefix.is_empty() && main.is_none();
        self.default = Some(self.of(b""));
        Space::Main
    }

    /// The namespace of an element with this prefix.
    pub(super) fn of(&self, prefix: &[u8]) -> Space {
        let bare = if prefix.is_empty() && self.is_bare { Space::Main } else { Space::Foreign };
        let found = self.bindings.iter().rev().find(|binding| *binding.prefix == *prefix);
        found.map_or(bare, |binding| binding.space)
    }

    fn main_address(&self) -> Option<&[u8]> {
        let main = self.bindings.iter().find(|binding| binding.space == Space::Main);
        main.map(|binding| &*binding.address)
    }
}

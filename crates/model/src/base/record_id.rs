//! Ids of records. A record's id is its place in the table under a permutation of the table's own:
//! from an id the place is computed, so a million records need no index and no stored id.

/// Makes the ids of a table's records, and reads them back.
#[derive(Debug, Clone, Copy)]
pub struct RecordIds {
    key: u64,
}

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const PREFIX: &str = "rec";
/// Characters behind the prefix: 62 to the power of 11 is more than 2 to the power of 64.
const LETTERS: usize = 11;
const ROUNDS: u64 = 4;

impl RecordIds {
    /// The ids of the table with this key, a random number.
    pub const fn new(key: u64) -> Self {
        Self { key }
    }

    /// A round of the permutation.
    const fn mix(self, round: u64, half: u32) -> u32 {
        let mut word = (half as u64).wrapping_add(
            self.key.rotate_left((round * 16) as u32).wrapping_mul(0x9E37_79B9_7F4A_7C15 + round),
        );
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (word ^ (word >> 31)) as u32
    }

    /// The id of the record at `position`.
    pub fn id(self, position: u64) -> String {
        let (mut left, mut right) = ((position >> 32) as u32, position as u32);
        for round in 0..ROUNDS {
            (left, right) = (right, left ^ self.mix(round, right));
        }
        let mut rest = u64::from(left) << 32 | u64::from(right);
        let mut letters = [0; LETTERS];
        for letter in letters.iter_mut().rev() {
            *letter = ALPHABET[(rest % 62) as usize];
            rest /= 62;
        }
        let mut id = String::with_capacity(PREFIX.len() + LETTERS);
        id.push_str(PREFIX);
        id.extend(letters.iter().map(|letter| char::from(*letter)));
        id
    }

    /// The position of an id; what no record of the table could be called has none. Whether there is
    /// a record at the position is the table's to say.
    pub fn position(self, id: &str) -> Option<u64> {
        let letters = id.strip_prefix(PREFIX)?.as_bytes();
        if letters.len() != LETTERS {
            return None;
        }
        let mut number = 0_u64;
        for letter in letters {
            let digit = ALPHABET.iter().position(|known| known == letter)? as u64;
            number = number.checked_mul(62)?.checked_add(digit)?;
        }
        let (mut left, mut right) = ((number >> 32) as u32, number as u32);
        for round in (0..ROUNDS).rev() {
            (left, right) = (right ^ self.mix(round, left), left);
        }
        Some(u64::from(left) << 32 | u64::from(right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_lead_back_to_their_places() {
        let ids = RecordIds::new(0x1234_5678_9ABC_DEF0);
        let other = RecordIds::new(7);
        let mut seen = std::collections::HashSet::new();
        for position in (0..5_000).chain([u64::from(u32::MAX), 1 << 40, u64::MAX]) {
            let id = ids.id(position);
            assert_eq!(id.len(), 14);
            assert_eq!(ids.position(&id), Some(position));
            assert_ne!(other.position(&id), Some(position));
            assert!(seen.insert(id));
        }
        for wrong in ["", "rec", "recn0hoyXL", "rec!!!!!!!!!!!", "reczzzzzzzzzzz", "xyz00000000000"]
        {
            assert_eq!(ids.position(wrong), None, "{wrong}");
        }
    }
}

//! Rules for single fields of the contact book: ids, telephone numbers, mail addresses, countries
//! (contract, NOTES §12). Pure; nothing here knows what is in the book.

/// Countries by ISO 3166-1 alpha-2.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO \
    BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ \
    DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP \
    GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG \
    KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML \
    MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE \
    PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL \
    SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM \
    US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// Latest `join_time`, seconds: the last that 32 bits without a sign can say, in 2106.
const LATEST_JOIN: i64 = u32::MAX as i64;

/// Whether `text` may be an id: `^[A-Za-z0-9][A-Za-z0-9_\-@.]{0,63}$`.
pub(super) fn is_id(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphanumeric())
        && text.len() <= 64
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"_-@.".contains(&byte))
}

/// The telephone number in E.164. Blanks, hyphens and brackets are passed over; a number without a
/// country code is one of mainland China, where mobiles have eleven digits and begin with 1.
pub(super) fn mobile(text: &str) -> Option<String> {
    let plain: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '(' | ')')).collect();
    let (digits, has_country) = match plain.strip_prefix('+') {
        Some(digits) => (digits, true),
        None => (plain.as_str(), false),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mainland = match (has_country, digits.strip_prefix("86")) {
        (false, _) => Some(digits),
        (true, rest) => rest,
    };
    if let Some(number) = mainland {
        let bytes = number.as_bytes();
        let fits = bytes.len() == 11 && bytes[0] == b'1' && (b'3'..=b'9').contains(&bytes[1]);
        return fits.then(|| format!("+86{number}"));
    }
    let fits = (7..=15).contains(&digits.len()) && !digits.starts_with('0');
    fits.then(|| format!("+{digits}"))
}

/// Whether `text` is a mail address: a local part of up to 64 characters, a domain of labels with a
/// dot between them, all in ASCII.
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let local_fits = (1..=64).contains(&local.len())
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~.-".contains(&byte));
    let label_fits = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    local_fits
        && text.len() <= 254
        && domain.contains('.')
        && domain.split('.').all(label_fits)
        && !domain.rsplit('.').next().is_some_and(|top| top.bytes().all(|b| b.is_ascii_digit()))
}

/// Whether `text` is a country of ISO 3166-1 alpha-2, in capitals.
pub(super) fn is_country(text: &str) -> bool {
    text.len() == 2 && COUNTRIES.split(' ').any(|code| code == text)
}

/// Whether these seconds since the epoch can be when somebody joined.
pub(super) const fn is_join_time(seconds: i64) -> bool {
    seconds > 0 && seconds <= LATEST_JOIN
}

/// Whether `text` has more than `most` characters.
pub(super) fn exceeds(text: &str, most: usize) -> bool {
    text.len() > most && text.chars().count() > most
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_begin_with_a_letter_or_digit_and_have_up_to_64_characters() {
        for good in ["a", "9", "custom_1", "u-1@b.c", &"x".repeat(64)] {
            assert!(is_id(good), "{good}");
        }
        for bad in ["", "_custom_2", "-a", "a b", "a/b", "张", "@a", &"x".repeat(65)] {
            assert!(!is_id(bad), "{bad}");
        }
    }

    #[test]
    fn mobiles_become_e164_or_nothing() {
        for (sent, number) in [
            ("13000000001", Some("+8613000000001")),
            ("+86 130-0000-0001", Some("+8613000000001")),
            ("+1 (415) 555-2671", Some("+14155552671")),
            ("+85290001234", Some("+85290001234")),
            ("+8612345678901", None),
            ("12345678901", None),
            ("1300000000", None),
            ("+123456", None),
            ("+1234567890123456", None),
            ("+0123456789", None),
            ("mobile", None),
            ("", None),
            ("+", None),
            ("++8613000000001", None),
        ] {
            assert_eq!(mobile(sent).as_deref(), number, "{sent}");
        }
    }

    #[test]
    fn addresses_have_two_parts_and_a_domain() {
        for good in ["a@b.co", "zhang.san+x@mail.example.com", "custom_1@feishu.cn"] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "a@b",
            "@b.co",
            "a@",
            "a b@c.de",
            "a@@b.co",
            ".a@b.co",
            "a@b..co",
            "a@-b.co",
            "张@b.co",
            "a@1.2.3.4",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn countries_are_those_of_the_standard() {
        assert_eq!(COUNTRIES.split_whitespace().count(), 249);
        assert!(COUNTRIES.split(' ').is_sorted());
        assert!(is_country("CN") && is_country("DE") && is_country("ZW"));
        for bad in ["", "cn", "C", "XX", "UK", "CHN", "N "] {
            assert!(!is_country(bad), "{bad}");
        }
    }
}

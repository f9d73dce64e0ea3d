//! Time zones of bases: dates are days there, moments on the wire.

/// The zone of a base that names none (contract, `time_zone` of the samples).
pub(crate) const USUAL: &str = "Asia/Shanghai";

const HOUR_MS: i64 = 3_600_000;

/// Zones without summer time that are met with bases, and the hours they are ahead of UTC.
const ZONES: [(&str, i64); 16] = [
    ("Asia/Shanghai", 8),
    ("Asia/Beijing", 8),
    ("Asia/Chongqing", 8),
    ("Asia/Urumqi", 6),
    ("Asia/Hong_Kong", 8),
    ("Asia/Macau", 8),
    ("Asia/Taipei", 8),
    ("Asia/Singapore", 8),
    ("Asia/Kuala_Lumpur", 8),
    ("Asia/Manila", 8),
    ("Asia/Tokyo", 9),
    ("Asia/Seoul", 9),
    ("Asia/Bangkok", 7),
    ("Asia/Ho_Chi_Minh", 7),
    ("Asia/Jakarta", 7),
    ("UTC", 0),
];

/// Whether the server knows a zone of this name.
pub(crate) fn is_known(name: &str) -> bool {
    ZONES.iter().any(|(known, _)| *known == name)
}

/// How far a zone is ahead of UTC.
pub(crate) fn offset_ms(name: &str) -> i64 {
    ZONES.iter().find(|(known, _)| *known == name).map_or(8, |(_, hours)| *hours) * HOUR_MS
}

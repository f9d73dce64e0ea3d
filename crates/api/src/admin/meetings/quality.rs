//! A line of quality -> a minute of a participant. There are millions of these, so they are read
//! without a value tree in between.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use larkspur_store::meetings::{METRICS, Sample, Unit};
use serde::Deserialize;
use serde::de::{self, MapAccess, Visitor};
use serde_json::Value;

use super::fields::seconds;

/// Largest number.
const MOST: f64 = 10_000_000.0;

static PLACES: LazyLock<HashMap<&'static str, usize>> =
    LazyLock::new(|| METRICS.iter().enumerate().map(|(at, metric)| (metric.name, at)).collect());

#[derive(Deserialize)]
struct Kind<'a> {
    #[serde(borrow)]
    kind: Option<Cow<'a, str>>,
}

/// A minute, if the line is one of quality: by its own `kind`, else by `usual`.
pub(super) fn parse(line: &[u8], usual: Option<&str>) -> Option<Result<(String, Sample), String>> {
    // What is no JSON is told by whoever reads the other kinds.
    let kind: Kind<'_> = serde_json::from_slice(line).ok()?;
    if kind.kind.as_deref().or(usual) != Some("quality") {
        return None;
    }
    Some(serde_json::from_slice(line).map_err(|error| error.to_string()).and_then(finish))
}

struct Line {
    participant: String,
    time: Option<Value>,
    sample: Sample,
}

fn finish(line: Line) -> Result<(String, Sample), String> {
    if line.participant.is_empty() || line.participant.len() > 64 {
        return Err("participant_id is required, of at most 64 characters".to_owned());
    }
    let time = line.time.ok_or("time is required")?;
    let wanted = "time is seconds since 1970, or 2026-11-02T09:00:00+08:00";
    let seconds = seconds(&time).ok_or_else(|| format!("{wanted}, not {time}"))?;
    let mut sample = line.sample;
    sample.minute = seconds.div_euclid(60);
    Ok((line.participant, sample))
}

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(LineVisitor)
    }
}

struct LineVisitor;

impl<'de> Visitor<'de> for LineVisitor {
    type Value = Line;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a record of quality")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Line, A::Error> {
        let mut line = Line { participant: String::new(), time: None, sample: Sample::new(0) };
        while let Some(key) = map.next_key::<Cow<'de, str>>()? {
            match key.as_ref() {
                "kind" => {
                    map.next_value::<de::IgnoredAny>()?;
                }
                "participant_id" => line.participant = map.next_value()?,
                "time" => line.time = Some(map.next_value()?),
                name => {
                    let unknown = || de::Error::custom(format!("unknown field `{name}`"));
                    let place = PLACES.get(name).copied().ok_or_else(unknown)?;
                    if let Measured(Some(value)) = map.next_value()? {
                        let unit = METRICS[place].unit;
                        let value = stored(value, unit).ok_or_else(|| {
                            de::Error::custom(format!("{name} cannot be {value}"))
                        })?;
                        line.sample.set(place, value);
                    }
                }
            }
        }
        Ok(line)
    }
}

/// A number as it is kept: shares of a hundred with one decimal, loudness of either sign.
fn stored(value: f64, unit: Unit) -> Option<i32> {
    let fits = match unit {
        Unit::Permille => (0.0..=100.0).contains(&value),
        Unit::Db => (-200.0..=200.0).contains(&value),
        _ => (0.0..=MOST).contains(&value),
    };
    let scale = if unit == Unit::Permille { 10.0 } else { 1.0 };
    fits.then(|| (value * scale).round() as i32)
}

/// A number, or a text with one; nothing for what is empty.
struct Measured(Option<f64>);

impl<'de> Deserialize<'de> for Measured {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(MeasuredVisitor)
    }
}

struct MeasuredVisitor;

impl Visitor<'_> for MeasuredVisitor {
    type Value = Measured;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a number")
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Measured, E> {
        Ok(Measured(Some(value as f64)))
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Measured, E> {
        Ok(Measured(Some(value as f64)))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Measured, E> {
        Ok(Measured(Some(value)))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Measured, E> {
        Ok(Measured(None))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Measured, E> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Measured(None));
        }
        let wrong = || de::Error::invalid_value(de::Unexpected::Str(text), &self);
        text.parse().map(|value| Measured(Some(value))).map_err(|_| wrong())
    }
}

#[cfg(test)]
mod tests {
    use larkspur_store::meetings::metric;

    use super::*;

    #[test]
    fn a_minute_is_read_from_numbers_or_texts() {
        let line = br#"{"kind":"quality","participant_id":"p1","time":"2022-07-21T11:30:25+08:00",
                        "audio_bitrate_received":50,"client_cpu_avg":"0.8","mic_volume":-12,
                        "video_bitrate_sent":"","audio_loss_avg_sent":null}"#;
        let (participant, sample) = parse(line, None).unwrap().unwrap();
        assert_eq!((participant.as_str(), sample.minute), ("p1", 1_658_374_225 / 60));
        assert_eq!(sample.get(0), Some(50));
        assert_eq!(sample.get(metric("client_cpu_avg")), Some(8));
        assert_eq!(sample.get(metric("mic_volume")), Some(-12));
        assert_eq!(sample.get(metric("video_bitrate_sent")), None);
    }

    #[test]
    fn other_kinds_are_left_alone_and_what_is_wrong_is_told() {
        assert!(parse(b"{", None).is_none());
        assert!(parse(br#"{"kind":"room"}"#, Some("quality")).is_none());
        for (line, message) in [
            (r#"{"time":1}"#, "participant_id"),
            (r#"{"participant_id":"p"}"#, "time is required"),
            (r#"{"participant_id":"p","time":"noon"}"#, "noon"),
            (r#"{"participant_id":"p","time":1,"colour":3}"#, "unknown field `colour`"),
            (r#"{"participant_id":"p","time":1,"client_cpu_avg":101}"#, "client_cpu_avg"),
            (r#"{"participant_id":"p","time":1,"mic_volume":"loud"}"#, "loud"),
        ] {
            let refused = parse(line.as_bytes(), Some("quality")).unwrap().unwrap_err();
            assert!(refused.contains(message), "{line}: {refused}");
        }
    }
}

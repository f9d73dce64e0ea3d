//! How well a call went, minute by minute: steady numbers with a little noise, and now and then a few
//! bad minutes.

use serde_json::{Map, Value, json};

use super::random::Random;

/// Which streams somebody has.
pub(super) struct Streams {
    /// Their camera is on.
    pub(super) video: bool,
    /// Others' cameras are.
    pub(super) seen: bool,
    /// They share their screen.
    pub(super) shares: bool,
    /// Somebody else does.
    pub(super) shared: bool,
    /// Their network is a wireless one.
    pub(super) wireless: bool,
}

/// One in so many minutes begins a bad stretch.
const CALM_MINUTES: u64 = 40;

/// How bad a minute is.
struct Weather {
    delay_ms: i64,
    jitter_ms: i64,
    /// Tenths of a percent.
    loss: i64,
    /// What is left of a bit rate, percent.
    rate: i64,
}

impl Weather {
    fn of(random: &mut Random, wireless: bool, bad: bool) -> Self {
        let extra = i64::from(wireless);
        if bad {
            return Self {
                delay_ms: random.between(180, 650),
                jitter_ms: random.between(25, 140),
                loss: random.between(30, 220),
                rate: random.between(25, 65),
            };
        }
        Self {
            delay_ms: random.between(12, 45) + extra * random.between(0, 20),
            jitter_ms: random.between(1, 4) + extra * random.between(0, 6),
            loss: extra * random.between(0, 6),
            rate: random.between(90, 110),
        }
    }
}

/// The minutes from joining to leaving.
pub(super) fn minutes<E>(
    random: &mut Random,
    participant: &str,
    join_s: i64,
    leave_s: i64,
    streams: &Streams,
    keep: &mut dyn FnMut(Value) -> Result<(), E>,
) -> Result<(), E> {
    let mut bad_left = 0;
    let base_cpu = random.between(30, 140);
    for minute in join_s.div_euclid(60)..=leave_s.div_euclid(60) {
        if bad_left == 0 && random.below(CALM_MINUTES) == 0 {
            bad_left = random.between(2, 6);
        }
        let weather = Weather::of(random, streams.wireless, bad_left > 0);
        bad_left = (bad_left - 1).max(0);
        let mut fields = Map::new();
        fields.insert("kind".to_owned(), json!("quality"));
        fields.insert("participant_id".to_owned(), json!(participant));
        fields.insert("time".to_owned(), json!(minute * 60));
        stream(random, "audio", (Some(48), Some(48)), &weather, &mut fields);
        let video = (streams.seen.then_some(900), streams.video.then_some(1_200));
        stream(random, "video", video, &weather, &mut fields);
        let sharing = (streams.shared.then_some(600), streams.shares.then_some(800));
        stream(random, "sharing", sharing, &weather, &mut fields);
        pictures(random, streams, &weather, &mut fields);
        rest(random, base_cpu, &weather, &mut fields);
        keep(Value::Object(fields))?;
    }
    Ok(())
}

fn put(fields: &mut Map<String, Value>, name: String, value: i64) {
    fields.insert(name, json!(value));
}

/// A share of a hundred, from tenths.
fn put_share(fields: &mut Map<String, Value>, name: String, tenths: i64) {
    let tenths = tenths.clamp(0, 1_000);
    if tenths % 10 == 0 {
        put(fields, name, tenths / 10);
    } else {
        fields.insert(name, json!(tenths as f64 / 10.0));
    }
}

/// The ten numbers of a stream: five of each direction that it has, from its usual bit rates.
fn stream(
    random: &mut Random,
    name: &str,
    rates: (Option<i64>, Option<i64>),
    weather: &Weather,
    fields: &mut Map<String, Value>,
) {
    for (direction, rate) in [("received", rates.0), ("sent", rates.1)] {
        let Some(rate) = rate else { continue };
        let rate = rate * weather.rate / 100 + random.between(-2, 2);
        put(fields, format!("{name}_bitrate_{direction}"), rate.max(1));
        let delay = weather.delay_ms + random.between(0, 9);
        put(fields, format!("{name}_latency_{direction}"), delay);
        let jitter = weather.jitter_ms + random.between(0, 2);
        put(fields, format!("{name}_jitter_{direction}"), jitter);
        // Whole percents, as the platform's report has them.
        let loss = weather.loss / 10 / if direction == "sent" { 2 } else { 1 };
        put(fields, format!("{name}_loss_avg_{direction}"), loss);
        let most = if loss > 0 { loss + random.between(1, 8) } else { 0 };
        put(fields, format!("{name}_loss_max_{direction}"), most);
    }
}

fn pictures(
    random: &mut Random,
    streams: &Streams,
    weather: &Weather,
    fields: &mut Map<String, Value>,
) {
    let poor = weather.rate < 80;
    for (name, direction, on, frames) in [
        ("video", "received", streams.seen, 30),
        ("video", "sent", streams.video, 30),
        ("sharing", "received", streams.shared, 15),
        ("sharing", "sent", streams.shares, 15),
    ] {
        if on {
            let lines = if poor { 360 } else { [720, 1_080][random.below(2) as usize] };
            put(fields, format!("{name}_resolution_{direction}"), lines);
            let frames = frames * weather.rate.min(100) / 100;
            put(fields, format!("{name}_framerate_{direction}"), frames);
        }
    }
}

fn rest(random: &mut Random, base_cpu: i64, weather: &Weather, fields: &mut Map<String, Value>) {
    let low = (base_cpu + random.between(-20, 20)).max(5) / 10 * 10;
    let average = low + random.between(1, 4) * 10;
    let high = average + random.between(1, 8) * 10;
    let system = (high + random.between(5, 30) * 10).min(1_000);
    put_share(fields, "client_cpu_min".to_owned(), low);
    put_share(fields, "client_cpu_avg".to_owned(), average);
    put_share(fields, "client_cpu_max".to_owned(), high);
    put_share(fields, "system_cpu_max".to_owned(), system);
    put_share(fields, "system_cpu_avg".to_owned(), system * 6 / 10);
    put(fields, "network_delay".to_owned(), weather.delay_ms);
    for direction in ["received", "sent"] {
        let rate = 1_500 * weather.rate / 100;
        put(fields, format!("network_bitrate_{direction}"), rate);
        put_share(fields, format!("network_loss_avg_{direction}"), weather.loss);
        put_share(fields, format!("network_loss_max_{direction}"), weather.loss * 2);
    }
    put(fields, "mic_volume".to_owned(), random.between(-38, -18));
    put(fields, "speaker_volume".to_owned(), random.between(-30, -12));
}

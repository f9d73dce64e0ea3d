//! The pictures a callout names by the platform's words, as characters.

/// The character of a picture's name, if it is a known one.
pub(super) fn character(name: &str) -> Option<&'static str> {
    const NAMES: [(&str, &str); 70] = [
        ("gift", "🎁"), ("bulb", "💡"), ("star", "⭐"), ("star2", "🌟"), ("warning", "⚠️"),
        ("pushpin", "📌"), ("round_pushpin", "📍"), ("fire", "🔥"), ("rocket", "🚀"),
        ("memo", "📝"), ("pencil", "📝"), ("pencil2", "✏️"), ("books", "📚"), ("book", "📖"),
        ("open_book", "📖"), ("bookmark", "🔖"), ("clipboard", "📋"), ("calendar", "📅"),
        ("date", "📅"), ("alarm_clock", "⏰"), ("hourglass", "⌛"), ("bell", "🔔"),
        ("loudspeaker", "📢"), ("mega", "📣"), ("speech_balloon", "💬"), ("thought_balloon", "💭"),
        ("question", "❓"), ("grey_question", "❔"), ("exclamation", "❗"),
        ("heavy_exclamation_mark", "❗"), ("information_source", "ℹ️"), ("white_check_mark", "✅"),
        ("heavy_check_mark", "✔️"), ("ballot_box_with_check", "☑️"), ("x", "❌"),
        ("no_entry", "⛔"), ("no_entry_sign", "🚫"), ("construction", "🚧"), ("key", "🔑"),
        ("lock", "🔒"), ("unlock", "🔓"), ("mag", "🔍"), ("link", "🔗"), ("paperclip", "📎"),
        ("package", "📦"), ("gear", "⚙️"), ("wrench", "🔧"), ("hammer", "🔨"), ("tada", "🎉"),
        ("trophy", "🏆"), ("dart", "🎯"), ("chart_with_upwards_trend", "📈"),
        ("chart_with_downwards_trend", "📉"), ("bar_chart", "📊"), ("email", "📧"),
        ("telephone_receiver", "📞"), ("computer", "💻"), ("iphone", "📱"), ("camera", "📷"),
        ("art", "🎨"), ("sparkles", "✨"), ("zap", "⚡"), ("heart", "❤️"), ("thumbsup", "👍"),
        ("+1", "👍"), ("clap", "👏"), ("pray", "🙏"), ("eyes", "👀"), ("smile", "😄"),
        ("wave", "👋"),
    ];
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, character)| *character)
}

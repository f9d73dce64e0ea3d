//! The languages of pages, and which of them a browser is shown.

/// A language of the pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Chinese, in simplified characters.
    Chinese,
}

impl Language {
    /// The language that was chosen on the page, else the first one the browser prefers.
    pub fn of(chosen: Option<&str>, accept_language: &str) -> Self {
        if let Some(chosen) = chosen.and_then(Self::of_tag) {
            return chosen;
        }
        let mut best = (0.0_f32, Self::English);
        for range in accept_language.split(',') {
            let mut parts = range.split(';');
            let language = Self::of_tag(parts.next().unwrap_or_default().trim());
            let weight = parts.find_map(|part| part.trim().strip_prefix("q="));
            let weight = weight.map_or(1.0, |weight| weight.trim().parse().unwrap_or(0.0));
            if let Some(language) = language
                && weight > best.0
            {
                best = (weight, language);
            }
        }
        best.1
    }

    fn of_tag(tag: &str) -> Option<Self> {
        match tag.split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "en" => Some(Self::English),
            "zh" => Some(Self::Chinese),
            _ => None,
        }
    }

    /// As it stands in `lang` attributes.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-CN",
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::English => Self::Chinese,
            Self::Chinese => Self::English,
        }
    }

    /// What it calls itself.
    pub const fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Chinese => "中文",
        }
    }

    /// The one of two texts.
    pub const fn pick(self, english: &'static str, chinese: &'static str) -> &'static str {
        match self {
            Self::English => english,
            Self::Chinese => chinese,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_choice_wins_and_then_the_browsers_order() {
        for (chosen, accepted, language) in [
            (None, "", Language::English),
            (None, "zh-CN,zh;q=0.9,en;q=0.8", Language::Chinese),
            (None, "de,en;q=0.5,zh;q=0.4", Language::English),
            (None, "en;q=0.1, zh-TW;q=0.2", Language::Chinese),
            (None, "zh;q=0", Language::English),
            (Some("en"), "zh", Language::English),
            (Some("zh-CN"), "en", Language::Chinese),
            (Some("fr"), "zh", Language::Chinese),
        ] {
            assert_eq!(Language::of(chosen, accepted), language, "{chosen:?} {accepted}");
        }
    }
}

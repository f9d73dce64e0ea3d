//! Where links of cells may lead.

/// Whether following a link would run a script.
pub(crate) fn runs_script(target: &str) -> bool {
    let scheme = target.split(':').next().unwrap_or_default().trim().to_ascii_lowercase();
    matches!(scheme.as_str(), "javascript" | "vbscript" | "data")
}

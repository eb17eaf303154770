//! Text in XML.

/// Returns text with the characters escaped that XML gives a meaning to.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

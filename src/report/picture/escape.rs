//! Text in XML.

use rvlitmus_core::litmus::visible;

/// Returns text with the characters escaped that XML gives a meaning to, and those that it has no room for.
pub(super) fn escaped(text: &str) -> String {
    visible(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

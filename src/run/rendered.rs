//! The mistakes of a file shown in its text, for the terminal.

use rvlitmus_core::litmus::{Colour, Diagnostics, LineIndex, render, shortened, visible};

/// Mistakes that the terminal is shown of one file. A file that is no litmus test has as many as lines.
const SHOWN: usize = 10;
/// A line that is longer is not shown.
const LONG: usize = 400;

/// The first mistakes, each with its line, and how many more there are.
pub(super) fn rendered(
    shown: &str,
    text: &str,
    diagnostics: &Diagnostics,
    colour: Colour,
) -> String {
    let lines = LineIndex::new(text);
    let all = &diagnostics.0;
    let mut rendered = String::new();
    for diagnostic in all.iter().take(SHOWN) {
        let one = Diagnostics(vec![diagnostic.clone()]);
        let (line, column) = lines.line_column(diagnostic.span.start);
        let there = text.lines().nth(line.saturating_sub(1) as usize).unwrap_or_default();
        rendered += &if there.len() <= LONG {
            render(shown, text, &one, colour)
        } else {
            let message = shortened(&diagnostic.message);
            format!("error: {}\n --> {}:{line}:{column}\n", visible(&message), visible(shown))
        };
    }
    if all.len() > SHOWN {
        rendered += &format!("{}: ... and {} more mistakes\n", visible(shown), all.len() - SHOWN);
    }
    rendered
}

//! Text broken into lines.

/// Returns text as lines of at most so many characters, `first` for the first line and `rest` for the
/// others, as far as its words are not longer.
pub(crate) fn wrapped_lines(text: &str, first: usize, rest: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line: Option<String> = None;
    for word in text.split(' ') {
        let width = if lines.is_empty() { first } else { rest };
        match &mut line {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.extend(line.replace(word.to_owned())),
        }
    }
    lines.extend(line);
    lines
}

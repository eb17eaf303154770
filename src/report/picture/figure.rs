//! What is drawn: an execution, or words where there is none.

use rvlitmus_core::axiomatic::picture::{Event, Picture, Position};

use crate::report::wrap::wrapped_lines;

/// A picture with its title.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Figure {
    pub(super) title: String,
    /// The execution; empty where there is none.
    pub(super) picture: Picture,
    /// What is said where there is no execution to draw, in lines.
    pub(super) words: Vec<String>,
}

/// Most characters of a line of words.
const LINE: usize = 90;

impl Figure {
    /// Returns the figure of an execution.
    #[must_use]
    pub fn of_execution(title: String, picture: Picture) -> Figure {
        Figure { title, picture, words: Vec::new() }
    }

    /// Returns a figure of words alone.
    #[must_use]
    pub fn of_words(title: String, sentences: &[String]) -> Figure {
        let words = sentences.iter().flat_map(|sentence| wrapped_lines(sentence, LINE, LINE));
        Figure { title, picture: Picture::default(), words: words.collect() }
    }

    /// Returns the operations of a hart that follow one another without an arrow between them.
    pub(super) fn without_arrow(&self, hart: usize) -> impl Iterator<Item = (Position, Position)> {
        let rows = self.picture.harts[hart].events.len();
        let arrows = &self.picture.arrows;
        (1..rows)
            .map(move |row| (Position { hart, row: row - 1 }, Position { hart, row }))
            .filter(|pair| !arrows.iter().any(|arrow| (arrow.from, arrow.to) == *pair))
    }
}

/// Returns what stands in the box of an operation.
pub(super) fn lines(event: &Event) -> [String; 2] {
    let number = event.number.map(|n| format!("{n}. ")).unwrap_or_default();
    let rule = event.violates.as_ref().map(|rule| format!(": {rule}")).unwrap_or_default();
    [event.instruction.clone(), format!("{number}{}{rule}", event.effect)]
}

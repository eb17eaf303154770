//! What is drawn of a figure, element by element: an SVG file and a page are made of the same.

use super::colour::{WRONG, stroke};
use super::curve::head;
use super::figure::{Figure, lines};
use super::geometry::{BOX_HEIGHT, EventBox};
use super::layout::{MARGIN, TOP, event_box};
use rvlitmus_core::axiomatic::picture::Event;

/// A figure laid out, without the page that it is on.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Drawing {
    /// What lies above comes later.
    pub elements: Vec<Element>,
    /// In the units of SVG.
    pub width: f64,
    /// In the units of SVG.
    pub height: f64,
}

/// An element of SVG.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Element {
    /// `text`, `path`, `polygon` or `rect`.
    pub name: &'static str,
    /// In the order in which they are written.
    pub attributes: Vec<(&'static str, String)>,
    /// The text that it shows, as it was given.
    pub text: Option<String>,
    /// The number in the global memory order of the operation that it is part of.
    pub number: Option<usize>,
}

impl Element {
    /// An element of this name with these attributes.
    pub(super) fn new<const N: usize>(
        name: &'static str,
        attributes: [(&'static str, String); N],
    ) -> Element {
        Element { name, attributes: attributes.into(), text: None, number: None }
    }

    /// The same with a text.
    pub(super) fn saying(self, text: &str) -> Element {
        Element { text: Some(text.to_owned()), ..self }
    }
}

/// A coordinate or a length.
pub(super) fn unit(number: f64) -> String {
    format!("{number:.1}")
}

impl Figure {
    /// Draws it, from the point 0,0.
    #[must_use]
    pub fn drawing(&self) -> Drawing {
        let place = [
            ("x", MARGIN.to_string()),
            ("y", "28".to_owned()),
            ("font-size", "15".to_owned()),
            ("font-weight", "bold".to_owned()),
            ("fill", "#1f2328".to_owned()),
        ];
        let title = Element::new("text", place).saying(&self.title);
        if self.picture.harts.is_empty() { self.in_words(title) } else { self.execution(title) }
    }

    fn execution(&self, title: Element) -> Drawing {
        let layout = self.layout();
        let mut elements = vec![title];
        for (hart, (x, width)) in self.picture.harts.iter().zip(&layout.columns) {
            let place = [
                ("x", unit(x + width / 2.0)),
                ("y", unit(TOP - 42.0)),
                ("text-anchor", "middle".to_owned()),
                ("font-size", "13".to_owned()),
                ("font-weight", "bold".to_owned()),
                ("fill", "#57606a".to_owned()),
            ];
            elements.push(Element::new("text", place).saying(&hart.heading));
        }
        for (hart, column) in layout.columns.iter().enumerate() {
            self.draw_program_order(&mut elements, *column, hart);
        }
        for (arrow, drawn) in &layout.arrows {
            let (colour, width) = stroke(arrow);
            let line = [
                ("d", drawn.data.clone()),
                ("fill", "none".to_owned()),
                ("stroke", colour.to_owned()),
                ("stroke-width", width.to_string()),
            ];
            elements.push(Element::new("path", line));
            let corners = [("points", head(drawn.tip, drawn.back)), ("fill", colour.to_owned())];
            elements.push(Element::new("polygon", corners));
        }
        for (hart, column) in self.picture.harts.iter().zip(&layout.columns) {
            for (row, event) in hart.events.iter().enumerate() {
                draw_event(&mut elements, event, event_box(*column, row));
            }
        }
        for (label, place) in layout.labels.iter().zip(&layout.places.places) {
            elements.extend(label.elements(*place));
        }
        let height = layout.height.max(layout.places.bottom + MARGIN);
        Drawing { elements, width: layout.width, height }
    }

    /// Draws a figure that is words alone.
    fn in_words(&self, title: Element) -> Drawing {
        let mut elements = vec![title];
        let mut y = 54.0;
        for line in &self.words {
            let place = [
                ("x", MARGIN.to_string()),
                ("y", unit(y)),
                ("font-size", "13".to_owned()),
                ("fill", "#57606a".to_owned()),
            ];
            elements.push(Element::new("text", place).saying(line));
            y += 20.0;
        }
        let longest = self.words.iter().map(|line| line.chars().count()).max().unwrap_or(0);
        let width = (longest as f64 * 7.6).max(self.title.chars().count() as f64 * 9.0);
        Drawing { elements, width: width + 2.0 * MARGIN, height: y + MARGIN }
    }

    /// Draws a faint line from each operation to the next, where no arrow shows the way.
    fn draw_program_order(&self, elements: &mut Vec<Element>, column: (f64, f64), hart: usize) {
        for (from, to) in self.without_arrow(hart) {
            let (from, to) = (event_box(column, from.row), event_box(column, to.row));
            let (x, start, end) = (from.middle(), from.y + BOX_HEIGHT, to.y);
            let line = [
                ("d", format!("M{x:.1} {start:.1} L{x:.1} {end:.1}")),
                ("stroke", "#d0d7de".to_owned()),
                ("stroke-width", "1.2".to_owned()),
                ("stroke-dasharray", "4 4".to_owned()),
            ];
            elements.push(Element::new("path", line));
        }
    }
}

fn draw_event(elements: &mut Vec<Element>, event: &Event, outline: EventBox) {
    let EventBox { x, y, width } = outline;
    let mut rect = Element::new(
        "rect",
        [
            ("x", unit(x)),
            ("y", unit(y)),
            ("width", unit(width)),
            ("height", BOX_HEIGHT.to_string()),
            ("rx", "6".to_owned()),
            ("fill", "#f6f8fa".to_owned()),
            ("stroke", if event.violates.is_some() { WRONG } else { "#57606a" }.to_owned()),
        ],
    );
    if event.violates.is_some() {
        rect.attributes.push(("stroke-width", "2.4".to_owned()));
    }
    elements.push(Element { number: event.number, ..rect });
    let effect = if event.violates.is_some() { WRONG } else { "#0550ae" };
    for (text, (dy, colour)) in lines(event).iter().zip([(18.0, "#1f2328"), (35.0, effect)]) {
        let place = [
            ("x", unit(outline.middle())),
            ("y", unit(y + dy)),
            ("text-anchor", "middle".to_owned()),
            ("font-family", "monospace".to_owned()),
            ("fill", colour.to_owned()),
        ];
        let text = Element::new("text", place).saying(text);
        elements.push(Element { number: event.number, ..text });
    }
}

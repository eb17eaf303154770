//! Scalable Vector Graphics, complete in one file.

use std::fmt::Write as _;

use super::drawing::{Drawing, Element};
use super::escape::escaped;
use super::figure::Figure;
use super::layout::MARGIN;

/// Draws figures below one another on one page, for a browser. The page has a background of its own, so
/// that it can be read on light and on dark ones.
#[must_use]
pub fn svg(figures: &[Figure]) -> String {
    let drawings: Vec<Drawing> = figures.iter().map(Figure::drawing).collect();
    let width = drawings.iter().map(|d| d.width).fold(2.0 * MARGIN, f64::max);
    let height = drawings.iter().map(|d| d.height).sum::<f64>().max(2.0 * MARGIN);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" font-family=\"sans-serif\" font-size=\"12\">"
    );
    let _ = writeln!(out, "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>");
    let mut top = 0.0;
    for drawing in drawings {
        let _ = writeln!(out, "<g transform=\"translate(0 {top:.0})\">");
        drawing.elements.iter().for_each(|element| write(element, &mut out));
        out.push_str("</g>\n");
        top += drawing.height;
    }
    out.push_str("</svg>\n");
    out
}

fn write(Element { name, attributes, text, .. }: &Element, out: &mut String) {
    let _ = write!(out, "<{name}");
    for (attribute, value) in attributes {
        let _ = write!(out, " {attribute}=\"{value}\"");
    }
    let _ = match text {
        Some(text) => writeln!(out, ">{}</{name}>", escaped(text)),
        None => writeln!(out, "/>"),
    };
}

//! Reading the edges of a cycle.

use rvlitmus_core::litmus::suggest::{did_you_mean, nearest};
use rvlitmus_core::litmus::{Diagnostic, Diagnostics, Problem, Span, Spanned};

use super::edge::{Atom, Edge, Kind, RELATIONS};
use crate::program::{Bytes, Order, Width};

/// A mistake in the edge that stands there.
pub(super) fn mistake(span: Span, message: String, help: Option<String>) -> Diagnostic {
    Diagnostic { problem: Problem::Syntax, span, message, help }
}

/// The edges of a text, separated by blanks.
///
/// # Errors
/// Every word that is no edge.
pub(super) fn edges(text: &str) -> Result<Vec<Spanned<Edge>>, Diagnostics> {
    let mut found = Vec::new();
    let mut mistakes = Vec::new();
    for word in text.split_whitespace() {
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        let span = Span { start: start as u32, end: (start + word.len()) as u32 };
        match edge(word) {
            Some(value) => found.push(Spanned { value, span }),
            None => mistakes.push(unknown(word, span)),
        }
    }
    if !mistakes.is_empty() {
        return Err(Diagnostics(mistakes));
    }
    if found.is_empty() {
        let end = text.len() as u32;
        let nothing = mistake(Span { start: end, end }, "a cycle has edges".to_owned(), None);
        return Err(Diagnostics(vec![nothing]));
    }
    Ok(found)
}

/// One edge.
pub(crate) fn edge(word: &str) -> Option<Edge> {
    RELATIONS.iter().find_map(|(name, relation)| {
        let rest = word.strip_prefix(name.as_str())?;
        if rest.is_empty() {
            return Some(Edge::plain(*relation));
        }
        (1..rest.len()).filter(|at| rest.is_char_boundary(*at)).find_map(|at| {
            let (from, to) = rest.split_at(at);
            Some(Edge { relation: *relation, from: atom(from)?, to: atom(to)? })
        })
    })
}

/// What is said of one operation: `Some(None)` if it is plain.
fn atom(text: &str) -> Option<Option<Atom>> {
    if text == "P" {
        return Some(None);
    }
    let is_size = |(at, letter): &(usize, char)| match letter {
        'b' | 'h' | 'w' => true,
        'q' => !text[..*at].ends_with('A'),
        _ => false,
    };
    let first = text.char_indices().find(is_size).map_or(text.len(), |(at, _)| at);
    let (kind, sizes) = text.split_at(first);
    let kind = kind_of(kind)?;
    let mut sizes = bytes(sizes)?.into_iter();
    let (bytes, sc_bytes) = (sizes.next(), sizes.next());
    let pair = matches!(kind, Kind::Pair(..));
    (sizes.next().is_none() && (pair || sc_bytes.is_none())).then_some(())?;
    (kind != Kind::Plain || bytes.is_some()).then_some(())?;
    Some(Some(Atom { kind, bytes, sc_bytes }))
}

fn kind_of(text: &str) -> Option<Kind> {
    if let Some(rest) = text.strip_prefix('X') {
        let splits = || (1..rest.len()).map(|at| rest.split_at(at));
        return match rest {
            "" => Some(Kind::Pair(Order::Plain, Order::Plain)),
            _ => splits().find_map(|(a, b)| Some(Kind::Pair(order(a)?, order(b)?))),
        };
    }
    match text.strip_prefix("Cf") {
        Some("") => Some(Kind::FailedCas(Order::Plain)),
        Some(rest) => Some(Kind::FailedCas(order(rest)?)),
        None if text.is_empty() => Some(Kind::Plain),
        None => Some(Kind::Ordered(order(text).filter(|order| *order != Order::Plain)?)),
    }
}

fn order(text: &str) -> Option<Order> {
    match text {
        "P" => Some(Order::Plain),
        "Aq" => Some(Order::Acquire),
        "Rl" => Some(Order::Release),
        "AR" => Some(Order::Both),
        _ => None,
    }
}

/// Sizes, each a letter and how many bytes before it.
fn bytes(mut text: &str) -> Option<Vec<Bytes>> {
    let mut found = Vec::new();
    while !text.is_empty() {
        let width = match text.as_bytes()[0] {
            b'q' => Width::Double,
            letter => Width::ALL.into_iter().find(|w| w.letter() == char::from(letter))?,
        };
        let offset = u32::from(text.as_bytes().get(1)?.checked_sub(b'0')?);
        (offset % width.bytes() == 0 && offset + width.bytes() <= 8).then_some(())?;
        found.push(Bytes { width, offset });
        text = &text[2..];
    }
    Some(found)
}

/// What to say of a word that is no edge: perhaps its relation is right, and what is said of the operations
/// is not.
fn unknown(word: &str, span: Span) -> Diagnostic {
    let names = || RELATIONS.iter().map(|(name, _)| name.as_str());
    let known = names().filter(|name| word.starts_with(name)).max_by_key(|name| name.len());
    if let Some(known) = known {
        let rest = &word[known.len()..];
        let message =
            format!("`{rest}` of `{word}` says nothing of the two operations of `{known}`");
        let help = "two of P, Aq, Rl, AR, X (LR and SC, as in XAqRl), Cf (an amocas that fails), each \
                    perhaps with its bytes: b0, h2, w0, q0";
        return mistake(span, message, Some(help.to_owned()));
    }
    let near = nearest(word, names());
    mistake(span, format!("unknown edge `{word}`"), near.map(did_you_mean))
}

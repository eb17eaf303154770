//! Propositions over final states: `0:x5=1 /\ (x=2 \/ not y=1)`.

use crate::litmus::{
    Compared, Comparison, Connective, Located, Place, Proposition, Span, Term, TermId, Value,
};

use super::Parser;
use super::place::{array, at_register, integer, place, value};
use super::sections::{next_section, section};
use super::token::{
    Mistake, Res, after_token, at, at_number, blank, expected, name_length, number,
};

/// Deepest nesting of parentheses and negations. What reads a proposition calls itself for each.
const MAX_DEPTH: usize = 100;

/// A proposition while it is read.
struct Draft<'a> {
    read: Proposition,
    /// How its terms are spelled, and which are places: `x` is one on the left, an address on the right.
    spelled: Vec<(&'a str, bool, TermId)>,
}

/// One side of a comparison, without allocations.
#[derive(Clone)]
enum Side<'a> {
    Place(Place<&'a str>),
    Value(Value<&'a str>),
}

/// Reads a part of a proposition at a depth.
type Read<'a> = fn(&mut Parser<'a>, &'a str, usize, &mut Draft<'a>) -> &'a str;

impl<'a> Parser<'a> {
    /// A whole proposition.
    pub(super) fn proposition(&mut self, i: &'a str) -> (&'a str, Proposition) {
        let mut draft = Draft { read: Proposition::empty(), spelled: Vec::with_capacity(8) };
        let mut i = blank(self.implication(i, 0, &mut draft));
        while at(i, b')') {
            self.note(i, 1, "this `)` closes nothing".into(), None);
            i = blank(&i[1..]);
        }
        (i, draft.read)
    }

    /// `p => q => r`, to the right.
    fn implication(&mut self, i: &'a str, depth: usize, draft: &mut Draft<'a>) -> &'a str {
        let start = draft.read.len();
        let i = self.disjunction(i, depth, draft);
        let Some(right) = blank(i).strip_prefix("=>") else { return i };
        let i = self.deeper(blank(right), depth, draft, Parser::implication);
        draft.read.join_from(start, Connective::Implies);
        i
    }

    /// `p \/ q \/ r`
    fn disjunction(&mut self, i: &'a str, depth: usize, draft: &mut Draft<'a>) -> &'a str {
        self.chain(i, depth, draft, ("\\/", Connective::Or), Parser::conjunction)
    }

    /// `p /\ q /\ r`
    fn conjunction(&mut self, i: &'a str, depth: usize, draft: &mut Draft<'a>) -> &'a str {
        self.chain(i, depth, draft, ("/\\", Connective::And), Parser::unit)
    }

    /// Parts with the same operator between them, or one.
    #[inline]
    fn chain(
        &mut self,
        i: &'a str,
        depth: usize,
        draft: &mut Draft<'a>,
        (operator, connective): (&str, Connective),
        one: Read<'a>,
    ) -> &'a str {
        let start = draft.read.len();
        let first = one(self, i, depth, draft);
        let mut i = first;
        while let Some(next) = blank(i).strip_prefix(operator) {
            i = one(self, blank(next), depth, draft);
        }
        if i.len() < first.len() {
            draft.read.join_from(start, connective);
        }
        i
    }

    /// One level down, unless that is too deep.
    fn deeper(
        &mut self,
        i: &'a str,
        depth: usize,
        draft: &mut Draft<'a>,
        read: Read<'a>,
    ) -> &'a str {
        if depth < MAX_DEPTH {
            return read(self, i, depth + 1, draft);
        }
        let message = format!("a proposition nested deeper than {MAX_DEPTH}");
        self.note(i, i.chars().next().map_or(0, char::len_utf8), message, None);
        self.damage.nesting = true;
        draft.read.add_constant(true);
        next_section(i)
    }

    /// `(p)`, `~p`, `not p`, `true`, `false`, `0:x5=1`.
    fn unit(&mut self, i: &'a str, depth: usize, draft: &mut Draft<'a>) -> &'a str {
        let word = name_length(i);
        match (i.as_bytes(), &i[..word]) {
            ([b'(', b'*', ..], _) => {}
            ([b'(', ..], _) => {
                let rest = self.deeper(blank(&i[1..]), depth, draft, Parser::implication);
                let rest = blank(rest);
                if at(rest, b')') {
                    return &rest[1..];
                }
                self.unclosed(i, rest);
                return rest;
            }
            ([b'~', ..], _) | (_, "not") => {
                let start = draft.read.len();
                let rest = self.deeper(blank(&i[word.max(1)..]), depth, draft, Parser::unit);
                draft.read.join_from(start, Connective::Not);
                return rest;
            }
            (_, "true" | "false") => {
                draft.read.add_constant(word == "true".len());
                return &i[word..];
            }
            _ => {}
        }
        match self.comparison(i, draft) {
            Ok((rest, ())) => rest,
            Err(error) => {
                draft.read.add_constant(true);
                after_comparison(self.report(error))
            }
        }
    }

    /// `0:x5=1`, `[x] != 0:x7`
    fn comparison(&self, i: &'a str, draft: &mut Draft<'a>) -> Res<'a, ()> {
        let (after_left, left_side) = left(i)?;
        let (rest, comparison) = operator(blank(after_left))?;
        let right_starts = blank(rest);
        let (rest, right_side) = right(right_starts)?;
        let left = self.term(i, after_left, left_side, draft);
        let right = self.term(right_starts, rest, right_side, draft);
        let span = self.span(i, rest);
        draft.read.add_comparison(Compared { left, comparison, right, span });
        Ok((rest, ()))
    }

    /// The term that stands between two suffixes.
    fn term(&self, from: &'a str, to: &'a str, side: Side<'a>, draft: &mut Draft<'a>) -> TermId {
        let text = from[..from.len() - to.len()].trim_ascii_end();
        let is_place = matches!(side, Side::Place(_));
        let known = |(spelled, place, _): &&(&str, bool, _)| *place == is_place && *spelled == text;
        if let Some((.., id)) = draft.spelled.iter().find(known) {
            return *id;
        }
        let value = match side {
            Side::Place(place) => Term::Place(place.into()),
            Side::Value(value) => Term::Value(value.into()),
        };
        let span = self.span(from, &from[text.len()..]);
        let id = draft.read.add_term(Located { value, span });
        draft.spelled.push((text, is_place, id));
        id
    }

    /// Says that the parenthesis at `open` should be closed at `rest`.
    #[cold]
    fn unclosed(&mut self, open: &'a str, rest: &'a str) {
        if self.damage.nesting {
            return;
        }
        let start = self.offset(open) as u32;
        let (line, column) = self.line_column(Span { start, end: start + 1 });
        let help = format!("the `(` of line {line}, column {column} is not closed");
        self.report(nom::Err::Failure(Mistake::expected(rest, "`)`", Some(help))));
    }
}

/// `=`, `==`, `!=`, `<>`
fn operator(i: &str) -> Res<'_, Comparison> {
    match i.as_bytes() {
        [b'=', b'>', ..] => Err(expected(i, "`=` or `!=`")),
        [b'=', b'=', ..] => Ok((&i[2..], Comparison::Equal)),
        [b'=', ..] => Ok((&i[1..], Comparison::Equal)),
        [b'!', b'=', ..] | [b'<', b'>', ..] => Ok((&i[2..], Comparison::NotEqual)),
        _ => Err(expected(i, "`=` or `!=`")),
    }
}

/// A left side: a name is a location.
fn left(i: &str) -> Res<'_, Side<'_>> {
    if at_register(i) {
        return place(i).map(|(i, place)| (i, Side::Place(place)));
    }
    if at_number(i) {
        let (i, value) = number(i)?;
        return Ok((i, Side::Value(Value::Integer(integer(value)))));
    }
    if let [b'&' | b'P', ..] = i.as_bytes()
        && let Ok((rest, value @ (Value::Address { .. } | Value::Code { .. }))) = value(i)
        && (at(i, b'&') || matches!(value, Value::Code { .. }))
    {
        return Ok((rest, Side::Value(value)));
    }
    place(i).map(|(i, place)| (i, Side::Place(place)))
}

/// A right side: a name is an address, `[x]`, `x[1]` and `0:x5` are places, `{1,2}` is an array.
fn right(i: &str) -> Res<'_, Side<'_>> {
    if at(i, b'{') {
        return array(i).map(|(i, values)| (i, Side::Value(Value::Array(values))));
    }
    if at(i, b'[') || at_register(i) {
        return place(i).map(|(i, place)| (i, Side::Place(place)));
    }
    let (rest, value) = value(i)?;
    match value {
        Value::Address { index: Some(_), offset: 0, .. } if !at(i, b'&') => {
            place(i).map(|(i, place)| (i, Side::Place(place)))
        }
        value => Ok((rest, Side::Value(value))),
    }
}

/// Where the next connective, `)` or section is behind a broken comparison.
fn after_comparison(mut i: &str) -> &str {
    let mut open = 0_usize;
    loop {
        i = blank(i);
        let here = ["/\\", "\\/", "=>"].iter().any(|operator| i.starts_with(operator));
        if i.is_empty() || i.starts_with("(*") || section(i).is_some() || (here && open == 0) {
            return i;
        }
        match i.as_bytes() {
            [b'(', ..] => open += 1,
            [b')', ..] if open == 0 => return i,
            [b')', ..] => open -= 1,
            _ => {}
        }
        i = after_token(i);
    }
}

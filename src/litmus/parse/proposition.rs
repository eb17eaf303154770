//! Propositions over final states: `0:x5=1 /\ (x=2 \/ not y=1)`.

use crate::litmus::{
    Compared, Comparison, Connective, Located, Place, Proposition, Span, Term, TermId, Value,
};

use super::Parser;
use super::place::{array, at_register, integer, name_of, place, value};
use super::sections::{next_section, section};
use super::token::{
    Mistake, Res, after_token, at, at_number, blank, expected, first_character, name_length, number,
};

/// Deepest nesting of parentheses and negations. What reads a proposition calls itself for each.
const MAX_DEPTH: usize = 100;

/// A proposition while it is read.
struct Draft<'a> {
    read: Proposition,
    /// How its terms are spelled.
    spelled: Vec<(Spelling<'a>, TermId)>,
}

/// How a term is spelled, and whether it is a place: `x` is one on the left, an address on the right.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Spelling<'a> {
    /// Up to seven bytes, their number and the kind of term in one number: nearly all are so short.
    short: u64,
    /// Any other spelling.
    long: &'a [u8],
}

impl<'a> Spelling<'a> {
    /// The first `length` bytes of `i`.
    #[inline(always)]
    fn new(i: &'a [u8], length: usize, is_place: bool) -> Spelling<'a> {
        let kind = u64::from(is_place) << 56;
        if length > 7 {
            return Spelling { short: kind, long: &i[..length] };
        }
        let bytes = i.first_chunk().copied().unwrap_or_else(|| {
            // The text ends before.
            let mut bytes = [0; 8];
            bytes[..length].copy_from_slice(&i[..length]);
            bytes
        });
        let bytes = u64::from_le_bytes(bytes) & ((1 << (8 * length)) - 1);
        Spelling { short: kind | (length as u64) << 57 | bytes, long: &[] }
    }
}

/// One side of a comparison, without allocations.
#[derive(Clone)]
enum Side<'a> {
    Place(Place<&'a [u8]>),
    Value(Value<&'a [u8]>),
}

/// Reads a part of a proposition at a depth.
type Read<'a> = fn(&mut Parser<'a>, &'a [u8], usize, &mut Draft<'a>) -> &'a [u8];

impl<'a> Parser<'a> {
    /// A whole proposition.
    pub(super) fn proposition(&mut self, i: &'a [u8]) -> (&'a [u8], Proposition) {
        let mut draft = Draft { read: Proposition::empty(), spelled: Vec::with_capacity(8) };
        let mut i = blank(self.implication(i, 0, &mut draft));
        while at(i, b')') {
            self.note(i, 1, "this `)` closes nothing".into(), None);
            i = blank(&i[1..]);
        }
        (i, draft.read)
    }

    /// `p => q => r`, to the right.
    fn implication(&mut self, i: &'a [u8], depth: usize, draft: &mut Draft<'a>) -> &'a [u8] {
        let start = draft.read.len();
        let i = self.disjunction(i, depth, draft);
        let Some(right) = blank(i).strip_prefix(b"=>") else { return i };
        let i = self.deeper(blank(right), depth, draft, Parser::implication);
        draft.read.join_from(start, Connective::Implies);
        i
    }

    /// `p \/ q \/ r`
    fn disjunction(&mut self, i: &'a [u8], depth: usize, draft: &mut Draft<'a>) -> &'a [u8] {
        self.chain(i, depth, draft, (b"\\/", Connective::Or), Parser::conjunction)
    }

    /// `p /\ q /\ r`
    fn conjunction(&mut self, i: &'a [u8], depth: usize, draft: &mut Draft<'a>) -> &'a [u8] {
        self.chain(i, depth, draft, (b"/\\", Connective::And), Parser::unit)
    }

    /// Parts with the same operator between them, or one.
    #[inline]
    fn chain(
        &mut self,
        i: &'a [u8],
        depth: usize,
        draft: &mut Draft<'a>,
        (operator, connective): (&[u8; 2], Connective),
        one: Read<'a>,
    ) -> &'a [u8] {
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
        i: &'a [u8],
        depth: usize,
        draft: &mut Draft<'a>,
        read: Read<'a>,
    ) -> &'a [u8] {
        if depth < MAX_DEPTH {
            return read(self, i, depth + 1, draft);
        }
        let message = format!("a proposition nested deeper than {MAX_DEPTH}");
        self.note(i, first_character(i).map_or(0, char::len_utf8), message, None);
        self.damage.nesting = true;
        draft.read.add_constant(true);
        next_section(i)
    }

    /// `(p)`, `~p`, `not p`, `true`, `false`, `0:x5=1`.
    fn unit(&mut self, i: &'a [u8], depth: usize, draft: &mut Draft<'a>) -> &'a [u8] {
        let word = name_length(i);
        match (i, &i[..word]) {
            ([b'(', b'*', ..], _) => {}
            ([b'(', rest @ ..], _) => {
                let rest = self.deeper(blank(rest), depth, draft, Parser::implication);
                let rest = blank(rest);
                if at(rest, b')') {
                    return &rest[1..];
                }
                self.unclosed(i, rest);
                return rest;
            }
            ([b'~', ..], _) | (_, b"not") => {
                let start = draft.read.len();
                let rest = self.deeper(blank(&i[word.max(1)..]), depth, draft, Parser::unit);
                draft.read.join_from(start, Connective::Not);
                return rest;
            }
            (_, b"true" | b"false") => {
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
    fn comparison(&self, i: &'a [u8], draft: &mut Draft<'a>) -> Res<'a, ()> {
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
    fn term(&self, from: &'a [u8], to: &'a [u8], side: Side<'a>, draft: &mut Draft<'a>) -> TermId {
        let length = from[..from.len() - to.len()].trim_ascii_end().len();
        let spelling = Spelling::new(from, length, matches!(side, Side::Place(_)));
        if let Some((_, id)) = draft.spelled.iter().find(|(known, _)| *known == spelling) {
            return *id;
        }
        let value = match side {
            Side::Place(place) => Term::Place(place.map(name_of)),
            Side::Value(value) => Term::Value(value.map(&name_of)),
        };
        let span = self.span(from, &from[length..]);
        let id = draft.read.add_term(Located { value, span });
        draft.spelled.push((spelling, id));
        id
    }

    /// Says that the parenthesis at `open` should be closed at `rest`.
    #[cold]
    fn unclosed(&mut self, open: &'a [u8], rest: &'a [u8]) {
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
fn operator(i: &[u8]) -> Res<'_, Comparison> {
    match i {
        [b'=', b'>', ..] => Err(expected(i, "`=` or `!=`")),
        [b'=', b'=', rest @ ..] | [b'=', rest @ ..] => Ok((rest, Comparison::Equal)),
        [b'!', b'=', rest @ ..] | [b'<', b'>', rest @ ..] => Ok((rest, Comparison::NotEqual)),
        _ => Err(expected(i, "`=` or `!=`")),
    }
}

/// A left side: a name is a location.
fn left(i: &[u8]) -> Res<'_, Side<'_>> {
    if at_register(i) {
        return place(i).map(|(i, place)| (i, Side::Place(place)));
    }
    if at_number(i) {
        let (i, value) = number(i)?;
        return Ok((i, Side::Value(Value::Integer(integer(value)))));
    }
    if let [b'&' | b'P', ..] = i
        && let Ok((rest, value @ (Value::Address { .. } | Value::Code { .. }))) = value(i)
        && (at(i, b'&') || matches!(value, Value::Code { .. }))
    {
        return Ok((rest, Side::Value(value)));
    }
    place(i).map(|(i, place)| (i, Side::Place(place)))
}

/// A right side: a name is an address, `[x]`, `x[1]` and `0:x5` are places, `{1,2}` is an array.
fn right(i: &[u8]) -> Res<'_, Side<'_>> {
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
fn after_comparison(mut i: &[u8]) -> &[u8] {
    let mut open = 0_usize;
    loop {
        i = blank(i);
        let here = matches!(i, [b'/', b'\\', ..] | [b'\\', b'/', ..] | [b'=', b'>', ..]);
        if i.is_empty() || i.starts_with(b"(*") || section(i).is_some() || (here && open == 0) {
            return i;
        }
        match i {
            [b'(', ..] => open += 1,
            [b')', ..] if open == 0 => return i,
            [b')', ..] => open -= 1,
            _ => {}
        }
        i = after_token(i);
    }
}

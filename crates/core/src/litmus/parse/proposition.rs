//! Propositions over final states: `0:x5=1 /\ (x=2 \/ not y=1)`.

use crate::litmus::{
    Compared, Comparison, Connective, Located, Place, Proposition, Span, Term, TermId, Value,
};

use super::Parser;
use super::draft::{Draft, Hand, LONG, ends_comparison, short, spelling};
use super::place::{array, at_register, integer, name_of, place, value};
use super::sections::{next_section, section};
use super::suggest;
use super::token::{
    Mistake, Res, after_token, at, at_number, blank, expected, first_character, name_length,
    number, text,
};
use super::usual;

/// Deepest nesting of parentheses and negations. What reads a proposition calls itself for each.
const MAX_DEPTH: usize = 100;

/// One side of a comparison, without allocations.
#[derive(Clone)]
enum Side<'a> {
    /// Read before.
    Known(TermId),
    Place(Place<&'a [u8]>),
    Value(Value<&'a [u8]>),
}

/// Reads a part of a proposition at a depth, and the blanks behind it.
type Read<'a> = fn(&mut Parser<'a>, &'a [u8], usize, &mut Draft<'a>) -> &'a [u8];

impl<'a> Parser<'a> {
    /// A whole proposition.
    pub(super) fn proposition(&mut self, i: &'a [u8]) -> (&'a [u8], Proposition) {
        let mut draft = Draft::new();
        let mut i = self.implication(i, 0, &mut draft);
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
        let Some(right) = i.strip_prefix(b"=>") else { return i };
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
        let one = |parser: &mut Parser<'a>, i, depth, draft: &mut Draft<'a>| match parser
            .usual_comparison(i, draft)
        {
            Some(rest) => blank(rest),
            None => parser.unit(i, depth, draft),
        };
        self.chain(i, depth, draft, (b"/\\", Connective::And), one)
    }

    /// Parts with the same operator between them, or one.
    #[inline]
    fn chain(
        &mut self,
        i: &'a [u8],
        depth: usize,
        draft: &mut Draft<'a>,
        (operator, connective): (&[u8; 2], Connective),
        one: impl Fn(&mut Parser<'a>, &'a [u8], usize, &mut Draft<'a>) -> &'a [u8],
    ) -> &'a [u8] {
        let (start, mut i, mut parts) = (draft.read.len(), i, 0_usize);
        loop {
            i = one(self, i, depth, draft);
            parts += 1;
            let next = match i.strip_prefix(operator) {
                Some(next) => next,
                None => match other_spelling(i, connective) {
                    0 => break,
                    length => self.respelt(i, length, connective),
                },
            };
            i = blank(next);
        }
        if parts > 1 {
            draft.read.join_from(start, connective);
        }
        i
    }

    /// Notes a connective of another language and goes on behind it.
    #[cold]
    fn respelt(&mut self, i: &'a [u8], length: usize, meant: Connective) -> &'a [u8] {
        let message = format!("`{}` is no connective", text(&i[..length]));
        let meant = if meant == Connective::And { "/\\" } else { "\\/" };
        self.note(i, length, message, Some(suggest::did_you_mean(meant)));
        &i[length..]
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
        blank(next_section(i))
    }

    /// `(p)`, `~p`, `not p`, `true`, `false`, `0:x5=1`.
    fn unit(&mut self, i: &'a [u8], depth: usize, draft: &mut Draft<'a>) -> &'a [u8] {
        match i {
            [b'(', b'*', ..] => {}
            [b'(', rest @ ..] => {
                let rest = self.deeper(blank(rest), depth, draft, Parser::implication);
                if at(rest, b')') {
                    return blank(&rest[1..]);
                }
                self.unclosed(i, rest);
                return rest;
            }
            [b'~', rest @ ..] => return self.negation(rest, depth, draft),
            [b'n' | b't' | b'f', ..] => {
                let (word, rest) = i.split_at(name_length(i));
                match word {
                    b"not" => return self.negation(rest, depth, draft),
                    b"true" | b"false" => {
                        draft.read.add_constant(word == b"true");
                        return blank(rest);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        match self.comparison(i, draft) {
            Ok((rest, ())) => blank(rest),
            Err(error) => {
                draft.read.add_constant(true);
                after_comparison(self.report(error))
            }
        }
    }

    /// What follows `~` or `not`.
    fn negation(&mut self, i: &'a [u8], depth: usize, draft: &mut Draft<'a>) -> &'a [u8] {
        let start = draft.read.len();
        let rest = self.deeper(blank(i), depth, draft, Parser::unit);
        draft.read.join_from(start, Connective::Not);
        rest
    }

    /// `0:x5=1` or `x=1`, which the grammar of all comparisons would read the same.
    #[inline(always)]
    fn usual_comparison(&self, i: &'a [u8], draft: &mut Draft<'a>) -> Option<&'a [u8]> {
        let (key, length) = spelling(i)?;
        let rest = &i[length..];
        if !ends_comparison(rest) {
            return None;
        }
        let span = self.span(i, rest);
        if let Some(known) = draft.same_comparison(key) {
            draft.read.add_comparison(Compared { span, ..known });
            return Some(rest);
        }
        let (after_left, place, value, end) = usual::comparison(i)?;
        if end.len() != rest.len() {
            return None;
        }
        let left = self.usual_term(i, after_left, true, draft, || Term::Place(place));
        let right = &after_left[1..];
        let value = || Term::Value(Value::Integer(value));
        let right = self.usual_term(right, rest, false, draft, value);
        let compared = Compared { left, comparison: Comparison::Equal, right, span };
        draft.keep(key, compared);
        draft.read.add_comparison(compared);
        Some(rest)
    }

    /// The term of a few bytes between two suffixes.
    #[inline(always)]
    fn usual_term(
        &self,
        from: &'a [u8],
        to: &'a [u8],
        is_place: bool,
        draft: &mut Draft<'a>,
        value: impl FnOnce() -> Term,
    ) -> TermId {
        let key = short(from, from.len() - to.len(), is_place);
        draft.of_key(key).unwrap_or_else(|| {
            draft.add(key, Located { value: value(), span: self.span(from, to) })
        })
    }

    /// `0:x5=1`, `[x] != 0:x7`
    fn comparison(&self, i: &'a [u8], draft: &mut Draft<'a>) -> Res<'a, ()> {
        let (after_left, left_side) = match draft.again(i, Hand::Left) {
            Some((rest, known)) => (rest, Side::Known(known)),
            None => left(i)?,
        };
        let (rest, comparison) = operator(blank(after_left))?;
        let right_starts = blank(rest);
        let (rest, right_side) = match draft.again(right_starts, Hand::Right) {
            Some((rest, known)) => (rest, Side::Known(known)),
            None => right(right_starts)?,
        };
        let left = self.term(i, after_left, left_side, draft);
        let right = self.term(right_starts, rest, right_side, draft);
        let span = self.span(i, rest);
        draft.read.add_comparison(Compared { left, comparison, right, span });
        Ok((rest, ()))
    }

    /// The term that stands between two suffixes.
    #[inline]
    fn term(&self, from: &'a [u8], to: &'a [u8], side: Side<'a>, draft: &mut Draft<'a>) -> TermId {
        match side {
            Side::Known(known) => known,
            side => self.new_term(from, to, side, draft),
        }
    }

    /// [`Parser::term`] of what may not have been read before.
    fn new_term(
        &self,
        from: &'a [u8],
        to: &'a [u8],
        side: Side<'a>,
        draft: &mut Draft<'a>,
    ) -> TermId {
        let length = from[..from.len() - to.len()].trim_ascii_end().len();
        let is_place = matches!(side, Side::Place(_));
        let key = match draft.known(from, length, is_place) {
            Ok(id) => return id,
            Err(key) => key,
        };
        let value = match side {
            Side::Known(known) => return known,
            Side::Place(place) => Term::Place(place.map(name_of)),
            Side::Value(value) => Term::Value(value.map(&name_of)),
        };
        let span = self.span(from, &from[length..]);
        let id = draft.add(key, Located { value, span });
        if key == LONG {
            draft.long.push((&from[..length], is_place, id));
        }
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

/// The length of `&&` or `and`, `||` or `or` where this connective is looked for; else 0.
#[inline(always)]
fn other_spelling(i: &[u8], connective: Connective) -> usize {
    match i {
        [b'&' | b'|' | b'a' | b'A' | b'o' | b'O', ..] => spelling_here(i, connective),
        _ => 0,
    }
}

/// [`other_spelling`] where it may begin.
#[cold]
fn spelling_here(i: &[u8], connective: Connective) -> usize {
    let (sign, word) = match connective {
        Connective::And => (b"&&", "and"),
        Connective::Or => (b"||", "or"),
        _ => return 0,
    };
    match name_length(i) {
        0 if i.starts_with(sign) => sign.len(),
        length if length > 0 && text(&i[..length]).eq_ignore_ascii_case(word) => length,
        _ => 0,
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

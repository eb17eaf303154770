//! Propositions over final states: `0:x5=1 /\ (x=2 \/ not y=1)`.

use crate::litmus::{Comparison, Located, Proposition, Span, Term, Value};

use super::Parser;
use super::place::{array, at_register, integer, place, value};
use super::sections::{next_section, section};
use super::token::{
    Mistake, Res, after_token, at, at_number, blank, expected, name_length, number,
};

/// Deepest nesting of parentheses and negations. What reads a proposition calls itself for each.
const MAX_DEPTH: usize = 100;

impl<'a> Parser<'a> {
    /// A whole proposition.
    pub(super) fn proposition(&mut self, i: &'a str) -> (&'a str, Proposition) {
        let mut i = i;
        let (rest, proposition) = self.implication(i, 0);
        i = blank(rest);
        while at(i, b')') {
            self.note(i, 1, "this `)` closes nothing".into(), None);
            i = blank(&i[1..]);
        }
        (i, proposition)
    }

    /// `p => q => r`, to the right.
    fn implication(&mut self, i: &'a str, depth: usize) -> (&'a str, Proposition) {
        let (i, left) = self.chain(i, depth, "\\/");
        let next = blank(i);
        if !next.starts_with("=>") {
            return (i, left);
        }
        let (i, right) =
            self.deeper(blank(&next[2..]), depth, |parser, i, depth| parser.implication(i, depth));
        (i, Proposition::Implies(Box::new(left), Box::new(right)))
    }

    /// `p \/ q \/ r` of conjunctions, or `p /\ q /\ r` of units.
    fn chain(&mut self, i: &'a str, depth: usize, operator: &str) -> (&'a str, Proposition) {
        let one = |parser: &mut Self, i| match operator {
            "\\/" => parser.chain(i, depth, "/\\"),
            _ => parser.unit(i, depth),
        };
        let (mut i, first) = one(self, i);
        let mut next = blank(i);
        if !next.starts_with(operator) {
            return (i, first);
        }
        let mut all = Vec::with_capacity(4);
        all.push(first);
        while next.starts_with(operator) {
            let (rest, proposition) = one(self, blank(&next[2..]));
            all.push(proposition);
            (i, next) = (rest, blank(rest));
        }
        let proposition =
            if operator == "/\\" { Proposition::And(all) } else { Proposition::Or(all) };
        (i, proposition)
    }

    /// One level down, unless that is too deep.
    fn deeper(
        &mut self,
        i: &'a str,
        depth: usize,
        read: impl FnOnce(&mut Self, &'a str, usize) -> (&'a str, Proposition),
    ) -> (&'a str, Proposition) {
        if depth < MAX_DEPTH {
            return read(self, i, depth + 1);
        }
        let message = format!("a proposition nested deeper than {MAX_DEPTH}");
        self.note(i, i.chars().next().map_or(0, char::len_utf8), message, None);
        self.damage.nesting = true;
        (next_section(i), Proposition::True)
    }

    /// `(p)`, `~p`, `not p`, `true`, `false`, `0:x5=1`.
    fn unit(&mut self, i: &'a str, depth: usize) -> (&'a str, Proposition) {
        let word = name_length(i);
        match (i.as_bytes(), &i[..word]) {
            ([b'(', b'*', ..], _) => {}
            ([b'(', ..], _) => {
                let inside = blank(&i[1..]);
                let (rest, proposition) =
                    self.deeper(inside, depth, |parser, i, depth| parser.implication(i, depth));
                let rest = blank(rest);
                if at(rest, b')') {
                    return (&rest[1..], proposition);
                }
                self.unclosed(i, rest);
                return (rest, proposition);
            }
            ([b'~', ..], _) | (_, "not") => {
                let rest = blank(&i[word.max(1)..]);
                let (rest, p) = self.deeper(rest, depth, |parser, i, depth| parser.unit(i, depth));
                return (rest, Proposition::Not(Box::new(p)));
            }
            (_, "true") => return (&i[word..], Proposition::True),
            (_, "false") => return (&i[word..], Proposition::False),
            _ => {}
        }
        match comparison(i) {
            Ok((rest, value)) => {
                let span = self.span(i, rest);
                (rest, Proposition::Compare(Located { value, span }))
            }
            Err(error) => (after_comparison(self.report(error)), Proposition::True),
        }
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

/// `0:x5=1`, `[x] != 0:x7`
fn comparison(i: &str) -> Res<'_, (Term, Comparison, Term)> {
    let (i, left) = left(i)?;
    let (i, comparison) = operator(blank(i))?;
    let (i, right) = right(blank(i))?;
    Ok((i, (left, comparison, right)))
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
fn left(i: &str) -> Res<'_, Term> {
    if at_register(i) {
        return place(i).map(|(i, place)| (i, Term::Place(place)));
    }
    if at_number(i) {
        let (i, value) = number(i)?;
        return Ok((i, Term::Value(Value::Integer(integer(value)))));
    }
    if let [b'&' | b'P', ..] = i.as_bytes()
        && let Ok((rest, value @ (Value::Address { .. } | Value::Code { .. }))) = value(i)
        && (at(i, b'&') || matches!(value, Value::Code { .. }))
    {
        return Ok((rest, Term::Value(value)));
    }
    place(i).map(|(i, place)| (i, Term::Place(place)))
}

/// A right side: a name is an address, `[x]`, `x[1]` and `0:x5` are places, `{1,2}` is an array.
fn right(i: &str) -> Res<'_, Term> {
    if at(i, b'{') {
        return array(i).map(|(i, values)| (i, Term::Value(Value::Array(values))));
    }
    if at(i, b'[') || at_register(i) {
        return place(i).map(|(i, place)| (i, Term::Place(place)));
    }
    let (rest, value) = value(i)?;
    match value {
        Value::Address { index: Some(_), offset: 0, .. } if !at(i, b'&') => {
            place(i).map(|(i, place)| (i, Term::Place(place)))
        }
        value => Ok((rest, Term::Value(value))),
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

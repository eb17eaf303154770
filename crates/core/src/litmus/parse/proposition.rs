//! Propositions over final states: `0:x5=1 /\ (x=2 \/ not y=1)`.

use rustc_hash::FxHashMap;

use super::parser::Parser;
use super::place::{array, at_named_register, at_register, integer, name_of, place, value};
use super::sections::{next_section, section};
use crate::litmus::lexer::{
    Parsed, SyntaxError, after_token, at, at_number, blank, expected, first_character, name_length,
    number, text,
};
use crate::litmus::{
    Comparison, Connective, Language, Proposition, Relation, Span, Spanned, Term, TermId, Value,
    suggest,
};

/// Deepest nesting of parentheses and negations. What reads a proposition calls itself for each.
const MAX_DEPTH: usize = 100;

/// So many terms are told apart by looking at all of them, which takes less time than a table.
const SCANNED: usize = 16;

/// A proposition while it is read.
struct Builder<'a> {
    proposition: Proposition,
    /// Its terms by their spelling, and by whether they are places: on the left `x` is one, on the right an
    /// address. Long conditions name the same few terms again and again.
    terms: Vec<((&'a [u8], bool), TermId)>,
    /// The same as a table, once they are more than a few.
    table: FxHashMap<(&'a [u8], bool), TermId>,
}

impl<'a> Builder<'a> {
    fn new() -> Builder<'a> {
        Builder {
            proposition: Proposition::empty(),
            terms: Vec::with_capacity(SCANNED),
            table: FxHashMap::default(),
        }
    }

    fn known(&self, key: (&'a [u8], bool)) -> Option<TermId> {
        if self.terms.len() <= SCANNED {
            return self.terms.iter().find(|(known, _)| *known == key).map(|(_, id)| *id);
        }
        self.table.get(&key).copied()
    }

    fn add(&mut self, key: (&'a [u8], bool), id: TermId) {
        self.terms.push((key, id));
        if self.terms.len() > SCANNED {
            let missing = self.table.len()..self.terms.len();
            self.table.extend(self.terms[missing].iter().copied());
        }
    }
}

/// Reads a part of a proposition at a depth, and the blanks behind it.
type Read<'a> = fn(&mut Parser<'a>, &'a [u8], usize, &mut Builder<'a>) -> &'a [u8];

impl<'a> Parser<'a> {
    /// A whole proposition.
    pub(super) fn proposition(&mut self, i: &'a [u8]) -> (&'a [u8], Proposition) {
        let mut builder = Builder::new();
        let mut i = self.implication(i, 0, &mut builder);
        while at(i, b')') {
            self.note(i, 1, "this `)` closes nothing".into(), None);
            i = blank(&i[1..]);
        }
        (i, builder.proposition)
    }

    /// `p; q; and r;`: what is behind `observed`, which are states that were seen.
    pub(super) fn observed(&mut self, mut i: &'a [u8]) -> (&'a [u8], Proposition) {
        let mut builder = Builder::new();
        let mut states = 0;
        loop {
            let start = builder.proposition.len();
            let mut parts = 0;
            while !i.is_empty() && section(i).is_none() && !begins_with_and(i) {
                i = self.unit(i, 0, &mut builder);
                parts += 1;
                match i {
                    [b';', rest @ ..] => i = blank(rest),
                    _ => break,
                }
            }
            match parts {
                0 => builder.proposition.add_constant(true),
                1 => {}
                _ => builder.proposition.join_from(start, Connective::And),
            }
            states += 1;
            if !begins_with_and(i) {
                break;
            }
            i = blank(&i[b"and".len()..]);
        }
        if states > 1 {
            builder.proposition.join_from(0, Connective::Or);
        }
        (i, builder.proposition)
    }

    /// `p => q => r`, to the right.
    fn implication(&mut self, i: &'a [u8], depth: usize, builder: &mut Builder<'a>) -> &'a [u8] {
        let start = builder.proposition.len();
        let i = self.disjunction(i, depth, builder);
        let Some(right) = i.strip_prefix(b"=>") else { return i };
        let i = self.deeper(blank(right), depth, builder, Parser::implication);
        builder.proposition.join_from(start, Connective::Implies);
        i
    }

    /// `p \/ q \/ r`
    fn disjunction(&mut self, i: &'a [u8], depth: usize, builder: &mut Builder<'a>) -> &'a [u8] {
        self.chain(i, depth, builder, (b"\\/", Connective::Or), Parser::conjunction)
    }

    /// `p /\ q /\ r`
    fn conjunction(&mut self, i: &'a [u8], depth: usize, builder: &mut Builder<'a>) -> &'a [u8] {
        self.chain(i, depth, builder, (b"/\\", Connective::And), Parser::unit)
    }

    /// Parts with the same operator between them, or one.
    #[inline]
    fn chain(
        &mut self,
        i: &'a [u8],
        depth: usize,
        builder: &mut Builder<'a>,
        (operator, connective): (&[u8; 2], Connective),
        one: impl Fn(&mut Parser<'a>, &'a [u8], usize, &mut Builder<'a>) -> &'a [u8],
    ) -> &'a [u8] {
        let (start, mut i, mut parts) = (builder.proposition.len(), i, 0_usize);
        loop {
            i = one(self, i, depth, builder);
            i = self.in_time(i);
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
            builder.proposition.join_from(start, connective);
        }
        i
    }

    /// Notes a connective of another language and goes on behind it.
    #[cold]
    fn respelt(&mut self, i: &'a [u8], length: usize, connective: Connective) -> &'a [u8] {
        let message = format!("`{}` is no connective", text(&i[..length]));
        let operator = if connective == Connective::And { "/\\" } else { "\\/" };
        self.note(i, length, message, Some(suggest::did_you_mean(operator)));
        &i[length..]
    }

    /// One level down, unless that is too deep.
    fn deeper(
        &mut self,
        i: &'a [u8],
        depth: usize,
        builder: &mut Builder<'a>,
        read: Read<'a>,
    ) -> &'a [u8] {
        if depth < MAX_DEPTH {
            return read(self, i, depth + 1, builder);
        }
        let message = format!("a proposition nested deeper than {MAX_DEPTH}");
        self.note(i, first_character(i).map_or(0, char::len_utf8), message, None);
        self.skipped.nesting = true;
        builder.proposition.add_constant(true);
        blank(next_section(i))
    }

    /// `(p)`, `~p`, `not p`, `true`, `false`, `0:x5=1`.
    fn unit(&mut self, i: &'a [u8], depth: usize, builder: &mut Builder<'a>) -> &'a [u8] {
        match i {
            [b'(', b'*', ..] => {}
            [b'(', rest @ ..] => {
                let rest = self.deeper(blank(rest), depth, builder, Parser::implication);
                if at(rest, b')') {
                    return blank(&rest[1..]);
                }
                self.unclosed(i, rest);
                return rest;
            }
            [b'~', rest @ ..] => return self.negation(rest, depth, builder),
            [b'n' | b't' | b'f', ..] => {
                let (word, rest) = i.split_at(name_length(i));
                match word {
                    b"not" => return self.negation(rest, depth, builder),
                    b"true" | b"false" => {
                        builder.proposition.add_constant(word == b"true");
                        return blank(rest);
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        match self.comparison(i, builder) {
            Ok((rest, ())) => blank(rest),
            Err(error) => {
                builder.proposition.add_constant(true);
                after_comparison(self.report(error))
            }
        }
    }

    /// What follows `~` or `not`.
    fn negation(&mut self, i: &'a [u8], depth: usize, builder: &mut Builder<'a>) -> &'a [u8] {
        let start = builder.proposition.len();
        let rest = self.deeper(blank(i), depth, builder, Parser::unit);
        builder.proposition.join_from(start, Connective::Not);
        rest
    }

    /// `0:x5=1`, `[x] != 0:x7`
    fn comparison(&self, i: &'a [u8], builder: &mut Builder<'a>) -> Parsed<'a, ()> {
        let (after_left, left_term) = left(i, self.language)?;
        let (rest, relation) = operator(blank(after_left))?;
        let right_starts = blank(rest);
        let (rest, right_term) = right(right_starts, self.language)?;
        let left = self.term(i, after_left, left_term, builder);
        let right = self.term(right_starts, rest, right_term, builder);
        let span = self.span(i, rest);
        builder.proposition.add_comparison(Comparison { left, relation, right, span });
        Ok((rest, ()))
    }

    /// The number of the term that stands between two suffixes.
    fn term(
        &self,
        from: &'a [u8],
        to: &'a [u8],
        term: Term<&'a [u8]>,
        builder: &mut Builder<'a>,
    ) -> TermId {
        let spelling = from[..from.len() - to.len()].trim_ascii_end();
        let key = (spelling, matches!(term, Term::Place(_)));
        builder.known(key).unwrap_or_else(|| {
            let span = self.span(from, &from[spelling.len()..]);
            let id = builder.proposition.add_term(Spanned { value: term.map(&name_of), span });
            builder.add(key, id);
            id
        })
    }

    /// Says that the parenthesis at `open` should be closed at `rest`.
    #[cold]
    fn unclosed(&mut self, open: &'a [u8], rest: &'a [u8]) {
        if self.skipped.nesting {
            return;
        }
        let start = self.offset(open) as u32;
        let (line, column) = self.line_column(Span { start, end: start + 1 });
        let help = format!("the `(` of line {line}, column {column} is not closed");
        self.report(nom::Err::Failure(SyntaxError::expected(rest, "`)`", Some(help))));
    }
}

/// Does the word `and` stand here?
fn begins_with_and(i: &[u8]) -> bool {
    &i[..name_length(i)] == b"and"
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
fn operator(i: &[u8]) -> Parsed<'_, Relation> {
    match i {
        [b'=', b'>', ..] => Err(expected(i, "`=` or `!=`")),
        [b'=', b'=', rest @ ..] | [b'=', rest @ ..] => Ok((rest, Relation::Equal)),
        [b'!', b'=', rest @ ..] | [b'<', b'>', rest @ ..] => Ok((rest, Relation::NotEqual)),
        _ => Err(expected(i, "`=` or `!=`")),
    }
}

/// A left side: a name is a location.
fn left(i: &[u8], language: Language) -> Parsed<'_, Term<&[u8]>> {
    if at_register(i) || at_named_register(i, language) {
        return place(i, language).map(|(i, place)| (i, Term::Place(place)));
    }
    if at_number(i) {
        let (i, value) = number(i)?;
        return Ok((i, Term::Value(Value::Integer(integer(value)))));
    }
    if let [b'&' | b'P', ..] = i
        && let Ok((rest, value @ (Value::Address { .. } | Value::Code { .. }))) = value(i)
        && (at(i, b'&') || matches!(value, Value::Code { .. }))
    {
        return Ok((rest, Term::Value(value)));
    }
    place(i, language).map(|(i, place)| (i, Term::Place(place)))
}

/// A right side: a name is an address, as in the init section, and so is `x[1]`; `[x]`, `[x[1]]`, `*x` and
/// `0:x5` are places, `{1,2}` is an array.
fn right(i: &[u8], language: Language) -> Parsed<'_, Term<&[u8]>> {
    if at(i, b'{') {
        return array(i).map(|(i, values)| (i, Term::Value(Value::Array(values))));
    }
    if at(i, b'[') || at_register(i) || at_named_register(i, language) {
        return place(i, language).map(|(i, place)| (i, Term::Place(place)));
    }
    if let [b'*', rest @ ..] = i {
        return place(blank(rest), language).map(|(i, place)| (i, Term::Place(place)));
    }
    value(i).map(|(i, value)| (i, Term::Value(value)))
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

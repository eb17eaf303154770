//! The test's condition as text, spelled as herd7 prints it.

use std::fmt;
use std::io::Write;

use crate::arch::Reg;
use crate::litmus::{
    Comparison, Condition, Connective, HartId, Integer, Part, Place, Proposition, Quantifier,
    Relation, Term, Value,
};

/// A condition for people and logs: `exists` and `(1:x5=1 /\ 1:x7=0)`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ConditionText {
    /// How it ranges over the states.
    pub quantifier: Quantifier,
    /// What it says of one state, in parentheses.
    pub proposition: String,
}

impl From<&Condition> for ConditionText {
    fn from(condition: &Condition) -> Self {
        let mut text = Text { of: &condition.proposition, out: Vec::with_capacity(128) };
        text.out.push(b'(');
        text.part(condition.proposition.whole(), Tightness::Implies);
        text.out.push(b')');
        ConditionText { quantifier: condition.quantifier, proposition: string(text.out) }
    }
}

impl fmt::Display for ConditionText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.quantifier, self.proposition)
    }
}

/// How tightly the surrounding connective binds; what binds weaker needs parentheses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Tightness {
    Implies,
    Or,
    And,
}

/// The text so far, as bytes, of which some are pushed in less time than characters. Conditions may have
/// thousands of terms, so nothing is formatted twice.
struct Text<'p> {
    of: &'p Proposition,
    out: Vec<u8>,
}

impl<'p> Text<'p> {
    fn part(&mut self, part: Part<'p>, around: Tightness) {
        match part {
            Part::Constant(truth) => {
                self.out.extend_from_slice(if truth { b"true" } else { b"false" })
            }
            Part::Comparison(comparison) => self.comparison(comparison),
            Part::Join(Connective::Not, parts) => {
                self.out.extend_from_slice(b"not (");
                parts.for_each(|part| self.part(part, Tightness::Implies));
                self.out.push(b')');
            }
            Part::Join(connective, parts) => {
                let (own, operator, first) = match connective {
                    Connective::Implies => (Tightness::Implies, b" => ", Tightness::Or),
                    Connective::Or => (Tightness::Or, b" \\/ ", Tightness::Or),
                    Connective::And | Connective::Not => (Tightness::And, b" /\\ ", Tightness::And),
                };
                let weaker = around > own;
                if weaker {
                    self.out.push(b'(');
                }
                let mut around = first;
                for (index, part) in parts.enumerate() {
                    if index > 0 {
                        self.out.extend_from_slice(operator);
                    }
                    match part {
                        Part::Comparison(comparison) => self.comparison(comparison),
                        _ => self.part(part, around),
                    }
                    around = own;
                }
                if weaker {
                    self.out.push(b')');
                }
            }
        }
    }

    #[inline]
    fn comparison(&mut self, comparison: &Comparison) {
        term(self.of.term(comparison.left), &mut self.out);
        match comparison.relation {
            Relation::Equal => self.out.push(b'='),
            Relation::NotEqual => self.out.extend_from_slice(b"<>"),
        }
        match self.of.term(comparison.right) {
            // Without brackets it would be an address.
            Term::Place(Place::Memory { symbol, index: Some(index) }) => {
                self.out.push(b'[');
                element(symbol, *index, &mut self.out);
                self.out.push(b']');
            }
            right => term(right, &mut self.out),
        }
    }
}

/// What is written here are texts.
fn string(out: Vec<u8>) -> String {
    String::from_utf8(out).unwrap_or_default()
}

fn term(term: &Term, out: &mut Vec<u8>) {
    match term {
        Term::Place(shown) => place(shown, out),
        Term::Value(shown) => value(shown, out),
    }
}

/// Appends a place as reports call it, which is what its `Display` says, in as few steps as it takes.
pub(super) fn place(shown: &Place, out: &mut Vec<u8>) {
    match shown {
        Place::Memory { symbol, index: None } => match symbol.as_bytes() {
            [letter] => out.extend_from_slice(&[b'[', *letter, b']']),
            name => {
                out.push(b'[');
                out.extend_from_slice(name);
                out.push(b']');
            }
        },
        Place::Register(HartId(hart @ 0..=9), Reg::Riscv(reg)) => {
            let (hart, reg) = (b'0' + *hart as u8, reg.number() as u8);
            match reg {
                0..=9 => out.extend_from_slice(&[hart, b':', b'x', b'0' + reg]),
                _ => {
                    let (tens, ones) = (b'0' + reg / 10, b'0' + reg % 10);
                    out.extend_from_slice(&[hart, b':', b'x', tens, ones]);
                }
            }
        }
        Place::Register(hart, reg) => {
            decimal(hart.0.into(), out);
            out.extend_from_slice(format!(":{reg}").as_bytes());
        }
        Place::Memory { symbol, index: Some(index) } => element(symbol, *index, out),
    }
}

fn element(symbol: &str, index: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(symbol.as_bytes());
    out.push(b'[');
    decimal(index, out);
    out.push(b']');
}

#[inline]
fn decimal(number: u64, out: &mut Vec<u8>) {
    match number {
        0..=9 => out.push(b'0' + number as u8),
        _ => long_decimal(number, out),
    }
}

fn long_decimal(number: u64, out: &mut Vec<u8>) {
    match number {
        0..=99 => out.extend_from_slice(&[b'0' + (number / 10) as u8, b'0' + (number % 10) as u8]),
        // Writing to a vector cannot fail.
        _ => _ = write!(out, "{number}"),
    }
}

fn value(shown: &Value, out: &mut Vec<u8>) {
    match shown {
        Value::Integer(Integer(small @ 0..=9)) => decimal(*small, out),
        Value::Integer(integer) => _ = write!(out, "{integer}"),
        Value::Address { symbol, index, offset } => {
            match index {
                None => out.extend_from_slice(symbol.as_bytes()),
                Some(index) => {
                    out.push(b'&');
                    element(symbol, *index, out);
                }
            }
            if *offset != 0 {
                _ = write!(out, "{offset:+}");
            }
        }
        Value::Code { hart, label } => _ = write!(out, "{hart}:{label}"),
        Value::Array(elements) => {
            out.push(b'{');
            for (index, element) in elements.iter().enumerate() {
                if index > 0 {
                    out.push(b',');
                }
                value(element, out);
            }
            out.push(b'}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::litmus::{Language, parse_proposition};

    #[test]
    fn only_what_binds_weaker_is_parenthesized() {
        for (proposition, text) in [
            (r"1:x8=2 /\ (1:x5=1 \/ 1:x7=-1)", r"(1:x8=2 /\ (1:x5=1 \/ 1:x7=-1))"),
            (r"1:x8=2 \/ (1:x5=1 /\ 1:x7=-1)", r"(1:x8=2 \/ 1:x5=1 /\ 1:x7=-1)"),
            (r"1:x8=2 /\ (1:x5=1 /\ 1:x7=-1)", r"(1:x8=2 /\ 1:x5=1 /\ 1:x7=-1)"),
            (r"not (1:x5=1 \/ 1:x7!=-1)", r"(not (1:x5=1 \/ 1:x7<>-1))"),
            (r"(1:x5=1 \/ 1:x7=-1) => x=2", r"(1:x5=1 \/ 1:x7=-1 => [x]=2)"),
            (r"(1:x5=1 => x=2) => y=&z", r"((1:x5=1 => [x]=2) => [y]=z)"),
            (r"(1:x5=1 => x=2) \/ y=[a[1]]", r"((1:x5=1 => [x]=2) \/ [y]=[a[1]])"),
            ("1:x5=&a[1] /\\ y=x+4", "(1:x5=&a[1] /\\ [y]=x+4)"),
            ("1:t0=12", "(1:x5=12)"),
            ("true", "(true)"),
        ] {
            let proposition = parse_proposition(proposition, Language::Riscv).expect("good");
            let condition = Condition { quantifier: Quantifier::Exists, proposition };
            assert_eq!(ConditionText::from(&condition).proposition, text);
        }
    }

    #[test]
    fn a_place_is_called_what_its_display_says() {
        let register =
            |hart, reg| Place::Register(HartId(hart), crate::arch::riscv::Reg::new(reg).into());
        let memory = |index| Place::Memory { symbol: "xyz".into(), index };
        for shown in [register(0, 0), register(10, 31), register(9, 9), register(123, 10)]
            .into_iter()
            .chain([None, Some(0), Some(9), Some(10), Some(u64::MAX)].map(memory))
        {
            let mut text = Vec::new();
            place(&shown, &mut text);
            assert_eq!(string(text), shown.to_string());
        }
    }
}

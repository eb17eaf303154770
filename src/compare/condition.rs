//! The test's condition as text, spelled as herd7 prints it.

use std::fmt::{self, Write};

use crate::litmus::{Comparison, Condition, Place, Proposition, Quantifier, Term, Value};

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
        let mut proposition = String::with_capacity(64);
        // Writing to a string cannot fail.
        let _ = write!(proposition, "({})", Show(&condition.proposition, Tightness::Implies));
        ConditionText { quantifier: condition.quantifier, proposition }
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

struct Show<'a>(&'a Proposition, Tightness);

impl fmt::Display for Show<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Show(proposition, around) = *self;
        match proposition {
            Proposition::True => f.write_str("true"),
            Proposition::False => f.write_str("false"),
            Proposition::Compare(compared) => {
                let (left, comparison, right) = &compared.value;
                let sign = match comparison {
                    Comparison::Equal => "=",
                    Comparison::NotEqual => "<>",
                };
                term(left, f)?;
                f.write_str(sign)?;
                term(right, f)
            }
            Proposition::Not(inner) => write!(f, "not ({})", Show(inner, Tightness::Implies)),
            Proposition::And(all) => list(all, " /\\ ", Tightness::And, around, f),
            Proposition::Or(any) => list(any, " \\/ ", Tightness::Or, around, f),
            Proposition::Implies(p, q) => {
                let (open, close) = parentheses(around > Tightness::Implies);
                let q = Show(q, Tightness::Implies);
                write!(f, "{open}{} => {q}{close}", Show(p, Tightness::Or))
            }
        }
    }
}

fn parentheses(needed: bool) -> (&'static str, &'static str) {
    if needed { ("(", ")") } else { ("", "") }
}

fn list(
    parts: &[Proposition],
    connective: &str,
    own: Tightness,
    around: Tightness,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let (open, close) = parentheses(around > own);
    f.write_str(open)?;
    for (index, part) in parts.iter().enumerate() {
        let separator = if index == 0 { "" } else { connective };
        write!(f, "{separator}{}", Show(part, own))?;
    }
    f.write_str(close)
}

fn term(term: &Term, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match term {
        Term::Place(place) => write!(f, "{place}"),
        Term::Value(value) => self::value(value, f),
    }
}

fn value(shown: &Value, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match shown {
        Value::Integer(integer) => write!(f, "{integer}"),
        Value::Address { symbol, index, offset } => {
            match index {
                None => f.write_str(symbol)?,
                Some(index) => {
                    let place = Place::Memory { symbol: symbol.clone(), index: Some(*index) };
                    write!(f, "&{place}")?;
                }
            }
            match offset {
                0 => Ok(()),
                offset => write!(f, "{offset:+}"),
            }
        }
        Value::Code { hart, label } => write!(f, "{hart}:{label}"),
        Value::Array(elements) => {
            f.write_char('{')?;
            for (index, element) in elements.iter().enumerate() {
                f.write_str(if index == 0 { "" } else { "," })?;
                value(element, f)?;
            }
            f.write_char('}')
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::Reg;
    use crate::litmus::{HartId, Integer, Located, Span};

    fn equal(reg: u8, to: u64) -> Proposition {
        let place = Term::Place(Place::Register(HartId(1), Reg::new(reg)));
        let value = (place, Comparison::Equal, Term::Value(Value::Integer(Integer(to))));
        Proposition::Compare(Located { value, span: Span::default() })
    }

    #[test]
    fn only_what_binds_weaker_is_parenthesized() {
        use Proposition::{And, Implies, Not, Or};
        let (a, b, c) = (equal(5, 1), equal(7, u64::MAX), equal(8, 2));
        let or = Or(vec![a.clone(), b.clone()]);
        let and = And(vec![a.clone(), b.clone()]);
        let cases = [
            (And(vec![c.clone(), or.clone()]), "(1:x8=2 /\\ (1:x5=1 \\/ 1:x7=-1))"),
            (Or(vec![c.clone(), and]), "(1:x8=2 \\/ 1:x5=1 /\\ 1:x7=-1)"),
            (Not(Box::new(or.clone())), "(not (1:x5=1 \\/ 1:x7=-1))"),
            (Implies(Box::new(or), Box::new(c)), "(1:x5=1 \\/ 1:x7=-1 => 1:x8=2)"),
            (a, "(1:x5=1)"),
            (Proposition::True, "(true)"),
        ];
        for (proposition, text) in cases {
            let condition = Condition { quantifier: Quantifier::Exists, proposition };
            assert_eq!(ConditionText::from(&condition).proposition, text);
        }
    }
}

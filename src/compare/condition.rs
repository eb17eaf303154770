//! The test's condition as text, spelled as herd7 prints it.

use std::fmt::{self, Write};

use crate::litmus::{Comparison, Condition, Integer, Place, Proposition, Quantifier, Term, Value};

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
        proposition.push('(');
        show(&condition.proposition, Tightness::Implies, &mut proposition);
        proposition.push(')');
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

/// Appends a proposition. Conditions may have thousands of terms, so nothing is formatted twice.
fn show(proposition: &Proposition, around: Tightness, out: &mut String) {
    match proposition {
        Proposition::True => out.push_str("true"),
        Proposition::False => out.push_str("false"),
        Proposition::Compare(compared) => {
            let (left, comparison, right) = &compared.value;
            term(left, out);
            out.push_str(match comparison {
                Comparison::Equal => "=",
                Comparison::NotEqual => "<>",
            });
            term(right, out);
        }
        Proposition::Not(inner) => {
            out.push_str("not (");
            show(inner, Tightness::Implies, out);
            out.push(')');
        }
        Proposition::And(all) => list(all, " /\\ ", Tightness::And, around, out),
        Proposition::Or(any) => list(any, " \\/ ", Tightness::Or, around, out),
        Proposition::Implies(p, q) => in_parentheses(around > Tightness::Implies, out, |out| {
            show(p, Tightness::Or, out);
            out.push_str(" => ");
            show(q, Tightness::Implies, out);
        }),
    }
}

fn in_parentheses(needed: bool, out: &mut String, inside: impl FnOnce(&mut String)) {
    if needed {
        out.push('(');
    }
    inside(out);
    if needed {
        out.push(')');
    }
}

fn list(
    parts: &[Proposition],
    connective: &str,
    own: Tightness,
    around: Tightness,
    out: &mut String,
) {
    in_parentheses(around > own, out, |out| {
        for (index, part) in parts.iter().enumerate() {
            out.push_str(if index == 0 { "" } else { connective });
            show(part, own, out);
        }
    });
}

fn term(term: &Term, out: &mut String) {
    match term {
        Term::Place(shown) => place(shown, out),
        Term::Value(shown) => value(shown, out),
    }
}

fn place(shown: &Place, out: &mut String) {
    match shown {
        Place::Memory { symbol, index: None } => {
            out.push('[');
            out.push_str(symbol);
            out.push(']');
        }
        Place::Register(hart, reg) => {
            decimal(hart.0.into(), out);
            out.push_str(":x");
            decimal(reg.number() as u64, out);
        }
        Place::Memory { symbol, index: Some(index) } => {
            out.push_str(symbol);
            out.push('[');
            decimal(*index, out);
            out.push(']');
        }
    }
}

fn decimal(number: u64, out: &mut String) {
    match number {
        0..=9 => out.push(char::from(b'0' + number as u8)),
        10..=99 => {
            decimal(number / 10, out);
            decimal(number % 10, out);
        }
        // Writing to a string cannot fail.
        _ => _ = write!(out, "{number}"),
    }
}

fn value(shown: &Value, out: &mut String) {
    match shown {
        Value::Integer(Integer(small @ 0..=9)) => decimal(*small, out),
        Value::Integer(integer) => _ = write!(out, "{integer}"),
        Value::Address { symbol, index, offset } => {
            match index {
                None => out.push_str(symbol),
                Some(index) => {
                    out.push('&');
                    place(&Place::Memory { symbol: symbol.clone(), index: Some(*index) }, out);
                }
            }
            if *offset != 0 {
                _ = write!(out, "{offset:+}");
            }
        }
        Value::Code { hart, label } => _ = write!(out, "{hart}:{label}"),
        Value::Array(elements) => {
            out.push('{');
            for (index, element) in elements.iter().enumerate() {
                out.push_str(if index == 0 { "" } else { "," });
                value(element, out);
            }
            out.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::isa::Reg;
    use crate::litmus::{HartId, Located, Span};

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

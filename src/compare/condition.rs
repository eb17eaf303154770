//! The test's condition as text, spelled as herd7 prints it.

use std::fmt::{self, Write};

use crate::litmus::{
    Comparison, Condition, Connective, HartId, Integer, Part, Place, Proposition, Quantifier,
    Shape, Term, Value,
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
        let mut text = Text { of: &condition.proposition, out: String::with_capacity(128) };
        text.out.push('(');
        text.part(condition.proposition.whole(), Tightness::Implies);
        text.out.push(')');
        ConditionText { quantifier: condition.quantifier, proposition: text.out }
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

/// The text so far. Conditions may have thousands of terms, so nothing is formatted twice.
struct Text<'p> {
    of: &'p Proposition,
    out: String,
}

impl<'p> Text<'p> {
    fn part(&mut self, part: Part<'p>, around: Tightness) {
        match part.shape() {
            Shape::Constant(truth) => self.out.push_str(if truth { "true" } else { "false" }),
            Shape::Compare(compared) => {
                term(self.of.term(compared.left), &mut self.out);
                self.out.push_str(match compared.comparison {
                    Comparison::Equal => "=",
                    Comparison::NotEqual => "<>",
                });
                term(self.of.term(compared.right), &mut self.out);
            }
            Shape::Join(Connective::Not, parts) => {
                self.out.push_str("not (");
                parts.for_each(|part| self.part(part, Tightness::Implies));
                self.out.push(')');
            }
            Shape::Join(connective, parts) => {
                let (own, operator, first) = match connective {
                    Connective::Implies => (Tightness::Implies, " => ", Tightness::Or),
                    Connective::Or => (Tightness::Or, " \\/ ", Tightness::Or),
                    Connective::And | Connective::Not => (Tightness::And, " /\\ ", Tightness::And),
                };
                let weaker = around > own;
                self.out.push_str(if weaker { "(" } else { "" });
                for (index, part) in parts.enumerate() {
                    self.out.push_str(if index == 0 { "" } else { operator });
                    self.part(part, if index == 0 { first } else { own });
                }
                self.out.push_str(if weaker { ")" } else { "" });
            }
        }
    }
}

fn term(term: &Term, out: &mut String) {
    match term {
        Term::Place(shown) => place(shown, out),
        Term::Value(shown) => value(shown, out),
    }
}

/// A place as reports call it, which is what its `Display` says, in as few steps as it takes.
pub(super) fn place_text(shown: &Place) -> Box<str> {
    let length = match shown {
        Place::Register(HartId(hart), reg) => {
            2 + digits((*hart).into()) + digits(reg.number() as u64)
        }
        Place::Memory { symbol, index } => 2 + symbol.len() + index.map_or(0, digits),
    };
    let mut out = String::with_capacity(length);
    place(shown, &mut out);
    out.into()
}

fn digits(number: u64) -> usize {
    number.checked_ilog10().map_or(1, |tens| tens as usize + 1)
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
        Place::Memory { symbol, index: Some(index) } => element(symbol, *index, out),
    }
}

fn element(symbol: &str, index: u64, out: &mut String) {
    out.push_str(symbol);
    out.push('[');
    decimal(index, out);
    out.push(']');
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
                    element(symbol, *index, out);
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
    use crate::litmus::parse_proposition;

    #[test]
    fn only_what_binds_weaker_is_parenthesized() {
        for (proposition, text) in [
            (r"1:x8=2 /\ (1:x5=1 \/ 1:x7=-1)", r"(1:x8=2 /\ (1:x5=1 \/ 1:x7=-1))"),
            (r"1:x8=2 \/ (1:x5=1 /\ 1:x7=-1)", r"(1:x8=2 \/ 1:x5=1 /\ 1:x7=-1)"),
            (r"1:x8=2 /\ (1:x5=1 /\ 1:x7=-1)", r"(1:x8=2 /\ 1:x5=1 /\ 1:x7=-1)"),
            (r"not (1:x5=1 \/ 1:x7!=-1)", r"(not (1:x5=1 \/ 1:x7<>-1))"),
            (r"(1:x5=1 \/ 1:x7=-1) => x=2", r"(1:x5=1 \/ 1:x7=-1 => [x]=2)"),
            (r"(1:x5=1 => x=2) => y=&z", r"((1:x5=1 => [x]=2) => [y]=z)"),
            (r"(1:x5=1 => x=2) \/ y=a[1]", r"((1:x5=1 => [x]=2) \/ [y]=a[1])"),
            ("1:x5=&a[1] /\\ y=x+4", "(1:x5=&a[1] /\\ [y]=x+4)"),
            ("1:t0=12", "(1:x5=12)"),
            ("true", "(true)"),
        ] {
            let proposition = parse_proposition(proposition).expect("good");
            let condition = Condition { quantifier: Quantifier::Exists, proposition };
            assert_eq!(ConditionText::from(&condition).proposition, text);
        }
    }

    #[test]
    fn a_place_is_called_what_its_display_says() {
        let register = |hart, reg| Place::Register(HartId(hart), crate::isa::Reg::new(reg));
        let memory = |index| Place::Memory { symbol: "xyz".into(), index };
        for shown in [register(0, 0), register(10, 31), register(9, 9), register(123, 10)]
            .into_iter()
            .chain([None, Some(0), Some(9), Some(10), Some(u64::MAX)].map(memory))
        {
            let text = place_text(&shown);
            assert_eq!(*text, *shown.to_string());
        }
    }
}

//! A test as text again: canonical, and parsed back to the same test.
//!
//! Types print by their `stdint.h` names, registers by number, integers in decimal, comments are gone.

use std::fmt::{self, Write as _};

use super::{
    CodeCell, Comparison, Connective, InitEntry, ObservedPlace, Part, Parts, Place, Proposition,
    Relation, Term, Test, Value,
};

/// The whole file.
impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", self.language, self.name)?;
        if let Some(description) = &self.description {
            writeln!(f, "\"{description}\"")?;
        }
        for (key, value) in self.metadata.iter() {
            writeln!(f, "{key}={value}")?;
        }
        writeln!(f, "{{")?;
        for entry in &self.init {
            writeln!(f, "{};", entry.value)?;
        }
        writeln!(f, "}}")?;
        columns(self, f)?;
        if !self.locations.is_empty() {
            f.write_str("locations [")?;
            for place in &self.locations {
                write!(f, "{};", place.value)?;
            }
            writeln!(f, "]")?;
        }
        if let Some(filter) = &self.filter {
            writeln!(f, "filter ({filter})")?;
        }
        if let Some(condition) = &self.condition {
            writeln!(f, "{} ({})", condition.quantifier, condition.proposition)?;
        }
        Ok(())
    }
}

/// The code, every column as wide as its widest cell.
fn columns(test: &Test, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut table: Vec<Vec<String>> = Vec::with_capacity(test.harts.len());
    for (index, hart) in test.harts.iter().enumerate() {
        let head = std::iter::once(format!("P{index}"));
        table.push(head.chain(hart.cells.iter().map(CodeCell::to_string)).collect());
    }
    let rows = table.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: &Vec<String>| column.iter().map(String::len).max().unwrap_or(0);
    let widths: Vec<usize> = table.iter().map(width).collect();
    for row in 0..rows {
        for (index, (column, width)) in table.iter().zip(&widths).enumerate() {
            let cell = column.get(row).map_or("", String::as_str);
            write!(f, "{} {cell:width$} ", if index == 0 { "" } else { "|" })?;
        }
        writeln!(f, ";")?;
    }
    Ok(())
}

/// `LC00: lw x5,0(x6)`
impl fmt::Display for CodeCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, label) in self.labels.iter().enumerate() {
            write!(f, "{}{}:", if index == 0 { "" } else { " " }, label.value)?;
        }
        match &self.instr {
            Some(instr) if self.labels.is_empty() => write!(f, "{}", instr.value),
            Some(instr) => write!(f, " {}", instr.value),
            None => Ok(()),
        }
    }
}

/// `uint64_t x=1`, without the `;`.
impl fmt::Display for InitEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(ctype) = self.ctype {
            write!(f, "{ctype} ")?;
        }
        bare(f, &self.place)?;
        if let Some(length) = self.array {
            write!(f, "[{length}]")?;
        }
        match &self.value {
            Some(value) => write!(f, "={value}"),
            None => Ok(()),
        }
    }
}

/// `uint64_t x`, without the `;`.
impl fmt::Display for ObservedPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(ctype) = self.ctype {
            write!(f, "{ctype} ")?;
        }
        bare(f, &self.place)
    }
}

/// A place where `x` and `[x]` mean the same.
fn bare(f: &mut fmt::Formatter<'_>, place: &Place) -> fmt::Result {
    match place {
        Place::Memory { symbol, index: None } => f.write_str(symbol),
        place => write!(f, "{place}"),
    }
}

/// `1`, `x`, `&x[1]`, `x+4`, `P1:LC00`, `{1,2}`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Integer(integer) => write!(f, "{integer}"),
            Value::Address { symbol, index, offset } => {
                match index {
                    Some(index) => write!(f, "&{symbol}[{index}]")?,
                    None => f.write_str(symbol)?,
                }
                match offset {
                    0 => Ok(()),
                    offset => write!(f, "{offset:+}"),
                }
            }
            Value::Code { hart, label } => write!(f, "{hart}:{label}"),
            Value::Array(values) => {
                for (index, value) in values.iter().enumerate() {
                    write!(f, "{}{value}", if index == 0 { '{' } else { ',' })?;
                }
                f.write_char('}')
            }
        }
    }
}

/// Without outer parentheses; inside, only those that are needed.
impl fmt::Display for Proposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        part(f, self, self.whole(), 0)
    }
}

/// How strongly a connective binds.
fn strength(connective: Connective) -> u8 {
    match connective {
        Connective::Implies => 0,
        Connective::Or => 1,
        Connective::And => 2,
        Connective::Not => 3,
    }
}

/// A part of a proposition, in parentheses if it does not bind as strongly as it must.
fn part(f: &mut fmt::Formatter<'_>, of: &Proposition, part: Part<'_>, least: u8) -> fmt::Result {
    match part {
        Part::Constant(truth) => write!(f, "{truth}"),
        Part::Comparison(one) => comparison(f, of, one),
        Part::Join(connective, parts) if strength(connective) < least => {
            f.write_char('(')?;
            join(f, of, connective, parts)?;
            f.write_char(')')
        }
        Part::Join(connective, parts) => join(f, of, connective, parts),
    }
}

fn join(
    f: &mut fmt::Formatter<'_>,
    of: &Proposition,
    connective: Connective,
    parts: Parts<'_>,
) -> fmt::Result {
    // The least strength of the first part, and of the others.
    let (operator, first, others) = match connective {
        Connective::Not => ("not ", 3, 3),
        Connective::And => (" /\\ ", 3, 3),
        Connective::Or => (" \\/ ", 2, 2),
        Connective::Implies => (" => ", 1, 0),
    };
    for (index, one) in parts.enumerate() {
        if index > 0 || connective == Connective::Not {
            f.write_str(operator)?;
        }
        part(f, of, one, if index == 0 { first } else { others })?;
    }
    Ok(())
}

/// `x=1`, `&x=0:x5`
fn comparison(
    f: &mut fmt::Formatter<'_>,
    of: &Proposition,
    comparison: &Comparison,
) -> fmt::Result {
    match of.term(comparison.left) {
        Term::Place(place) => bare(f, place)?,
        Term::Value(value @ Value::Address { index: None, .. }) => write!(f, "&{value}")?,
        Term::Value(value) => write!(f, "{value}")?,
    }
    f.write_str(match comparison.relation {
        Relation::Equal => "=",
        Relation::NotEqual => "!=",
    })?;
    match of.term(comparison.right) {
        Term::Place(place @ Place::Memory { index: Some(_), .. }) => write!(f, "[{place}]"),
        Term::Place(place) => write!(f, "{place}"),
        Term::Value(value) => write!(f, "{value}"),
    }
}

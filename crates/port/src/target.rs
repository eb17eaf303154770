//! The text of a lowered test: its own registers in the initial state and the condition, lines of the source as
//! comments.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rvlitmus_core::arch::x86::{Reg, Syntax, Width};
use rvlitmus_core::litmus::{CType, HartId, Integer, Span, Test, Value};

use crate::lower::{Line, NotLowered};
use crate::map::Map;
use crate::registers::{Registers, observed, register};

/// The text, and the places of the source as it calls them.
pub(crate) fn text(
    test: &Test,
    map: &Map,
    hash: Option<&str>,
    columns: &[Vec<Line>],
    registers: &[Registers],
) -> Result<(String, BTreeMap<String, String>), NotLowered> {
    let mut places = BTreeMap::new();
    let mut types: BTreeMap<(HartId, String), CType> = BTreeMap::new();
    for place in observed(test) {
        let Some((hart, reg)) = register(place) else { continue };
        let Some(own) = registers.get(hart.index()) else { continue };
        let target = own.general(reg);
        if !places.contains_key(&place.to_string())
            && places.values().any(|known| *known == format!("{}:{target}", hart.0))
        {
            let message = format!("`{place}` is observed by another name, too");
            return Err(NotLowered { message, span: Span::default() });
        }
        places.insert(place.to_string(), format!("{}:{target}", hart.0));
        if let Some(ctype) = default_type(reg) {
            types.insert((hart, target), ctype);
        }
    }
    let mut out = format!("RISCV {}\n", test.name);
    if let Some(description) = &test.description {
        let _ = writeln!(out, "\"{description}\"");
    }
    for (key, value) in test.metadata.iter() {
        if !matches!(key.to_ascii_lowercase().as_str(), "hash" | "generator") {
            let _ = writeln!(out, "{key}={value}");
        }
    }
    let hash = hash.map(|hash| format!(" Hash={hash}")).unwrap_or_default();
    let _ = writeln!(out, "Source={} {}{hash}", test.language, test.name);
    let _ = writeln!(out, "Map={}", map.name);
    out.push_str("Generator=rvlitmus lower\n{\n");
    init(test, registers, types, &mut out);
    for (hart, own) in registers.iter().enumerate() {
        for (symbol, register) in own.symbols() {
            let _ = writeln!(out, "{hart}:x{register}={symbol};");
        }
    }
    out.push_str("}\n");
    code(columns, &mut out);
    if !test.locations.is_empty() {
        let items: Vec<String> =
            test.locations.iter().map(|item| renamed(&item.value.to_string(), &places)).collect();
        let _ = writeln!(out, "locations [{};]", items.join("; "));
    }
    if let Some(filter) = &test.filter {
        let _ = writeln!(out, "filter ({})", renamed(&filter.to_string(), &places));
    }
    if let Some(condition) = &test.condition {
        let proposition = renamed(&condition.proposition.to_string(), &places);
        let _ = writeln!(out, "{} ({proposition})", condition.quantifier);
    }
    Ok((out, places))
}

/// The declarations: those of memory as they are, those of registers under their new names.
fn init(
    test: &Test,
    registers: &[Registers],
    mut types: BTreeMap<(HartId, String), CType>,
    out: &mut String,
) {
    for entry in test.init.iter().map(|entry| &entry.value) {
        let Some((hart, reg)) = register(&entry.place) else {
            let _ = writeln!(out, "{entry};");
            continue;
        };
        let Some(own) = registers.get(hart.index()) else { continue };
        let target = own.general(reg);
        let ctype = types.remove(&(hart, target.clone()));
        let ctype = match (entry.ctype, ctype) {
            (Some(own), Some(part)) if own.bytes() > part.bytes() => Some(part),
            (own, part) => own.or(part),
        };
        let value = entry.value.as_ref().map(|value| initial(value, reg, own));
        write_entry(out, ctype, hart, &target, value.as_ref());
    }
    for ((hart, target), ctype) in types {
        write_entry(out, Some(ctype), hart, &target, None);
    }
}

fn write_entry(
    out: &mut String,
    ctype: Option<CType>,
    hart: HartId,
    register: &str,
    value: Option<&Value>,
) {
    if ctype.is_none() && value.is_none() {
        return;
    }
    let ctype = ctype.map(|ctype| format!("{ctype} ")).unwrap_or_default();
    let value = value.map(|value| format!("={value}")).unwrap_or_default();
    let _ = writeln!(out, "{ctype}{}:{register}{value};", hart.0);
}

/// A register's first value as its new one keeps it.
fn initial(value: &Value, reg: Reg, registers: &Registers) -> Value {
    match (value, reg.width()) {
        (Value::Integer(integer), Width::W) if registers.is_wide(reg) => {
            Value::Integer(Integer(u64::from(integer.0 as u32)))
        }
        (Value::Integer(integer), Width::W) => Value::Integer(Integer(integer.0 as i32 as u64)),
        (value, _) => value.clone(),
    }
}

/// The type that a register is observed with where none is declared.
fn default_type(reg: Reg) -> Option<CType> {
    match (reg.width(), reg.syntax()) {
        (Width::W, Syntax::Intel) => None,
        (Width::B, _) => Some(CType::Uint8),
        (Width::H, _) => Some(CType::Uint16),
        (Width::W, _) => Some(CType::Uint32),
        (Width::D | Width::Q, _) => Some(CType::Uint64),
    }
}

/// Columns of lines, each as wide as its widest.
fn code(columns: &[Vec<Line>], out: &mut String) {
    let cell = |line: &Line| {
        let labels: String = line.labels.iter().map(|label| format!("{label}: ")).collect();
        let source = line.source.as_ref().map(|source| format!(" (* {source} *)"));
        format!("{labels}{}{}", line.instr, source.unwrap_or_default())
    };
    let heads = (0..columns.len()).map(|hart| format!("P{hart}"));
    let table: Vec<Vec<String>> = heads
        .zip(columns)
        .map(|(head, lines)| std::iter::once(head).chain(lines.iter().map(cell)).collect())
        .collect();
    let rows = table.iter().map(Vec::len).max().unwrap_or(0);
    for row in 0..rows {
        for (index, column) in table.iter().enumerate() {
            let width = column.iter().map(String::len).max().unwrap_or(0);
            let text = column.get(row).map_or("", String::as_str);
            let _ = write!(out, "{} {text:width$} ", if index == 0 { "" } else { "|" });
        }
        out.push_str(";\n");
    }
}

/// A proposition or a list of places with the names of the target.
fn renamed(text: &str, places: &BTreeMap<String, String>) -> String {
    let (mut out, mut rest) = (String::new(), text);
    let in_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '$');
    while let Some(start) = rest.find(in_word) {
        out.push_str(&rest[..start]);
        rest = &rest[start..];
        let word = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
        let end = match rest[word..].strip_prefix(':') {
            Some(after) => word + 1 + after.find(|c| !in_word(c)).unwrap_or(after.len()),
            None => word,
        };
        out.push_str(places.get(&rest[..end]).map_or(&rest[..end], String::as_str));
        rest = &rest[end..];
    }
    out + rest
}

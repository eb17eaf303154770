//! An instruction as herd7 prints it for a test's hash.

use crate::arch::x86::{Address, Condition, Instr, Operand, Operation, Syntax};

/// Adds the text, with the target of a jump as `label` writes it; `None` for what herd7 cannot read.
/// `written` is what stands in the test: herd7 keeps whether a letter says the width.
pub(in crate::litmus) fn hash_text(
    instr: &Instr,
    written: &[u8],
    label: impl Fn(&str, &mut Vec<u8>) -> Option<()>,
    out: &mut Vec<u8>,
) -> Option<()> {
    let capital = instr.syntax == Syntax::Intel;
    let word = mnemonic(written, instr.lock)?.to_ascii_lowercase();
    if !is_known(instr.operation, &word, instr.syntax) {
        return None;
    }
    let mut text = String::with_capacity(word.len() + 8);
    if instr.lock {
        text += "lock; ";
    }
    text += match instr.operation {
        Operation::JumpIf(condition) => jump(condition)?,
        _ => &word,
    };
    if capital {
        text.make_ascii_uppercase();
        // herd7 writes two blanks behind these.
        if matches!(instr.operation, Operation::Inc | Operation::Dec | Operation::Cmp) {
            text.push(' ');
        }
    }
    out.extend_from_slice(text.as_bytes());
    // What does nothing is printed without its operands.
    if let Operation::Nothing(_) = instr.operation {
        out.truncate(out.len() - text.len());
        out.extend_from_slice(b"NOP");
        return Some(());
    }
    let operands: Vec<&Operand> = match instr.syntax {
        Syntax::Att if !matches!(instr.operation, Operation::Cmpxchg | Operation::MoveIf(_)) => {
            instr.operands.iter().rev().collect()
        }
        _ => instr.operands.iter().collect(),
    };
    for (index, operand) in operands.into_iter().enumerate() {
        out.push(if index == 0 { b' ' } else { b',' });
        match operand {
            Operand::Label(name) => label(name, out)?,
            operand => out.extend_from_slice(self::operand(operand, instr.syntax)?.as_bytes()),
        }
    }
    Some(())
}

/// The mnemonic as written, behind a `lock`.
fn mnemonic(written: &[u8], lock: bool) -> Option<&str> {
    let text = std::str::from_utf8(written).ok()?;
    let mut words = text.split(|c: char| c.is_whitespace() || c == ';').filter(|w| !w.is_empty());
    if lock { words.nth(1) } else { words.next() }
}

/// Does herd7 read the instruction?
fn is_known(operation: Operation, word: &str, syntax: Syntax) -> bool {
    use Operation as O;
    let sized = |stem: &str| {
        word == stem || word.strip_prefix(stem).is_some_and(|l| ["b", "w", "l", "q"].contains(&l))
    };
    match (operation, syntax) {
        (O::Mov, Syntax::Intel) => sized("mov"),
        (O::Add | O::Or | O::Xor | O::Inc | O::Dec | O::Cmp | O::Xchg, Syntax::Intel)
        | (O::Cmpxchg | O::And | O::Shl, Syntax::Intel) => {
            word == operation.name() && !matches!(operation, O::And | O::Shl)
        }
        (O::And | O::Shl, Syntax::Att) => word == operation.name(),
        (O::Mov | O::Add | O::Or | O::Xor | O::Inc | O::Dec | O::Cmp, Syntax::Att)
        | (O::Xchg | O::Cmpxchg, Syntax::Att) => sized(operation.name()),
        (O::MoveIf(Condition::Below), _) => word.starts_with("cmovc"),
        (O::SetIf(Condition::AboveEqual), _) => word == "setnb",
        (O::JumpIf(condition), _) => jump(condition).is_some(),
        (O::Jump | O::Mfence | O::WeakFence(_), _) => true,
        (O::Nothing(name), Syntax::Att) => name != "pause",
        _ => false,
    }
}

fn jump(condition: Condition) -> Option<&'static str> {
    Some(match condition {
        Condition::Equal => "je",
        Condition::NotEqual => "jne",
        Condition::LessEqual => "jle",
        Condition::Less => "jl",
        Condition::GreaterEqual => "jge",
        Condition::Greater => "jg",
        Condition::Sign => "js",
        Condition::NotSign => "jns",
        _ => return None,
    })
}

fn operand(operand: &Operand, syntax: Syntax) -> Option<String> {
    let register = |reg| match syntax {
        Syntax::Intel => format!("{reg}"),
        Syntax::Att => format!("%{reg}"),
    };
    let brackets = |inside: &str| match syntax {
        Syntax::Intel => format!("[{inside}]"),
        Syntax::Att => format!("({inside})"),
    };
    Some(match operand {
        Operand::Register(reg) => register(*reg),
        Operand::Immediate(value) => format!("${value}"),
        Operand::Memory(Address {
            symbol: Some(symbol),
            base: None,
            index: None,
            displacement: 0,
        }) => brackets(symbol),
        Operand::Memory(Address { symbol: None, base: Some(base), index: None, displacement }) => {
            match (displacement, syntax) {
                (0, _) => brackets(&register(*base)),
                (offset, Syntax::Att) => format!("{offset}{}", brackets(&register(*base))),
                _ => return None,
            }
        }
        Operand::Memory(Address {
            symbol: None,
            base: Some(base),
            index: Some((index, scale)),
            displacement,
        }) if syntax == Syntax::Att => {
            let offset = if *displacement == 0 { String::new() } else { displacement.to_string() };
            format!("{offset}({}, {},{})", register(*base), register(*index), 1 << scale)
        }
        Operand::Memory(_) | Operand::Offset(_) | Operand::Label(_) => return None,
    })
}

//! Flags, which are read off where they are set.

use rvlitmus_core::arch::x86::Condition;

use super::Done;

/// What the flags say, at the instruction that sets them.
#[derive(Clone)]
pub(super) enum Flags {
    /// Of a comparison of two registers.
    Compared(String, String),
    /// Of a result, carry and overflow aside.
    Result(String),
    /// Of a result of `and`, `or`, `xor` or `test`, which has neither.
    Logical(String),
    /// Not known here.
    Unknown,
}

/// The branch of a condition on flags: `beq x5,x6`.
pub(super) fn branch(condition: Condition, flags: &Flags) -> Done<String> {
    use Condition as C;
    match flags {
        Flags::Compared(left, right) => {
            let name = match condition {
                C::Equal => "beq",
                C::NotEqual => "bne",
                C::Less => "blt",
                C::GreaterEqual => "bge",
                C::Greater => "bgt",
                C::LessEqual => "ble",
                C::Below => "bltu",
                C::AboveEqual => "bgeu",
                C::Above => "bgtu",
                C::BelowEqual => "bleu",
                _ => return Err("a comparison keeps neither sign nor overflow nor parity".into()),
            };
            Ok(format!("{name} {left},{right}"))
        }
        Flags::Result(register) | Flags::Logical(register) => {
            let logical = matches!(flags, Flags::Logical(_));
            let name = match condition {
                C::Equal => "beqz",
                C::NotEqual => "bnez",
                C::Sign => "bltz",
                C::NotSign => "bgez",
                C::Less if logical => "bltz",
                C::GreaterEqual if logical => "bgez",
                C::LessEqual if logical => "blez",
                C::Greater if logical => "bgtz",
                _ => return Err("neither carry nor overflow is kept".into()),
            };
            Ok(format!("{name} {register}"))
        }
        Flags::Unknown => {
            Err("put it directly below a comparison or what else sets the flags".into())
        }
    }
}

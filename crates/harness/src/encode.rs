//! Encodings of instructions that an assembler may not know: everything beyond RV64IMAC.
//!
//! Toolchains that people have are older than their harts: binutils 2.40 knows none of Zicond, Zacas, Zabha and
//! Zalasr. What is written as a number needs no assembler that knows it.

use rvlitmus_core::arch::riscv::Operation;
use rvlitmus_core::arch::riscv::{Extension, FenceSet, Instr, Operands, Reg};
use rvlitmus_core::arch::{Order, Width};

const OP: u32 = 0x33;
const OP_32: u32 = 0x3b;
const OP_IMM: u32 = 0x13;
const OP_IMM_32: u32 = 0x1b;
const AMO: u32 = 0x2f;

/// An instruction as a directive of the assembler, `.4byte 0x0ff0000f`; `None` for one that every assembler knows by
/// its mnemonic.
pub(crate) fn directive(instr: &Instr) -> Option<String> {
    let short = |code: u16| Some(format!(".2byte {code:#06x}"));
    match instr.def.mnemonic {
        "c.ntl.p1" => return short(0x900a),
        "c.ntl.pall" => return short(0x900e),
        "c.ntl.s1" => return short(0x9012),
        "c.ntl.all" => return short(0x9016),
        _ => {}
    }
    word(instr).map(|word| format!(".4byte {word:#010x}"))
}

/// The 32 bits of an instruction beyond RV64IMAC.
fn word(instr: &Instr) -> Option<u32> {
    let Operands { imm, pred, succ, .. } = instr.operands;
    let binary = |opcode, funct3, funct7| Some(register(opcode, funct3, funct7, &instr.operands));
    let immediate = |opcode, funct3, bits| Some(immediate(opcode, funct3, bits, &instr.operands));
    let amount = (imm & 0x3f) as u32;
    match instr.def.mnemonic {
        "fence" if pred == FenceSet::default() || succ == FenceSet::default() => {
            Some(bits(pred) << 24 | bits(succ) << 20 | 0x0f)
        }
        "fence.i" => Some(0x0000_100f),
        "pause" => Some(0x0100_000f),
        "wrs.nto" => Some(0x00d0_0073),
        "wrs.sto" => Some(0x01d0_0073),
        "ntl.p1" => Some(0x0020_0033),
        "ntl.pall" => Some(0x0030_0033),
        "ntl.s1" => Some(0x0040_0033),
        "ntl.all" => Some(0x0050_0033),
        "prefetch.i" => Some(prefetch(0, &instr.operands)),
        "prefetch.r" => Some(prefetch(1, &instr.operands)),
        "prefetch.w" => Some(prefetch(3, &instr.operands)),
        "add.uw" => binary(OP_32, 0, 0x04),
        "sh1add" => binary(OP, 2, 0x10),
        "sh2add" => binary(OP, 4, 0x10),
        "sh3add" => binary(OP, 6, 0x10),
        "sh1add.uw" => binary(OP_32, 2, 0x10),
        "sh2add.uw" => binary(OP_32, 4, 0x10),
        "sh3add.uw" => binary(OP_32, 6, 0x10),
        "slli.uw" => immediate(OP_IMM_32, 1, 0x080 | amount),
        "andn" => binary(OP, 7, 0x20),
        "orn" => binary(OP, 6, 0x20),
        "xnor" => binary(OP, 4, 0x20),
        "clz" => immediate(OP_IMM, 1, 0x600),
        "ctz" => immediate(OP_IMM, 1, 0x601),
        "cpop" => immediate(OP_IMM, 1, 0x602),
        "clzw" => immediate(OP_IMM_32, 1, 0x600),
        "ctzw" => immediate(OP_IMM_32, 1, 0x601),
        "cpopw" => immediate(OP_IMM_32, 1, 0x602),
        "min" => binary(OP, 4, 0x05),
        "minu" => binary(OP, 5, 0x05),
        "max" => binary(OP, 6, 0x05),
        "maxu" => binary(OP, 7, 0x05),
        "rol" => binary(OP, 1, 0x30),
        "ror" => binary(OP, 5, 0x30),
        "rori" => immediate(OP_IMM, 5, 0x600 | amount),
        "rolw" => binary(OP_32, 1, 0x30),
        "rorw" => binary(OP_32, 5, 0x30),
        "roriw" => immediate(OP_IMM_32, 5, 0x600 | amount),
        "orc.b" => immediate(OP_IMM, 5, 0x287),
        "rev8" => immediate(OP_IMM, 5, 0x6b8),
        "bclr" => binary(OP, 1, 0x24),
        "bext" => binary(OP, 5, 0x24),
        "binv" => binary(OP, 1, 0x34),
        "bset" => binary(OP, 1, 0x14),
        "bclri" => immediate(OP_IMM, 1, 0x480 | amount),
        "bexti" => immediate(OP_IMM, 5, 0x480 | amount),
        "binvi" => immediate(OP_IMM, 1, 0x680 | amount),
        "bseti" => immediate(OP_IMM, 1, 0x280 | amount),
        "czero.eqz" => binary(OP, 5, 0x07),
        "czero.nez" => binary(OP, 7, 0x07),
        mnemonic => match (instr.def.extension, instr.def.operation) {
            (Extension::Zalasr, Operation::Load(width, _)) => Some(atomic(0x06, width, instr)),
            (Extension::Zalasr, Operation::Store(width)) => Some(atomic(0x07, width, instr)),
            (Extension::Zacas, Operation::CompareAndSwap(width))
            | (Extension::Zacas, Operation::CompareAndSwapPair(width)) => {
                Some(atomic(0x05, width, instr))
            }
            (Extension::Zabha, Operation::Amo(width, _)) => {
                Some(atomic(amo(mnemonic)?, width, instr))
            }
            _ => None,
        },
    }
}

/// The five bits that say which AMO it is.
fn amo(mnemonic: &str) -> Option<u32> {
    Some(match mnemonic.split('.').next()? {
        "amoadd" => 0x00,
        "amoswap" => 0x01,
        "amoxor" => 0x04,
        "amoor" => 0x08,
        "amoand" => 0x0c,
        "amomin" => 0x10,
        "amomax" => 0x14,
        "amominu" => 0x18,
        "amomaxu" => 0x1c,
        _ => return None,
    })
}

fn atomic(funct5: u32, width: Width, instr: &Instr) -> u32 {
    let order = match instr.order {
        Order::None => 0,
        Order::Rl => 1,
        Order::Aq => 2,
        Order::AqRl => 3,
    };
    register(AMO, width.bytes().ilog2(), funct5 << 2 | order, &instr.operands)
}

fn register(opcode: u32, funct3: u32, funct7: u32, operands: &Operands) -> u32 {
    let Operands { rd, rs1, rs2, .. } = operands;
    funct7 << 25 | field(*rs2) << 20 | field(*rs1) << 15 | funct3 << 12 | field(*rd) << 7 | opcode
}

fn immediate(opcode: u32, funct3: u32, bits: u32, operands: &Operands) -> u32 {
    bits << 20 | field(operands.rs1) << 15 | funct3 << 12 | field(operands.rd) << 7 | opcode
}

/// `ori x0`, of which the lowest five bits of the immediate say what for.
fn prefetch(what: u32, operands: &Operands) -> u32 {
    let offset = (operands.imm as u32 >> 5) & 0x7f;
    offset << 25 | what << 20 | field(operands.rs1) << 15 | 6 << 12 | OP_IMM
}

fn field(reg: Reg) -> u32 {
    reg.number() as u32
}

fn bits(set: FenceSet) -> u32 {
    let FenceSet { i, o, r, w } = set;
    u32::from(i) << 3 | u32::from(o) << 2 | u32::from(r) << 1 | u32::from(w)
}

#[cfg(test)]
mod tests {
    use rvlitmus_core::arch::riscv::{Lookup, all, lookup};

    use super::*;

    fn instr(mnemonic: &str) -> Instr {
        let Lookup::Found(def, order) = lookup(mnemonic) else { panic!("{mnemonic}") };
        let [rd, rs1, rs2] = [5, 6, 7].map(Reg::new);
        Instr { def, order, operands: Operands { rd, rs1, rs2, imm: 32, ..def.implied() } }
    }

    /// What the manual's tables of encodings say.
    #[test]
    fn encodings_are_the_manuals() {
        for (mnemonic, code) in [
            ("amocas.w.aqrl", ".4byte 0x2e7322af"),
            ("amocas.q", ".4byte 0x287342af"),
            ("amoadd.b.rl", ".4byte 0x027302af"),
            ("amomaxu.h", ".4byte 0xe07312af"),
            ("czero.eqz", ".4byte 0x0e7352b3"),
            ("sh3add", ".4byte 0x207362b3"),
            ("rev8", ".4byte 0x6b835293"),
            ("bseti", ".4byte 0x2a031293"),
            ("prefetch.w", ".4byte 0x02336013"),
            ("c.ntl.all", ".2byte 0x9016"),
        ] {
            assert_eq!(directive(&instr(mnemonic)).as_deref(), Some(code), "{mnemonic}");
        }
        let Lookup::Found(def, order) = lookup("ld.aq") else { panic!() };
        let operands = Operands { rd: Reg::new(5), rs1: Reg::new(6), ..def.implied() };
        let load = Instr { def, order, operands };
        assert_eq!(directive(&load).as_deref(), Some(".4byte 0x340332af"));
    }

    #[test]
    fn every_instruction_beyond_what_assemblers_know_has_an_encoding() {
        use Extension::{I, M, Zaamo, Zalrsc, Zca, Zilsd};
        let known = I | M | Zca | Zaamo | Zalrsc | Zilsd;
        for def in all().filter(|def| !known.contains(def.extension)) {
            let order = match def.extension {
                Extension::Zalasr if matches!(def.operation, Operation::Load(..)) => Order::Aq,
                Extension::Zalasr => Order::Rl,
                _ => Order::None,
            };
            let instr = Instr { def, order, operands: def.implied() };
            assert!(directive(&instr).is_some(), "{}", def.mnemonic);
        }
    }
}

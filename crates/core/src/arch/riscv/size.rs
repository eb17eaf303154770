//! How many bytes an instruction takes in memory: what `auipc`, links and addresses of labels count.
//!
//! An instruction takes what it is written as: 2 bytes in a spelling of C, 4 in any other, although an
//! assembler may choose the compressed encoding of its own accord. `la` is `auipc` and `addi`, `li` as many
//! instructions as the value needs by the assemblers' basic method. `sext.b` and its like count as the
//! one instruction that they are with Zbb.

use super::{Instr, Operation};

impl Instr {
    /// Bytes from its address to that of the next.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        match self.def.mnemonic {
            "li" => 4 * constant(self.operands.imm),
            _ if matches!(self.def.operation, Operation::LoadAddress) => 8,
            mnemonic if mnemonic.starts_with("c.") => 2,
            _ => 4,
        }
    }
}

/// How many instructions load a constant: `lui` and `addi` for 32 bits; for more, those for the upper bits,
/// `slli`, and `addi` for the lowest twelve.
fn constant(value: i64) -> u64 {
    let low = value << 52 >> 52;
    let high = value.wrapping_add(0x800) >> 12;
    if i32::try_from(value).is_ok() {
        return u64::from(high != 0) + u64::from(low != 0 || high == 0);
    }
    constant(high >> high.trailing_zeros()) + 1 + u64::from(low != 0)
}

#[cfg(test)]
mod tests {
    use crate::litmus::parse;

    #[test]
    fn sizes_are_those_of_what_is_written() {
        for (instr, bytes) in [
            ("nop", 4),
            ("c.nop", 2),
            ("c.jalr x5", 2),
            ("c.ntl.all", 2),
            ("j on", 4),
            ("la x5,x", 8),
            ("lla x5,x", 8),
            ("li x5,0", 4),
            ("li x5,-2048", 4),
            ("li x5,2048", 8),
            ("li x5,4096", 4),
            ("li x5,0x7fffffff", 8),
            ("li x5,-2147483648", 4),
            ("li x5,0x80000000", 8),
            ("li x5,0x123456789abcdef", 32),
            ("li x5,0x7fffffffffffffff", 12),
            ("li x5,-9223372036854775808", 8),
        ] {
            let text = format!("RISCV t\n{{ x=0; }}\n P0 ;\n on: {instr} ;\nexists (x=0)\n");
            let test = parse(&text).unwrap_or_else(|wrong| panic!("{instr}: {wrong}"));
            let read = test.harts[0].cells[0].instr.as_ref().expect("an instruction");
            assert_eq!(read.value.bytes(), bytes, "{instr}");
        }
    }
}

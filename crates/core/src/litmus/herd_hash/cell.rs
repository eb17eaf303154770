//! One cell of the code's table.
//!
//! It is written and copied in pieces of which the compiler knows the size: that takes a fraction of the
//! time of copying as many bytes as there are.

use crate::arch::riscv::Reg;

/// No cell is longer. The longest are `ori x10,x0,-9223372036854775808` and `L4294967295:`.
const LONGEST: usize = 32;

/// Text with blanks behind it.
#[derive(Clone, Copy)]
pub(super) struct Cell {
    text: [u8; Cell::ROOM],
    length: usize,
}

impl Cell {
    /// Bytes with the blanks.
    pub(super) const ROOM: usize = LONGEST + 8;
    pub(super) const BLANK: Cell = Cell { text: [b' '; Cell::ROOM], length: 0 };

    /// Bytes without the blanks.
    pub(super) fn len(&self) -> usize {
        self.length
    }

    /// Its text, and blanks.
    pub(super) fn padded(&self) -> &[u8; Cell::ROOM] {
        &self.text
    }

    #[inline]
    pub(super) fn push(&mut self, byte: u8) {
        self.text[self.length] = byte;
        self.length += 1;
    }

    pub(super) fn push_all(&mut self, text: &[u8]) {
        self.text[self.length..][..text.len()].copy_from_slice(text);
        self.length += text.len();
    }

    #[inline]
    pub(super) fn register(&mut self, register: Reg) {
        let number = register.number() & 31;
        self.text[self.length..][..4].copy_from_slice(&REGISTERS[number]);
        self.length += if number < 10 { 2 } else { 3 };
    }

    #[inline]
    pub(super) fn decimal(&mut self, number: i64) {
        match number {
            0..10 => self.push(b'0' + number as u8),
            _ => self.push_all(number.to_string().as_bytes()),
        }
    }
}

/// `x0` to `x31`, and blanks.
const REGISTERS: [[u8; 4]; 32] = {
    let mut names = [*b"x   "; 32];
    let mut number = 0;
    while number < 32 {
        let (tens, ones) = (b'0' + number as u8 / 10, b'0' + number as u8 % 10);
        names[number] =
            if number < 10 { [b'x', ones, b' ', b' '] } else { [b'x', tens, ones, b' '] };
        number += 1;
    }
    names
};

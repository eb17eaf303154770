//! The rows of all tables by mnemonic: hash tables that the compiler fills, so that a process which
//! reads one test does not spend its time on making one.

use super::TABLES;
use crate::arch::riscv::{Def, Suffix};

/// Number of rows.
const ROWS: usize = {
    let (mut table, mut rows) = (0, 0);
    while table < TABLES.len() {
        rows += TABLES[table].len();
        table += 1;
    }
    rows
};

/// A power of two, sparsely filled.
const SLOTS: usize = (4 * ROWS).next_power_of_two();

/// The position of a row in the tables. Tables are not pointed into: the compiler may make several copies of what a
/// pointer in a constant points to, and rows are told apart by their addresses.
#[derive(Clone, Copy)]
struct RowPosition {
    table: u8,
    row: u8,
}

impl RowPosition {
    const fn def(self) -> &'static Def {
        &TABLES[self.table as usize][self.row as usize]
    }
}

/// Rows by their number among all, from 1; 0 stands for none.
struct Index {
    positions: [RowPosition; ROWS],
    /// The first row of the mnemonic that belongs there, or to an earlier slot that was taken.
    slots: [u16; SLOTS],
    /// The next row with the same mnemonic.
    next: [u16; ROWS],
}

static INDEX: Index = {
    let positions = [RowPosition { table: 0, row: 0 }; ROWS];
    let mut index = Index { positions, slots: [0; SLOTS], next: [0; ROWS] };
    let (mut table, mut number) = (0, 0);
    while table < TABLES.len() {
        assert!(TABLES.len() <= 256 && TABLES[table].len() <= 256, "an index is a byte");
        let mut row = 0;
        while row < TABLES[table].len() {
            index.positions[number] = RowPosition { table: table as u8, row: row as u8 };
            number += 1;
            row += 1;
        }
        table += 1;
    }
    // Backwards, so that of rows with one mnemonic the first comes to stand in the slot.
    while number > 0 {
        let slot = index.slot(index.positions[number - 1].def().mnemonic.as_bytes());
        index.next[number - 1] = index.slots[slot];
        index.slots[slot] = number as u16;
        number -= 1;
    }
    index
};

impl Index {
    /// Where the first row of a mnemonic stands, or would stand.
    const fn slot(&self, mnemonic: &[u8]) -> usize {
        let mut slot = hash(mnemonic) % SLOTS;
        while let Some(def) = self.row(self.slots[slot]) {
            if same(def.mnemonic.as_bytes(), mnemonic) {
                break;
            }
            slot = (slot + 1) % SLOTS;
        }
        slot
    }

    const fn row(&self, number: u16) -> Option<&'static Def> {
        if number == 0 { None } else { Some(self.positions[number as usize - 1].def()) }
    }
}

/// The rows of mnemonics of up to seven bytes, which nearly all instructions of tests have, by these bytes
/// as one number: it is hashed and compared at once.
struct Words {
    words: [u64; SLOTS],
    /// The number of the row, or 0 where there is no word.
    rows: [u16; SLOTS],
}

static WORDS: Words = {
    let mut index = Words { words: [0; SLOTS], rows: [0; SLOTS] };
    let (mut table, mut number) = (0, 1);
    while table < TABLES.len() {
        let mut row = 0;
        while row < TABLES[table].len() {
            let def = &TABLES[table][row];
            let word = word(def.mnemonic.as_bytes());
            if word != 0 && matches!(def.suffix, Suffix::Never | Suffix::Optional) {
                let slot = index.slot(word);
                if index.rows[slot] == 0 {
                    (index.words[slot], index.rows[slot]) = (word, number);
                }
            }
            number += 1;
            row += 1;
        }
        table += 1;
    }
    index
};

impl Words {
    /// Where a word stands, or would stand.
    const fn slot(&self, word: u64) -> usize {
        let mut slot = (word.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - SLOTS.ilog2())) as usize;
        while self.words[slot] != word && self.rows[slot] != 0 {
            slot = (slot + 1) % SLOTS;
        }
        slot
    }
}

/// The bytes of a mnemonic as one number, the first the lowest; 0 if there are too many.
const fn word(mnemonic: &[u8]) -> u64 {
    let (mut word, mut at) = (0, 0);
    while at < mnemonic.len() {
        if at == 7 {
            return 0;
        }
        word |= (mnemonic[at] as u64) << (8 * at);
        at += 1;
    }
    word
}

/// The row of the instruction without an annotation whose mnemonic has these bytes.
#[inline]
pub(super) fn row_of_word(word: u64) -> Option<&'static Def> {
    INDEX.row(WORDS.rows[WORDS.slot(word)])
}

/// The rows of a mnemonic, in the order of the tables.
pub(super) fn rows(mnemonic: &[u8]) -> impl Iterator<Item = &'static Def> + Clone {
    let mut number = INDEX.slots[INDEX.slot(mnemonic)];
    std::iter::from_fn(move || {
        let def = INDEX.row(number)?;
        number = INDEX.next[usize::from(number) - 1];
        Some(def)
    })
}

/// FNV-1a.
const fn hash(mnemonic: &[u8]) -> usize {
    let (mut hash, mut at) = (0x811c_9dc5_u32, 0);
    while at < mnemonic.len() {
        hash = (hash ^ mnemonic[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    (hash ^ (hash >> 16)) as usize
}

const fn same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

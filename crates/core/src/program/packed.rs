//! Tables of small numbers, each number in as few bits as its column needs.
//!
//! A test may have millions of final states, but a place in them few different values: a state is kept
//! as the numbers of its values in a dictionary for each place, mostly in one word.

use std::cmp::Ordering;

/// Where the numbers of a row are.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Layout {
    fields: Vec<Field>,
    words: usize,
}

/// A column's place in a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Field {
    word: u32,
    /// The lowest of its bits in the word.
    pub(crate) shift: u8,
    /// How many bits it has.
    pub(crate) bits: u8,
}

impl Field {
    /// The number there.
    #[inline]
    pub(crate) fn of(self, row: &[u64]) -> u32 {
        (row[self.word as usize] >> self.shift & ((1 << self.bits) - 1)) as u32
    }

    /// The bits of its word that are its own.
    pub(crate) fn mask(self) -> u64 {
        ((1 << self.bits) - 1) << self.shift
    }
}

impl Default for Layout {
    fn default() -> Self {
        Layout::new([])
    }
}

impl Layout {
    /// Fields of so many bits (32 at most). The first is the most significant, so that rows sort by
    /// columns.
    pub(crate) fn new(bits: impl IntoIterator<Item = u8>) -> Layout {
        let bits = bits.into_iter();
        let mut fields = Vec::with_capacity(bits.size_hint().0);
        let (mut word, mut free) = (0, 64);
        for bits in bits {
            if bits > free {
                (word, free) = (word + 1, 64);
            }
            free -= bits;
            fields.push(Field { word, shift: if bits == 0 { 0 } else { free }, bits });
        }
        Layout { fields, words: word as usize + 1 }
    }

    /// Words of a row.
    pub(crate) fn words(&self) -> usize {
        self.words
    }

    /// The places of all columns.
    pub(crate) fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// Bits of each column.
    pub(crate) fn bits(&self) -> impl Iterator<Item = u8> + '_ {
        self.fields.iter().map(|field| field.bits)
    }

    /// The number in a column of a row.
    #[inline]
    pub(crate) fn get(&self, row: &[u64], column: usize) -> u32 {
        self.fields[column].of(row)
    }

    /// Puts a number into a column, which holds 0 so far. Says whether it fits.
    #[inline]
    pub(crate) fn put(&self, row: &mut [u64], column: usize, number: u32) -> bool {
        let Field { word, shift, bits } = self.fields[column];
        row[word as usize] |= u64::from(number) << shift;
        u64::from(number) >> bits == 0
    }
}

/// How many bits the numbers below `count` take.
pub(crate) fn bits_for(count: usize) -> u8 {
    (usize::BITS - count.saturating_sub(1).leading_zeros()) as u8
}

/// Rows of one layout, one behind the other.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Packed {
    /// Where each column is in a row.
    pub(crate) layout: Layout,
    words: Vec<u64>,
}

impl Packed {
    /// No rows, room for some.
    pub(crate) fn new(layout: Layout, rows: usize) -> Packed {
        let words = Vec::with_capacity(rows * layout.words());
        Packed { layout, words }
    }

    /// Number of rows.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        match self.layout.words() {
            1 => self.words.len(),
            words => self.words.len() / words,
        }
    }

    /// Bytes of memory.
    pub(crate) fn memory(&self) -> usize {
        8 * self.words.capacity()
    }

    /// The words of all rows.
    pub(crate) fn words(&self) -> &[u64] {
        &self.words
    }

    /// The words of one row.
    #[inline]
    #[must_use]
    pub(crate) fn row(&self, row: usize) -> &[u64] {
        let words = self.layout.words();
        &self.words[row * words..(row + 1) * words]
    }

    /// The number in a column of a row.
    #[inline]
    pub(crate) fn get(&self, row: usize, column: usize) -> u32 {
        self.layout.get(self.row(row), column)
    }

    /// Appends a row, as [`Layout::put`] made it.
    #[inline]
    pub(crate) fn push(&mut self, row: &[u64]) {
        self.words.extend_from_slice(row);
    }

    /// Drops all rows.
    pub(crate) fn clear(&mut self) {
        self.words.clear();
    }

    /// The same rows in another layout: for each column, which column it comes from, the new bits, and
    /// what each number becomes.
    pub(crate) fn remap<'m>(
        &self,
        columns: impl Iterator<Item = (usize, u8, &'m [u32])> + Clone,
    ) -> Packed {
        let layout = Layout::new(columns.clone().map(|(_, bits, _)| bits));
        if (self.layout.words(), layout.words()) == (1, 1) {
            return self.remap_words(layout, columns);
        }
        let mut remapped = Packed::new(layout, self.len());
        let mut row = vec![0; remapped.layout.words()];
        for from in 0..self.len() {
            row.fill(0);
            for (to, (column, _, numbers)) in columns.clone().enumerate() {
                let number = numbers[self.get(from, column) as usize];
                remapped.layout.put(&mut row, to, number);
            }
            remapped.push(&row);
        }
        remapped
    }

    /// The same where each row is a word: column by column.
    fn remap_words<'m>(
        &self,
        layout: Layout,
        columns: impl Iterator<Item = (usize, u8, &'m [u32])>,
    ) -> Packed {
        let mut words = vec![0; self.words.len()];
        for ((column, _, numbers), to) in columns.zip(&layout.fields) {
            if to.bits == 0 {
                // It has the number 0 only.
                continue;
            }
            let Field { shift, bits, .. } = self.layout.fields[column];
            for (word, from) in words.iter_mut().zip(&self.words) {
                let number = from >> shift & ((1 << bits) - 1);
                *word |= u64::from(numbers[number as usize]) << to.shift;
            }
        }
        Packed { layout, words }
    }

    /// Puts the rows in ascending order.
    pub(crate) fn sort(&mut self) {
        match self.layout.words() {
            1 => self.words.sort_unstable(),
            2 => self.words.as_chunks_mut::<2>().0.sort_unstable(),
            3 => self.words.as_chunks_mut::<3>().0.sort_unstable(),
            4 => self.words.as_chunks_mut::<4>().0.sort_unstable(),
            _ => {
                let mut order: Vec<usize> = (0..self.len()).collect();
                order.sort_unstable_by(|a, b| self.row(*a).cmp(self.row(*b)));
                *self = self.gather(&order);
            }
        }
    }

    /// The rows of two sorted tables of one layout, sorted, each once.
    pub(crate) fn merge(&self, other: &Packed) -> Packed {
        let mut merged = Packed::new(self.layout.clone(), self.len().max(other.len()));
        let (mut a, mut b) = (0, 0);
        while a < self.len() && b < other.len() {
            let (left, right) = (self.row(a), other.row(b));
            let order = left.cmp(right);
            merged.push(if order == Ordering::Greater { right } else { left });
            a += usize::from(order != Ordering::Greater);
            b += usize::from(order != Ordering::Less);
        }
        let words = self.layout.words();
        merged.words.extend_from_slice(&self.words[a * words..]);
        merged.words.extend_from_slice(&other.words[b * words..]);
        merged
    }

    /// Of sorted rows, drops those that are equal to the one before.
    pub(crate) fn dedup(&mut self) {
        let words = self.layout.words();
        let mut kept = 0;
        for row in 0..self.len() {
            if row == 0 || self.row(row) != self.row(kept - 1) {
                self.words.copy_within(row * words..(row + 1) * words, kept * words);
                kept += 1;
            }
        }
        self.words.truncate(kept * words);
    }

    /// These rows, in this order.
    pub(crate) fn gather(&self, rows: &[usize]) -> Packed {
        let mut gathered = Packed::new(self.layout.clone(), rows.len());
        rows.iter().for_each(|row| gathered.push(self.row(*row)));
        gathered
    }

    /// Where a row stands among sorted ones.
    pub(crate) fn find(&self, wanted: &[u64]) -> Option<usize> {
        let (mut low, mut high) = (0, self.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.row(middle).cmp(wanted) {
                Ordering::Less => low = middle + 1,
                Ordering::Greater => high = middle,
                Ordering::Equal => return Some(middle),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows of as many columns as there are bits, made of a counter.
    fn table(bits: &[u8], rows: u32) -> Packed {
        let mut packed = Packed::new(Layout::new(bits.iter().copied()), 0);
        for row in 0..rows {
            let mut words = vec![0; packed.layout.words()];
            for (column, bits) in bits.iter().enumerate() {
                let number = row.wrapping_mul(2_654_435_761).rotate_left(column as u32);
                let number = (u64::from(number) & ((1 << bits) - 1)) as u32;
                assert!(packed.layout.put(&mut words, column, number));
            }
            packed.push(&words);
        }
        packed
    }

    fn numbers(packed: &Packed) -> Vec<Vec<u32>> {
        let columns = 0..packed.layout.bits().count();
        let row = |row| columns.clone().map(|column| packed.get(row, column)).collect();
        (0..packed.len()).map(row).collect()
    }

    #[test]
    fn rows_sort_by_their_numbers_however_many_words_they_take() {
        for bits in [&[][..], &[0, 3, 2], &[20; 5], &[32; 6], &[30; 8], &[31, 0, 32, 1, 32, 32, 32]]
        {
            let mut packed = table(bits, 50);
            let mut expected = numbers(&packed);
            expected.sort();
            packed.sort();
            assert_eq!(numbers(&packed), expected, "{bits:?}");
            expected.dedup();
            packed.dedup();
            assert_eq!(numbers(&packed), expected, "{bits:?}");
            for row in 0..packed.len() {
                assert_eq!(packed.find(packed.row(row)), Some(row));
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let layout = Layout::new([0, 1, 32]);
        let put = |column, number| layout.put(&mut [0], column, number);
        assert!(put(0, 0) && put(1, 1) && put(2, u32::MAX));
        assert!(!put(0, 1) && !put(1, 2));
        let bits = [0, 1, 2, 3, 4, 5, 256, 257].map(bits_for);
        assert_eq!(bits, [0, 0, 1, 2, 2, 3, 8, 9]);
    }

    #[test]
    fn columns_are_dropped_and_renumbered() {
        let packed = table(&[2, 1, 2], 20);
        let map = [3, 2, 1, 0];
        let remapped = packed.remap([(2, 7, &map[..]), (1, 1, &map[2..])].into_iter());
        let expected: Vec<Vec<u32>> =
            numbers(&packed).iter().map(|row| vec![3 - row[2], 1 - row[1]]).collect();
        assert_eq!(numbers(&remapped), expected);
    }
}

//! Each event's part in each cell: whether it covers it, and what it reads or writes there.

use batsat::Lit;

use super::{Encoding, Part, Values};
use crate::axiomatic::decide::domains::Cell;
use crate::axiomatic::decide::terms::EventId;
use crate::program::Fault;

impl Encoding<'_> {
    /// Each event's part in each cell.
    pub(super) fn parts(&mut self) -> Result<(), Fault> {
        for (id, event) in self.events() {
            if id.0 % 64 == 0 {
                self.sat.check()?;
            }
            let addresses: Values = self
                .domains
                .addresses(self.program, event)
                .into_iter()
                .map(|address| (address, self.is(event.address, address)))
                .collect();
            let possible = self.domains.fact(event.executed).truth;
            let covered = match possible {
                true => self.covered(&addresses, event.bytes),
                false => Vec::new(),
            };
            let read = event.kind.reads() && possible;
            let reads = if read { self.parts_read(id, &addresses, &covered) } else { Vec::new() };
            self.reads.push(reads);
            let writes = match event.written {
                Some(written) if possible => {
                    let values = self.values(written);
                    self.parts_written(&addresses, event.bytes, &covered, &values)
                }
                _ => Vec::new(),
            };
            for part in &writes {
                self.stores[part.cell].push(id);
            }
            self.writes.push(writes);
            self.addresses.push(addresses);
        }
        Ok(())
    }

    /// The cells that an access may cover, and whether it does.
    fn covered(&mut self, addresses: &[(u64, Lit)], bytes: u8) -> Vec<(usize, Lit)> {
        if let [(address, literal)] = addresses
            && self.sat.is_true(*literal)
        {
            let covered = self.domains.covered(*address, bytes);
            return covered.map(|cell| (cell, *literal)).collect();
        }
        let mut cells: Vec<usize> = addresses
            .iter()
            .flat_map(|(address, _)| self.domains.covered(*address, bytes))
            .collect();
        cells.sort_unstable();
        cells.dedup();
        cells
            .into_iter()
            .map(|cell| {
                let there: Vec<Lit> = addresses
                    .iter()
                    .filter(|(address, _)| self.domains.covered(*address, bytes).contains(&cell))
                    .map(|(_, literal)| *literal)
                    .collect();
                (cell, self.sat.any(&there))
            })
            .collect()
    }

    /// What is read in each cell makes up what is read.
    fn parts_read(
        &mut self,
        event: EventId,
        addresses: &[(u64, Lit)],
        covered: &[(usize, Lit)],
    ) -> Vec<Part> {
        let read = self.unrolled.terms.known_read(event);
        let values = read.map(|term| self.values(term)).unwrap_or_default();
        let bytes = self.event(event).bytes;
        let parts: Vec<(usize, Lit, Values)> = covered
            .iter()
            .map(|(cell, covered)| (*cell, *covered, self.values_held(*cell)))
            .collect();
        for (address, literal) in addresses {
            let cells = self.domains.covered(*address, bytes);
            let of: Vec<(Cell, &[(u64, Lit)])> = parts
                .iter()
                .filter(|(cell, ..)| cells.contains(cell))
                .map(|(cell, _, values)| (self.domains.cells[*cell], values.as_slice()))
                .collect();
            self.makes_up(*literal, *address, &of, &values);
        }
        let part = |(cell, covered, values)| Part { cell, covered, values, sources: Vec::new() };
        parts.into_iter().map(part).collect()
    }

    /// One literal for each value that a cell may hold, of which exactly one is true.
    pub(super) fn values_held(&mut self, cell: usize) -> Values {
        let held = &self.domains.held[cell];
        held.iter().copied().zip(self.sat.one_of(held.len())).collect()
    }

    /// If the condition is true, then what cells hold makes up a value at an address.
    pub(super) fn makes_up(
        &mut self,
        condition: Lit,
        address: u64,
        cells: &[(Cell, &[(u64, Lit)])],
        values: &[(u64, Lit)],
    ) {
        let mut partly: Vec<(u64, Vec<Lit>)> = vec![(0, vec![!condition])];
        for (cell, held) in cells {
            let with = |(value, literals): &(u64, Vec<Lit>)| {
                let more = |(part, literal): &(u64, Lit)| {
                    let mut literals = literals.clone();
                    literals.push(!*literal);
                    (value | cell.placed(address, *part), literals)
                };
                held.iter().map(more).collect::<Vec<_>>()
            };
            partly = partly.iter().flat_map(with).collect();
        }
        for (value, mut literals) in partly {
            // A load whose value is of no interest has none.
            match values.binary_search_by_key(&value, |(value, _)| *value) {
                Ok(index) => literals.push(values[index].1),
                Err(_) if values.is_empty() => continue,
                Err(_) => {}
            }
            self.sat.clause(&literals);
        }
    }

    /// What is written in each cell, as what is written says.
    fn parts_written(
        &mut self,
        addresses: &[(u64, Lit)],
        bytes: u8,
        covered: &[(usize, Lit)],
        written: &[(u64, Lit)],
    ) -> Vec<Part> {
        let of_cell = |this: &mut Self, index: usize, there: Lit| {
            let cell = this.domains.cells[index];
            let mut parts: Vec<(u64, Vec<Lit>)> = Vec::new();
            for (address, at) in addresses {
                if !this.domains.covered(*address, bytes).contains(&index) {
                    continue;
                }
                for (value, is) in written {
                    let value = cell.of(*address, *value);
                    let both = this.sat.all(&[*at, *is]);
                    match parts.iter_mut().find(|(known, _)| *known == value) {
                        Some((_, ways)) => ways.push(both),
                        None => parts.push((value, vec![both])),
                    }
                }
            }
            let values =
                parts.into_iter().map(|(value, ways)| (value, this.sat.any(&ways))).collect();
            Part { cell: index, covered: there, values, sources: Vec::new() }
        };
        covered.iter().map(|(cell, there)| of_cell(self, *cell, *there)).collect()
    }
}

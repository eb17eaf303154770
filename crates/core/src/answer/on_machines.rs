//! An answer with fewer machines.

use super::{Answer, Difference, Lacked, Unsorted};

impl Answer {
    /// Keeps what is known of some of the machines, by their places, in that order.
    #[must_use]
    pub fn on_machines(&self, kept: &[usize]) -> Answer {
        let mut states = Unsorted::new(self.places.len());
        for (machine, old) in kept.iter().enumerate() {
            for row in self.states.of(*old) {
                states.push(machine, self.states.row(row), self.states.satisfies(row));
            }
        }
        let states = states.sorted(kept.len(), &self.symbols);
        let machines: Vec<_> = kept.iter().map(|old| self.machines[*old].clone()).collect();
        // States are sorted, so that those that are left keep their order.
        let left = |row: &usize| kept.iter().any(|machine| self.states.reaches(*machine, *row));
        let rows: Vec<usize> = (0..self.states.len()).filter(left).collect();
        let mut differences = Difference::all(&machines, &states);
        for difference in &mut differences {
            let (weaker, stronger) = (kept[difference.weaker], kept[difference.stronger]);
            let Some(known) = self.difference(weaker, stronger) else { continue };
            for Lacked { row, argument } in &mut difference.states {
                let old = known.states.iter().find(|lacked| lacked.row == rows[*row]);
                *argument = old.and_then(|lacked| lacked.argument.clone());
            }
        }
        Answer {
            condition: self.condition.clone(),
            places: self.places.clone(),
            types: self.types.clone(),
            symbols: self.symbols.clone(),
            warnings: self.warnings.clone(),
            states,
            machines,
            differences,
        }
    }
}

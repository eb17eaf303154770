//! One test, prepared, and its C file.

use std::fmt::Write as _;

use rvlitmus_core::answer::Answer;
use rvlitmus_core::arch::Architecture;
use rvlitmus_core::arch::riscv::{Base, Extension, ExtensionSet, Operation, Reg};
use rvlitmus_core::litmus::{CType, HartCode, HartId, Quantifier, Test};
use rvlitmus_core::program::{Location, Next, ObservedFrom, PredicateTerm, Program};

use crate::body::{Body, Word, body, instrs, is_code};
use crate::ctext::{array, comment, number, optional, string};
use crate::perpetual::{Perpetual, Seen, perpetual};
use crate::refusal::Refusal;
use crate::tables::Tables;

/// `MAX_PLACES` of the program.
const MOST_PLACES: usize = 64;

/// Bytes that one instance of a test may take.
const MOST_BYTES: u64 = 1 << 16;

/// A test, or a mutant of one, ready to be written.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Prepared {
    pub(crate) name: String,
    pub(crate) hash: Option<String>,
    /// What was taken out of the test that this is a mutant of.
    pub(crate) mutation: Option<String>,
    condition: Option<String>,
    quantifier: Quantifier,
    program: Program,
    codes: Vec<HartCode>,
    bodies: Vec<Body>,
    perpetual: Option<Perpetual>,
    pub(crate) tables: Tables,
    extensions: ExtensionSet,
    /// Does it have reservations, so that locations are kept far apart?
    reserves: bool,
}

/// Can a program of user space run it at all, on so many harts?
pub(crate) fn check(test: &Test, base: Base, most_harts: usize) -> Result<(), Refusal> {
    if test.language.architecture() != Architecture::Riscv {
        return Err(Refusal::Architecture);
    }
    if base != Base::Rv64 {
        return Err(Refusal::Rv32);
    }
    if test.harts.len() > most_harts {
        return Err(Refusal::Harts(test.harts.len(), most_harts));
    }
    Ok(())
}

impl Prepared {
    /// Prepares a test that [`check`] has nothing against. `granule` is what it takes misaligned accesses for.
    pub(crate) fn new(
        test: &Test,
        hash: Option<String>,
        program: Program,
        answer: &Answer,
        granule: u64,
    ) -> Result<Prepared, Refusal> {
        let bytes: u64 = program.locations.iter().map(|it| it.initial.len() as u64).sum();
        if bytes > MOST_BYTES {
            return Err(Refusal::Memory(bytes));
        }
        let places = program.locations.len().max(program.observed.len());
        if places > MOST_PLACES {
            return Err(Refusal::Places(places, MOST_PLACES));
        }
        let mut extensions = ExtensionSet::empty();
        let all = || test.harts.iter().flat_map(instrs);
        all().for_each(|instr| extensions.extend(instr.def.requires()));
        match granule {
            0..=1 => {}
            2..=16 => _ = extensions.insert(Extension::Zama16b),
            more => return Err(Refusal::Granule(more)),
        }
        let results = |hart: usize| {
            let observed = program.observed_registers(HartId(hart as u16));
            observed.map(|(_, register)| Reg::new(register.number() as u8)).collect::<Vec<Reg>>()
        };
        let bodies = (0..).zip(&test.harts);
        let bodies = bodies.map(|(hart, code)| body(&program, code, hart, results(hart), &[]));
        let bodies = bodies.collect::<Result<Vec<Body>, Refusal>>()?;
        for location in &program.locations {
            let words = location.initial.chunks_exact(8);
            if let Some(word) = words.map(word).find(|word| *word != 0 && is_code(&program, *word))
            {
                let instr = format!("{}={word:#x}", location.name);
                return Err(Refusal::CodeAddress { hart: 0, instr });
            }
        }
        Ok(Prepared {
            name: test.name.clone(),
            hash,
            mutation: None,
            condition: answer.condition.as_ref().map(ToString::to_string),
            quantifier: answer.quantifier(),
            codes: test.harts.clone(),
            bodies,
            perpetual: perpetual(test, &program),
            tables: Tables::new(answer, &program),
            extensions,
            reserves: all().any(|i| matches!(i.def.operation, Operation::LoadReserved(_))),
            program,
        })
    }

    /// Extensions that a hart must have; hints are none of them, for every hart passes them over.
    fn needed(&self) -> String {
        use Extension::{I, M, Zaamo, Zalrsc, Zca, Zicbop, Zifencei, Zihintntl, Zihintpause};
        let always = I | M | Zaamo | Zalrsc | Zca | Zicbop | Zifencei | Zihintntl | Zihintpause;
        let needed = (self.extensions - always).into_iter();
        needed.map(Extension::token).collect::<Vec<String>>().join(" ")
    }

    /// Writes the test's functions, its tables, and itself as `name`; `parent` is what it is a mutant of.
    pub(crate) fn write(&self, out: &mut String, name: &str, parent: Option<&str>) {
        let _ = writeln!(out, "\n/* {} */", comment(&self.title()));
        self.write_functions(out, name, "P", &self.bodies);
        let bodies = write_bodies(out, name, "bodies", "P", &self.bodies);
        let perpetual = match &self.perpetual {
            Some(form) => self.write_perpetual(out, name, form),
            None => "NULL".to_owned(),
        };
        let locations = self.write_locations(out, name);
        let pointers = self.pointers();
        let pointers_name = array(out, "struct pointer", &format!("{name}_pointers"), &pointers);
        let places = self.places();
        let places_name = array(out, "struct place", &format!("{name}_places"), &places);
        let (filter, filters) = write_predicate(out, name, "filter", self.program.filter.as_ref());
        let (condition, conditions) =
            write_predicate(out, name, "condition", self.program.condition.as_ref());
        let states = &self.tables.states;
        let values = states.iter().flat_map(|(values, _)| values).map(|value| number(*value));
        let values: Vec<String> = values.collect();
        let values_name = array(out, "uint64_t", &format!("{name}_values"), &values);
        let reached: Vec<String> = states.iter().map(|(_, reached)| number(*reached)).collect();
        let reached_name = array(out, "uint64_t", &format!("{name}_reached"), &reached);
        let why: Vec<String> =
            self.tables.unknown.iter().map(|why| optional(why.as_deref())).collect();
        let why_name = array(out, "char *const", &format!("{name}_unknown"), &why);
        let kind = match self.quantifier {
            Quantifier::Exists => "Allowed",
            Quantifier::NotExists => "Forbidden",
            Quantifier::Forall => "Required",
        };
        let pages = self.bodies.iter().any(|body| body.pages);
        let _ = write!(
            out,
            "const struct test {name} = {{\n\
             \t.name = {}, .hash = {}, .mutation = {}, .parent = {},\n\
             \t.kind = \"{kind}\", .condition_text = {},\n\
             \t.extensions = {}, .begins_pages = {pages}, .reserves = {},\n\
             \t.harts = {}, .bodies = {bodies}, .perpetual = {perpetual},\n\
             \t.locations = {locations}, .location_count = {},\n\
             \t.pointers = {pointers_name}, .pointer_count = {},\n\
             \t.places = {places_name}, .place_count = {},\n\
             \t.filter = {filter}, .filter_count = {filters},\n\
             \t.condition = {condition}, .condition_count = {conditions},\n\
             \t.values = {values_name}, .reached = {reached_name}, .state_count = {},\n\
             \t.unknown = {why_name},\n\
             }};\n",
            string(&self.name),
            optional(self.hash.as_deref()),
            optional(self.mutation.as_deref()),
            parent.map_or_else(|| "NULL".to_owned(), |parent| format!("&{parent}")),
            optional(self.condition.as_deref()),
            string(&self.needed()),
            self.reserves,
            self.bodies.len(),
            self.program.locations.len(),
            pointers.len(),
            places.len(),
            states.len(),
        );
    }

    /// `SB`, `MP without P0's fence w,w`
    fn title(&self) -> String {
        match &self.mutation {
            Some(mutation) => format!("{} without {mutation}", self.name),
            None => self.name.clone(),
        }
    }

    fn write_functions(&self, out: &mut String, name: &str, prefix: &str, bodies: &[Body]) {
        for (hart, body) in bodies.iter().enumerate() {
            let _ = write!(
                out,
                "static void {name}_{prefix}{hart}(const uint64_t *frame, uint64_t *results)\n{{\n\
                 \t__asm__ volatile(\n\t\t\".option push\\n\\t.option norvc\\n\"\n"
            );
            for line in &body.lines {
                let tab = if line.ends_with(':') { "" } else { "\\t" };
                let _ = writeln!(out, "\t\t\"{tab}{line}\\n\"");
            }
            let clobbers = body.clobbers.iter().map(|reg| format!("\"{reg}\", "));
            let _ = write!(
                out,
                "\t\t\"\\t.option pop\\n\"\n\
                 \t\t: : [frame] \"r\"(frame), [results] \"r\"(results)\n\
                 \t\t: {}\"memory\");\n}}\n",
                clobbers.collect::<String>()
            );
        }
    }

    fn write_perpetual(&self, out: &mut String, name: &str, form: &Perpetual) -> String {
        self.write_functions(out, name, "Q", &form.bodies);
        let bodies = write_bodies(out, name, "perpetual_bodies", "Q", &form.bodies);
        let mut biases = Vec::new();
        for (hart, added) in form.biases.iter().enumerate() {
            let items: Vec<String> = added
                .iter()
                .map(|(location, value)| format!("{{ {location}, {} }}", number(*value)))
                .collect();
            let items_name = array(out, "struct bias", &format!("{name}_biases{hart}"), &items);
            biases.push(format!("{{ {items_name}, {} }}", items.len()));
        }
        let biases = array(out, "struct biases", &format!("{name}_biases"), &biases);
        let stored = form.stored.iter().map(|stored| match stored {
            Some((hart, stores)) => format!("{{ {hart}, {stores} }}"),
            None => "{ -1, 1 }".to_owned(),
        });
        let stored: Vec<String> = stored.collect();
        let stored = array(out, "struct stored", &format!("{name}_stored"), &stored);
        let mut seen = Vec::new();
        for (place, item) in form.seen.iter().enumerate() {
            let (head, values) = match item {
                Seen::Constant(value) => ("-1, 0, 0".to_owned(), std::slice::from_ref(value)),
                Seen::Load { hart, result, location, values } => {
                    (format!("{hart}, {result}, {location}"), &values[..])
                }
            };
            let values: Vec<String> = values.iter().map(|value| number(*value)).collect();
            let values = array(out, "uint64_t", &format!("{name}_seen{place}"), &values);
            seen.push(format!("{{ {head}, {values} }}"));
        }
        let seen = array(out, "struct seen", &format!("{name}_seen"), &seen);
        let _ = writeln!(
            out,
            "static const struct perpetual {name}_perpetual = {{ {bodies}, {biases}, {stored}, {seen} }};"
        );
        format!("&{name}_perpetual")
    }

    fn write_locations(&self, out: &mut String, name: &str) -> String {
        let mut items = Vec::new();
        for (index, location) in self.program.locations.iter().enumerate() {
            let bytes: Vec<String> = location.initial.iter().map(ToString::to_string).collect();
            let zero = location.initial.iter().all(|byte| *byte == 0);
            let bytes = match zero {
                true => "NULL".to_owned(),
                false => array(out, "uint8_t", &format!("{name}_initial{index}"), &bytes),
            };
            let scalar = location.array.is_none();
            items.push(format!(
                "{{ {}, {}, {}, {scalar}, {bytes} }}",
                string(&location.name),
                number(location.address),
                location.initial.len(),
            ));
        }
        array(out, "struct location", &format!("{name}_locations"), &items)
    }

    /// Addresses that memory holds at the beginning.
    fn pointers(&self) -> Vec<String> {
        let mut pointers = Vec::new();
        for (index, location) in self.program.locations.iter().enumerate() {
            let bytes = element_bytes(location);
            for (number_of, chunk) in location.initial.chunks_exact(bytes).enumerate() {
                let value = word(chunk);
                if let Some(to) = self.program.location_index_at(value, 1) {
                    let offset = value - self.program.locations[to].address;
                    let at = number_of * bytes;
                    pointers.push(format!("{{ {index}, {at}, {bytes}, {to}, {offset} }}"));
                }
            }
        }
        pointers
    }

    fn places(&self) -> Vec<String> {
        let mut results = vec![0; self.bodies.len()];
        let place = |observed: &rvlitmus_core::program::Observed| {
            let (hart, at, offset, bytes) = match observed.from {
                ObservedFrom::Register(hart, _) => {
                    let result = &mut results[hart.index()];
                    *result += 1;
                    (i64::from(hart.0), *result - 1, 0, 8)
                }
                ObservedFrom::Memory { address, bytes } => {
                    let location = self.program.location_index_at(address, bytes);
                    let location = location.unwrap_or_default();
                    let offset = address - self.program.locations[location].address;
                    (-1, location, offset, bytes)
                }
            };
            let ctype = observed.ctype();
            format!(
                "{{ {}, {hart}, {at}, {offset}, {bytes}, {}, {}, {} }}",
                string(&observed.place.to_string()),
                ctype.bytes(),
                ctype.signed(),
                observed.printed
            )
        };
        self.program.observed.iter().map(place).collect()
    }

    /// The instructions as the test has them, for the comment at the head of the file.
    pub(crate) fn columns(&self) -> String {
        let mut text = String::new();
        for (hart, code) in self.codes.iter().enumerate() {
            let _ = writeln!(text, " * P{hart}");
            for cell in &code.cells {
                for label in &cell.labels {
                    let _ = writeln!(text, " *   {}:", comment(&label.value));
                }
                if let Some(instr) = &cell.instr {
                    let _ = writeln!(text, " *     {}", comment(&instr.value.to_string()));
                }
            }
        }
        if let Some(condition) = &self.condition {
            let _ = writeln!(text, " * {}", comment(condition));
        }
        text
    }
}

/// Up to eight bytes as a number.
fn word(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// Bytes of what a location holds an address in.
fn element_bytes(location: &Location) -> usize {
    match (location.ctype, location.array) {
        (Some(ctype), _) => ctype.bytes() as usize,
        (None, Some(_)) => CType::Int32.bytes() as usize,
        (None, None) => location.initial.len(),
    }
}

fn write_bodies(out: &mut String, name: &str, what: &str, prefix: &str, bodies: &[Body]) -> String {
    let mut items = Vec::new();
    for (hart, body) in bodies.iter().enumerate() {
        let words = body.frame.iter().map(|Word { location, value }| {
            let location = location.map_or_else(|| "-1".to_owned(), |it| it.to_string());
            format!("{{ {location}, {} }}", number(*value))
        });
        let words: Vec<String> = words.collect();
        let words_name = array(out, "struct word", &format!("{name}_{what}{hart}"), &words);
        items.push(format!(
            "{{ {name}_{prefix}{hart}, {words_name}, {}, {} }}",
            words.len(),
            body.results.len()
        ));
    }
    array(out, "struct body", &format!("{name}_{what}"), &items)
}

/// Writes the comparisons of a predicate; none for one that always holds.
fn write_predicate(
    out: &mut String,
    name: &str,
    what: &str,
    predicate: Option<&rvlitmus_core::program::Predicate>,
) -> (String, usize) {
    let next = |next| match next {
        Next::Holds => "HOLDS".to_owned(),
        Next::Fails => "FAILS".to_owned(),
        Next::Compare(number) => number.to_string(),
    };
    let term = |term| match term {
        PredicateTerm::Observed(place) => format!("{place}, 0"),
        PredicateTerm::Constant(value) => format!("-1, {}", number(value)),
    };
    let comparison = |it: rvlitmus_core::program::Decision| {
        let (equal, different) = (next(it.equal), next(it.different));
        format!("{{ {}, {}, {equal}, {different} }}", term(it.left), term(it.right))
    };
    let items: Vec<String> =
        predicate.iter().flat_map(|predicate| predicate.decisions()).map(comparison).collect();
    (array(out, "struct comparison", &format!("{name}_{what}"), &items), items.len())
}

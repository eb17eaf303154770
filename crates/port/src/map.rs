//! Mapping tables: what each construct of x86 becomes.
//!
//! A map is a text, one construct a line: its name, and instructions of RISC-V with `;` between them. `{dest}`,
//! `{source}`, `{address}`, `{expected}` and `{temp}` stand for operands, `{width}` for the letter of the width,
//! `{op}` for the operation of a locked instruction, `{loop}` and `{done}` for labels. `load.d` is a line for one
//! width. `#` begins a comment, the line `model` names what the target follows.

use rvlitmus_core::litmus::{Diagnostic, Diagnostics, Problem, Span, parse, suggest};
use rvlitmus_core::model::Model;
use strum::{EnumCount, VariantArray};

/// Something of x86 that a map says the translation of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
#[derive(strum::Display, EnumCount, strum::IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Construct {
    /// A plain load.
    Load,
    /// A plain store.
    Store,
    /// `mfence`
    Mfence,
    /// `xchg` with memory.
    Xchg,
    /// `lock xadd`
    Xadd,
    /// Other locked arithmetic: `lock add`, `lock inc`, `lock bts`...
    LockOp,
    /// `lock cmpxchg`
    Cmpxchg,
}

impl Construct {
    /// All of them.
    pub const ALL: [Construct; Construct::COUNT] = *Construct::VARIANTS.first_chunk().unwrap();

    /// As maps call it.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// The operands that it may use.
    const fn operands(self) -> &'static [&'static str] {
        match self {
            Construct::Load => &["dest", "address", "width", "temp"],
            Construct::Store => &["source", "address", "width", "temp"],
            Construct::Mfence => &["temp"],
            Construct::Xchg | Construct::Xadd => {
                &["dest", "source", "address", "width", "temp", "loop", "done"]
            }
            Construct::LockOp => {
                &["dest", "source", "address", "width", "op", "temp", "loop", "done"]
            }
            Construct::Cmpxchg => {
                &["dest", "source", "address", "width", "expected", "temp", "loop", "done"]
            }
        }
    }
}

/// Letters of widths.
const WIDTHS: [&str; 4] = ["b", "h", "w", "d"];

/// How large a translation is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Size {
    /// Instructions.
    pub instructions: usize,
    /// Fences among them.
    pub fences: usize,
    /// Bytes, without compressed instructions.
    pub bytes: u64,
}

/// The instructions that a construct becomes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Template {
    /// One instruction each, with placeholders.
    pub lines: Vec<String>,
    /// How large it is.
    pub size: Size,
}

impl Template {
    /// The instructions as a map has them.
    #[must_use]
    pub fn text(&self) -> String {
        if self.lines.is_empty() { "nothing".to_owned() } else { self.lines.join("; ") }
    }

    /// Does it name that operand?
    #[must_use]
    pub fn uses(&self, operand: &str) -> bool {
        self.lines.iter().any(|line| line.contains(&format!("{{{operand}}}")))
    }

    /// Has every access of it room for an offset? Only plain loads and stores have.
    #[must_use]
    pub fn takes_offset(&self) -> bool {
        self.lines.iter().filter(|line| line.contains("{address}")).all(|line| {
            let plain = !line.contains(".aq") && !line.contains(".rl");
            plain && (line.starts_with("l{") || line.starts_with("s{"))
        })
    }
}

/// A mapping table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Map {
    /// The name by which reports know it.
    pub name: String,
    /// The models that it is for.
    pub models: Vec<Model>,
    /// What stands in the comments at its top.
    pub about: String,
    templates: Vec<(Construct, Option<&'static str>, Template)>,
}

const BUILT_IN: [(&str, &str); 4] = [
    ("ztso", include_str!("../maps/ztso.map")),
    ("fences", include_str!("../maps/fences.map")),
    ("zalasr", include_str!("../maps/zalasr.map")),
    ("naive", include_str!("../maps/naive.map")),
];

impl Map {
    /// The names and texts of the maps that are built in.
    #[must_use]
    pub const fn built_in() -> &'static [(&'static str, &'static str)] {
        &BUILT_IN
    }

    /// A map that is built in.
    #[must_use]
    pub fn named(name: &str) -> Option<Map> {
        let (name, text) = BUILT_IN.into_iter().find(|(known, _)| *known == name)?;
        Map::read(name, text).ok()
    }

    /// Reads a map.
    ///
    /// # Errors
    /// Every mistake with its place.
    pub fn read(name: &str, text: &str) -> Result<Map, Diagnostics> {
        let mut reader = Reader { text, mistakes: Vec::new() };
        let mut map = Map {
            name: name.to_owned(),
            models: Vec::new(),
            about: String::new(),
            templates: Vec::new(),
        };
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            reader.line(line, at, &mut map);
            at += line.len();
        }
        for construct in Construct::ALL {
            if reader.mistakes.is_empty() && map.templates.iter().all(|(c, ..)| *c != construct) {
                let help = "a construct that becomes no instruction is `nothing`";
                let message = format!("the map does not say what `{construct}` becomes");
                reader.note(at.saturating_sub(1), 1, message, Some(help));
            }
        }
        if reader.mistakes.is_empty() && map.models.is_empty() {
            let message = "the map does not say which model it is for".to_owned();
            reader.note(0, 1, message, Some("write `model rvwmo` or `model ztso`"));
        }
        if reader.mistakes.is_empty() { Ok(map) } else { Err(Diagnostics(reader.mistakes)) }
    }

    /// The instructions of a construct at a width, `b`, `h`, `w` or `d`.
    #[must_use]
    pub fn template(&self, construct: Construct, width: &str) -> Option<&Template> {
        let of = |wanted: Option<&str>| {
            let mut all = self.templates.iter();
            all.find(|(c, w, _)| *c == construct && *w == wanted).map(|(.., template)| template)
        };
        of(Some(width)).or_else(|| of(None))
    }

    /// The same map with other instructions for a construct.
    ///
    /// # Errors
    /// They are no instructions.
    pub fn with(&self, construct: Construct, text: &str) -> Result<Map, Diagnostics> {
        let mut reader = Reader { text, mistakes: Vec::new() };
        let template = reader.template(construct, text, 0);
        if !reader.mistakes.is_empty() {
            return Err(Diagnostics(reader.mistakes));
        }
        let mut map = self.clone();
        map.templates.retain(|(c, ..)| *c != construct);
        map.templates.push((construct, None, template));
        Ok(map)
    }
}

struct Reader<'t> {
    text: &'t str,
    mistakes: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn note(&mut self, at: usize, length: usize, message: String, help: Option<&str>) {
        let at = at.min(self.text.len().saturating_sub(1));
        let span = Span { start: at as u32, end: (at + length) as u32 };
        let help = help.map(str::to_owned);
        self.mistakes.push(Diagnostic { problem: Problem::Syntax, span, message, help });
    }

    fn line(&mut self, line: &str, at: usize, map: &mut Map) {
        let (code, comment) = line.split_once('#').unwrap_or((line, ""));
        let indent = code.len() - code.trim_start().len();
        let (code, at) = (code.trim(), at + indent);
        if code.is_empty() {
            if map.templates.is_empty() && map.models.is_empty() && !comment.trim().is_empty() {
                map.about.push_str(comment.trim());
                map.about.push('\n');
            }
            return;
        }
        let (name, rest) = code.split_at(code.find(char::is_whitespace).unwrap_or(code.len()));
        let rest_at = at + code.len() - rest.trim_start().len();
        if name == "model" {
            return self.models(rest, rest_at, map);
        }
        let (stem, width) = match name.split_once('.') {
            Some((stem, width)) => (stem, Some(width)),
            None => (name, None),
        };
        let Some(construct) = Construct::ALL.into_iter().find(|known| known.name() == stem) else {
            let near = suggest::nearest(stem, Construct::ALL.map(Construct::name));
            let names = Construct::ALL.map(Construct::name).join(", ");
            let help = near.map_or(format!("constructs are {names}"), suggest::did_you_mean);
            return self.note(at, name.len(), format!("unknown construct `{stem}`"), Some(&help));
        };
        let width = match width {
            None => None,
            Some(width) => match WIDTHS.into_iter().find(|known| *known == width) {
                Some(width) => Some(width),
                None => {
                    let message = format!("`{width}` is no width");
                    return self.note(at, name.len(), message, Some("widths are b, h, w and d"));
                }
            },
        };
        if map.templates.iter().any(|(c, w, _)| (*c, *w) == (construct, width)) {
            return self.note(at, name.len(), format!("a second line for `{name}`"), None);
        }
        let template = self.template(construct, rest.trim(), rest_at);
        map.templates.push((construct, width, template));
    }

    fn models(&mut self, rest: &str, at: usize, map: &mut Map) {
        let rest = rest.trim();
        for word in rest.split(',') {
            match word.trim().parse::<Model>() {
                Ok(model) => map.models.push(model),
                Err(error) => {
                    self.note(at, rest.len().max(1), error.to_string(), None);
                }
            }
        }
    }

    /// `lw {dest},{address}; fence r,rw`
    fn template(&mut self, construct: Construct, text: &str, at: usize) -> Template {
        let mut template = Template::default();
        if text == "nothing" {
            return template;
        }
        if text.is_empty() {
            let help = "a construct that becomes no instruction is `nothing`";
            self.note(at.saturating_sub(1), 1, "expected instructions".into(), Some(help));
            return template;
        }
        let mut at = at;
        for part in text.split(';') {
            let line = part.trim();
            let start = at + part.len() - part.trim_start().len();
            at += part.len() + 1;
            if line.is_empty() {
                self.note(start.min(at - 1), 1, "expected an instruction".into(), None);
            } else if self.operands_fit(construct, line, start) && self.labels_fit(line, start) {
                self.measure(line, start, &mut template.size);
                template.lines.push(line.to_owned());
            }
        }
        template
    }

    fn operands_fit(&mut self, construct: Construct, line: &str, at: usize) -> bool {
        let before = self.mistakes.len();
        let mut rest = line;
        while let Some(open) = rest.find('{') {
            let start = at + line.len() - rest.len() + open;
            let Some(length) = rest[open..].find('}') else {
                self.note(start, 1, "this `{` is never closed".into(), Some("add `}`"));
                break;
            };
            let name = &rest[open + 1..open + length];
            if !construct.operands().contains(&name) {
                let known: Vec<String> =
                    construct.operands().iter().map(|name| format!("{{{name}}}")).collect();
                let help = format!("`{construct}` has {}", known.join(", "));
                self.note(start, length + 1, format!("no operand `{{{name}}}`"), Some(&help));
            }
            rest = &rest[open + length + 1..];
        }
        self.mistakes.len() == before
    }

    /// A label that is written would stand as often as the construct does.
    fn labels_fit(&mut self, line: &str, at: usize) -> bool {
        if line.replace("{loop}:", "").replace("{done}:", "").contains(':') {
            let help = "a line begins with `{loop}:` or `{done}:` and jumps to these";
            self.note(at, line.len(), "a label of one's own".into(), Some(help));
            return false;
        }
        true
    }

    /// Reads the line as an instruction, with something for each operand.
    fn measure(&mut self, line: &str, at: usize, size: &mut Size) {
        let mut sample = line.to_owned();
        for (name, value) in [
            ("dest", "x5"),
            ("source", "x6"),
            ("address", "(x7)"),
            ("expected", "x8"),
            ("temp", "x9"),
            ("width", "w"),
            ("op", "add"),
            ("loop", "LP0"),
            ("done", "LP1"),
        ] {
            sample = sample.replace(&format!("{{{name}}}"), value);
        }
        let labels =
            ["LP0", "LP1"].into_iter().filter(|label| !sample.contains(&format!("{label}:")));
        let labels: String = labels.map(|label| format!(" {label}: nop ;\n")).collect();
        let text = format!("RISCV map\n{{ }}\n P0 ;\n {sample} ;\n{labels}exists (x=0)\n");
        match parse(&text) {
            Ok(test) => {
                let Some(instr) = test.harts[0].cells[0].instr.as_ref() else { return };
                let fence = instr.value.riscv().is_some_and(|instr| {
                    instr.fence_pairs() != rvlitmus_core::arch::FencePairs::default()
                });
                size.instructions += 1;
                size.fences += usize::from(fence);
                size.bytes += instr.value.bytes();
            }
            Err(mistakes) => {
                if let Some(first) = mistakes.0.first() {
                    let help = first.help.clone();
                    self.note(at, line.len(), first.message.clone(), help.as_deref());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn built_in_maps_are_read() {
        for (name, text) in Map::built_in() {
            let map = Map::read(name, text).unwrap_or_else(|mistakes| panic!("{name}: {mistakes}"));
            assert!(map.about.contains("Source:"), "{name}");
        }
        let fences = Map::named("fences").expect("built in");
        let size = fences.template(Construct::Load, "w").expect("a load").size;
        assert_eq!(size, Size { instructions: 2, fences: 1, bytes: 8 });
    }

    #[test]
    fn mistakes_have_a_place() {
        let whole = Map::built_in()[0].1;
        let at = |text: &str, part: &str| {
            let mistakes = Map::read("m", text).expect_err(text);
            let found = mistakes.0.iter().any(|d| text[d.span.start as usize..].starts_with(part));
            assert!(found, "{mistakes:?}");
        };
        at(&whole.replace("load  ", "laod  "), "laod");
        at(&whole.replace("fence rw,rw", "fenc rw,rw"), "fenc");
        at(&whole.replace("{source},{address}\nmfence", "{dest},{address}\nmfence"), "{dest}");
        at(&whole.replace("model   ztso", "model   tso"), "tso");
        at(&whole.replace("fence rw,rw", "L: fence rw,rw"), "L:");
        at(&whole.replace("fence rw,rw", "j L0"), "j L0");
        assert!(Map::read("m", &whole.replace("model   ztso", "")).is_err());
    }
}

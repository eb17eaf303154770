//! What a page shows of one test: its result as the format `jsonl` has it, its text, and its executions drawn.

use serde::Serialize;

use crate::report::json::json_line;
use crate::report::picture::{Drawing, Element, Figure};
use crate::report::visible::visible_report;
use crate::results::{Details, DrawnExecution, TestReport};
use rvlitmus_core::answer::Step;
use rvlitmus_core::axiomatic::picture::Event;
use rvlitmus_core::litmus::{visible, visible_lines};

/// Most operations and arrows of an execution that are drawn: to lay out more takes longer than anybody waits.
const MOST_DRAWN: usize = 500;

/// An execution as a page shows it.
#[derive(Debug, Serialize)]
pub struct ShownExecution {
    values: Vec<(String, String)>,
    machine: String,
    allowed: bool,
    /// Rule, what else orders the same, and what is ordered.
    because: Vec<(String, String, String)>,
    /// The operations in the global memory order: hart, instruction with its line, effect.
    order: Vec<(String, String, String)>,
    drawing: DrawingRecord,
}

/// A drawing as a page draws it.
#[derive(Debug, Serialize)]
pub struct DrawingRecord {
    width: f64,
    height: f64,
    /// Name, attributes, text, number in the global memory order.
    elements: Vec<ElementRecord>,
}

type ElementRecord = (&'static str, Vec<(&'static str, String)>, Option<String>, Option<usize>);

impl From<Drawing> for DrawingRecord {
    fn from(Drawing { elements, width, height }: Drawing) -> DrawingRecord {
        let record = |element: Element| {
            let Element { name, attributes, text, number } = element;
            (name, attributes, text.as_deref().map(seen), number)
        };
        DrawingRecord { width, height, elements: elements.into_iter().map(record).collect() }
    }
}

/// What a page shows of a test, as JSON: `{"result":...,"text":...,"executions":[...]}`, without `text` and
/// `executions` where the report has no details.
#[must_use]
pub fn test_shown(report: TestReport) -> Vec<u8> {
    let mut report = visible_report(report);
    let details = report.details.take();
    let name = report.name.clone();
    let mut json = b"{\"result\":".to_vec();
    let line = json_line(&report);
    json.extend_from_slice(line.trim_ascii_end());
    if let Some(details) = details {
        let Details { text, executions } = *details;
        let shown = executions_shown(&name, &executions);
        // Nothing in it can fail to be written.
        let text = serde_json::to_string(&visible_lines(&text)).unwrap_or_default();
        let shown = serde_json::to_string(&shown).unwrap_or_default();
        json.extend_from_slice(format!(",\"text\":{text},\"executions\":{shown}").as_bytes());
    }
    json.push(b'}');
    json
}

/// The executions of a test of this name, as a page shows them.
#[must_use]
pub fn executions_shown(name: &str, executions: &[DrawnExecution]) -> Vec<ShownExecution> {
    executions.iter().map(|execution| shown(name, execution)).collect()
}

/// Text of others as a page has it.
fn seen(text: &str) -> String {
    visible(text).into_owned()
}

fn shown(name: &str, execution: &DrawnExecution) -> ShownExecution {
    let DrawnExecution { values, machine, allowed, because, picture } = execution;
    let state: Vec<String> =
        values.iter().map(|(place, value)| format!("{place}={value}")).collect();
    let verdict = if *allowed { "allowed" } else { "forbidden" };
    let title = format!("{name}: {} is {verdict} under {machine}", state.join("; "));
    let mut order: Vec<(usize, usize, &Event)> = Vec::new();
    for (hart, column) in (0..).zip(&picture.harts) {
        let numbered = column.events.iter().filter_map(|event| Some((event.number?, hart, event)));
        order.extend(numbered);
    }
    order.sort_by_key(|(number, ..)| *number);
    let order = order.into_iter().map(|(_, hart, event)| {
        (format!("P{hart}"), seen(&event.instruction), seen(&event.effect))
    });
    let step =
        |Step { rule, also, orders }: &Step| (seen(rule), seen(&also.join(", ")), seen(orders));
    let operations: usize = picture.harts.iter().map(|column| column.events.len()).sum();
    let arrows = picture.arrows.len();
    let figure = if operations + arrows > MOST_DRAWN {
        let words = format!(
            "This execution has {operations} operations and {arrows} arrows between them: more than are drawn."
        );
        Figure::of_words(title, &[words])
    } else {
        Figure::of_execution(title, picture.clone())
    };
    ShownExecution {
        values: values.iter().map(|(place, value)| (seen(place), seen(value))).collect(),
        machine: seen(machine),
        allowed: *allowed,
        because: because.iter().map(step).collect(),
        order: order.collect(),
        drawing: figure.drawing().into(),
    }
}

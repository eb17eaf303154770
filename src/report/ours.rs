//! How what this program writes is recognised, by its beginning: what is not recognised is somebody's work.

use rvlitmus_core::answer::{Observation, Status};

use super::{csv, html, junit};
use crate::compare::snapshot::is_snapshot;

/// Does a file that begins so hold an output of this program: a report of any format and version, an
/// explanation, a table of rules, a picture, a snapshot, a generated test or a manual page?
#[must_use]
pub fn is_ours(head: &str) -> bool {
    let head = &anstream::adapter::strip_str(head).to_string();
    let [first, second, third] = std::array::from_fn(|n| head.lines().nth(n).unwrap_or_default());
    is_json(head)
        || is_generated(head)
        || rvlitmus_harness::Folder::holds(head)
        || is_snapshot(head)
        || is_picture(first, second)
        || first.starts_with(csv::HEAD)
        || (first == junit::DECLARATION && second.starts_with(junit::ROOT))
        || first == html::FIRST_LINE
        || third.starts_with(".TH rvlitmus")
        || is_table(first, second)
        || is_markdown(head, first, third)
        || is_herd_log(head, first, second)
        || is_explanation(head)
        || first.starts_with("How many tests have other states under a model without the rule")
        || first.starts_with("| without | ")
}

fn is_json(head: &str) -> bool {
    let start: String = head.chars().take(60).filter(|c| !c.is_whitespace()).collect();
    ["result", "explanation", "rules", "comparison", "advice", "migration", "registers"]
        .iter()
        .any(|what| start.starts_with(&format!("{{\"schema\":\"rvlitmus/{what}/")))
        // A manifest has its keys in the order of the alphabet.
        || start.starts_with("{\"alphabet\":")
            && head.contains("\n  \"schema\": \"rvlitmus/suite/")
}

/// A test that `generate` made.
fn is_generated(head: &str) -> bool {
    let before_state = || head.lines().take_while(|line| !line.starts_with('{'));
    head.starts_with("RISCV ") && before_state().any(|line| line.starts_with("Generator=rvlitmus "))
}

fn is_picture(first: &str, second: &str) -> bool {
    let svg = first.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" ");
    let execution = first.ends_with(" font-family=\"sans-serif\" font-size=\"12\">")
        && second == "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>";
    svg && (execution || second.starts_with("<title>Time of one test under "))
        || first == "digraph execution {" && second.starts_with("  layout=neato; splines=true;")
}

/// A word that stands for what came out.
fn is_verdict(word: &str) -> bool {
    word == "no-condition"
        || Observation::ALL.iter().any(|seen| seen.name() == word)
        || Status::ALL.iter().any(|status| status.name() == word)
}

/// `MP: rvwmo Sometimes, ztso Never       MP.litmus`, the head of a list, or a summary alone.
fn is_table(first: &str, second: &str) -> bool {
    let summary = |line: &str| {
        let (count, rest) = line.split_once(' ').unwrap_or_default();
        count.parse::<usize>().is_ok()
            && (rest.starts_with("tests: ") || rest.starts_with("test: "))
    };
    if first.ends_with("states         test") || summary(first) {
        return true;
    }
    let Some((_, rest)) = first.split_once(": ") else { return false };
    let mut words = rest.split_whitespace();
    let verdict = words.any(|word| is_verdict(word.trim_end_matches(',')));
    let of_machine = rest.split(", ").next().is_some_and(|part| {
        let mut words = part.split_whitespace();
        words.next().is_some_and(is_verdict) || words.next().is_some_and(is_verdict)
    });
    verdict && of_machine && (words.next().is_some() || second.starts_with("    "))
}

/// A section with a code span for the path and verdicts, or a list.
fn is_markdown(head: &str, first: &str, third: &str) -> bool {
    if first.starts_with("| test |") && first.contains("| states |") {
        return true;
    }
    let verdict = |line: &str| {
        let rest = line.strip_prefix("- ").and_then(|line| line.split_once(": "));
        rest.is_some_and(|(_, rest)| is_verdict(rest.split(',').next().unwrap_or_default()))
    };
    let failed = third.rsplit_once("`: ").is_some_and(|(_, status)| is_verdict(status));
    first.starts_with("## ")
        && third.starts_with('`')
        && (failed || head.lines().take(16).any(verdict))
}

/// A log in the manner of herd7. Logs of herd7 itself say how long each test took.
fn is_herd_log(head: &str, first: &str, second: &str) -> bool {
    let block = || head.lines().take_while(|line| !line.is_empty());
    first.starts_with("Test ")
        && ["Allowed", "Forbidden", "Required"].iter().any(|kind| first.ends_with(kind))
        && second.starts_with("States ")
        && block().any(|line| line.starts_with("Observation ") || line.starts_with("Hash="))
        && !block().any(|line| line.starts_with("Time "))
}

fn is_explanation(head: &str) -> bool {
    let mut lines = head.lines();
    let heading = lines.next().unwrap_or_default();
    let says = |line: &str| {
        ["allowed", "forbidden", "impossible", "not decided"]
            .iter()
            .any(|word| line.contains(&format!(": {word} under ")))
            || line.trim_start().starts_with("Whatever loads return, the code ends in no such")
            || line.trim_start().starts_with("No values that stores write violate it")
    };
    heading.contains("  ")
        && lines.next().is_some_and(|about| about.starts_with("    "))
        && lines.any(says)
}

#[cfg(test)]
mod tests {
    use super::is_ours;

    #[test]
    fn what_others_write_is_not_ours() {
        for text in [
            "RISCV MP\n{ 0:x5=1; }\n P0 ;\n nop ;\nexists (0:x5=1)\n",
            "status: complete\nname: x\n",
            "a.litmus\nb.litmus\n",
            "Test MP Allowed\nStates 1\n0:x5=1;\nOk\nObservation MP Always 1 0\nTime MP 0.01\nHash=0\n\n",
            "## Notes\n\n`a` is a file\n\n- one: two\n",
            "# rvlitmus\n\nA checker.\n",
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"1\">\n<g/>\n",
            "digraph execution {\n  a -> b;\n}\n",
            "{\"schema\":\"rvlitmus/vm/1\"}",
            "{\"host\":{}}",
            "path,name\n",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"other\">\n",
            "int main(void) { return 0; }\n",
            "\n",
        ] {
            assert!(!is_ours(text), "{text}");
        }
    }
}

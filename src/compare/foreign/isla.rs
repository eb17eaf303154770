//! Lines of isla-axiomatic, one for each test: `MP allowed (1 of 4) 1234ms ....... ok`.
//!
//! `allowed` says that some execution satisfies the assertion, which for a `forall` is the negated one;
//! `reference:` and what it was compared with there is of no interest here. There are no states.

use super::result::{ToolAnswer, ToolResult, Witness};

/// Reads a line of isla that has lost its colours; `None` for any other line.
pub(super) fn read_line(line: &str) -> Option<ToolResult> {
    let mut words = line.split_whitespace();
    let (name, verdict) = (words.next()?, words.next()?);
    let answer = match verdict {
        "allowed" => ToolAnswer::Verdict(Witness::Found),
        "forbidden" => ToolAnswer::Verdict(Witness::None),
        "error" => ToolAnswer::Unfinished,
        "no" => {
            let failed = words.next() == Some("executions") && ends(line, "error");
            return failed.then(|| ToolResult::unfinished(name));
        }
        _ => return None,
    };
    let count = |word: Option<&str>, first: &str, last: &str| {
        let digits = word?.strip_prefix(first)?.strip_suffix(last)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then_some(())
    };
    count(words.next(), "(", "")?;
    (words.next() == Some("of")).then_some(())?;
    count(words.next(), "", ")")?;
    let result = ToolResult { answer, ..ToolResult::unfinished(name) };
    ["?", "ok", "fail", "error"].into_iter().any(|end| ends(line, end)).then_some(result)
}

/// Does the line end in this word?
fn ends(line: &str, word: &str) -> bool {
    line.trim_end().strip_suffix(word).is_some_and(|rest| rest.ends_with(['.', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_with_and_without_a_reference() {
        for (text, name, answer) in [
            ("MP allowed (1 of 4) 812ms ....... ?", "MP", ToolAnswer::Verdict(Witness::Found)),
            (
                "SB+fences forbidden (0 of 3) reference: forbidden 77ms .. ok",
                "SB+fences",
                ToolAnswer::Verdict(Witness::None),
            ),
            ("LB forbidden (0 of 3) 77ms ......... ?", "LB", ToolAnswer::Verdict(Witness::None)),
            // A name that leaves no room for dots.
            ("L forbidden (0 of 3) 77ms  ?", "L", ToolAnswer::Verdict(Witness::None)),
            ("LB error (0 of 1) 77ms ......... ?", "LB", ToolAnswer::Unfinished),
            ("R no executions 12........... error", "R", ToolAnswer::Unfinished),
        ] {
            let result = read_line(text).expect(text);
            assert_eq!((result.name.as_str(), &result.answer), (name, &answer), "{text}");
        }
        for other in [
            "",
            "MP allowed",
            "MP allowed (many of 4) 12ms ... ?",
            "Test MP Allowed",
            "This is allowed (1 of 2 cases).",
            "0:x5=0; 1:x6=1;",
        ] {
            assert_eq!(read_line(other), None, "{other}");
        }
    }
}

"""The package as it is installed: ``python -m unittest``, with or without pandas."""

import doctest
import importlib.util
import subprocess
import tempfile
import unittest
from pathlib import Path

import rvlitmus

MP = """RISCV MP
{ 0:x5=1; 0:x6=x; 0:x7=y; 1:x6=y; 1:x8=x; }
 P0          | P1          ;
 sw x5,0(x6) | lw x5,0(x6) ;
 sw x5,0(x7) | lw x7,0(x8) ;
exists (1:x5=1 /\\ 1:x7=0)
"""
WRONG = MP.replace("lw x5", "lv x5")


class OneTest(unittest.TestCase):
    def test_the_models_differ_and_say_why(self) -> None:
        result = rvlitmus.run(MP)
        self.assertEqual((result.name, result.status, result.error), ("MP", "complete", None))
        self.assertEqual([machine.id for machine in result.machines], ["rvwmo", "ztso"])
        rvwmo, ztso = result.machines
        self.assertEqual((rvwmo.observation, rvwmo.holds), ("Sometimes", True))
        self.assertEqual((ztso.observation, ztso.holds), ("Never", False))
        self.assertEqual((len(rvwmo.states), len(ztso.states)), (4, 3))
        self.assertIn(rvlitmus.State({"1:x5": "1", "1:x7": "0"}, True), rvwmo.states)
        (difference,) = result.differences
        self.assertEqual((difference.weaker, difference.stronger), ("rvwmo", "ztso"))
        self.assertIn("ztso-load-acquire", str(difference.arguments[0]))

    def test_models_and_options_are_those_of_the_program(self) -> None:
        result = rvlitmus.run(MP, models=["sc", "rvwmo-r1"], engine="both", explain="never")
        self.assertEqual([machine.id for machine in result.machines], ["sc", "rvwmo-r1"])
        self.assertEqual(result.machine("sc").observation, "Never")
        with self.assertRaises(KeyError):
            result.machine("ztso")
        with self.assertRaisesRegex(rvlitmus.ProgramError, "no-such"):
            rvlitmus.run(MP, models=["no-such"])
        with self.assertRaisesRegex(rvlitmus.ProgramError, "--no-option"):
            rvlitmus.run(MP, no_option=True)

    def test_a_mistake_has_its_place(self) -> None:
        result = rvlitmus.run(WRONG)
        self.assertEqual((result.status, result.machines), ("parse-error", ()))
        assert result.error is not None
        self.assertEqual((result.error.line, result.error.column), (4, 16))
        self.assertIn("unknown instruction `lv`", result.error.message)


class ManyTests(unittest.TestCase):
    def setUp(self) -> None:
        held = tempfile.TemporaryDirectory()
        self.addCleanup(held.cleanup)
        self.folder = Path(held.name)
        for number in range(50):
            text = WRONG if number == 7 else MP.replace(" MP", f" MP-{number}")
            (self.folder / f"{number:02}.litmus").write_text(text, encoding="utf-8")

    def test_results_come_in_order_and_are_those_of_the_report(self) -> None:
        results = list(rvlitmus.run_files(self.folder))
        self.assertEqual([result.path for result in results], [f"{n:02}.litmus" for n in range(50)])
        self.assertEqual(results[7].status, "parse-error")
        report = self.folder / "report.jsonl"
        ran = subprocess.run(
            [rvlitmus.program(), "run", "-f", "jsonl", "-o", report, self.folder],
            stderr=subprocess.DEVNULL,
        )
        self.assertEqual(ran.returncode, 2)
        self.assertEqual(list(rvlitmus.read(report)), results)

    def test_who_wants_no_more_ends_the_run(self) -> None:
        results = rvlitmus.run_files([self.folder / "00.litmus", self.folder])
        self.assertEqual(next(results).name, "MP-0")
        results.close()  # type: ignore[attr-defined]

    def test_a_path_that_is_wrong_is_said(self) -> None:
        (result,) = rvlitmus.run_files(self.folder / "none")
        assert result.error is not None
        self.assertIn("cannot be read", result.error.message)
        (self.folder / "empty").mkdir()
        with self.assertRaisesRegex(rvlitmus.ProgramError, "no \\*.litmus file"):
            list(rvlitmus.run_files(self.folder / "empty"))

    @unittest.skipUnless(importlib.util.find_spec("pandas"), "there is no pandas")
    def test_a_table_has_a_row_for_each_machine(self) -> None:
        table = rvlitmus.to_pandas(rvlitmus.run_files(self.folder))
        self.assertEqual(len(table), 99)
        never = table[table.observation == "Never"]
        self.assertEqual(set(never.machine), {"ztso"})


class Texts(unittest.TestCase):
    def test_what_the_documentation_shows_is_so(self) -> None:
        self.assertEqual(doctest.testmod(rvlitmus).failed, 0)

    def test_another_version_of_the_format_is_refused(self) -> None:
        with self.assertRaisesRegex(ValueError, "rvlitmus/result/9"):
            rvlitmus.Result.of_line('{"schema":"rvlitmus/result/9"}')


if __name__ == "__main__":
    unittest.main()

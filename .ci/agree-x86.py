#!/usr/bin/env python3
"""Compares results of x86 tests with expected verdicts.

    agree-x86.py RESULTS.jsonl EXPECTED.csv

RESULTS.jsonl is what `rvlitmus run --format jsonl DIR` prints, EXPECTED.csv has `path,holds`: 1 where the test's
condition holds under x86-TSO. Prints each difference and a closing line; exits 1 on any difference."""
import csv, json, sys

results, expected = sys.argv[1:3]
mine = {}
for line in open(results):
    result = json.loads(line)
    mine[result["path"].split("/")[-1]] = next((m for m in result["machines"] if m["id"] == "x86-tso"), {})
equal = different = 0
for row in csv.DictReader(open(expected)):
    holds = mine.get(row["path"], {}).get("holds")
    if holds == (row["holds"] == "1"):
        equal += 1
    else:
        different += 1
        print(f"different  {row['path']}: {holds}, expected {row['holds']}")
print(f"x86-tso: {equal} equal, {different} different")
sys.exit(1 if different else 0)

#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Says which statements of the writer's checklist are asserted: check_checklist.py ROOT.

Fails when one of the 84 has neither a test nor a reason in tests/writer_checklist.txt, when a test
named there does not exist or is in no list of tests, and when README.md does not list exactly those
that have a reason.
"""
import pathlib
import re
import sys

STATEMENTS = 84


def read_table(path):
    """{number: (file, test)}, with file None and the reason for those that have no test."""
    table, complaints = {}, []
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        number, file, rest = line.split(" ", 2)
        if int(number) in table:
            complaints.append(f"statement {number} stands there twice")
        table[int(number)] = (None if file == "-" else file, rest)
    return table, complaints


def check_test(root, number, file, test):
    path = root / "tests" / file
    if not path.is_file():
        yield f"statement {number}: there is no {file}"
    # Its definition, and its row in a list: one that is not listed does not run.
    elif len(re.findall(rf"\b{test}\b", path.read_text(encoding="utf-8"))) < 2:
        yield f"statement {number}: {file} has no test {test}"


def readme_numbers(root):
    """The first column of README's table of what the writer's checklist has without a test."""
    text = (root / "README.md").read_text(encoding="utf-8")
    section = text.partition("| Statement of the writer's checklist |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| ([0-9, ]+) \|", section, re.MULTILINE)
    return {int(number) for row in rows for number in row.split(",")}


def main():
    root = pathlib.Path(sys.argv[1]).resolve()
    table, complaints = read_table(root / "tests/writer_checklist.txt")
    without = {number for number, (file, _) in table.items() if not file}
    for number in range(1, STATEMENTS + 1):
        if number not in table:
            complaints.append(f"statement {number} has neither a test nor a reason")
    for number, (file, test) in table.items():
        if file:
            complaints += check_test(root, number, file, test)
    if readme_numbers(root) != without:
        complaints.append(f"README.md must list {sorted(without)}, not {sorted(readme_numbers(root))}")
    print(f"asserted {len(table) - len(without)} of {STATEMENTS} statements of the writer's checklist")
    for number in sorted(without):
        print(f"not asserted: {number}: {table[number][1]}")
    print("\n".join(complaints))
    sys.exit(1 if complaints else 0)


main()

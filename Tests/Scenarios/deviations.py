"""Reads deviations.tsv and tells which differences it does not have, and which of its rows did not occur."""

import collections
import re

# Of deviations.tsv: the decision (a number of README.md, or `refused`), why in words, the folder, the places
# (`line 3 8`, `log missing`, `metrics`, `start`, `stderr.txt` …) and what is there instead; `*` for what differs from
# run to run.
Row = collections.namedtuple("Row", "number decision why folder place got")
ANY = "*"


def read(path):
    """{folder: rows}, with a row for each line of answers.jsonl."""
    rows = collections.defaultdict(list)
    with open(path) as text:
        for number, line in enumerate(text, 1):
            if line.startswith("#") or not line.strip():
                continue
            decision, why, folder, places, got = line.rstrip("\n").split("\t")
            for place in each_place(places):
                rows[folder].append(Row(number, decision, why, folder, place, got))
    return rows


def each_place(places):
    found = re.fullmatch(r"line ((?:\d+ )*\d+)", places)
    return [f"line {number}" for number in found.group(1).split()] if found else [places]


def judged(results, known):
    """(how many are as wanted, failures in words, how many of the former are listed differences)."""
    passed, failures, listed = 0, [], 0
    for name, result in results.items():
        rows = list(known.get(name, []))
        passed += result["passed"]
        for place, got, wanted in result["differences"]:
            row = find(rows, place, got)
            if row:
                passed, listed = passed + 1, listed + 1
            else:
                failures.append(f"{name}, {place}: is {got}\n    instead of {wanted}")
            rows = [one for one in rows if one is not row or one.got == ANY]
        seen = {place for place, _, _ in result["differences"]}
        failures += [f"{name}, {row.place}: does not occur any more: deviations.tsv:{row.number} ({row.why})"
                     for row in rows if not (row.got == ANY and row.place in seen)]
    return passed, failures, listed


def find(rows, place, got):
    exact = [row for row in rows if row.place == place and row.got == escaped(got)]
    return next(iter(exact + [row for row in rows if row.place == place and row.got == ANY]), None)


def proposed(results, known):
    """Rows for what is not listed yet; decision and why are to be written by hand."""
    places = collections.OrderedDict()
    for name, result in sorted(results.items()):
        rows = known.get(name, [])
        for place, got, _ in result["differences"]:
            if not find(rows, place, got):
                places.setdefault((name, place.split(" ")[0] == "line" or place, escaped(got)), []).append(place)
    lines = []
    for (name, place, got), found in places.items():
        if place is True:
            place = "line " + " ".join(one.split(" ")[1] for one in found)
        lines.append(f"?\t?\t{name}\t{place}\t{got}")
    return "\n".join(lines)


def escaped(text):
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")

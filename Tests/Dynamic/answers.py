"""The recorded answers, what is expected instead, and asking until a server agrees."""

import os
import re
import time
from dataclasses import dataclass

import check

HERE = os.path.dirname(os.path.abspath(__file__))
STEPS_ALL = "*"
ROUNDS_MAX = 2000
PAUSE_SECONDS = 0.01
WATCH_ROUNDS = 4
WATCH_PAUSE_SECONDS = 0.1


@dataclass
class Deviation:
    row: str
    why: str
    sets: list
    steps: str
    types: list
    names: re.Pattern
    outcome: list
    used: int = 0

    def concerns(self, question, chosen, step):
        return (
            chosen in self.sets
            and is_among(step, self.steps)
            and (question.how in self.types or question.type in self.types)
            and bool(self.names.fullmatch(question.name))
        )


@dataclass
class Row:
    """A question at a step, and the answer to it."""

    question: check.Question
    wanted: dict
    recorded: dict
    listed: list  # of deviations

    def ask(self):
        """What the server answers now, and what is wrong with it."""
        got, faults = check.observe("127.0.0.1", 53, self.question)
        return got, faults + self.faults(got)

    def faults(self, got):
        faults = list(check.differences(self.wanted, got))
        if len(self.listed) > 1:
            faults.append(f"listed {len(self.listed)} times in deviations.tsv: rows {[d.row for d in self.listed]}")
        if faults and self.wanted != self.recorded and not list(check.differences(self.recorded, got)):
            listed = self.listed[0]
            faults = [f"answered as recorded, but deviations.tsv has it under row {listed.row}: {listed.why}"]
        return faults


def is_among(step, steps):
    """Whether steps, such as `3,7-9`, has a step."""
    if steps == STEPS_ALL:
        return True
    ranges = [part.partition("-") for part in steps.split(",")]
    return any(int(first) <= step <= int(last or first) for first, _, last in ranges)


def read_deviations():
    rows = []
    with open(os.path.join(HERE, "deviations.tsv")) as lines:
        for number, line in enumerate(lines, 1):
            if line.startswith("#") or not line.strip():
                continue
            fields = line.rstrip("\n").split("\t")
            if len(fields) < 7:
                raise SystemExit(f"deviations.tsv:{number}: needs row, why, sets, steps, types, names and outcome")
            row, why, sets, steps, types, names, *outcome = fields
            pattern = re.compile(names, re.IGNORECASE)
            rows.append(Deviation(row, why, sets.split(","), steps, types.split(","), pattern, outcome))
    return rows


def read(path, chosen, ttl_seconds, deviations):
    """{step: [Row]} of a file of answers."""
    steps = {}
    with open(os.path.join(HERE, path)) as lines:
        for line in lines:
            if line.startswith("step "):
                step = int(line.split()[1])
                rows = steps[step] = []
            elif not line.startswith("\t"):
                name = line.rstrip("\n")
            else:
                how, *outcome = line.rstrip("\n")[1:].split("\t")
                question = check.Question(name, how)
                rows.append(row(question, outcome, chosen, step, ttl_seconds, deviations))
    return steps


def row(question, outcome, chosen, step, ttl_seconds, deviations):
    recorded = check.expand(outcome, question, ttl_seconds)
    listed = [d for d in deviations if d.concerns(question, chosen, step)]
    wanted = check.expand(listed[0].outcome, question, ttl_seconds, recorded) if listed else recorded
    for deviation in listed:
        deviation.used += wanted != recorded
    return Row(question, wanted, recorded, listed)


def unused(deviations):
    for deviation in deviations:
        if not deviation.used:
            yield f"--- deviations.tsv, row {deviation.row}: changes no recorded answer: {deviation.names.pattern}"


class Settling:
    """Rows that a server may need a moment to agree with."""

    def __init__(self, rows, former=()):
        """With `former` rows, the same questions before: until an answer is as it must become, it must be as it was."""
        self.rows = rows
        self.former = {str(row.question): row for row in former}
        self.mixed = {}

    def settle(self, seconds, is_running):
        """Asks what differs again until nothing does, then all together: they must hold together. [(row, faults)]"""
        deadline = time.monotonic() + seconds
        differing = self.differing(self.rows)
        for _ in range(ROUNDS_MAX):
            if not differing:
                differing = self.differing(self.rows)
            if not differing or time.monotonic() > deadline or not is_running():
                break
            time.sleep(PAUSE_SECONDS)
            differing = self.differing([row for row, _ in differing])
        for row, _ in differing:
            self.mixed.pop(str(row.question), None)
        return differing + list(self.mixed.values())

    def watch(self):
        """While nothing new comes: whether each answer is as it was or as it must become. [(row, faults)]"""
        for _ in range(WATCH_ROUNDS):
            self.differing(self.rows)
            time.sleep(WATCH_PAUSE_SECONDS)
        return list(self.mixed.values())

    def differing(self, rows):
        found = []
        for row in rows:
            got, faults = row.ask()
            before = self.former.get(str(row.question))
            if faults and before and before.faults(got):
                self.mixed[str(row.question)] = (row, ["at a time neither as before nor as after", *faults])
            if faults:
                found.append((row, faults))
        return found

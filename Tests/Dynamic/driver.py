"""What both replays share: a server on the recorded API, its log, and what is counted."""

import os
import subprocess
from dataclasses import dataclass, field

import answers
import server

START_PATIENCE_SECONDS = 60
PATIENCE_SECONDS = 10
IMPATIENT_SECONDS = 0.3
FAILING_STEPS_MAX = 3  # from then on nothing is waited for
LOG_BYTES_SHOWN = 3000
COREFILE = """\
.:53 {{
    errors
    kubernetes cluster.local in-addr.arpa ip6.arpa {{
        {options}
    }}
}}
"""


@dataclass
class Result:
    passed: int = 0
    failures: list = field(default_factory=list)

    def expect(self, title, faults):
        """Counts one check."""
        if faults:
            self.failures.append(f"--- {title}\n" + "\n".join("    " + fault for fault in faults))
        else:
            self.passed += 1


class Driver:
    """A server process, asked step by step."""

    def __init__(self, binary, title, options, folder):
        self.title = title
        self.result = Result()
        self.failing_steps = 0
        corefile = os.path.join(folder, "Corefile")
        with open(corefile, "w") as out:
            out.write(COREFILE.format(options="\n        ".join(options)))
        self.log_path = os.path.join(folder, "log")
        with open(self.log_path, "w") as log:
            command = [binary, "-conf", corefile]
            self.process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, cwd=folder)

    @property
    def is_running(self):
        return self.process.poll() is None

    def settle(self, step, what, rows, patience_seconds=PATIENCE_SECONDS, former=()):
        """Waits for the answers of a step, and counts them."""
        if self.failing_steps >= FAILING_STEPS_MAX:
            patience_seconds = IMPATIENT_SECONDS
        differing = answers.Settling(rows, former).settle(patience_seconds, lambda: self.is_running)
        self.failing_steps += bool(differing)
        self.count(step, what, rows, differing)

    def watch(self, step, what, rows, former):
        """Looks on for a moment in which each answer must be as before or as it will be."""
        self.count(step, what, rows, answers.Settling(rows, former).watch())

    def count(self, step, what, rows, differing):
        self.result.passed += len(rows) - len(differing)
        for row, faults in differing:
            self.result.expect(f"{self.title}, step {step} ({what}): {row.question}", faults)

    def stop(self):
        """Ends the server; its log is shown with failures."""
        status = self.process.poll()
        if status is None:
            status = server.stop(self.process)
        self.result.expect(f"{self.title}: the end of the server", [f"exit status {status}"] if status else [])
        if self.result.failures:
            with open(self.log_path, errors="replace") as log:
                shown = log.read()[-LOG_BYTES_SHOWN:]
            self.result.failures[-1] += f"\n    log of {self.title}:\n    | " + shown.replace("\n", "\n    | ")
        return self.result

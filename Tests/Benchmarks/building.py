"""Builds what is measured and what measures."""

import os
import shutil
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
NO_SWIFT = "no swift in PATH; install a Swift 6.3 toolchain, or name a finished program (see --help)"


def program(name):
    """A program of one C file beside this one."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        raise SystemExit(f"no C compiler for {name}.c (apt-get install gcc libc6-dev)")
    os.makedirs(os.path.join(HERE, ".build"), exist_ok=True)
    binary = os.path.join(HERE, ".build", name)
    source = os.path.join(HERE, f"{name}.c")
    subprocess.run([compiler, "-O2", "-Wall", "-pthread", "-o", binary, source], check=True)
    return binary


def product(name):
    """A release build of a product of the package."""
    if not shutil.which("swift"):
        raise SystemExit(NO_SWIFT)
    command = ["swift", "build", "--package-path", ROOT, "-c", "release", "--static-swift-stdlib", "--product", name]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"the release build of {name} failed:\n" + done.stdout[-4000:] + done.stderr[-4000:])
    shown = subprocess.run(command + ["--show-bin-path"], capture_output=True, text=True, check=True)
    return os.path.join(shown.stdout.strip(), name)

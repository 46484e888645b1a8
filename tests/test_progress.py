"""The progress bar as a terminal and a log file see it."""

import os
import pty
import re
import subprocess
import sys
import termios

from tests.conftest import ROOT

PROGRAM = """
import time
from lab.core import progress
progress.PATIENCE = {patience}
for _ in progress.progress(range(20), total=20, title="counting"):
    time.sleep(0.02)
"""


def command(patience: float) -> list[str]:
    return [sys.executable, "-c", PROGRAM.format(patience=patience)]


def test_short_work_prints_nothing_to_a_pipe() -> None:
    done = subprocess.run(command(patience=10), cwd=ROOT, capture_output=True, check=True)
    assert done.stderr == b""


def test_long_work_prints_a_line_now_and_then_to_a_pipe() -> None:
    done = subprocess.run(command(patience=0.1), cwd=ROOT, capture_output=True, check=True)
    lines = done.stderr.decode().split("\n")
    assert lines.pop() == ""
    assert 2 <= len(lines) <= 6
    assert all(re.fullmatch(r"counting: \d+ of 20", line) for line in lines)


def test_a_terminal_gets_a_bar_on_one_line() -> None:
    leader, follower = pty.openpty()
    termios.tcsetwinsize(follower, (24, 80))
    subprocess.run(command(patience=10), cwd=ROOT, stderr=follower, check=True)
    seen = ""
    while "\n" not in seen:
        seen += os.read(leader, 4096).decode()
    os.close(follower)
    os.close(leader)
    assert "\r" in seen
    assert seen.count("\n") == 1
    assert "100%" in seen

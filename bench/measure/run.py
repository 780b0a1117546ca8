"""Runs programs to their end, and says what they printed, took and were disturbed by."""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]


def fail(message):
    sys.exit(f"compare.py: {message}")


def note(message):
    print(message, file=sys.stderr, flush=True)


class Failed(Exception):
    """A program that could not be run or whose output is not what it should be."""


@dataclass
class Finished:
    output: str
    peak_rss: int  # bytes, of the largest process
    others: float  # cores that other programs used meanwhile


def busy_seconds():
    """CPU seconds spent by all programs of this host since it started."""
    ticks = [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def wait_until_quiet(limit):
    """Returns when other programs use less than a tenth of a core, at the latest after `limit` seconds."""
    end = time.monotonic() + limit
    while time.monotonic() < end:
        before, start = busy_seconds(), time.monotonic()
        time.sleep(0.3)
        if (busy_seconds() - before) / (time.monotonic() - start) < 0.1:
            return


def mpi_environment():
    """What Open MPI needs, as the other scripts of the project set it."""
    env = dict(os.environ)
    for line in (PROJECT / "scripts" / "openmpi.env").read_text().splitlines():
        name, equals, value = line.partition("=")
        if equals and not name.startswith("#"):
            env.setdefault(name, value)
    if os.geteuid() == 0:
        env.update(OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1")
    return env


def run(command, options, env=(), may_crash=False):
    """Runs to the end or the time limit. Raises Failed, with the last lines it wrote."""
    command = [str(word) for word in command]
    if options.verbose:
        note("  " + " ".join(command))
    wait_until_quiet(options.quiet)
    with tempfile.TemporaryFile() as out:
        busy, start = busy_seconds(), time.monotonic()
        process = subprocess.Popen(command, stdout=out, stderr=out, env={**mpi_environment(), **dict(env)})
        timer = threading.Timer(options.timeout, process.terminate)  # which mpirun passes on to its ranks
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - start
        others = max(0.0, busy_seconds() - busy - usage.ru_utime - usage.ru_stime) / seconds
        out.seek(0)
        text = out.read().decode(errors="replace")
    if process.returncode != 0 and not may_crash:
        too_long = seconds >= options.timeout
        reason = f"no end after {options.timeout:g} s" if too_long else f"exit code {process.returncode}"
        raise Failed(f"{' '.join(command)}: {reason}\n" + "\n".join(text.splitlines()[-5:]))
    return Finished(text, usage.ru_maxrss * 1024, others)


def program(path, what):
    """The path of a program that can be run. Raises Failed."""
    found = shutil.which(str(path))
    if found is None:
        raise Failed(f"{what}: there is no program {path}")
    return found


def mpirun(ranks, command):
    return ["mpirun", "-q", "--oversubscribe", "--bind-to", "none", "-n", ranks] + command if ranks > 1 else command

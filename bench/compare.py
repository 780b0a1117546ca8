#!/usr/bin/env python3
"""Measures gasket's kernels beside other systems, one after the other in every round, on the same graph and cores.

  compare.py --graph /data/kron20 --gapbs /opt/gapbs --threads 2             a table; --json and --csv write files
  compare.py --graph rmat:scale=16 --undirected --kernels pagerank,bfs       gasket alone
  compare.py --scaling --threads 8 --ranks 4 --scales 16-20                  threads, ranks and sizes
  compare.py --profile one.json eight.json --svg profile.svg                 where supersteps of run records spend time

A graph is a stem: beside /data/kron20.gsk lie the same graph in the other systems' formats (see GRAPH FILES in
README.md), and with weights /data/kron20.w.gsk. Needs nothing but Python 3.9 and the programs it runs.
"""

import argparse
import csv
import datetime
import json
import math
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

HERE = Path(__file__).resolve().parent
KERNELS = "pagerank,pagerank:float,bfs,sssp,wcc"
SEARCHES = ("bfs", "sssp")
WEIGHTED = ("sssp",)


def fail(message):
    sys.exit(f"compare.py: {message}")


def note(message):
    print(message, file=sys.stderr, flush=True)


# -- Running a program ---------------------------------------------------------------------------------------------


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
    for line in (HERE.parent / "scripts" / "openmpi.env").read_text().splitlines():
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
        timer = threading.Timer(options.timeout, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - start
        others = max(0.0, busy_seconds() - busy - usage.ru_utime - usage.ru_stime) / seconds
        out.seek(0)
        text = out.read().decode(errors="replace")
    if process.returncode != 0 and not may_crash:
        reason = f"no end after {options.timeout:g} s" if seconds >= options.timeout else f"exit code {process.returncode}"
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


# -- What is measured ----------------------------------------------------------------------------------------------


@dataclass
class Graph:
    """A stem of files, or a graph that gasket generates."""

    stem: str
    undirected: bool = False

    @property
    def name(self):
        return self.stem if ":" in self.stem else Path(self.stem).name

    def file(self, suffix, weighted_suffix, kernel):
        """The file for a kernel. Raises Failed when it is missing."""
        path = self.stem + (weighted_suffix if kernel in WEIGHTED else suffix)
        if not os.path.exists(path):
            raise Failed(f"there is no {path}")
        return path

    def gasket_flags(self, kernel):
        path = self.stem if ":" in self.stem else self.file(".gsk", ".w.gsk", kernel)
        return ["--graph", path] + (["--undirected", "--simple"] if self.undirected else [])


@dataclass
class Job:
    """One kernel on one graph with so many cores."""

    kernel: str
    values: str
    graph: Graph
    ranks: int
    threads: int
    iterations: int
    trials: int
    deltas: dict
    sources: list = field(default_factory=list)
    vertices: int = 0

    @property
    def cores(self):
        return self.ranks * self.threads

    @property
    def delta(self):
        return self.deltas.get(self.graph.name, self.deltas[""])

    @property
    def name(self):
        return self.kernel + (":" + self.values if self.values else "")


@dataclass
class Sample:
    """What one process of a round said. Times by source; by None where a kernel has none."""

    seconds: dict
    answers: dict
    peak_rss: int
    others: float
    lines: list = field(default_factory=list)  # gasket's own records

    def over(self, keys):
        return median(self.seconds[key] for key in keys)


def by_source(pairs):
    """[(source, seconds)] -> source: the median of its seconds."""
    times = {}
    for source, seconds in pairs:
        times.setdefault(source, []).append(seconds)
    return {source: median(values) for source, values in times.items()}


class Gasket:
    def __init__(self, options, ranks, threads):
        self.options, self.ranks, self.threads = options, ranks, threads
        self.name = f"gasket {ranks}x{threads}"

    def command(self, job):
        command = [program(self.options.kernels_binary, "gasket"), *job.graph.gasket_flags(job.kernel)]
        command += ["--kernel", job.kernel, "--values", job.values, "--threads", self.threads]
        command += ["--iterations", job.iterations, "--placement", self.options.placement, "--order", self.options.order]
        if job.kernel == "sssp":
            command += ["--delta", job.delta]
        if job.kernel not in SEARCHES:
            command += ["--trials", job.trials]
        elif job.sources:
            command += ["--source", ",".join(map(str, job.sources))]
        else:
            command += ["--sources", self.options.sources]
        return mpirun(self.ranks, command)

    def run(self, job, _round):
        finished = run(self.command(job), self.options)
        lines = [json.loads(line) for line in finished.output.splitlines() if line.startswith("{")]
        if not lines:
            raise Failed(f"{self.name}: no line of JSON\n{finished.output[-500:]}")
        seconds = by_source((line.get("source"), line["seconds"]) for line in lines)
        answers = {line.get("source"): line for line in lines}
        return Sample(seconds, answers, lines[-1]["peak_rss_bytes"], finished.others, lines)


# -- The other systems ---------------------------------------------------------------------------------------------


class Peer:
    """Another system's program for a kernel. Subclasses say how it is started and what it prints.

    `programs`: kernel -> list of (label, what the subclass needs to build the command).
    """

    option = ""  # of this script, that says where the system is
    place = "DIR"
    programs = {}
    time = None  # regular expression of the seconds
    unit = 1.0  # seconds per number that `time` finds
    may_crash = False

    def __init__(self, options, label, what):
        self.options, self.what = options, what
        self.name = f"{self.option} {label}"
        self.root = getattr(options, self.option)

    @classmethod
    def all(cls, options, job):
        if getattr(options, cls.option) is None:
            return []
        if job.kernel not in cls.programs:
            note(f"skipped: {cls.option} has no {job.kernel}")
            return []
        return [cls(options, *entry) for entry in cls.programs[job.kernel]]

    def source(self, job, round):
        """Programs that take one source take another in every round."""
        return job.sources[round % len(job.sources)] if job.kernel in SEARCHES else None

    def env(self, job):
        return {"OMP_NUM_THREADS": str(job.cores)}

    def times(self, job, round, text):
        source = self.source(job, round)
        return [(source, float(value) * self.unit) for value in re.findall(self.time, text)]

    def answer(self, job, text):
        """What it says about the answer to the last trial, in the words of gasket's records."""
        return {}

    def run(self, job, round):
        finished = run(self.command(job, round), self.options, self.env(job), self.may_crash)
        times = self.times(job, round, finished.output)
        if not times:
            raise Failed(f"{self.name}: no time in its output\n" + "\n".join(finished.output.splitlines()[-5:]))
        answers = {times[-1][0]: self.answer(job, finished.output)}
        return Sample(by_source(times), answers, finished.peak_rss, finished.others)


class Gapbs(Peer):
    """GAP benchmark suite (Beamer, Asanovic, Patterson 2015): shared memory; its searches pick sources themselves."""

    option = "gapbs"
    programs = {
        "pagerank": [("pr", "pr"), ("pr_spmv", "pr_spmv")],
        "bfs": [("bfs", "bfs")],
        "sssp": [("sssp", "sssp")],
        "wcc": [("cc", "cc")],
        "triangles": [("tc", "tc")],
    }
    time = r"Trial Time:\s*([\d.]+)"
    words = {
        "reached": r"(?:BFS Tree has|SSSP Tree reaches) (\d+) nodes",
        "components": r"There are (\d+) components",
        "triangles": r"(\d+) triangles",
    }

    def command(self, job, _round):
        command = [program(f"{self.root}/{self.what}", self.name), "-f", job.graph.file(".sg", ".wsg", job.kernel), "-a"]
        command += ["-n", len(job.sources) if job.kernel in SEARCHES else job.trials]
        if job.kernel == "pagerank":
            command += ["-i", job.iterations, "-t", 0]
        if job.kernel == "sssp":
            command += ["-d", round_up(job.delta)]
        return command

    def times(self, job, round, text):
        seconds = [float(value) for value in re.findall(self.time, text)]
        return list(zip(job.sources, seconds)) if job.kernel in SEARCHES else [(None, value) for value in seconds]

    def answer(self, job, text):
        found = {}
        for word, pattern in self.words.items():
            if match := re.search(pattern, text):
                found[word] = int(match.group(1))
        if job.kernel == "pagerank":
            found["top"] = [int(vertex) for vertex in re.findall(r"^(\d+):[\d.e-]+$", text, re.MULTILINE)]
        return found

    @classmethod
    def sources(cls, options, job):
        """The sources that its searches will pick: they are the same in every run."""
        command = [program(f"{options.gapbs}/bfs", "gapbs"), "-f", job.graph.file(".sg", ".sg", "bfs"), "-l"]
        text = run(command + ["-n", options.sources], options, {"OMP_NUM_THREADS": str(job.cores)}).output
        return [int(source) for source in re.findall(r"Source:\s*(\d+)", text)]


class Libgrape(Peer):
    """libgrape-lite's run_app: MPI and threads; one source a run."""

    option, place = "libgrape", "BIN"
    programs = {k: [(v, v)] for k, v in {"pagerank": "pagerank", "bfs": "bfs", "sssp": "sssp", "wcc": "wcc"}.items()}
    programs |= {"cdlp": [("cdlp", "cdlp")], "lcc": [("lcc", "lcc")]}
    time = r"- run algorithm: ([\d.e-]+) sec"

    def command(self, job, round):
        command = [program(self.root, self.name), "--application", self.what, "--opt", "--directed=false"]
        command += ["--vfile", job.graph.file(".v", ".v", ""), "--efile", job.graph.file(".e", ".w.e", job.kernel)]
        if job.kernel == "pagerank":
            command += ["--pr_mr", job.iterations, "--pr_d", 0.85]
        if job.kernel in SEARCHES:
            command += [f"--{job.kernel}_source", self.source(job, round)]
        return ["mpirun", "-q", "--oversubscribe", "--bind-to", "none", "-n", job.ranks] + command

    def env(self, job):
        return {"OMP_NUM_THREADS": str(job.threads)}


class Gemini(Peer):
    """Gemini (Zhu et al., OSDI 2016): MPI and threads; six runs of a program each time."""

    option = "gemini"
    programs = {k: [(v, v)] for k, v in {"pagerank": "pagerank", "bfs": "bfs", "sssp": "sssp", "wcc": "cc"}.items()}
    time = r"exec_time=([\d.]+)\(s\)"
    may_crash = True  # after its last line, when built by a modern compiler

    def command(self, job, round):
        command = [program(f"{self.root}/toolkits/{self.what}", self.name)]
        command += [job.graph.file(".bin", ".w.bin", job.kernel), job.vertices]
        command += [job.iterations] if job.kernel == "pagerank" else []
        command += [self.source(job, round)] if job.kernel in SEARCHES else []
        return ["mpirun", "-q", "--oversubscribe", "--bind-to", "none", "-n", job.ranks] + command

    def env(self, job):
        return {"OMP_NUM_THREADS": str(job.threads)}


class Galois(Peer):
    """Galois, the shared-memory programs of its build folder: pull PageRank, and its defaults."""

    option = "galois"
    programs = {
        "pagerank": [("pagerank-pull Topo", "pagerank/pagerank-pull-cpu"), ("pagerank-pull Residual", "pagerank/pagerank-pull-cpu")],
        "bfs": [("bfs", "bfs/bfs-cpu")],
        "sssp": [("sssp", "sssp/sssp-cpu")],
        "wcc": [("connected-components", "connected-components/connected-components-cpu")],
        "triangles": [("triangle-counting", "triangle-counting/triangle-counting-cpu")],
    }
    time = r"Timer_0, *\w+, *(\d+)"
    unit = 1e-3

    def command(self, job, round):
        command = [program(f"{self.root}/lonestar/analytics/cpu/{self.what}", self.name), "-t", job.cores, "-noverify"]
        if job.kernel == "pagerank":
            command += [f"-algo={self.name.split()[-1]}", f"-maxIterations={job.iterations}", "-tolerance=0", "-transposedGraph"]
        if job.kernel in SEARCHES:
            command += [f"-startNode={self.source(job, round)}"]
        if job.kernel == "sssp":
            command += [f"-delta={max(0, round_up(job.delta) - 1).bit_length()}"]
        if job.kernel in ("wcc", "triangles"):
            command += ["-symmetricGraph"]
        return command + [job.graph.file(".gr", ".w.gr", job.kernel)]


class PowerGraph(Peer):
    """PowerGraph's graph_analytics toolkit, synchronous engine; one source a run; tenths of a second."""

    option = "powergraph"
    programs = {k: [(v, v)] for k, v in {"pagerank": "pagerank", "sssp": "sssp", "wcc": "connected_component"}.items()}
    time = r"Finished Running engine in ([\d.e-]+) seconds"
    may_crash = True

    def command(self, job, round):
        command = [program(f"{self.root}/{self.what}", self.name), "--graph", job.graph.file(".tsv", ".w.tsv", job.kernel)]
        command += ["--format", "tsv", "--engine", "synchronous", "--ncpus", job.threads]
        command += ["--iterations", job.iterations] if job.kernel == "pagerank" else []
        command += ["--source", self.source(job, round)] if job.kernel in SEARCHES else []
        return mpirun(job.ranks, command)


PEERS = [Gapbs, Libgrape, Gemini, Galois, PowerGraph]


def round_up(value):
    return max(1, math.ceil(value))


# -- Comparing -----------------------------------------------------------------------------------------------------


def interleave(job, systems, rounds):
    """Every system once a round, another one first each time. name -> samples; a system that fails is left out."""
    samples = {system.name: [] for system in systems}
    for round in range(rounds):
        first = round % len(systems)
        for system in systems[first:] + systems[:first]:
            if system.name not in samples:
                continue
            try:
                samples[system.name].append(system.run(job, round))
            except Failed as error:
                if isinstance(system, Gasket):
                    fail(str(error))
                note(f"skipped: {job.name} {job.graph.name} {system.name}: {error}")
                del samples[system.name]
        note(f"{job.name} {job.graph.name}: round {round + 1} of {rounds}")
    return samples


def agreement(ours, theirs):
    """One word on two answers to the same question: 'agree', 'DIFFER ...', or '-' where there is nothing to compare."""
    verdict = "-"
    for word, value in theirs.items():
        if word == "top":
            ranks = ours["top"]
            # Without the ties at the end, whose order is anybody's.
            clear = [vertex for (vertex, rank), (_, lower) in zip(ranks, ranks[1:]) if rank > lower * (1 + 1e-5)]
            if len(clear) < len(ranks) - 1 or not value:
                continue
            mine, value = set(clear[: len(value)]), set(value)
        elif word in ours:
            mine = ours[word]
        else:
            continue
        if mine != value:
            return f"DIFFER: {word} {mine} and {value}"
        verdict = "agree"
    return verdict


def same_checksums(job, a, b):
    """Whether two runs of gasket found the same, up to rounding."""
    tolerance = 1e-4 if job.values == "float" else 1e-9
    common = a.answers.keys() & b.answers.keys()
    return all(math.isclose(a.answers[k]["checksum"], b.answers[k]["checksum"], rel_tol=tolerance) for k in common)


def paired_ratios(ours, theirs):
    """ours / theirs of each round, over the sources that both had in it."""
    ratios = []
    for mine, other in zip(ours, theirs):
        common = mine.seconds.keys() & other.seconds.keys()
        if common:
            ratios.append(mine.over(common) / other.over(common))
    return ratios


def best(samples):
    """The time of the round that others disturbed least."""
    return min(sample.over(sample.seconds) for sample in samples)


def typical(samples):
    return median(sample.over(sample.seconds) for sample in samples)


def rows_of(job, samples, ours, alone, stream):
    """One row per peer, or one without."""
    mine = samples[ours.name]
    lines = [line for sample in mine for line in sample.lines]
    swept = "bytes_per_superstep" in lines[0]
    step = median(line["superstep_seconds"] / max(1, line["supersteps"]) for line in lines)
    row = {
        "kernel": job.name,
        "graph": job.graph.name,
        "ranks": job.ranks,
        "threads": job.threads,
        "vertices": lines[0]["vertices"],
        "arcs": lines[0]["arcs"],
        "order": lines[0]["order"],
        "rounds": len(mine),
        "gasket_seconds": typical(mine),
        "gasket_best_seconds": best(mine),
        "superstep_seconds": step,
        "supersteps": median(line["supersteps"] for line in lines),
        "one_thread_seconds": typical(samples[alone.name]),
        "arcs_per_second": median(line["arcs_per_second"] for line in lines),
        "peak_rss_bytes": max(sample.peak_rss for sample in mine),
        "bytes_sent": median(line["bytes_sent"] for line in lines),
        "others_cores": median(sample.others for sample in mine),
    }
    if swept:
        row["bytes_per_second"] = lines[0]["bytes_per_superstep"] / step
        row["share_of_bandwidth"] = row["bytes_per_second"] / stream["read_bytes_per_second"]
    if not same_checksums(job, mine[0], samples[alone.name][0]):
        row["answers"] = f"DIFFER: {ours.name} and {alone.name}"
    rows = []
    for name, theirs in samples.items():
        if name in (ours.name, alone.name) or not theirs:
            continue
        ratios = paired_ratios(mine, theirs)
        verdicts = {agreement(mine[0].answers[k], a) for s in theirs for k, a in s.answers.items() if k in mine[0].answers}
        rows.append(
            {
                **row,
                "peer": name,
                "peer_seconds": typical(theirs),
                "peer_best_seconds": best(theirs),
                "ratio": median(ratios),
                "ratio_min": min(ratios),
                "ratio_max": max(ratios),
                "ratio_of_bests": best(mine) / best(theirs),
                "peer_peak_rss_bytes": max(sample.peak_rss for sample in theirs),
                "peer_others_cores": median(sample.others for sample in theirs),
                "answers": row.get("answers") or max(verdicts, key=verdict_weight, default="-"),
            }
        )
    return rows or [row]


def verdict_weight(verdict):
    return {"-": 0, "agree": 1}.get(verdict, 2)


def table(rows):
    """Prints dictionaries of text under their keys."""
    if not rows:
        return
    widths = {key: max(len(key), *(len(row[key]) for row in rows)) for key in rows[0]}
    print("  ".join(key.ljust(widths[key]) for key in rows[0]))
    for row in rows:
        print("  ".join(row[key].ljust(widths[key]) for key in row))


def milliseconds(seconds):
    return "-" if seconds is None else f"{seconds * 1e3:.4g}"


def size(count):
    if count is None:
        return "-"
    for unit in ("B", "KB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            return f"{count:.3g} {unit}"
        count /= 1000


def print_rows(rows):
    print("times in ms: medians over the rounds; ratio: gasket / peer, below 1 gasket is faster")
    table(
        [
            {
                "kernel": row["kernel"],
                "graph": row["graph"],
                "RxT": f"{row['ranks']}x{row['threads']}",
                "gasket": milliseconds(row["gasket_seconds"]),
                "peer": row.get("peer", "-"),
                "peer's": milliseconds(row.get("peer_seconds")),
                "ratio (min..max)": f"{row['ratio']:.2f} ({row['ratio_min']:.2f}..{row['ratio_max']:.2f})" if "ratio" in row else "-",
                "of bests": f"{row['ratio_of_bests']:.2f}" if "ratio" in row else "-",
                "1 thread": milliseconds(row["one_thread_seconds"]),
                "superstep": milliseconds(row["superstep_seconds"]),
                "Marcs/s": f"{row['arcs_per_second'] / 1e6:.0f}",
                "GB/s (of read)": f"{row['bytes_per_second'] / 1e9:.1f} ({row['share_of_bandwidth']:.0%})" if "bytes_per_second" in row else "-",
                "RSS": size(row["peak_rss_bytes"]),
                "peer RSS": size(row.get("peer_peak_rss_bytes")),
                "sent": size(row["bytes_sent"]),
                "others": f"{row['others_cores']:.2f}/{row['peer_others_cores']:.2f}" if "peer" in row else f"{row['others_cores']:.2f}",
                "answers": row.get("answers", "-"),
            }
            for row in rows
        ]
    )


def compare(options):
    stream = measure_stream(options)
    rows, raw = [], []
    for stem in options.graph:
        graph = Graph(stem.removesuffix(".gsk"), options.undirected)
        sources = []
        for entry in options.kernels.split(","):
            kernel, _, values = entry.partition(":")
            job = Job(kernel, values, graph, options.ranks, options.threads, options.iterations, options.trials, options.delta)
            ours, alone = Gasket(options, job.ranks, job.threads), Gasket(options, 1, 1)
            try:
                graph.gasket_flags(kernel)
            except Failed as error:
                note(f"skipped: {job.name} {graph.name}: {error}")
                continue
            if kernel in SEARCHES and not sources:
                sources = choose_sources(options, job)
            job.sources = sources if kernel in SEARCHES else []
            if options.gemini:
                job.vertices = count_vertices(options, job)
            peers = [peer for system in PEERS for peer in system.all(options, job)]
            systems = [ours] + peers + ([alone] if alone.name != ours.name else [])
            samples = interleave(job, systems, options.rounds)
            rows += rows_of(job, samples, ours, alone, stream)
            raw.append({"kernel": job.name, "graph": graph.name, "sources": job.sources, "seconds": {
                name: [{str(k): v for k, v in s.seconds.items()} for s in list_] for name, list_ in samples.items()}})
    if not rows:
        fail("nothing was measured")
    print_rows(rows)
    print_stream(stream)
    warn_of_noise(rows)
    save(options, {"machine": machine(), "stream": stream, "rows": rows, "rounds": raw}, rows)
    if any("DIFFER" in row.get("answers", "") for row in rows):
        fail("answers differ")


def choose_sources(options, job):
    """The sources that GAP picks, so that both search from the same; else gasket's own choice."""
    if options.gapbs:
        try:
            return Gapbs.sources(options, job)
        except Failed as error:
            note(f"skipped: sources of gapbs: {error}")
    found = Gasket(options, 1, options.threads).run(job, 0)
    return list(found.seconds)


def count_vertices(options, job):
    one = Job("pagerank", "", job.graph, 1, 1, 1, 1, job.deltas)
    return Gasket(options, 1, 1).run(one, 0).lines[0]["vertices"]


def measure_stream(options):
    command = [program_or_fail(options), "--kernel", "stream", "--threads", options.threads, "--stream-mib", options.stream_mib]
    try:
        return json.loads(run(mpirun(options.ranks, command), options).output.splitlines()[-1])
    except (Failed, ValueError, IndexError) as error:
        fail(str(error))


def program_or_fail(options):
    try:
        return program(options.kernels_binary, "gasket")
    except Failed as error:
        fail(f"{error}; build it, or say where with --kernels-binary")


def print_stream(stream):
    print(
        f"memory: {stream['read_bytes_per_second'] / 1e9:.1f} GB/s reading, "
        f"{stream['triad_bytes_per_second'] / 1e9:.1f} GB/s triad, {stream['ranks']} ranks x {stream['threads']} threads. "
        "GB/s of a row: 4 bytes per arc, and per vertex its offset, degree and values once"
    )


def warn_of_noise(rows):
    worst = max(max(row["others_cores"], row.get("peer_others_cores", 0)) for row in rows)
    if worst > 0.1:
        print(
            f"WARNING: other programs used up to {worst:.2f} cores meanwhile. Threads that spin at barriers (OpenMP's) "
            "suffer most: only ratios of quiet runs mean anything."
        )


def machine():
    model = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    return {
        "cpu": model.group(1) if model else platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "system": platform.platform(),
        "date": datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        "load_average": os.getloadavg(),
    }


def save(options, record, rows):
    if options.json:
        Path(options.json).write_text(json.dumps(record, indent=1) + "\n")
    if options.csv:
        with open(options.csv, "w", newline="") as file:
            writer = csv.DictWriter(file, list(dict.fromkeys(key for row in rows for key in row)))
            writer.writeheader()
            writer.writerows(rows)


# -- Scaling -------------------------------------------------------------------------------------------------------


def counts_up_to(most):
    """1, 2, 4, ... and `most`."""
    return sorted({2**i for i in range(most.bit_length()) if 2**i <= most} | {most})


def serial_fraction(speedup, cores):
    """Karp and Flatt's (CACM 1990): the share of serial work that explains a speed-up by Amdahl's law."""
    return (cores / speedup - 1) / (cores - 1) if cores > 1 else None


def scaling(options):
    program_or_fail(options)
    shapes = [(1, threads) for threads in counts_up_to(options.threads)]
    shapes += [(ranks, 1) for ranks in counts_up_to(options.ranks) if ranks > 1]
    kernel, _, values = options.kernels.split(",")[0].partition(":")
    cores, rows = len(os.sched_getaffinity(0)), []
    for scale in options.scales:
        generator = f"{options.generator}:scale={scale}"
        job = Job(kernel, values, Graph(generator, True), 1, 1, options.iterations, options.trials, options.delta)
        if kernel in SEARCHES:
            job.sources = choose_sources(options, job)
        samples = interleave(job, [Gasket(options, *shape) for shape in shapes], options.rounds)
        base = samples["gasket 1x1"]
        for ranks, threads in shapes:
            mine = samples[f"gasket {ranks}x{threads}"]
            speedup = 1 / median(paired_ratios(mine, base))
            line = mine[0].lines[0]
            rows.append(
                {
                    "kernel": job.name,
                    "graph": generator,
                    "arcs": line["arcs"],
                    "ranks": ranks,
                    "threads": threads,
                    "seconds": typical(mine),
                    "speedup": speedup,
                    "efficiency": speedup / (ranks * threads),
                    "serial_fraction": serial_fraction(speedup, ranks * threads),
                    "arcs_per_second": median(l["arcs_per_second"] for s in mine for l in s.lines),
                    "bytes_sent": median(l["bytes_sent"] for s in mine for l in s.lines),
                    "peak_rss_bytes": max(sample.peak_rss for sample in mine),
                    "others_cores": median(sample.others for sample in mine),
                    "oversubscribed": ranks * threads > cores,
                }
            )
    print("speed-up: median over the rounds of one thread's time / this one's; serial: Karp-Flatt's fraction")
    table(
        [
            {
                "kernel": row["kernel"],
                "graph": row["graph"],
                "arcs": str(row["arcs"]),
                "RxT": f"{row['ranks']}x{row['threads']}" + (" > cores" if row["oversubscribed"] else ""),
                "ms": milliseconds(row["seconds"]),
                "speed-up": f"{row['speedup']:.2f}",
                "efficiency": f"{row['efficiency']:.0%}",
                "serial": "-" if row["serial_fraction"] is None else f"{row['serial_fraction']:.1%}",
                "Marcs/s": f"{row['arcs_per_second'] / 1e6:.0f}",
                "sent": size(row["bytes_sent"]),
                "RSS": size(row["peak_rss_bytes"]),
                "others": f"{row['others_cores']:.2f}",
            }
            for row in rows
        ]
    )
    warn_of_noise(rows)
    save(options, {"machine": machine(), "rows": rows}, rows)


# -- Where a superstep's time goes ---------------------------------------------------------------------------------

PARTS = {"compute": "#4477aa", "wait": "#ee6677", "exchange": "#ccbb44"}


def parts_of(step):
    """Seconds of a superstep: computing (with packing messages), waiting for messages, and the exchange at its end."""
    compute, wait = step["compute_seconds"], step["wait_seconds"]
    return {"compute": compute, "wait": wait, "exchange": max(0.0, step["seconds"] - compute - wait)}


def svg(width, height, marks):
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'font-family="sans-serif" font-size="12">\n<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(marks) + "\n</svg>\n"
    )


def bar(x, y, width, height, colour):
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.2f}" height="{height:.2f}" fill="{colour}"/>'


def words(x, y, text, anchor="start"):
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{text}</text>'


def draw_profile(runs):
    """One panel per record: a stacked bar per superstep, all panels to the same scale."""
    width, panel, left, top = 900, 220, 60, 40
    tallest = max((step["seconds"] for _, record in runs for step in record["iterations"]), default=0) or 1
    marks = []
    for p, (name, record) in enumerate(runs):
        floor, room = top + p * panel + panel - 50, panel - 80
        steps = record["iterations"]
        each = (width - left - 20) / max(1, len(steps))
        marks.append(words(left, floor - room - 10, f"{name}: {record['command']}, {record['ranks']} ranks x {record['threads']} threads"))
        for share in (0, 0.5, 1):
            marks.append(words(left - 6, floor - share * room + 4, f"{tallest * share * 1e3:.3g} ms", "end"))
        for i, step in enumerate(steps):
            y = floor
            for part, seconds in parts_of(step).items():
                height = room * seconds / tallest
                y -= height
                marks.append(bar(left + i * each, y, max(0.5, each * 0.85), height, PARTS[part]))
        marks.append(words(width / 2, floor + 16, f"superstep 1 .. {len(steps)}", "middle"))
    for i, (part, colour) in enumerate(PARTS.items()):
        marks += [bar(left + 110 * i, 12, 12, 12, colour), words(left + 110 * i + 18, 22, part)]
    return svg(width, top + panel * len(runs), marks)


def profile(options):
    runs = []
    for path in options.profile:
        try:
            record = json.loads(Path(path).read_text())
            record["iterations"][0]["compute_seconds"]
        except (OSError, ValueError, KeyError, IndexError) as error:
            fail(f"{path}: not the record of a run with supersteps (gasket --report): {error!r}")
        runs.append((Path(path).name, record))
    rows = []
    base = None
    for name, record in runs:
        totals = {part: sum(parts_of(step)[part] for step in record["iterations"]) for part in PARTS}
        seconds = sum(step["seconds"] for step in record["iterations"])
        cores = record["ranks"] * record["threads"]
        if cores == 1 and base is None:
            base = seconds
        fraction = serial_fraction(base / seconds, cores) if base else None
        idle = 1 - totals["compute"] / seconds
        rows.append(
            {
                "record": name,
                "RxT": f"{record['ranks']}x{record['threads']}",
                "supersteps": str(len(record["iterations"])),
                "ms": milliseconds(seconds),
                **{part: f"{milliseconds(totals[part])} ({totals[part] / seconds:.1%})" for part in PARTS},
                "not computing": f"{idle:.1%}",
                "serial fraction": "-" if fraction is None else f"{fraction:.1%}",
                "limit": "-" if not fraction or fraction <= 0 else f"{1 / fraction:.1f}x",
            }
        )
    print("compute: with packing and unpacking; wait: for messages; exchange: the collective that ends a superstep")
    table(rows)
    if base is None:
        print("serial fraction (Amdahl): give the record of a run on 1 rank x 1 thread first")
    if options.svg:
        Path(options.svg).write_text(draw_profile(runs))
        print(f"written    {options.svg}")


# -- The command line ----------------------------------------------------------------------------------------------


def scale_range(text):
    low, _, high = text.partition("-")
    try:
        scales = list(range(int(low), int(high or low) + 1))
    except ValueError:
        scales = []
    if not scales or not 1 <= scales[0] <= scales[-1] <= 26:
        raise argparse.ArgumentTypeError(f"{text}: must be a scale, or a range as 16-20, up to 26")
    return scales


def deltas(text):
    """2,grid=128 -> {"": 2.0, "grid": 128.0}"""
    try:
        pairs = [word.rpartition("=") for word in text.split(",")]
        return {"": 2.0, **{name: float(value) for name, _, value in pairs}}
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text}: must be numbers, as 2,grid=128")


def positive(text):
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text}: must be at least 1")
    return value


def parse():
    build = HERE.parent / "build" / "release" / "bench" / "kernels"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--graph", action="append", default=[], metavar="STEM", help="stem of the files, or a generator; may be repeated")
    add("--undirected", action="store_true", help="of a generated graph: symmetric and without loops and duplicates")
    add("--kernels", default=KERNELS, help=f"NAME or NAME:VALUES, with commas (default {KERNELS})")
    add("--threads", type=positive, default=len(os.sched_getaffinity(0)), help="per rank")
    add("--ranks", type=positive, default=1)
    add("--rounds", type=positive, default=7)
    add("--trials", type=positive, default=3, help="runs of a kernel in each process; searches: one per source")
    add("--sources", type=positive, default=16, help="how many searches start from")
    add("--iterations", type=positive, default=20, help="of PageRank")
    add("--delta", type=deltas, default=deltas("2"), metavar="D[,GRAPH=D]", help="width of sssp's buckets, of every system that has them (default 2)")
    add("--placement", default="dbh")
    add("--order", default="auto", choices=["auto", "input", "degree"])
    add("--timeout", type=float, default=600, metavar="S", help="for one process")
    add("--quiet", type=float, default=0, metavar="S", help="wait up to S seconds for other programs to rest, before each")
    add("--stream-mib", type=positive, default=256, help="size of each array of the bandwidth test")
    add("--kernels-binary", default=str(build), metavar="BIN", help="gasket's benchmark program")
    for peer in PEERS:
        add(f"--{peer.option}", metavar=peer.place, help=peer.__doc__.splitlines()[0])
    add("--json", metavar="FILE")
    add("--csv", metavar="FILE")
    add("--verbose", action="store_true", help="print every command")
    add("--scaling", action="store_true", help="the first kernel on threads 1..--threads, ranks 1..--ranks, --scales")
    add("--scales", type=scale_range, default=scale_range("16-20"), metavar="A-B")
    add("--generator", default="rmat")
    add("--profile", nargs="+", metavar="RECORD", help="records of gasket --report; first that of one thread")
    add("--svg", metavar="FILE", help="where --profile draws")
    options = parser.parse_args()
    if not (options.graph or options.scaling or options.profile):
        parser.error("--graph, --scaling or --profile is needed")
    return options


def main():
    options = parse()
    if options.profile:
        profile(options)
    elif options.scaling:
        scaling(options)
    else:
        compare(options)


if __name__ == "__main__":
    main()

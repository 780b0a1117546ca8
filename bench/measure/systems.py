"""What is measured: gasket and its peers, each with the command of a kernel and a reading of its output."""

import json
import math
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from measure.run import Failed, mpirun, note, program, run

SEARCHES = ("bfs", "sssp")
WEIGHTED = ("sssp",)


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
            raise Failed(f"there is no {path} (a graph is named without its ending)")
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

    @classmethod
    def of(cls, options, entry, graph, ranks, threads):
        """entry: KERNEL or KERNEL:VALUES."""
        kernel, _, values = entry.partition(":")
        return cls(kernel, values, graph, ranks, threads, options.iterations, options.trials, options.delta)

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


def round_up(value):
    return max(1, math.ceil(value))


class Gasket:
    def __init__(self, options, ranks, threads):
        self.options, self.ranks, self.threads = options, ranks, threads
        self.name = f"gasket {ranks}x{threads}"

    def command(self, job):
        command = [program(self.options.kernels_binary, "gasket"), *job.graph.gasket_flags(job.kernel)]
        command += ["--kernel", job.kernel, "--values", job.values, "--threads", self.threads]
        command += ["--iterations", job.iterations, "--placement", self.options.placement]
        command += ["--order", self.options.order]
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
        command = [program(f"{self.root}/{self.what}", self.name), "-f", job.graph.file(".sg", ".wsg", job.kernel)]
        command += ["-a", "-n", len(job.sources) if job.kernel in SEARCHES else job.trials]
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
    """libgrape-lite's run_app: MPI and threads, its tuned programs and of PageRank its simple one; one source a run."""

    option, place = "libgrape", "BIN"
    programs = {k: [(v, v)] for k, v in {"bfs": "bfs", "sssp": "sssp", "wcc": "wcc", "cdlp": "cdlp", "lcc": "lcc"}.items()}
    programs |= {"pagerank": [("pagerank", "pagerank"), ("pagerank_auto", "pagerank_auto")]}
    time = r"- run algorithm: ([\d.e-]+) sec"

    def command(self, job, round):
        command = [program(self.root, self.name), "--application", self.what, "--directed=false"]
        command += [] if self.what.endswith("_auto") else ["--opt"]
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
        "pagerank": [(f"pagerank-pull {algo}", "pagerank/pagerank-pull-cpu") for algo in ("Topo", "Residual")],
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
            command += [f"-algo={self.name.split()[-1]}", "-transposedGraph"]
            command += [f"-maxIterations={job.iterations}", "-tolerance=0"]
        if job.kernel in SEARCHES:
            command += [f"-startNode={self.source(job, round)}"]
        if job.kernel == "sssp":
            command += [f"-delta={max(0, round_up(job.delta) - 1).bit_length()}"]
        if job.kernel in ("wcc", "triangles"):
            command += ["-symmetricGraph"]
        return command + [job.graph.file(".gr", ".w.gr", job.kernel)]


class DGalois(Peer):
    """Galois, the distributed programs of its build folder: MPI and threads; outgoing edge-cut, synchronous."""

    option = "dgalois"
    programs = {
        "pagerank": [("pagerank-pull", "pagerank/pagerank-pull-dist")],
        "bfs": [("bfs-push", "bfs/bfs-push-dist")],
        "sssp": [("sssp-push", "sssp/sssp-push-dist")],
        "wcc": [("connected-components-push", "connected-components/connected-components-push-dist")],
    }
    time = r"Timer_\d+, *HMAX, *(\d+)"
    unit = 1e-3

    def command(self, job, round):
        command = [program(f"{self.root}/lonestar/analytics/distributed/{self.what}", self.name)]
        command += [job.graph.file(".gr", ".w.gr", job.kernel), "-symmetricGraph", "-partition=oec", "-exec=Sync"]
        command += [f"-t={job.threads}", f"-runs={job.trials}"]
        if job.kernel == "pagerank":
            command += [f"-maxIterations={job.iterations}", "-tolerance=0"]
        if job.kernel in SEARCHES:
            command += [f"-startNode={self.source(job, round)}"]
        return ["mpirun", "-q", "--oversubscribe", "--bind-to", "none", "-n", job.ranks] + command

    def env(self, job):
        return {"GALOIS_DO_NOT_BIND_THREADS": "1"}  # ranks would bind to the same cores


class PowerGraph(Peer):
    """PowerGraph's graph_analytics toolkit, synchronous engine; tenths of a second. Its sssp knows no weights."""

    option = "powergraph"
    programs = {"pagerank": [("pagerank", "pagerank")], "wcc": [("connected_component", "connected_component")]}
    time = r"Finished Running engine in ([\d.e-]+) seconds"
    may_crash = True

    def command(self, job, round):
        command = [program(f"{self.root}/{self.what}", self.name)]
        command += ["--graph", job.graph.file(".tsv", ".tsv", job.kernel), "--format", "tsv", "--ncpus", job.threads]
        command += ["--engine", "synchronous", "--iterations", job.iterations] if job.kernel == "pagerank" else []
        return mpirun(job.ranks, command)


PEERS = [Gapbs, Libgrape, Gemini, Galois, DGalois, PowerGraph]


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

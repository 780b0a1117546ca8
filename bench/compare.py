#!/usr/bin/env python3
"""Measures gasket's kernels beside other systems, one after the other in every round, on the same graph and cores.

  compare.py --graph /data/kron20 --gapbs /opt/gapbs --threads 2             a table; --json and --csv write files
  compare.py --graph rmat:scale=16 --undirected --kernels pagerank,bfs       gasket alone
  compare.py --scaling --threads 8 --ranks 4 --scales 16-20                  threads, ranks and sizes
  compare.py --profile one.json eight.json --svg profile.svg                 where supersteps of run records spend time
  compare.py --curves points.csv --svg curves.svg                            error over work, from pagerank_error

A graph is a stem: beside /data/kron20.gsk lie the same graph in the other systems' formats (see GRAPH FILES in
README.md), and with weights /data/kron20.w.gsk. Needs nothing but Python 3.9 and the programs it runs.
"""

import argparse
import json
import math
import os
import re
import shutil
import subprocess
from pathlib import Path
from statistics import median

from measure.curves import curves
from measure.profile import profile
from measure.report import NOISE, machine, milliseconds, save, size, table, warn_of_noise
from measure.rounds import best, interleave, paired_ratios, typical
from measure.run import PROJECT, Failed, fail, mpi_environment, mpirun, note, program, run
from measure.scaling import scaling
from measure.systems import PEERS, SEARCHES, Gasket, Graph, Job, choose_sources, count_vertices

KERNELS = "pagerank,pagerank:float,bfs,sssp,wcc"


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


def gravity(verdict):
    return {"-": 0, "agree": 1}.get(verdict, 2)


def same_checksums(job, a, b):
    """Whether two runs of gasket found the same, up to rounding."""
    tolerance = 1e-4 if job.values == "float" else 1e-9
    common = a.answers.keys() & b.answers.keys()
    return all(math.isclose(a.answers[k]["checksum"], b.answers[k]["checksum"], rel_tol=tolerance) for k in common)


def rows_of(job, samples, ours, alone, stream):
    """One row per peer, or one without."""
    mine = samples[ours.name]
    lines = [line for sample in mine for line in sample.lines]
    steps = [line["superstep_seconds"] / line["supersteps"] for line in lines if line["supersteps"] > 0]
    step = median(steps) if steps else None  # triangles are counted without
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
        "one_thread_seconds": typical(samples[alone.name]) if alone.name in samples else None,
        "superstep_seconds": step,
        "supersteps": median(line["supersteps"] for line in lines),
        "arcs_per_second": median(line["arcs_per_second"] for line in lines),
        "peak_rss_bytes": max(sample.peak_rss for sample in mine),
        "bytes_sent": median(line["bytes_sent"] for line in lines),
        "others_cores": median(sample.others for sample in mine),
        "answers": "-",
    }
    if "bytes_per_superstep" in lines[0]:
        row["bytes_per_second"] = lines[0]["bytes_per_superstep"] / step
        row["share_of_bandwidth"] = row["bytes_per_second"] / stream["read_bytes_per_second"]
    if alone.name in samples and not same_checksums(job, mine[0], samples[alone.name][0]):
        row["answers"] = f"DIFFER: {ours.name} and {alone.name}"
    peers = [name for name in samples if name not in (ours.name, alone.name)]
    return [{**row, **beside(name, mine, samples[name], row["answers"])} for name in peers] or [row]


def beside(name, mine, theirs, verdict):
    """What a peer adds to a row."""
    ratios = paired_ratios(mine, theirs)
    answers = [(mine[0].answers[key], answer) for sample in theirs for key, answer in sample.answers.items()]
    found = {
        "peer": name,
        "peer_seconds": typical(theirs),
        "peer_best_seconds": best(theirs),
        "ratio": median(ratios),
        "ratio_min": min(ratios),
        "ratio_max": max(ratios),
        "peer_peak_rss_bytes": max(sample.peak_rss for sample in theirs),
        "peer_others_cores": median(sample.others for sample in theirs),
        "answers": max([verdict, *(agreement(*pair) for pair in answers)], key=gravity),
    }
    # Rounds in which hardly anybody else worked.
    calm = [pair for pair in zip(mine, theirs) if all(sample.others < NOISE for sample in pair)]
    if calm:
        found["calm_ratio"] = median(paired_ratios(*zip(*calm)))
        found["calm_rounds"] = len(calm)
    if all(sample.seconds.keys() == mine[0].seconds.keys() for sample in theirs):
        found["ratio_of_bests"] = best(mine) / best(theirs)
    return found


def text_of(row):
    """A row as it is printed."""
    with_peer, of_bests = "peer" in row, row.get("ratio_of_bests")
    spread = f"{row['ratio']:.2f} ({row['ratio_min']:.2f}..{row['ratio_max']:.2f})" if with_peer else "-"
    calm = f"{row['calm_ratio']:.2f} ({row['calm_rounds']})" if "calm_ratio" in row else "-"
    rate = row.get("bytes_per_second")
    return {
        "kernel": row["kernel"],
        "graph": row["graph"],
        "RxT": f"{row['ranks']}x{row['threads']}",
        "gasket": milliseconds(row["gasket_seconds"]),
        "peer": row.get("peer", "-"),
        "peer's": milliseconds(row.get("peer_seconds")),
        "ratio (min..max)": spread,
        "calm (rounds)": calm,
        "of bests": f"{of_bests:.2f}" if of_bests else "-",
        "1 thread": milliseconds(row["one_thread_seconds"]),
        "superstep": milliseconds(row["superstep_seconds"]),
        "Marcs/s": f"{row['arcs_per_second'] / 1e6:.0f}",
        "GB/s (of read)": f"{rate / 1e9:.1f} ({row['share_of_bandwidth']:.0%})" if rate else "-",
        "RSS": size(row["peak_rss_bytes"]),
        "peer RSS": size(row.get("peer_peak_rss_bytes")),
        "sent": size(row["bytes_sent"]),
        "others": f"{row['others_cores']:.2f}" + (f"/{row['peer_others_cores']:.2f}" if with_peer else ""),
        "answers": row["answers"],
    }


def measure(options, job, stream):
    """Rows, and the times of every round. Raises Failed when gasket itself fails."""
    ours, alone = Gasket(options, job.ranks, job.threads), Gasket(options, 1, 1)
    if options.gemini:
        job.vertices = count_vertices(options, job)
    peers = [peer for system in PEERS for peer in system.all(options, job)]
    samples = interleave(job, [ours, *peers] + ([alone] if alone.name != ours.name else []), options.rounds)
    rounds = {name: [{"seconds": s.seconds, "others": s.others} for s in each] for name, each in samples.items()}
    if ours.name not in samples:
        beside = ", ".join(f"{name} {milliseconds(typical(theirs))} ms" for name, theirs in samples.items() if theirs)
        raise Failed(f"{ours.name} failed; beside it: {beside or 'nothing'}")
    rows = rows_of(job, {name: s for name, s in samples.items() if s}, ours, alone, stream)
    return rows, {"kernel": job.name, "graph": job.graph.name, "sources": job.sources, "systems": rounds}


def compare(options):
    stream = measure_stream(options)
    rows, rounds, failures = [], [], []
    for stem in options.graph:
        graph, sources = Graph(stem, options.undirected), []
        generated = ":" in stem
        kernels = options.kernels or ",".join(k for k in KERNELS.split(",") if not (generated and k == "sssp"))
        for entry in kernels.split(","):
            job = Job.of(options, entry, graph, options.ranks, options.threads)
            try:
                if job.kernel in SEARCHES:
                    job.sources = sources = sources or choose_sources(options, job)
                new_rows, new_rounds = measure(options, job, stream)
                rows += new_rows
                rounds.append(new_rounds)
                for row in new_rows:
                    note("  " + ", ".join(f"{key} {value}" for key, value in text_of(row).items() if value != "-"))
            except Failed as error:
                failures.append(f"FAILED: {job.name} {graph.name}: {error}")
                note(failures[-1])
    if rows:
        print("times in ms: medians over the rounds; ratio: gasket / peer, below 1 gasket is faster")
        table([text_of(row) for row in rows])
        print(
            f"memory: {stream['read_bytes_per_second'] / 1e9:.1f} GB/s reading, "
            f"{stream['triad_bytes_per_second'] / 1e9:.1f} GB/s triad. "
            "GB/s of a row: 4 bytes per arc, and per vertex its offset, degree and values once"
        )
        warn_of_noise(rows)
    save(options, {"machine": machine(), "stream": stream, "rows": rows, "rounds": rounds}, rows)
    if failures:
        fail("not everything was measured:\n" + "\n".join(failures))
    if any("DIFFER" in row["answers"] for row in rows):
        fail("answers differ")


def known_kernels(options):
    """NAME:VALUES of all, and the names alone."""
    try:
        command = [options.kernels_binary, "--list"]
        listing = subprocess.run(command, capture_output=True, text=True, check=True, env=mpi_environment()).stdout
    except (OSError, UnicodeDecodeError, subprocess.CalledProcessError):
        listing = ""
    pairs = re.findall(r"^\w+:\w+$", listing, re.MULTILINE)
    if not pairs:
        fail(f"--kernels-binary {options.kernels_binary}: is not gasket's benchmark program")
    return pairs, list(dict.fromkeys(pair.partition(":")[0] for pair in pairs))


def measure_stream(options):
    """What this machine's memory gives to as many ranks and threads."""
    try:
        command = [program(options.kernels_binary, "gasket's benchmark"), "--kernel", "stream"]
        command += ["--threads", options.threads, "--stream-mib", options.stream_mib]
        return json.loads(run(mpirun(options.ranks, command), options).output.splitlines()[-1])
    except (Failed, ValueError, IndexError) as error:
        fail(f"{error}; --kernels-binary says where it is")


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
    build = PROJECT / "build" / "release" / "bench" / "kernels"
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--graph", action="append", default=[], metavar="STEM", help="files, or a generator; may be repeated")
    add("--undirected", action="store_true", help="of a generated graph: symmetric and without loops and duplicates")
    add("--kernels", help=f"NAME or NAME:VALUES, with commas (default {KERNELS}; sssp not of a generated graph)")
    add("--threads", type=positive, default=len(os.sched_getaffinity(0)), help="per rank")
    add("--ranks", type=positive, default=1)
    add("--rounds", type=positive, default=7)
    add("--trials", type=positive, default=3, help="runs of a kernel in each process; searches: one per source")
    add("--sources", type=positive, default=16, help="how many searches start from")
    add("--iterations", type=positive, default=20, help="of PageRank")
    add("--delta", type=deltas, default=deltas("2"), metavar="D,GRAPH=D", help="width of sssp's buckets (default 2)")
    add("--placement", default="auto")
    add("--order", default="auto", choices=["auto", "input", "degree"])
    add("--timeout", type=positive, default=600, metavar="S", help="for one process")
    add("--quiet", type=float, default=0, metavar="S", help="wait so long for other programs to rest, before each")
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
    add("--profile", nargs="+", metavar="RECORD", help="records of gasket --report; one of them of one thread")
    add("--curves", nargs="+", metavar="CSV", help="what bench/pagerank_error printed")
    add("--svg", metavar="FILE", help="where --profile and --curves draw")
    options = parser.parse_args()
    if not (options.graph or options.scaling or options.profile or options.curves):
        parser.error("--graph, --scaling, --profile or --curves is needed")
    options.graph = list(dict.fromkeys(stem.removesuffix(".gsk") for stem in options.graph))
    for stem in options.graph:
        files = [stem + end for end in (".gsk", ".w.gsk")]
        if ":" not in stem and not any(Path(file).is_file() for file in files):
            parser.error(f"--graph {stem}: there is neither {' nor '.join(files)}")
    names = [Graph(stem).name for stem in options.graph]
    for name in options.delta:
        if options.graph and name and name not in names:
            parser.error(f"--delta {name}=...: there is no such --graph; they are {', '.join(names)}")
    for option in ("kernels_binary", *(peer.option for peer in PEERS)):
        path = getattr(options, option)
        if path and not (Path(path).exists() or shutil.which(path)):
            parser.error(f"--{option.replace('_', '-')} {path}: there is no such file or folder")
    if options.svg and not (options.profile or options.curves):
        parser.error("--svg: only --profile and --curves draw")
    for option in ("json", "csv", "svg"):
        path = getattr(options, option)
        if path and not Path(path).absolute().parent.is_dir():
            parser.error(f"--{option} {path}: there is no folder to write it in")
    if options.kernels is not None and not (options.profile or options.curves):
        pairs, names = known_kernels(options)
        options.kernels = ",".join(dict.fromkeys(options.kernels.split(",")))
        for entry in options.kernels.split(","):
            if entry not in pairs and entry not in names:
                parser.error(
                    f"--kernels: there is no '{entry}'; names, with commas between: {', '.join(names)}; "
                    f"with values: {', '.join(pairs)}"
                )
    return options


def main():
    options = parse()
    if options.profile:
        profile(options)
    elif options.curves:
        curves(options)
    elif options.scaling:
        scaling(options)
    else:
        compare(options)


if __name__ == "__main__":
    main()

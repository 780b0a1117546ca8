"""Threads, ranks and sizes of graph."""

import os
from statistics import median

from measure.report import machine, milliseconds, save, size, table, warn_of_noise
from measure.rounds import interleave, paired_ratios, typical
from measure.run import Failed, fail
from measure.systems import SEARCHES, Gasket, Graph, Job, choose_sources


def counts_up_to(most):
    """1, 2, 4, ... and `most`."""
    return sorted({2**i for i in range(most.bit_length()) if 2**i <= most} | {most})


def serial_fraction(speedup, cores):
    """Karp and Flatt's (CACM 1990): the share of serial work that explains a speed-up by Amdahl's law."""
    return (cores / speedup - 1) / (cores - 1) if cores > 1 else None


def scaling(options):
    shapes = [(1, threads) for threads in counts_up_to(options.threads)]
    shapes += [(ranks, 1) for ranks in counts_up_to(options.ranks) if ranks > 1]
    cores, rows = len(os.sched_getaffinity(0)), []
    for scale in options.scales:
        generator = f"{options.generator}:scale={scale}"
        job = Job.of(options, (options.kernels or "pagerank").split(",")[0], Graph(generator, True), 1, 1)
        try:
            job.sources = choose_sources(options, job) if job.kernel in SEARCHES else []
        except Failed as error:
            fail(str(error))
        samples = interleave(job, [Gasket(options, *shape) for shape in shapes], options.rounds)
        if len(samples) < len(shapes):
            fail("not everything was measured; the lines above say why")
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

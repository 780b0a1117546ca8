"""Work to an error: curves from the CSV of bench/pagerank_error, one panel per graph, both axes in figures that mean something
without the machine: sweeps over all arcs, and the sum of differences to the fixpoint."""

import csv
import math
from pathlib import Path

from measure.profile import svg, words
from measure.report import table
from measure.run import fail

COLOURS = {"power": "#4477aa", "in-place": "#228833", "anew": "#ccbb44", "differences": "#ee6677", "urgent-first": "#aa3377"}


def read_points(paths):
    """graph -> method -> [(sweeps, error, seconds)]"""
    graphs = {}
    for path in paths:
        try:
            for row in csv.DictReader(Path(path).read_text().splitlines()):
                point = (float(row["sweeps"]), float(row["error"]), float(row["seconds"]))
                graphs.setdefault(row["graph"], {}).setdefault(row["method"], []).append(point)
        except OSError as error:
            fail(f"--curves {path}: {error.strerror}")
        except (KeyError, TypeError, ValueError):
            fail(f"--curves {path}: not the output of pagerank_error, with columns graph, method, sweeps, error, seconds")
    return graphs


def work_to(points, error):
    """Sweeps and seconds of the first point that is as good; None if none is."""
    good = [(sweeps, seconds) for sweeps, off, seconds in points if off <= error]
    return min(good) if good else None


def draw_curves(graphs):
    width, panel, left, top, room = 900, 320, 70, 40, 250
    marks = []
    for g, (graph, methods) in enumerate(graphs.items()):
        floor = top + g * panel + room
        most = max(sweeps for points in methods.values() for sweeps, _, _ in points)
        marks.append(words(left, floor - room - 8, f"{graph}: error (1-norm) over sweeps"))

        def x_of(sweeps, most=most):
            return left + (width - left - 20) * sweeps / most

        def y_of(error, floor=floor):
            return floor - room + room * min(12, max(0, -math.log10(max(error, 1e-12)))) / 12

        for digits in (0, 3, 6, 9, 12):
            y = floor - room + room * digits / 12
            marks.append(words(left - 6, y + 4, f"1e-{digits}" if digits else "1", "end"))
            marks.append(f'<path d="M{left} {y:.1f}H{width - 20}" stroke="#dddddd"/>')
        for share in (0, 0.25, 0.5, 0.75, 1):
            marks.append(words(x_of(most * share), floor + 16, f"{most * share:.3g}", "middle"))
        for method, points in methods.items():
            at = [f"{x_of(sweeps):.1f},{y_of(error):.1f}" for sweeps, error, _ in sorted(points)]
            colour = COLOURS.get(method, "black")
            marks.append(f'<polyline points="{" ".join(at)}" fill="none" stroke="{colour}" stroke-width="2"/>')
    for i, (method, colour) in enumerate(COLOURS.items()):
        marks.append(f'<path d="M{left + 130 * i} 14h20" stroke="{colour}" stroke-width="2"/>')
        marks.append(words(left + 130 * i + 26, 18, method))
    return svg(width, top + panel * len(graphs), marks)


def curves(options):
    graphs = read_points(options.curves)
    if not graphs:
        fail("no points in " + " ".join(options.curves))
    rows = []
    for graph, methods in graphs.items():
        for method, points in methods.items():
            row = {"graph": graph, "method": method}
            for error in (1e-3, 1e-6, 1e-9):
                work = work_to(points, error)
                row[f"{error:g}"] = f"{work[0]:.1f} ({work[1]:.2f} s)" if work else "-"
            rows.append(row)
    print("sweeps over all arcs (seconds) until the sum of differences to the fixpoint is below")
    table(rows)
    if options.svg:
        Path(options.svg).write_text(draw_curves(graphs))
        print(f"written    {options.svg}")

"""Where the time of supersteps goes, from the records that gasket --report writes: a table and a plot."""

import json
from pathlib import Path

from measure.report import milliseconds, table
from measure.run import fail
from measure.scaling import serial_fraction

PARTS = {"compute": "#4477aa", "wait": "#ee6677", "exchange": "#ccbb44"}


def parts_of(step):
    """Seconds of a superstep: computing (with packing messages), waiting for messages, and the exchange at its end."""
    compute, wait = step["compute_seconds"], step["wait_seconds"]
    return {"compute": compute, "wait": wait, "exchange": max(0.0, step["seconds"] - compute - wait)}


def svg(width, height, marks):
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    paper = '<rect width="100%" height="100%" fill="white"/>'
    return "\n".join([head + ' font-family="sans-serif" font-size="12">', paper, *marks, "</svg>\n"])


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
        title = f"{name}: {record['command']}, {record['ranks']} ranks x {record['threads']} threads"
        marks.append(words(left, floor - room - 10, title))
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
        except OSError as error:
            fail(f"--profile {path}: {error.strerror}")
        except (ValueError, KeyError, IndexError, TypeError):
            fail(f"--profile {path}: not the record of a run with supersteps, as gasket --report writes it")
        runs.append((Path(path).name, record))
    alone = [record for _, record in runs if record["ranks"] * record["threads"] == 1]
    base = sum(step["seconds"] for step in alone[0]["iterations"]) if alone else None
    rows = []
    for name, record in runs:
        totals = {part: sum(parts_of(step)[part] for step in record["iterations"]) for part in PARTS}
        seconds = sum(step["seconds"] for step in record["iterations"])
        cores = record["ranks"] * record["threads"]
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
                "limit": f"{1 / fraction:.1f}x" if fraction and 0 < fraction < 1 else "-",
            }
        )
    print(
        "compute: with packing and unpacking; wait: for messages (both of the rank that computes longest); "
        "exchange: the rest, mostly the collective that ends a superstep"
    )
    table(rows)
    if base is None:
        print("serial fraction (Amdahl): give the record of a run on 1 rank x 1 thread too")
    if options.svg:
        Path(options.svg).write_text(draw_profile(runs))
        print(f"written    {options.svg}")

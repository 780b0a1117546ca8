"""Tables of text, and files of rows."""

import csv
import datetime
import json
import os
import platform
import re
from pathlib import Path

NOISE = 0.1  # cores that other programs may use before a time is not to be trusted


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


def warn_of_noise(rows):
    worst = max(max(row["others_cores"], row.get("peer_others_cores", 0)) for row in rows)
    if worst > NOISE:
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

"""How cost grows: the same poll and the same hold, ever more visitors, ever more performances."""

import os
import statistics

from . import plot
from .clients import AT_ONCE, claim, fill, hold, poll
from .machine import ROOT
from .measures import POLLING
from .rounds import rates
from .servers import Stanchion

PERFORMANCES = [1, 100, 13_000]
VISITORS = [10_000, 100_000, 1_000_000, 10_000_000]
# What is plotted: the file's name, the title.
PLOTS = {
    "polls": "Polls a second over HTTP",
    "holds": "Durable holds, each with its release, a second over HTTP, one hot pool",
    "memory": "Resident memory of the server, MiB",
}


def growth(asked, folder):
    """Polls, holds and memory at each size. The lines of a table; the plots are drawn."""
    points = {name: {} for name in PLOTS}
    lines = ["", "| performances | in the queue | polls a second | holds a second | memory, MiB |",
             "|---|---|---|---|---|"]
    for performances in PERFORMANCES:
        for visitors in VISITORS:
            found = measure(asked, os.path.join(folder, f"{performances}-{visitors}"),
                            performances, visitors)
            for name, values in found.items():
                points[name].setdefault(performances, []).append((visitors, values))
            lines.append(f"| {performances:,} | {visitors:,} | {spread(found['polls'])} "
                         f"| {spread(found['holds'])} | {found['memory'][0]:,.0f} |")
            print(lines[-1], flush=True)
    for name, title in PLOTS.items():
        plot.draw(os.path.join(ROOT, "docs", f"growth-{name}.svg"), title, points[name])
    return lines


def measure(asked, folder, performances, visitors):
    """One size, on a server of its own: some shop, then all the others join and wait."""
    with Stanchion(folder, cap=AT_ONCE, performances=performances) as ours:
        passes = claim(ours, AT_ONCE, os.path.join(folder, "passes"))
        tokens = fill(ours, visitors, POLLING, os.path.join(folder, "tokens"))
        # Before holds are made: answers are remembered for as long as their keys.
        memory = ours.memory_mb()
        found = rates(asked, {"polls": poll(ours, tokens), "holds": hold(ours, passes)})
    return found | {"memory": [memory]}


def spread(values):
    return f"{statistics.median(values):,.0f} ({min(values):,.0f} to {max(values):,.0f})"

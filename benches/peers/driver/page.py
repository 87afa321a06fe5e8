"""The page that keeps the figures: what stands between two marks is written, all else is kept."""

import os

from .machine import ROOT

PAGE = os.path.join(ROOT, "docs", "performance.md")


def table(rows):
    """The lines of a table."""
    lines = ["", "| what | at least | measured | spread | a second |", "|---|---|---|---|---|"]
    return lines + [f"| {row.what} | {row.wanted} | {row.measured} | {row.spread} | {row.beside} |"
                    for row in rows]


def write(name, lines):
    begin, end = f"<!-- {name}: written by benches/peers/run -->", f"<!-- {name}: end -->"
    with open(PAGE) as page:
        before, _, rest = page.read().partition(begin)
        _, _, after = rest.partition(end)
    if not rest or not after:
        raise SystemExit(f"peers: {PAGE} has no place for {name}: {begin} and {end}")
    with open(PAGE, "w") as page:
        page.write(before + begin + "\n" + "\n".join(lines) + "\n" + end + after)
    print(f"written: {os.path.relpath(PAGE, ROOT)}, {name}")

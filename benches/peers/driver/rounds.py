"""Rounds: every side is driven in each, one after the other, and figures become rows of a table."""

import statistics
from dataclasses import dataclass


@dataclass
class Row:
    """One line of the table."""

    what: str
    wanted: str
    measured: str
    spread: str
    beside: str

    def say(self):
        wanted = f", wanted {self.wanted}" if self.wanted else ""
        beside = f"; {self.beside}" if self.beside else ""
        print(f"{self.what}\n  {self.measured} ({self.spread}){wanted}{beside}", flush=True)
        return self


def rates(asked, sides):
    """Warms all sides up, then drives them in turn: what each did a second, round by round."""
    for drive in sides.values():
        drive(1)
    found = {name: [] for name in sides}
    names = list(sides)
    for at in range(asked.rounds):
        # Whoever is first in one round is last in the next.
        for name in names[at % len(names):] + names[:at % len(names)]:
            found[name].append(sides[name](asked.seconds))
    return found


def ratio(what, ours, theirs, least=None):
    """A row that sets our rates beside theirs, round by round."""
    ratios = [mine / other for mine, other in zip(ours, theirs)]
    middle = statistics.median(ratios)
    reached = "" if least is None or middle >= least else ": **not reached**"
    return Row(what, "" if least is None else f"{least:g} ×", f"{middle:.2f} ×{reached}",
               f"{min(ratios):.2f} to {max(ratios):.2f}",
               f"{statistics.median(ours):,.0f} beside {statistics.median(theirs):,.0f}").say()


def spans(what, values, most=None):
    """A row of times in ms, which all have to be shorter than the most."""
    values = sorted(values)
    p99 = values[(len(values) - 1) * 99 // 100]
    reached = "" if most is None or values[-1] < most else ": **not reached**"
    return Row(what, "" if most is None else f"under {most:,} ms",
               f"median {statistics.median(values):.0f} ms, p99 {p99:.0f}, "
               f"longest of {len(values)} {values[-1]:,.0f}{reached}",
               f"{values[0]:.0f} to {values[-1]:,.0f} ms", "").say()

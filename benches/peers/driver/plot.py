"""Draws a small SVG: figures over visitors in the queue, a line for each number of performances."""

import math
import statistics

WIDTH, HEIGHT = 640, 300
LEFT, RIGHT, TOP, BOTTOM = 64, 20, 58, 46
# Far enough apart for marks at the same size not to hide one another.
APART = 9
MARKS = {
    "a": '<circle cx="{x:.1f}" cy="{y:.1f}" r="4"/>',
    "b": '<rect x="{x:.1f}" y="{y:.1f}" width="8" height="8" transform="translate(-4 -4)"/>',
    "c": '<path d="M{x:.1f} {y:.1f}m0 -5l5 9h-10z"/>',
}
STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #57606a; }
  .title { font-size: 14px; font-weight: 600; fill: #1f2328; }
  .grid { stroke: #d0d7de; }
  .a { stroke: #0969da; fill: #0969da; } .b { stroke: #bc4c00; fill: #bc4c00; }
  .c { stroke: #8250df; fill: #8250df; }
  .line { fill: none; stroke-width: 2; } .spread { stroke-width: 1; }
  @media (prefers-color-scheme: dark) {
    text { fill: #9198a1; } .title { fill: #f0f6fc; } .grid { stroke: #3d444d; }
    .a { stroke: #58a6ff; fill: #58a6ff; } .b { stroke: #f0883e; fill: #f0883e; }
    .c { stroke: #bc8cff; fill: #bc8cff; }
  }
"""


def draw(file, title, series):
    """`series`: for each number of performances, points of visitors and the values measured."""
    sizes = sorted({size for points in series.values() for size, _ in points})
    top = ceiling(max(max(values) for points in series.values() for _, values in points))
    across, up = scale_across(sizes), scale_up(top)
    parts = [f'<text class="title" x="{LEFT}" y="20">{title}</text>', *grid(sizes, top, across, up)]
    for at, (name, points) in enumerate(series.items()):
        shifted = [(across(size) + (at - (len(series) - 1) / 2) * APART, values)
                   for size, values in points]
        parts += line("abc"[at], shifted, up) + legend("abc"[at], at, name)
    with open(file, "w") as out:
        out.write(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
                  f'role="img" aria-label="{title}">\n<style>{STYLE}</style>\n'
                  + "\n".join(parts) + "\n</svg>\n")


def scale_across(sizes):
    least, most = math.log10(sizes[0]), math.log10(sizes[-1])
    inner = WIDTH - LEFT - RIGHT - 60
    return lambda size: LEFT + 30 + inner * (math.log10(size) - least) / ((most - least) or 1)


def scale_up(top):
    return lambda value: HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top


def ceiling(value):
    """The next round figure above, of which a quarter is round, too."""
    power = 10 ** math.floor(math.log10(value))
    return next(power * step for step in (1, 2, 4, 8, 10) if power * step >= value)


def grid(sizes, top, across, up):
    for quarter in range(5):
        value = top * quarter / 4
        yield (f'<path class="grid" d="M{LEFT} {up(value):.1f}H{WIDTH - RIGHT}"/>'
               f'<text x="{LEFT - 8}" y="{up(value) + 4:.1f}" text-anchor="end">{value:,.0f}</text>')
    for size in sizes:
        yield (f'<text x="{across(size):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">'
               f'{size:,}</text>')
    yield (f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 8}" text-anchor="middle">'
           'visitors in the queue</text>')


def line(kind, points, up):
    """A line through the medians, a stroke from the least to the most, a mark."""
    path = " ".join(f"{x:.1f},{up(statistics.median(values)):.1f}" for x, values in points)
    parts = [f'<polyline class="line {kind}" points="{path}"/>']
    for x, values in points:
        mark = MARKS[kind].format(x=x, y=up(statistics.median(values)))
        parts.append(f'<g class="spread {kind}"><path d="M{x:.1f} {up(min(values)):.1f}'
                     f'V{up(max(values)):.1f}"/>{mark}</g>')
    return parts


def legend(kind, at, performances):
    x = LEFT + at * 170
    name = f"{performances:,} performance" + ("s" if performances > 1 else "")
    return [f'<g class="{kind}">{MARKS[kind].format(x=x + 5, y=38)}</g>'
            f'<text x="{x + 16}" y="42">{name}</text>']

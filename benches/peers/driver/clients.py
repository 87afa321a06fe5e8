"""The clients: each drives any server that speaks the public interface, and the real one too."""

import os
import re
import sys

from .machine import BUILT, HERE, text
from .servers import BROWSER, PLACES, SALE

# Requests under way at once, for every side.
AT_ONCE = 32
US = {"us": 1, "ms": 1_000, "s": 1_000_000}


def join(server):
    """Drives joins: joins a second, from how many seconds are asked for."""
    return lambda seconds: wrk(server, PLACES, seconds, "join.lua")


def poll(server, tokens, at_once=AT_ONCE):
    """Drives polls with the place tokens of a file."""
    path = f"{PLACES}/me"
    return lambda seconds: wrk(server, path, seconds, "poll.lua", tokens, path, at_once=at_once)


def look(server, tokens, at_once=AT_ONCE):
    """Drives looks at the waiting page with the place tokens of a file, as browsers carry them."""
    path, cookie = f"/{SALE}", ("Cookie", f"place-{SALE}=")
    return lambda seconds: wrk(server, path, seconds, "poll.lua", tokens, path, *cookie,
                               *words(BROWSER), at_once=at_once)


def looks(tokens, seconds, sides):
    """Looks at the page (`True`) or polls of several servers in turn, one at a time, with the place
    tokens of a file: for each side, how often a second has the median to the first byte, and to the
    last."""
    asked = []
    for server, of_page in sides:
        page = (f"/{SALE}", f"Cookie: place-{SALE}=")
        mine = (f"{PLACES}/me", "Authorization: Bearer ")
        asked += [server.address, *(page if of_page else mine)]
    firsts, lasts = crowd("look", tokens, seconds, *asked)
    return [1e6 / us for us in firsts], [1e6 / us for us in lasts]


def through(server, path, passes, at_once):
    """Drives requests for a page of the shop with the passes of a file, as browsers carry them:
    how many a second, and the median and the 99th centile of what they took, in µs."""
    cookie = ("Cookie", f"pass-{SALE}=")
    return lambda seconds: wrk_with_times(server, path, seconds, passes, path, *cookie,
                                          at_once=at_once)


def asks(server, passes, headers):
    """Drives questions of a proxy whether the pass tokens of a file let somebody in."""
    path = "/v1/ask?as=status"
    return lambda seconds: wrk(server, path, seconds, "poll.lua", passes, path, "Cookie",
                               f"pass-{SALE}=", *words(headers))


def words(headers):
    """Names and values, as the script takes them."""
    return [word for header in headers.items() for word in header]


def hold(server, passes):
    """Drives pairs of a hold and a release with the pass tokens of a file, one each at once."""
    return lambda seconds: pairs("http", server.address, SALE, passes, seconds)


def hold_over_resp(redis, shoppers, replicas=0):
    """Drives pairs of a hold and a release by the script, without HTTP; each waits for replicas."""
    return lambda seconds: pairs("redis", redis.address, shoppers, seconds, replicas)


def claim(server, shoppers, file):
    """Visitors who join, are called and claim: the file with their passes."""
    write(file, text([example("shoppers"), "claim", server.address, SALE, str(shoppers)]))
    return file


def fill(server, visitors, sample, file):
    """Visitors who join and wait: the file with the tokens of about so many of them."""
    write(file, text([example("crowd"), "fill", server.address, SALE, str(visitors), str(sample)]))
    return file


def crowd(*asked):
    """Columns of figures, a row for each time."""
    rows = text([example("crowd"), *map(str, asked)]).splitlines()
    return list(zip(*([float(figure) for figure in row.split()] for row in rows)))


def wrk(server, path, seconds, script, *more, at_once=AT_ONCE):
    """Requests a second; every answer must be a good one."""
    return rate_of(said_by_wrk(server, path, seconds, script, *more, at_once=at_once))


def wrk_with_times(server, path, seconds, *more, at_once):
    said = said_by_wrk(server, path, seconds, "poll.lua", *more, at_once=at_once)
    times = (re.search(rf"{centile}%\s+([\d.]+)(us|ms|s)\b", said) for centile in (50, 99))
    return rate_of(said), *(float(time[1]) * US[time[2]] for time in times)


def rate_of(said):
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])


def said_by_wrk(server, path, seconds, script, *more, at_once):
    said = text(["wrk", "-t1", f"-c{at_once}", f"-d{seconds}s", "--latency",
                 "-s", os.path.join(HERE, script), f"http://{server.address}{path}", "--", *more])
    if "Non-2xx" in said or "Socket errors" in said:
        sys.exit(f"peers: not every answer was good:\n{said}")
    return said


def pairs(*asked):
    done = text([example("shoppers"), *map(str, asked)])
    count, seconds = re.search(r"pairs (\d+) seconds ([\d.]+)", done).groups()
    return int(count) / float(seconds)


def example(name):
    return os.path.join(BUILT, "examples", name)


def write(file, lines):
    with open(file, "w") as out:
        out.write(lines + "\n")

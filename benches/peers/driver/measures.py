"""What is measured beside the peers: joins, polls, pages, the statements of 2015, holds, calls and
streams."""

import os
import random
import statistics

from .clients import (AT_ONCE, claim, crowd, fill, hold, hold_over_resp, join, look, looks, poll,
                      write)
from .machine import one_core
from .peers import Floor, Front, Postgres, Redis
from .rounds import Row, rates, ratio, spans
from .servers import CAP, SALE, Stanchion

# Visitors who poll, in turn.
POLLING = 2_000
# The queue of 2015.
QUEUED = 10_000
# Shoppers on one hot pool, when it is crowded.
MANY_AT_ONCE = 256
# Who waits while slots are freed, how often one is, and how soon the next should be called.
WAITING = 10_000
FREED = 200
CALLED_MS_MAX = 250
# Who follows the board, how often it changes, and how soon all should have it.
STREAMS = 10_000
CHANGES = 20
STREAMED_MS_MAX = 1_000


def joins(asked, folder):
    """Joins beside everybody."""
    with Stanchion(folder) as ours, Redis(folder) as redis, Postgres(folder) as sql:
        answers = ours.keep_answers()
        with (Floor(folder, f"{answers}/join") as floor,
              Front(folder, "redis", redis, answers) as sorted_set,
              Front(folder, "postgres", sql, answers) as statements):
            sides = {"ours": ours, "floor": floor, "redis": sorted_set, "sql": statements}
            found = rates(asked, {name: join(side) for name, side in sides.items()})
    what = "join over HTTP beside"
    return [ratio(f"{what} bare hyper", found["ours"], found["floor"], 0.75),
            ratio(f"{what} a Redis sorted set", found["ours"], found["redis"]),
            ratio(f"{what} an INSERT on PostgreSQL", found["ours"], found["sql"])]


def polls(asked, folder):
    """Polls among a million."""
    queued = asked.visitors
    with Stanchion(folder, cap=1) as ours, Redis(folder, queued) as redis:
        answers = ours.keep_answers()
        tokens = fill(ours, queued, POLLING, os.path.join(folder, "tokens"))
        ours.keep_poll(open(tokens).readline().strip())
        numbers = numbers_of(queued, os.path.join(folder, "numbers"))
        with (Floor(folder, f"{answers}/poll") as floor,
              Front(folder, "redis", redis, answers) as sorted_set):
            found = rates(asked, {"ours": poll(ours, tokens), "floor": poll(floor, tokens),
                                  "redis": poll(sorted_set, numbers)})
    what = f"poll over HTTP, {queued:,} in the queue, beside"
    return [ratio(f"{what} bare hyper", found["ours"], found["floor"], 0.90),
            ratio(f"{what} a Redis sorted set", found["ours"], found["redis"])]


def pages(asked, folder):
    """The waiting page beside a poll of the same server, and beside everybody's constant page."""
    with Stanchion(folder, cap=1) as ours:
        answers = ours.keep_answers()
        tokens = fill(ours, QUEUED, POLLING, os.path.join(folder, "tokens"))
        ours.keep_page(open(tokens).readline().strip())
        with Floor(folder, f"{answers}/page") as floor:
            sides = {"page": (ours, True), "poll": (ours, False), "floor": (floor, True)}
            # An answer takes three times as long from the other core.
            with one_core(ours, floor):
                first, last = in_turn(asked, sides, tokens)
            crowded = rates(asked, {"page": look(ours, tokens), "floor": look(floor, tokens)})
    what = f"waiting page over HTTP, {QUEUED:,} in the queue"
    one = f"{what}, one at a time, to its"
    return [ratio(f"{one} first byte, beside a poll", first["page"], first["poll"]),
            ratio(f"{one} first byte, beside bare hyper", first["page"], first["floor"]),
            ratio(f"{one} last byte, beside a poll", last["page"], last["poll"]),
            ratio(f"{one} last byte, beside bare hyper", last["page"], last["floor"]),
            ratio(f"{what}, {AT_ONCE} at once, beside bare hyper", crowded["page"],
                  crowded["floor"])]


def in_turn(asked, sides, tokens):
    """Looks and polls of all sides, one after the other all the time: how often a second has what
    they took, to the first byte and to the last, round by round."""
    looks(tokens, 1, sides.values())
    rounds = [looks(tokens, asked.seconds, sides.values()) for _ in range(asked.rounds)]
    return [dict(zip(sides, zip(*of))) for of in zip(*rounds)]


def statements(asked, folder):
    """Polls among ten thousand, beside the two statements of 2015."""
    with Stanchion(folder, cap=1) as ours, Postgres(folder) as sql:
        answers = ours.keep_answers()
        tokens = fill(ours, QUEUED, QUEUED, os.path.join(folder, "tokens"))
        ours.keep_poll(open(tokens).readline().strip())
        numbers = numbers_of(QUEUED, os.path.join(folder, "numbers"))
        with (Front(folder, "postgres", sql, answers) as with_hint,
              Front(folder, "postgres-locks", sql, answers) as without):
            found = rates(asked, {"ours": poll(ours, tokens), "hint": poll(with_hint, numbers),
                                  "locks": poll(without, numbers), "pgbench": sql.poll})
    what = f"poll over HTTP, {QUEUED:,} in the queue, beside the statements of 2015"
    return [ratio(f"{what}, with the lock hint", found["ours"], found["hint"], 30),
            ratio(f"{what}, without it", found["ours"], found["locks"], 30),
            ratio(f"{what}, by `pgbench` and without HTTP", found["ours"], found["pgbench"], 30)]


def holds(asked, folder):
    """Durable holds and releases on one hot pool, beside a script on Redis."""
    rows = []
    with Stanchion(folder) as ours, Redis(folder) as redis:
        answers = ours.keep_answers()
        with Front(folder, "redis", redis, answers) as front:
            for many in (AT_ONCE, MANY_AT_ONCE):
                passes = claim(ours, many, os.path.join(folder, f"passes-{many}"))
                theirs = claim(front, many, os.path.join(folder, f"passes-redis-{many}"))
                found = rates(asked, {"ours": hold(ours, passes), "front": hold(front, theirs),
                                      "resp": hold_over_resp(redis, many)})
                what = f"durable hold and release over HTTP, {many} shoppers, beside a Redis script"
                rows += [ratio(f"{what} over RESP", found["ours"], found["resp"], 3),
                         ratio(f"{what} over HTTP", found["ours"], found["front"])]
    return rows


def calls(asked, folder):
    """A shop that is full, a line before it; the first in line asks all the time."""
    with Stanchion(folder) as ours:
        left, called = crowd("call", ours.address, SALE, CAP, WAITING, FREED)
    print(f"a slot is freed: {CAP:,} in the shop, {WAITING:,} wait and poll")
    spans("request to leave, to its answer", left)
    return [spans("freed slot, to the poll that shows the call", called, CALLED_MS_MAX)]


def streams(asked, folder):
    """A notice, until every open event stream has it."""
    with Stanchion(folder) as ours:
        alone = ours.memory_mb()
        columns = crowd("streams", ours.address, ours.ops, ours.staff, SALE, STREAMS, CHANGES,
                        ours.process.pid)
    answered, first, half, most, last, client, memory = columns
    share = sum(client) / sum(last) / os.cpu_count()
    print(f"the board changes; until the last stream had it, the client took {share:.0%} of the "
          "processors")
    spans("request to change, to its answer", answered)
    spans("the same, to 99 in 100", most)
    spans("answer, to the last", [end - begin for begin, end in zip(answered, last)])
    what = f"of {STREAMS:,} open event streams"
    each = [(mb - alone) * 1024 / STREAMS for mb in memory]
    kept = Row(f"memory of one {what}", "", f"{statistics.median(each):.1f} KiB",
               f"{min(each):.1f} to {max(each):.1f} KiB",
               f"{alone:.0f} MiB without, {max(memory):.0f} MiB with them").say()
    return [spans(f"board change, to the first {what}", first),
            spans(f"board change, to half {what}", half),
            spans(f"board change, to the last {what}", last, STREAMED_MS_MAX), kept]


PEERS = {"join": joins, "poll": polls, "page": pages, "statements": statements, "hold": holds,
         "call": calls, "streams": streams}


def numbers_of(queued, file):
    """The numbers of visitors who poll, as the front end takes them for tokens."""
    some = random.Random(queued).sample(range(1, queued + 1), min(POLLING, queued))
    write(file, "\n".join(map(str, some)))
    return file

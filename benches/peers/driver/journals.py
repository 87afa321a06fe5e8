"""Where the journal is: durable holds with each mode, beside a script at the same durability."""

import os
from contextlib import ExitStack

from .clients import AT_ONCE, claim, hold, hold_over_resp
from .measures import MANY_AT_ONCE
from .peers import Redis
from .rounds import rates, ratio
from .servers import Stanchion

JOURNAL = '''
[journal]
mode = "redis"
[journal.redis]
url = "redis://{address}"
durability = "{durability}"
replicas = 1
'''
# How Redis is asked to sync in each mode, and how many replicas have to have each write.
MODES = {"always": ("always", 0), "everysec": ("everysec", 0), "replicas": ("everysec", 1)}


def journals(asked, folder):
    """Holds with the journal here, and on Redis in each mode; a Redis of its own for everybody."""
    rows = []
    with ExitStack() as running:
        def redis(name, sync, replicas):
            primary = running.enter_context(Redis(os.path.join(folder, name), sync=sync))
            for at in range(replicas):
                below = os.path.join(folder, f"{name}-replica-{at}")
                running.enter_context(Redis(below, sync=sync, of=primary))
            return primary

        ours = {"local": running.enter_context(Stanchion(os.path.join(folder, "local")))}
        scripts = {}
        for mode, (sync, replicas) in MODES.items():
            store = redis(f"store-{mode}", sync, replicas)
            journal = JOURNAL.format(address=store.address, durability=mode)
            ours[mode] = running.enter_context(
                Stanchion(os.path.join(folder, mode), more=journal))
            scripts[mode] = (redis(f"script-{mode}", sync, replicas), replicas)
        for many in (AT_ONCE, MANY_AT_ONCE):
            sides = {f"ours {mode}": hold(server, claim(server, many, passes(folder, mode, many)))
                     for mode, server in ours.items()}
            sides |= {f"script {mode}": hold_over_resp(store, many, replicas)
                      for mode, (store, replicas) in scripts.items()}
            found = rates(asked, sides)
            rows += [row(found, many, "local", "always")]
            rows += [row(found, many, mode, mode) for mode in MODES]
    return rows


def row(found, many, mode, script):
    where = "the local journal" if mode == "local" else f"Redis, `{mode}`"
    return ratio(f"{where}, {many} shoppers, beside the script at `{script}`",
                 found[f"ours {mode}"], found[f"script {script}"],
                 3 if mode == "local" else None)


def passes(folder, mode, many):
    return os.path.join(folder, f"passes-{mode}-{many}")

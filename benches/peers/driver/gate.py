"""What the gate costs: requests through it beside those through other proxies to the same shop, and
the answers of ask-me mode beside a bare hyper."""

import os
import statistics
from contextlib import ExitStack

from .clients import AT_ONCE, asks, claim, through
from .peers import Floor, Through
from .proxies import PAGE, HAProxy, Nginx
from .rounds import Row, rates, ratio
from .servers import Stanchion

GATE = '[origin]\nurl = "http://{address}"\nprobe = "{page}"\n'
# Who asks in the way of nginx.
ASKED = {"X-Original-URI": PAGE, "X-Original-Method": "GET"}
WANTED = 0.9


def gate(asked, folder):
    """A small page of a shop on nginx: behind the gate, with passes; behind HAProxy, behind nginx,
    behind a bare hyper, and asked for straight."""
    with ExitStack() as running:
        shop = running.enter_context(Nginx(os.path.join(folder, "shop")))
        ours = running.enter_context(behind_gate(os.path.join(folder, "ours"), shop.address))
        haproxy = running.enter_context(HAProxy(os.path.join(folder, "haproxy"), shop))
        nginx = running.enter_context(Nginx(os.path.join(folder, "nginx"), shop))
        bare = running.enter_context(Through(os.path.join(folder, "bare"), shop))
        passes = claim(ours, AT_ONCE, os.path.join(folder, "passes"))
        servers = {"the gate": ours, "HAProxy": haproxy, "nginx": nginx, "bare hyper": bare,
                   "straight": shop}
        rows = []
        for many in (AT_ONCE, 1):
            found = rates(asked, {name: through(server, PAGE, passes, many)
                                  for name, server in servers.items()})
            rows += compared(found, many)
    return rows


def compared(found, many):
    """Requests a second, then what each proxy adds to the time of a request."""
    rate, p50, p99 = ({name: [one[at] for one in rounds] for name, rounds in found.items()}
                      for at in range(3))
    what = "page through the gate, " + (f"{many} at once" if many > 1 else "one at a time")
    better = max("HAProxy", "nginx", key=lambda name: statistics.median(rate[name]))
    rows = [ratio(f"{what}, beside {name}", rate["the gate"], rate[name],
                  WANTED if many > 1 and name == better else None)
            for name in ("HAProxy", "nginx", "bare hyper", "straight")]
    for name in ("the gate", "HAProxy", "nginx", "bare hyper"):
        rows.append(added(f"{what.replace('the gate', name)}, added", (p50, p99), name))
    return rows


def added(what, centiles, name):
    """What a proxy adds to the median of those who ask straight, and to their 99th centile."""
    more = [[mine - bare for mine, bare in zip(of[name], of["straight"])] for of in centiles]
    whole = [f"{statistics.median(of[name]):,.0f} beside {statistics.median(of['straight']):,.0f}"
             for of in centiles]
    middle = [f"{label} {statistics.median(of):,.0f}" for label, of in zip(("p50", "p99"), more)]
    spread = [f"{min(of):,.0f} to {max(of):,.0f}" for of in more]
    return Row(what, "", ", ".join(middle) + " µs", "; ".join(spread) + " µs",
               "µs: " + "; ".join(whole)).say()


def ask(asked, folder):
    """Answers to a proxy that asks, as nginx does, about visitors with passes."""
    with behind_gate(folder) as ours:
        passes = claim(ours, AT_ONCE, os.path.join(folder, "passes"))
        ours.keep_ask(open(passes).readline().strip(), ASKED)
        with Floor(folder, os.path.join(folder, "answers", "ask")) as floor:
            found = rates(asked, {"ours": asks(ours, passes, ASKED),
                                  "floor": asks(floor, passes, ASKED)})
    return [ratio("forward-auth answer, beside bare hyper", found["ours"], found["floor"])]


def behind_gate(folder, shop=None):
    """The real server with a gate file: as a proxy before a shop, or else in ask-me mode."""
    os.makedirs(folder)
    file = os.path.join(folder, "gate.toml")
    with open(file, "w") as out:
        out.write(GATE.format(address=shop, page=PAGE) if shop else "")
    return Stanchion(folder, more=f'[gate]\nfile = "{file}"\n')

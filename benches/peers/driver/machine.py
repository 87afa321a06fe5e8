"""The machine: what is installed and built on it, and how it calls itself on the page."""

import glob
import os
import re
import resource
import shutil
import subprocess
from contextlib import contextmanager, suppress

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOT = os.path.dirname(os.path.dirname(HERE))
TARGET = os.path.join(ROOT, os.environ.get("CARGO_TARGET_DIR", "target"))
BUILT = os.path.join(TARGET, "ci")
EXAMPLES = ["floor", "through", "front", "shoppers", "crowd"]


class Run:
    """When and on what the figures of one run were taken."""

    def __init__(self, asked):
        self.asked = asked
        self.load = load()
        # Before anything is written: the page itself is part of the tree.
        self.commit = text(["git", "-C", ROOT, "describe", "--always", "--dirty"])

    def lines(self):
        """What to say of it, once it is over."""
        processor = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo").read())
        peers = ", ".join([redis_version(), text([postgres("postgres"), "--version"]),
                           nginx_version(), haproxy_version()])
        only = f" --only {' '.join(self.asked.only)}" if self.asked.named else ""
        server = f" --server {self.asked.server}" if self.asked.server else ""
        built = f"server of `{self.asked.server}`" if self.asked.server else "profile `ci`"
        return [
            f"- Commit `{self.commit}`, {built}, {text(['rustc', '--version'])}; {peers}.",
            f"- {os.cpu_count()} cores, {processor[1] if processor else 'unknown'}, "
            f"Linux {os.uname().release}; load average {self.load} before, {load()} after.",
            f"- `benches/peers/run{server}{only} --rounds {self.asked.rounds} "
            f"--seconds {self.asked.seconds}`.",
        ]


def build():
    examples = [word for example in EXAMPLES for word in ("--example", example)]
    subprocess.run(["cargo", "build", "--profile", "ci", "--bin", "stanchion", *examples],
                   cwd=ROOT, check=True)


@contextmanager
def one_core(*servers):
    """Holds servers, and the clients that are started meanwhile, to one core."""
    before = os.sched_getaffinity(0)
    ours = [0] + [int(task) for server in servers
                  for task in os.listdir(f"/proc/{server.process.pid}/task")]

    def hold(cores):
        for task in ours:
            # A thread that had nothing to do for long may have ended.
            with suppress(ProcessLookupError):
                os.sched_setaffinity(task, cores)

    hold({min(before)})
    try:
        yield
    finally:
        hold(before)


def missing_programs():
    programs = {"wrk": "wrk", "redis-server": "redis-server", "redis-cli": "redis-tools",
                "nginx": "nginx", "haproxy": "haproxy"}
    missing = [package for program, package in programs.items() if not shutil.which(program)]
    if not (postgres("pgbench") and postgres("initdb")):
        missing.append("postgresql")
    return missing


def postgres(program):
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{program}"))
    return found[-1] if found else shutil.which(program)


def redis_version():
    return "Redis " + re.search(r"v=(\S+)", text(["redis-server", "--version"]))[1]


def nginx_version():
    said = subprocess.run(["nginx", "-v"], stderr=subprocess.PIPE, text=True, check=True).stderr
    return "nginx " + re.search(r"nginx/(\S+)", said)[1]


def haproxy_version():
    return "HAProxy " + re.search(r"version (\d[\d.]*)", text(["haproxy", "-v"]))[1]


def raise_descriptors():
    """Ten thousand streams need as many at either end."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def load():
    return " ".join(f"{value:.1f}" for value in os.getloadavg())


def text(command):
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout.strip()

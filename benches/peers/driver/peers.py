"""The peers: a bare hyper, Redis and PostgreSQL, and the front end before either."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time

from .clients import AT_ONCE
from .machine import BUILT, HERE, postgres, text
from .servers import Server

# A queue of numbers from 1, a thousand at a time.
FILL = """
for first = 1, ARGV[1], 1000 do
  local pairs = {}
  for number = first, math.min(first + 999, ARGV[1]) do
    pairs[#pairs + 1] = number
    pairs[#pairs + 1] = number
  end
  redis.call('ZADD', 'queue', unpack(pairs))
end
"""


class Floor(Server):
    """A bare hyper that answers what the real server once answered."""

    def __init__(self, folder, answer):
        super().__init__(folder)
        self.start([os.path.join(BUILT, "examples", "floor"), answer], stdout=subprocess.PIPE)
        self.address = self.read_address(r"floor http://(\S+)")


class Through(Server):
    """A bare hyper before a shop: it passes everything on and decides nothing."""

    def __init__(self, folder, shop):
        super().__init__(folder)
        self.start([os.path.join(BUILT, "examples", "through"), shop.address],
                   stdout=subprocess.PIPE)
        self.address = self.read_address(r"through http://(\S+)")


class Front(Server):
    """A minimal front end on hyper that keeps queue and holds elsewhere."""

    def __init__(self, folder, kind, store, answers):
        super().__init__(folder)
        self.start([os.path.join(BUILT, "examples", "front"), kind, store.address, answers],
                   stdout=subprocess.PIPE)
        self.address = self.read_address(r"front http://(\S+)")


class Redis(Server):
    """Redis that syncs its file before it answers, as we do, and never rewrites it meanwhile;
    or when it is told to sync, and as a replica of another if there is one."""

    def __init__(self, folder, queued=0, sync="always", of=None):
        super().__init__(folder)
        port = free_port()
        self.address = f"127.0.0.1:{port}"
        data = os.path.join(folder, "redis")
        os.makedirs(data)
        more = ["--replicaof", *of.address.split(":")] if of else []
        self.start(["redis-server", "--bind", "127.0.0.1", "--port", str(port), "--dir", data,
                    "--appendonly", "yes", "--appendfsync", sync, "--save", "",
                    "--auto-aof-rewrite-percentage", "0", *more],
                   stdout=subprocess.DEVNULL)
        wait_for(port)
        if of:
            self.wait_until_followed(of)
        if queued:
            text(["redis-cli", "-p", str(port), "EVAL", FILL, "0", str(queued)])


    def wait_until_followed(self, primary):
        port = primary.address.rpartition(":")[2]
        for _ in range(100):
            if "state=online" in text(["redis-cli", "-p", port, "INFO", "replication"]):
                return
            time.sleep(0.1)
        sys.exit("peers: the replica does not follow")


class Postgres(Server):
    """PostgreSQL with its own defaults: what it acknowledges is on the disk."""

    def __init__(self, folder):
        super().__init__(folder)
        self.port = free_port()
        self.address = f"host=127.0.0.1 port={self.port} user=bench dbname=postgres"
        data = os.path.join(folder, "postgres")
        os.makedirs(data)
        # It refuses to run as root.
        self.who = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        if os.geteuid() == 0:
            shutil.chown(data, "postgres", "postgres")
            open_way_to(data)
        else:
            self.who = []
        text([*self.who, postgres("initdb"), "--auth=trust", "--username=bench", "-D", data])
        self.start([*self.who, postgres("postgres"), "-D", data, "-h", "127.0.0.1",
                    "-p", str(self.port), "-k", data],
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(self.port)
        self.run("psql", "-q", "-f", os.path.join(HERE, "visitors.sql"))

    def run(self, program, *more):
        reach = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "bench"]
        for _ in range(50):
            done = subprocess.run([postgres(program) or program, *reach, *more, "postgres"],
                                  capture_output=True, text=True)
            if "starting up" not in done.stderr:
                break
            time.sleep(0.1)
        if done.returncode != 0:
            sys.exit(f"peers: {program}: {done.stderr}")
        return done.stdout

    def poll(self, seconds):
        """Polls a second without HTTP, by the client that comes with it."""
        said = self.run("pgbench", "-n", "-M", "prepared", "-c", str(AT_ONCE), "-j", "1",
                        "-T", str(seconds), "-f", os.path.join(HERE, "poll.sql"))
        return float(re.search(r"tps = ([\d.]+) \(without", said)[1])


def open_way_to(folder):
    """Lets another account reach a folder below a temporary one."""
    while (folder := os.path.dirname(folder)).startswith(BUILT):
        os.chmod(folder, os.stat(folder).st_mode | 0o011)


def free_port():
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]


def wait_for(port):
    for _ in range(100):
        with socket.socket() as door:
            if door.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    sys.exit(f"peers: nothing listens on port {port}")

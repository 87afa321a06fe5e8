"""The real server as a process of its own, and what every server here has in common."""

import atexit
import http.client
import json
import os
import re
import subprocess
import sys
import time
import uuid

from .machine import BUILT, text

SALE = "peers"
PLACES = f"/v1/sales/{SALE}/places"
# Who may be in the shop.
CAP = 1024
# What browsers say that programs do not.
BROWSER = {"Accept-Encoding": "gzip"}
# Headers that hyper adds by itself.
HYPERS_OWN = {"date", "content-length", "connection"}
HOLD = '{"items":[{"performance":"night","pool":"standing","units":2}]}'

CONFIG = '''
sales = ["{folder}/sale.toml"]
[public]
address = "127.0.0.1:0"
connections_per_source_max = 1000
[ops]
address = "127.0.0.1:0"
[rates]
join_burst = 1000000000
join_per_minute = 1000000000
[data]
directory = "{folder}/data"
[log]
level = "warn"
[secrets]
staff_keys_file = "{staff}"
'''

# One hot pool that never runs out, a cap for those who hold and release; everybody else waits.
SALE_FILE = f'''
id = "{SALE}"
name = "Side by Side"
currency = "EUR"
time_zone = "Europe/Berlin"
[policy]
cap = {{cap}}
pace_per_minute = 6000000
claim_span = "10m"
idle_span = "30m"
hold_span = "10m"
basket_units_max = 10
visitor_units_max = 10
[[zones]]
id = "floor"
name = "Floor"
amount = "50.00"
'''
PERFORMANCE = '''
[[performances]]
id = "{id}"
pools = [{{ id = "standing", name = "Standing", zone = "floor", capacity = 1000000 }}]
'''


class Server:
    """A process that is ended, by its own id, when the block ends."""

    def __init__(self, folder):
        os.makedirs(folder, exist_ok=True)
        self.folder = folder

    def start(self, command, **more):
        self.process = subprocess.Popen(command, text=True, stdin=subprocess.PIPE, **more)
        # Also if what comes next fails, before the block has begun.
        atexit.register(self.process.kill)

    def read_address(self, pattern):
        for line in self.process.stdout:
            if found := re.match(pattern, line):
                return found[1]
        sys.exit(f"peers: {self.process.args[0]} did not start")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Stanchion(Server):
    """The real server as it ships, but for allowances: all load comes from one address."""

    def __init__(self, folder, cap=CAP, performances=1, more=""):
        super().__init__(folder)
        self.write("sale.toml", SALE_FILE.format(cap=cap) + "".join(
            PERFORMANCE.format(id=f"night-{at}" if at else "night") for at in range(performances)))
        config = self.write("config.toml", CONFIG.format(folder=folder, staff=self.make_staff())
                            + more)
        self.start([self.program(), "serve", "--config", config], stdout=subprocess.PIPE)
        self.address = self.read_address(r"public\s+http://(\S+)")
        self.ops = self.read_address(r"ops\s+http://(\S+)")
        self.open_sale()

    # Another one is measured with --server.
    built = BUILT

    def program(self):
        return os.path.join(self.built, "stanchion")

    def make_staff(self):
        made = text([self.program(), "keys", "new", "bench"]).splitlines()
        self.staff, line = made[1].strip(), made[3].strip()
        file = self.write("staff", line + "\n")
        os.chmod(file, 0o600)
        return file

    def open_sale(self):
        path, key = f"/v1/sales/{SALE}", {"Authorization": f"Bearer {self.staff}"}
        # With a journal in Redis it first has to become the writer.
        for _ in range(100):
            status, _, body = exchange(self.ops, "GET", path, key)
            if status == 200:
                break
            time.sleep(0.1)
        else:
            sys.exit(f"peers: the sale is not served: {status} {body}")
        revision = json.loads(body)["revision"]
        change = {"revision": revision, "reason": "bench", "action": {"type": "open"}}
        headers = key | {"Content-Type": "application/json", "Idempotency-Key": "open"}
        status, _, body = exchange(self.ops, "POST", f"{path}/changes", headers, json.dumps(change))
        if status != 200:
            sys.exit(f"peers: the sale does not open: {status} {body}")

    def write(self, name, content):
        file = os.path.join(self.folder, name)
        with open(file, "w") as out:
            out.write(content)
        return file

    def ask(self, method, path, token="", body=None):
        """Status, headers and body of an answer."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if method != "GET":
            headers["Idempotency-Key"] = str(uuid.uuid4())
        if body:
            headers["Content-Type"] = "application/json"
        return exchange(self.address, method, f"/v1/sales/{SALE}/{path}", headers, body)

    def keep_answers(self):
        """Lets one visitor in, and keeps what the server answers: the folder with it."""
        token = self.keep("join", self.ask("POST", "places"))["token"]
        claimed = self.claim(token)
        self.keep_poll(self.keep("join", self.ask("POST", "places"))["token"])
        basket = self.keep("hold", self.ask("POST", "baskets", claimed["token"], HOLD))["id"]
        self.keep("release", self.ask("DELETE", f"baskets/{basket}", claimed["token"]))
        return os.path.join(self.folder, "answers")

    def claim(self, token):
        for _ in range(200):
            claimed = json.loads(self.ask("POST", "passes", token)[2])
            if "token" in claimed:
                return claimed
            time.sleep(0.05)
        sys.exit(f"peers: the first visitor is not called: {claimed}")

    def keep_poll(self, token):
        self.keep("poll", self.ask("GET", "places/me", token))

    def keep_page(self, token):
        headers = {"Cookie": f"place-{SALE}={token}"} | BROWSER
        self.keep("page", exchange(self.address, "GET", f"/{SALE}", headers), json_body=False)

    def keep_ask(self, token, headers):
        """What a proxy is told of a visitor with a pass."""
        headers = headers | {"Cookie": f"pass-{SALE}={token}"}
        answer = exchange(self.address, "GET", "/v1/ask?as=status", headers)
        if answer[0] != 200:
            sys.exit(f"peers: who has a pass may not pass: {answer}")
        self.keep("ask", answer, json_body=False)

    def keep(self, name, answer, json_body=True):
        status, headers, body = answer
        os.makedirs(os.path.join(self.folder, "answers"), exist_ok=True)
        lines = [f"{name}: {value}" for name, value in headers if name not in HYPERS_OWN]
        head = "\n".join([str(status), *lines]) + "\n\n"
        with open(os.path.join(self.folder, "answers", name), "wb") as out:
            out.write(head.encode() + body)
        return json.loads(body or "null") if json_body else None

    def memory_mb(self):
        """What of it is in memory."""
        status = open(f"/proc/{self.process.pid}/status").read()
        return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


def exchange(address, method, path, headers, body=None):
    door = http.client.HTTPConnection(address)
    door.request(method, path, body, headers)
    answer = door.getresponse()
    read = answer.read()
    door.close()
    return answer.status, answer.getheaders(), read

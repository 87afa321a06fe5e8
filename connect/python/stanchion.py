"""Lets in who has a pass: for a shop in Python that checks passes by itself.

    door = Door(queue="https://queue.example.org", sale="gala", shop="https://shop.example.org")
    application = door.guard(application)   # any WSGI application

What is guarded finds the number of the visitor's pass in environ["stanchion.pass"].
No call to the queue is made for a visitor; its public keys are fetched every few minutes, and when a
token names one that is not known yet. Needs Python 3.9 and the package `cryptography`.
"""

import base64
import hashlib
import json
import math
import secrets
import threading
import time
import urllib.parse
import urllib.request

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SEED, PASS, PARAMETER = "stanchion_seed", "stanchion_pass", "stanchion"
# Keys are believed for so long.
KEYS_AGE_S = 300
# Between two looks at them: whoever sends tokens with made-up keys is not to make us ask.
LOOK_PAUSE_S = 10
LOOK_S = 5
OVER = b"Your time in the shop is over. Load the page again to come back.\n"


class Door:
    def __init__(self, queue, sale, shop):
        self.queue, self.sale, self.shop = queue, sale, shop
        self.keys, self.looked_at, self.lock = {}, -math.inf, threading.Lock()

    def guard(self, application):
        def guarded(environ, start_response):
            cookies = cookies_of(environ)
            reads = environ["REQUEST_METHOD"] in ("GET", "HEAD")
            page = reads and wants_page(environ)
            url, handed = address(self.shop, environ)
            if handed is not None and reads and self.check(handed, cookies.get(SEED)):
                return self.send(start_response, url, PASS, handed)
            claims = self.check(cookies.get(PASS), cookies.get(SEED))
            if claims and (not page or time.time() < claims["renew"]):
                environ["stanchion.pass"] = claims["pass"]
                return application(environ, start_response)
            if not page:
                start_response("403 Forbidden", [
                    ("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")])
                return [OVER]
            seed = cookies.get(SEED) or secrets.token_urlsafe(32)
            go = urllib.parse.urlencode({"to": url, "bound": hashed(seed)})
            return self.send(start_response, f"{self.queue}/{self.sale}/go?{go}", SEED, seed)

        return guarded

    def check(self, token, seed):
        """What a token says, if the queue signed it for this shop, this sale and this browser."""
        try:
            head, body, signature = token.split(".")
            header = json.loads(decoded(head))
            key = self.key(header["kid"]) if header["alg"] == "EdDSA" else None
            key.verify(decoded(signature), f"{head}.{body}".encode())
            claims = json.loads(decoded(body))
            told = (claims["iss"], claims["aud"], claims["sale"], claims["bound"])
            ours = told == (self.queue, self.shop, self.sale, hashed(seed))
            return claims if ours and time.time() < claims["exp"] else None
        except (AttributeError, InvalidSignature, KeyError, TypeError, ValueError):
            return None  # no token, or none that can be read

    def key(self, kid):
        with self.lock:
            age = time.monotonic() - self.looked_at
            if age > KEYS_AGE_S or (kid not in self.keys and age > LOOK_PAUSE_S):
                self.looked_at = time.monotonic()
                try:
                    self.keys = self.look()
                except (KeyError, OSError, TypeError, ValueError):
                    pass  # no answer, or none that can be read: the keys stay
            return self.keys.get(kid)

    def look(self):
        where = f"{self.queue}/.well-known/jwks.json"
        with urllib.request.urlopen(where, timeout=LOOK_S) as answer:
            read = Ed25519PublicKey.from_public_bytes
            return {jwk["kid"]: read(decoded(jwk["x"])) for jwk in json.load(answer)["keys"]}

    def send(self, start_response, location, name, value):
        secure = "; Secure" if self.shop.startswith("https:") else ""
        cookie = f"{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}"
        start_response("303 See Other", [
            ("Location", location), ("Set-Cookie", cookie), ("Cache-Control", "no-store")])
        return [b""]


def address(shop, environ):
    """The address that was asked for, without a token, and the token that was handed over."""
    path = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
    path = urllib.parse.quote(path.encode("latin-1"), safe="/:@!$&'()*+,;=~")
    pairs = [pair for pair in environ.get("QUERY_STRING", "").split("&") if pair]
    mark = f"{PARAMETER}="
    handed = [pair[len(mark):] for pair in pairs if pair.startswith(mark)]
    rest = "&".join(pair for pair in pairs if not pair.startswith(mark))
    return shop + path + (f"?{rest}" if rest else ""), handed[0] if handed else None


def wants_page(environ):
    """Whether the browser goes to a page. Its scripts may not read what a redirect to another host
    leads to, so they get none."""
    mode = environ.get("HTTP_SEC_FETCH_MODE")
    return "text/html" in environ.get("HTTP_ACCEPT", "") if mode is None else mode == "navigate"


def cookies_of(environ):
    # Not by SimpleCookie: it stops at the first cookie of somebody else's that it does not like.
    pairs = (pair.strip().partition("=") for pair in environ.get("HTTP_COOKIE", "").split(";"))
    return {name: value for name, _, value in pairs}


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def hashed(seed):
    digest = hashlib.sha256(seed.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

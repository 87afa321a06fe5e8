"""Lets in who has a pass: for a shop in Python that checks passes by itself.

    door = Door(queue="https://queue.example.org", sale="gala", shop="https://shop.example.org")
    application = door.guard(application)   # any WSGI application

What is guarded finds the number of the visitor's pass in environ["stanchion.pass"].
No call to the queue is made for a visitor; its public keys are fetched once, and again when a token
names one that is not known yet. Needs Python 3.9 and the package `cryptography`.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
import urllib.parse
import urllib.request
from http.cookies import CookieError, SimpleCookie

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

SEED, PASS, PARAMETER = "stanchion_seed", "stanchion_pass", "stanchion"
# Between two looks at the keys: whoever sends tokens with made-up keys is not to make us ask.
KEYS_AGE_S = 10
OVER = b"Your time in the shop is over. Load the page again to come back.\n"


class Door:
    def __init__(self, queue, sale, shop):
        self.queue, self.sale, self.shop = queue, sale, shop
        self.keys, self.looked_at, self.lock = {}, -KEYS_AGE_S, threading.Lock()

    def guard(self, application):
        def guarded(environ, start_response):
            cookies = cookies_of(environ)
            reads = environ["REQUEST_METHOD"] in ("GET", "HEAD")
            url, handed = address(self.shop, environ)
            if handed is not None and reads and self.check(handed, cookies.get(SEED)):
                return self.send(start_response, url, PASS, handed)
            claims = self.check(cookies.get(PASS), cookies.get(SEED))
            if claims and (not reads or time.time() < claims["renew"]):
                environ["stanchion.pass"] = claims["pass"]
                return application(environ, start_response)
            if not reads:
                start_response("403 Forbidden", [("Content-Type", "text/plain; charset=utf-8")])
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
            if kid not in self.keys and time.monotonic() - self.looked_at > KEYS_AGE_S:
                self.looked_at = time.monotonic()
                where = f"{self.queue}/.well-known/jwks.json"
                with urllib.request.urlopen(where, timeout=5) as answer:
                    for jwk in json.load(answer)["keys"]:
                        public = Ed25519PublicKey.from_public_bytes(decoded(jwk["x"]))
                        self.keys[jwk["kid"]] = public
            return self.keys.get(kid)

    def send(self, start_response, location, name, value):
        secure = "; Secure" if self.shop.startswith("https:") else ""
        cookie = f"{name}={value}; Path=/; HttpOnly; SameSite=Lax{secure}"
        start_response("303 See Other", [
            ("Location", location), ("Set-Cookie", cookie), ("Cache-Control", "no-store")])
        return [b""]


def address(shop, environ):
    """The address that was asked for, without a token, and the token that was handed over."""
    path = urllib.parse.quote(environ.get("PATH_INFO", "/").encode("latin-1"), safe="/:@!$&'()*+,;=~")
    query = urllib.parse.parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    handed = [value for name, value in query if name == PARAMETER]
    rest = urllib.parse.urlencode([pair for pair in query if pair[0] != PARAMETER])
    return shop + path + (f"?{rest}" if rest else ""), handed[0] if handed else None


def cookies_of(environ):
    try:
        jar = SimpleCookie(environ.get("HTTP_COOKIE", ""))
    except CookieError:
        return {}
    return {name: morsel.value for name, morsel in jar.items()}


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def hashed(seed):
    digest = hashlib.sha256(seed.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

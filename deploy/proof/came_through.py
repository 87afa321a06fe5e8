"""Whether a request came through Stanchion's gate; docs/gate.md says how a proof is made.

came_through(secret, request.headers.get("X-Stanchion-Proof", ""), request.method, target)

`secret` is what secrets.gate_origin says, as bytes; `target` is the path and the query exactly as
they came, before anything decoded them (RAW_URI or REQUEST_URI of WSGI, raw_path of ASGI).
"""

import hashlib
import hmac
import time

FRESH_S = 60


def came_through(secret: bytes, proof: str, method: str, target: str) -> bool:
    claim, _, signature = proof.partition(";s=")
    made = hmac.new(secret, f"{claim}\n{target}".encode(), hashlib.sha256).hexdigest()
    if not hmac.compare_digest(made.encode(), signature.encode()):
        return False
    version, at, asked, _ = claim.split(";")
    fresh = abs(time.time() - int(at.removeprefix("t="))) <= FRESH_S
    return version == "v1" and asked == f"m={method}" and fresh

"""A shop of one page behind the door, to try it with.

    python3 shop.py https://queue.example.org gala http://127.0.0.1:9000
"""

import sys
from urllib.parse import urlsplit
from wsgiref.simple_server import make_server

from stanchion import Door


def shop(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
    asked = environ["PATH_INFO"] + "?" + environ["QUERY_STRING"]
    told = "%s %s with pass %d\n" % (environ["REQUEST_METHOD"], asked, environ["stanchion.pass"])
    return [told.encode()]


if __name__ == "__main__":
    queue, sale, address = sys.argv[1:]
    at = urlsplit(address)
    guarded = Door(queue=queue, sale=sale, shop=address).guard(shop)
    make_server(at.hostname, at.port, guarded).serve_forever()

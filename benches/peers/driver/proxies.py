"""A shop on nginx, and the proxies that stand before it: HAProxy and nginx itself."""

import atexit
import os
import subprocess

from .peers import free_port, wait_for
from .servers import Server

# What is asked for, and what a visitor gets.
PAGE = "/shows/night"
PAGE_BYTES = 2_048
# Connections to the shop that are kept, more than are ever under way.
KEPT = 64

# A process for each core, as the server has a thread for each; connections are never closed.
NGINX = """
daemon off; user root; worker_processes auto; pid {folder}/pid; error_log stderr error;
events {{ worker_connections 4096; }}
http {{
  access_log off; sendfile on; tcp_nopush on;
  keepalive_requests 1000000000; keepalive_timeout 1h;
  open_file_cache max=16; default_type text/html;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {more}
}}
"""
SHOP = "server {{ listen {address}; root {folder}/pages; }}"
NGINX_BEFORE = """
upstream shop {{ server {shop}; keepalive {kept}; keepalive_requests 1000000000; }}
server {{
  listen {address};
  location / {{
    proxy_pass http://shop; proxy_http_version 1.1; proxy_set_header Connection "";
    proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Host $http_host; proxy_set_header X-Forwarded-Proto $scheme;
  }}
}}
"""
HAPROXY_BEFORE = """
global
  nbthread {threads}
defaults
  mode http
  http-reuse always
  timeout connect 2s
  timeout client 60s
  timeout server 30s
  timeout http-keep-alive 60s
frontend visitors
  bind {address}
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Host %[req.hdr(host)]
  http-request set-header X-Forwarded-Proto http
  default_backend shop
backend shop
  server shop {shop} pool-max-conn {kept}
"""


class Nginx(Server):
    """nginx that serves one small page, or stands before one that does."""

    def __init__(self, folder, shop=None):
        super().__init__(folder)
        port = free_port()
        self.address = f"127.0.0.1:{port}"
        page = os.path.join(folder, "pages", *PAGE.strip("/").split("/"))
        os.makedirs(os.path.dirname(page))
        with open(page, "w") as out:
            out.write("<!doctype html><title>Night</title>".ljust(PAGE_BYTES))
        kind = NGINX_BEFORE if shop else SHOP
        more = kind.format(address=self.address, shop=shop and shop.address, kept=KEPT,
                           folder=folder)
        config = os.path.join(folder, "nginx.conf")
        with open(config, "w") as out:
            out.write(NGINX.format(folder=folder, more=more))
        self.start(["nginx", "-p", folder, "-c", config], stdout=subprocess.DEVNULL)
        # Killed, it would leave its workers behind.
        atexit.unregister(self.process.kill)
        atexit.register(self.process.terminate)
        wait_for(port)


class HAProxy(Server):
    """HAProxy before a shop, with as many threads as there are cores."""

    def __init__(self, folder, shop):
        super().__init__(folder)
        port = free_port()
        self.address = f"127.0.0.1:{port}"
        config = os.path.join(folder, "haproxy.cfg")
        with open(config, "w") as out:
            out.write(HAPROXY_BEFORE.format(address=self.address, shop=shop.address, kept=KEPT,
                                            threads=os.cpu_count()))
        self.start(["haproxy", "-f", config], stdout=subprocess.DEVNULL)
        wait_for(port)

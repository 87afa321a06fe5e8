#!/usr/bin/env bash
# Builds the program as it ships: laid out by a profile of itself under load, so that what every
# request runs through stands together. It is built twice, and measured in between: half an hour on
# two cores. Needs what scripts/install-deps.sh --ship installs, and loopback.
#
# The program is left at target/shipped/stanchion; what the load says of the one that counts, which is
# slower than either, in target/shipped/load.

set -euo pipefail
cd "$(dirname "$0")/.."

target="${CARGO_TARGET_DIR:-target}"
mkdir -p "$target/shipped"
work="$(cd "$target/shipped" && pwd)"

# What a request of every kind runs through, on both sides of the gate. Short: it is counted, not
# timed.
load=(--only join poll page hold call streams gate ask --rounds 1 --seconds 3 --visitors 20000)

fail() {
    echo "build-shipped: $1" >&2
    exit 1
}

version="$(rustc -vV)" || fail "rustc is missing: install Rust 1.95 or newer with rustup"
host="$(sed -n 's/^host: //p' <<<"$version")"
major="$(sed -n 's/^LLVM version: \([0-9]*\).*/\1/p' <<<"$version")"

# Profiles can be read by the version of LLVM that the compiler is made of, and by later ones.
merge=""
for program in "$(rustc --print sysroot)/lib/rustlib/$host/bin/llvm-profdata" \
    "/usr/lib/llvm-$major/bin/llvm-profdata"; do
    if [ -x "$program" ]; then merge="$program"; fi
done
[ -n "$merge" ] || fail "llvm-profdata of LLVM $major is missing: run scripts/install-deps.sh --ship,
build-shipped: or rustup component add llvm-tools"

# Builds the program with one more flag of the compiler, in a folder of its own. A target is named so
# that the flag is not for what runs while building.
build() {
    CARGO_TARGET_DIR="$work/$1" CARGO_ENCODED_RUSTFLAGS="$2" \
        cargo build --release --locked --bin stanchion --target "$host"
}

echo "build-shipped: 1 of 3, the program that counts"
rm -rf "$work/counts"
build counting "-Cprofile-generate=$work/counts"

echo "build-shipped: 2 of 3, the load"
./benches/peers/run --server "$work/counting/$host/release" "${load[@]}" >"$work/load"
"$merge" merge --output "$work/profile" "$work/counts" || fail "the program has counted nothing"

echo "build-shipped: 3 of 3, the program that ships"
# cargo would not see that there is another profile.
rm -rf "$work/shipping"
build shipping "-Cprofile-use=$work/profile"
install -m 0755 "$work/shipping/$host/release/stanchion" "$work/stanchion"
echo "build-shipped: $work/stanchion"

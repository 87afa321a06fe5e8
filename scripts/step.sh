#!/usr/bin/env bash
# Runs one step of a longer run: says its name, and how long it took.
# step.sh NAME COMMAND...

set -euo pipefail
name="$1"
shift
echo "==> $name"
begun="$(date +%s)"
status=0
"$@" || status=$?
took="$(($(date +%s) - begun))"
if [ "$status" -ne 0 ]; then
    echo "==> $name FAILED after ${took}s" >&2
    exit "$status"
fi
echo "==> $name: ${took}s"

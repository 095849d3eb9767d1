#!/bin/sh
# Run a command of the installation behind one line that says what is done and for how long, and all it said when it fails.
# Usage: quietly.sh WHAT COMMAND ARGUMENT…
what=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
started=$(date +%s)
"$@" >"$log" 2>&1 &
pid=$!
trap 'kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; exit 130' INT TERM HUP

if [ -t 1 ]; then
  while kill -0 "$pid" 2>/dev/null; do
    printf '\r%s … %s s ' "$what" "$(($(date +%s) - started))"
    sleep 1
  done
else
  printf '%s …' "$what"
fi

wait "$pid"
status=$?
seconds=$(($(date +%s) - started))
if [ -t 1 ]; then printf '\r'; elif [ "$status" -ne 0 ]; then printf '\n'; fi
if [ "$status" -ne 0 ]; then
  printf '%s failed after %s s:\n' "$what" "$seconds"
  cat "$log"
  exit "$status"
fi
if [ -t 1 ]; then printf '%s … done in %s s.\n' "$what" "$seconds"; else printf ' done in %s s.\n' "$seconds"; fi

#!/bin/sh
# Lays out below a folder what an image adds to its base, with one time on all of it: equal content gives an equal layer.
# Usage: lay_out.sh FOLDER PATH...
set -eu
out=$1
shift
for path in "$@"; do
  mkdir -p "$out$(dirname "$path")"
  cp -a "$path" "$out$path"
done
find "$out" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +

#!/bin/sh
# Puts beside the platform, in /opt/NAME, what a lock holds and the platform's does not: a layer of its own on the image platform.
# Versions are the same in both locks, since both are those of dev.txt. Usage: beside.sh LOCK NAME
set -eu
names() { sed -n 's/^\([a-z0-9._-]*\)==.*/\1/p' "$1"; }
shared=$(names "$1" | grep --fixed-strings --line-regexp "$(names requirements/platform.txt)" || true)
# What is built of sources is built with the lock's own tools.
export UV_BUILD_CONSTRAINT="/build/$1"
# shellcheck disable=SC2086  # names of packages, none with a space
sh docker/install.sh "$1" $shared
site=$(/opt/venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
mv "$site" "/opt/$2"
mkdir "$site"
echo "/opt/$2" > "$site/$2.pth"

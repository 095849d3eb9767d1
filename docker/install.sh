#!/bin/sh
# Makes /opt/venv of a hash-pinned lock, and of what it holds removes what no image needs. Usage: install.sh LOCK [PACKAGE...]
# The packages that are named after the lock are taken out again: of a lock that more than this image is made of.
set -eu
export XDG_CACHE_HOME=/cache
lock=$1
shift
# The installer has an environment of its own, so that nothing of it gets into the image.
python3 -m venv /build/installer
/build/installer/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.txt
python3 -m venv --without-pip /opt/venv
uv() { UV_LINK_MODE=copy /build/installer/bin/python -m scripts.uv_like_pip "$@" --python /opt/venv/bin/python; }
uv pip install --quiet --require-hashes -r "$lock"
for package in "$@"; do uv pip uninstall --quiet "$package"; done
# BentoML asks whether uv is installed before it builds, and with `lock_packages: false` never starts it: 38 MB.
rm -f /opt/venv/bin/uv /opt/venv/bin/uvx
cd "$(/opt/venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
# Tests of libraries: folders of that name that hold some, for there are others (Evidently has tests of data to import).
find . -type d -name tests -prune | while read -r folder; do
  found=$(find "$folder" -type f \( -name 'test_*.py' -o -name conftest.py \) -print -quit)
  [ -z "$found" ] || rm -rf "$folder"
done
# Headers that only a compiler reads.
rm -rf ./pyarrow/include ./numpy/_core/include
find . -type f \( -name '*.pyx' -o -name '*.pxd' -o -name '*.a' -o -name '*.pyi' \) -delete
find . -name __pycache__ -type d -prune -exec rm -rf {} +

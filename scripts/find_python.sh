#!/bin/sh
# Print the Python that the project's environment is made with.
# usage: find_python.sh [PYTHON]    without an argument the newest fitting one on PATH is taken
# A name on PATH proves nothing: pyenv leaves shims of versions that are not active, and Debian's python3 comes
# without venv and pip. So each candidate is run.
set -eu

fits='import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'
complete='import ensurepip, venv'
incomplete=''

if [ "$#" -gt 0 ] && [ -n "$1" ]; then
    candidates=$1
else
    candidates='python3.13 python3.12 python3.11 python3 python'
fi

for candidate in $candidates; do
    "$candidate" -c "$fits" >/dev/null 2>&1 || continue
    if "$candidate" -c "$complete" >/dev/null 2>&1; then
        "$candidate" -c 'import sys; print(sys.executable)'
        exit 0
    fi
    incomplete=${incomplete:-$candidate}
done

if [ -n "$incomplete" ]; then
    version=$("$incomplete" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    echo "$incomplete is Python $version, but it comes without venv or ensurepip, which make the environment." >&2
    echo "On Debian and Ubuntu: apt install python$version-venv. Elsewhere: install a complete Python." >&2
else
    echo "No Python >= 3.11 and < 3.14 found (tried: $candidates)." >&2
    echo "Install one, or name it: make install PYTHON=/path/to/python3.12" >&2
fi
exit 1

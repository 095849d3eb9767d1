#!/bin/sh
# Makes the package in /opt/credit-platform known to /opt/venv: its command `credit-platform` and its version. The code stays where
# it is, since a Bento is made of it and of what lies beside it. Lays both out. Usage: project.sh FOLDER
set -eu
cd /opt/credit-platform
/build/installer/bin/python -c 'from hatchling.build import build_editable; build_editable("/build/wheel")'
cd /build
UV_LINK_MODE=copy installer/bin/python -m scripts.uv_like_pip pip install --quiet --no-deps --python /opt/venv/bin/python wheel/*.whl
site=$(/opt/venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
# It says when and from where it was installed, which is another thing in each build.
rm -f "$site"/credit_platform-*.dist-info/uv_cache.json "$site"/credit_platform-*.dist-info/direct_url.json
sed -i '/\/uv_cache\.json,/d; /\/direct_url\.json,/d' "$site"/credit_platform-*.dist-info/RECORD
rm -f /opt/credit-platform/pyproject.toml /opt/credit-platform/README.md /opt/credit-platform/LICENSE
/opt/venv/bin/python -m compileall -q --invalidation-mode unchecked-hash /opt/credit-platform
set -- "$1" /opt/credit-platform /opt/venv/bin/credit-platform "$site"/credit_platform-*.dist-info "$site"/*credit_platform*.pth
exec sh docker/lay_out.sh "$@"

#!/bin/sh
# JupyterLab over the notebooks of the home, where copies of those of the image are put once; what was changed there stays.
# Without a token it does not start: whoever opens it can do what the platform can. Usage: notebook.sh
set -eu
if [ -z "${JUPYTER_TOKEN:-}" ]; then
  echo "JupyterLab has no token: set JUPYTER_TOKEN, or JUPYTER_TOKEN_FILE to a file of /run/secrets (make compose-secrets makes one)." >&2
  exit 1
fi
notebooks="${CREDIT_PLATFORM_HOME:-/var/lib/credit-platform}/notebooks"
mkdir -p "$notebooks"
for file in /opt/notebooks/*.ipynb; do
  [ -e "$notebooks/$(basename "$file")" ] || cp "$file" "$notebooks/"
done
exec python -m jupyterlab --no-browser --ip=0.0.0.0 --port=8888 --ServerApp.root_dir="$notebooks" \
  --ServerApp.allow_remote_access=true --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate \
  --LabApp.news_url=None --LabApp.extension_manager=readonly --ServerApp.terminals_enabled=false

#!/bin/sh
# Sets NAME to what the file says that NAME_FILE names below /run/secrets, and becomes the program. So a secret stands neither in a
# compose file nor in what `docker inspect` shows. A cluster sets variables itself, and does without.
set -eu
for name in $(env | sed -n 's|^\([A-Z][A-Z0-9_]*\)_FILE=/run/secrets/.*|\1|p'); do
  eval "file=\$${name}_FILE"
  if [ ! -r "$file" ]; then
    echo "The secret $file, which ${name}_FILE names, cannot be read: make it (make compose-secrets), readable for user $(id -u)." >&2
    exit 1
  fi
  export "$name=$(cat "$file")"
done
exec "$@"

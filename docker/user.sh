#!/bin/sh
# The user that images run as, below a folder: a name for the number, because some libraries ask who they run as.
# It owns nothing but two folders for volumes, which take their owner from them: a home, and where a Bento is put. Usage: user.sh FOLDER
set -eu
mkdir -p "$1/etc" "$1/bento" "$1/var/lib/credit-platform"
for file in passwd group; do grep -v '^platform:' "/etc/$file" > "$1/etc/$file"; done
echo 'platform:x:10001:10001:credit_platform:/tmp:/usr/sbin/nologin' >> "$1/etc/passwd"
echo 'platform:x:10001:' >> "$1/etc/group"
chown 10001:10001 "$1/bento" "$1/var/lib/credit-platform"

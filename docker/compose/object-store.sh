# Whose key the store takes stands in a file that nobody else reads: without one everybody might read and write.
set -eu
umask 077
printf '{"identities":[{"name":"platform","credentials":[{"accessKey":"%s","secretKey":"%s"}],"actions":["Admin","Read","Write","List","Tagging"]}]}' \
  "$(cat /run/secrets/store_access_key)" "$(cat /run/secrets/store_secret_key)" > /tmp/s3.json
exec weed server -dir=/data -ip=object-store -ip.bind=0.0.0.0 -volume.max=50 -filer -s3 -s3.port=8333 -s3.config=/tmp/s3.json

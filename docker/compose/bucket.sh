# Makes the bucket, once the store answers.
ask() { echo "$1" | timeout 20 weed shell -master=object-store:9333 -filer=object-store:8888; }
made() { ask s3.bucket.list | grep -qw credit-platform; }
for _ in 1 2 3 4 5 6 7 8 9 10; do
  made && exit 0
  ask "s3.bucket.create -name credit-platform"
  made && exit 0
  sleep 2
done
echo "The bucket credit-platform could not be made in object-store: docker compose logs object-store says more." >&2
exit 1

# The routes of monitoring/alertmanager.yml, with the address that the platform has here. Files that it names lie beside it.
set -eu
mkdir -p /tmp/alertmanager
ln -sf /etc/credit-platform/templates /tmp/alertmanager/templates
ln -sf /run/secrets /tmp/alertmanager/secrets
sed 's|http://127.0.0.1:9095|http://notices:9095|' /etc/credit-platform/alertmanager.yml > /tmp/alertmanager/alertmanager.yml
exec alertmanager --config.file=/tmp/alertmanager/alertmanager.yml --storage.path=/alertmanager --cluster.listen-address=

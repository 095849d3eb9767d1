{{/* What the schema cannot say: values that do not go together. Each message names the value and the cure. */}}
{{- define "cp.checks" -}}
{{- $v := .Values -}}
{{- if and $v.postgresql.enabled $v.database.host -}}
{{- fail (printf "Two databases are named: database.host is %s, and postgresql.enabled starts one in the cluster. Leave one out." $v.database.host) -}}
{{- end -}}
{{- if not (or $v.postgresql.enabled $v.database.host) -}}
{{- fail "No database is named. Set database.host, or postgresql.enabled=true for one in the cluster (development)." -}}
{{- end -}}
{{- if not $v.database.existingSecret -}}
{{- fail "database.existingSecret is empty. Name a Secret with username and password; docs/DEPLOYMENT.md says how to make it." -}}
{{- end -}}
{{- if and $v.objectStore.enabled $v.store.lakehouseUrl -}}
{{- fail (printf "Two object stores are named: store.lakehouseUrl is %s, and objectStore.enabled starts one in the cluster. Leave one out." $v.store.lakehouseUrl) -}}
{{- end -}}
{{- if not (or $v.objectStore.enabled $v.store.lakehouseUrl) -}}
{{- fail "No object store is named. Set store.lakehouseUrl, or objectStore.enabled=true for one in the cluster (development)." -}}
{{- end -}}
{{- if and $v.store.lakehouseUrl (not (regexMatch "^(s3|gs|az)://[^/]+/.+" $v.store.lakehouseUrl)) -}}
{{- fail (printf "store.lakehouseUrl is %s, which pods on several nodes cannot share. Name a folder of an object store: s3://bucket/lakehouse." $v.store.lakehouseUrl) -}}
{{- end -}}
{{- if and $v.objectStore.enabled (not $v.store.existingSecret) -}}
{{- fail "store.existingSecret is empty, and the object store of the chart asks for a key. Name a Secret with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY." -}}
{{- end -}}
{{- if and $v.objectStore.enabled (not $v.store.endpoint) $v.store.checkpointsUrl (not (hasPrefix (printf "s3://%s/" $v.objectStore.bucket) $v.store.checkpointsUrl)) -}}
{{- fail (printf "store.checkpointsUrl is %s, and the object store of the chart makes one bucket, %s. Name a folder of it, as s3://%s/checkpoints." $v.store.checkpointsUrl $v.objectStore.bucket $v.objectStore.bucket) -}}
{{- end -}}
{{- range $name, $value := $v.settings -}}
{{- if or (has $name (list "CREDIT_PLATFORM_HOME" "CREDIT_PLATFORM_ARTEFACT_CACHE" "CREDIT_PLATFORM_LAKEHOUSE_URL" "CREDIT_PLATFORM_ARTEFACT_URL" "CREDIT_PLATFORM_DECISION_CHECKPOINTS")) -}}
{{- fail (printf "settings.%s is set by the chart itself. Leave it out; places of an object store are set under store." $name) -}}
{{- end -}}
{{- if or (regexMatch "(DATABASE_URL|DAGSTER_URL|_LOG_URL|INCIDENTS_URL|TUNING_STORAGE|TRACKING_URI|WEBHOOK|SMTP|PAGER_KEY|API_KEY|OWNER_KEY|DECISION_LOGS)$" $name) (regexMatch "://[^/@]*:[^/@]*@" $value) -}}
{{- fail (printf "settings.%s holds a secret, and a ConfigMap is none. Put it into a Secret: database.existingSecret, notices.channelsSecret." $name) -}}
{{- end -}}
{{- end -}}
{{- if $v.service.enabled -}}
{{- if not (include "cp.served" . | fromYaml) -}}
{{- fail "service.enabled is true, and no portfolio is: there is nothing to serve. Set service.portfolios.german_credit.enabled=true, for example." -}}
{{- end -}}
{{- if not $v.service.apiKeysSecret -}}
{{- fail "service.apiKeysSecret is empty, so that nobody could ask the service. Make keys with credit-platform keys create, and a Secret of api_keys.json." -}}
{{- end -}}
{{- with $v.service.autoscaling -}}
{{- if and .enabled (gt (int .minReplicas) (int .maxReplicas)) -}}
{{- fail (printf "service.autoscaling.minReplicas is %d, more than maxReplicas, %d. Lower the one or raise the other." (int .minReplicas) (int .maxReplicas)) -}}
{{- end -}}
{{- end -}}
{{- if and $v.service.autoscaling.enabled (not $v.service.resources.requests.cpu) -}}
{{- fail "service.autoscaling counts from service.resources.requests.cpu, which is not set. Set it to the measured figure." -}}
{{- end -}}
{{- if and $v.console.enabled (not $v.console.apiKeySecret) -}}
{{- fail "console.apiKeySecret is empty, so that the console could not ask the service. Name a Secret with api_key, or set console.enabled=false." -}}
{{- end -}}
{{- end -}}
{{- if and $v.notices.enabled (not $v.notices.tokenSecret) -}}
{{- fail "notices.tokenSecret is empty. Name a Secret with alerts_token, which Alertmanager shows, or set notices.enabled=false." -}}
{{- end -}}
{{- if and $v.login.enabled (not (and $v.login.issuerUrl $v.login.existingSecret $v.login.emailDomains)) -}}
{{- fail "login.enabled is true: set login.issuerUrl, login.existingSecret and login.emailDomains, at least one; `*` would let everybody in whom the provider knows." -}}
{{- end -}}
{{- include "cp.checks.ingress" . -}}
{{- if and $v.monitoring.alertmanager.enabled (not $v.monitoring.alertmanager.existingSecret) -}}
{{- fail "monitoring.alertmanager.existingSecret is empty. Name a Secret with alerts_token, smtp_password, slack_url and pagerduty_routing_key." -}}
{{- end -}}
{{- if and $v.monitoring.grafana.enabled (not $v.monitoring.grafana.adminSecret) -}}
{{- fail "monitoring.grafana.adminSecret is empty. Name a Secret with admin-user and admin-password." -}}
{{- end -}}
{{- if and $v.monitoring.grafana.enabled (not $v.monitoring.prometheus.enabled) -}}
{{- fail "monitoring.grafana asks the Prometheus of the chart, which is off. Set monitoring.prometheus.enabled=true, or monitoring.dashboards=true for a Grafana of the cluster." -}}
{{- end -}}
{{- end -}}

{{/* Host names as `host: what`, in YAML, with each host named once. */}}
{{- define "cp.hosts" -}}
{{- $v := .Values -}}
{{- $hosts := list -}}
{{- range $name, $served := include "cp.served" . | fromYaml -}}
{{- with $served.host }}{{ $hosts = append $hosts (dict "host" . "key" (printf "service.portfolios.%s.host" $name) "backend" (printf "service-%s" $name) "port" 3000 "guarded" false) }}{{ end -}}
{{- if $v.console.enabled -}}
{{- with $served.consoleHost }}{{ $hosts = append $hosts (dict "host" . "key" (printf "service.portfolios.%s.consoleHost" $name) "backend" (printf "console-%s" $name) "port" 8501 "guarded" true) }}{{ end -}}
{{- end -}}
{{- end -}}
{{- if $v.dagster.webserver.enabled -}}
{{- with $v.dagster.host }}{{ $hosts = append $hosts (dict "host" . "key" "dagster.host" "backend" "dagster-webserver" "port" 3000 "guarded" true) }}{{ end -}}
{{- end -}}
{{- if $v.mlflow.enabled -}}
{{- with $v.mlflow.host }}{{ $hosts = append $hosts (dict "host" . "key" "mlflow.host" "backend" "mlflow" "port" 5000 "guarded" true) }}{{ end -}}
{{- end -}}
{{- if $v.monitoring.grafana.enabled -}}
{{- with $v.monitoring.grafana.host }}{{ $hosts = append $hosts (dict "host" . "key" "monitoring.grafana.host" "backend" "grafana" "port" 3000 "guarded" false) }}{{ end -}}
{{- end -}}
{{- dict "hosts" $hosts | toYaml -}}
{{- end -}}

{{- define "cp.checks.ingress" -}}
{{- $v := .Values -}}
{{- $hosts := (include "cp.hosts" . | fromYaml).hosts -}}
{{- $seen := dict -}}
{{- range $hosts -}}
{{- if hasKey $seen .host -}}
{{- fail (printf "%s and %s are both %s. Give each a host name of its own." (get $seen .host) .key .host) -}}
{{- end -}}
{{- $_ := set $seen .host .key -}}
{{- if and $v.ingress.enabled .guarded (not $v.login.enabled) -}}
{{- fail (printf "%s is set, and login.enabled is false: these pages have no login of their own. Set login, or leave the host name out and use kubectl port-forward." .key) -}}
{{- end -}}
{{- end -}}
{{- if and $v.ingress.enabled (not $hosts) -}}
{{- fail "ingress.enabled is true, and no host name is set. Set service.portfolios.<name>.host, dagster.host or mlflow.host." -}}
{{- end -}}
{{- if and $v.ingress.enabled (not $v.ingress.tlsSecret) (not $v.ingress.allowPlain) -}}
{{- fail "ingress.tlsSecret is empty: applications and keys would travel in the clear. Name a Secret with a certificate, or set ingress.allowPlain=true on a machine of your own." -}}
{{- end -}}
{{- end -}}

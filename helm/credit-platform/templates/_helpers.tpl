{{/* Every helper takes a dict with `root` (the context of the chart) and, where it is about one, `component`. */}}

{{- define "cp.name" -}}
{{- printf "%s-%s" .root.Release.Name .component | replace "_" "-" | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "cp.labels" -}}
app.kubernetes.io/name: credit-platform
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- with .portfolio }}
credit-platform/portfolio: {{ . }}
{{- end }}
{{- end -}}

{{- define "cp.metadata" -}}
metadata:
  name: {{ include "cp.name" (dict "root" .root "component" (.name | default .component)) }}
  namespace: {{ .root.Release.Namespace }}
  labels:
    {{- include "cp.labels" . | nindent 4 }}
    app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
    app.kubernetes.io/part-of: credit-platform
    app.kubernetes.io/managed-by: {{ .root.Release.Service }}
    helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
    {{- with .root.Values.extraLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
    {{- with .labels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    description: {{ .description | quote }}
    {{- with .annotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{- define "cp.selector" -}}
selector:
  matchLabels:
    {{- include "cp.labels" . | nindent 4 }}
{{- end -}}

{{/* Of pods: `reads` names the ConfigMaps whose change rolls them. What serving/deployment sets is not here: it owns it. */}}
{{- define "cp.podMetadata" -}}
metadata:
  labels:
    {{- include "cp.labels" . | nindent 4 }}
    credit-platform/kind: {{ .kind | default .component }}
    {{- with .root.Values.extraLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    kubectl.kubernetes.io/default-container: {{ .container | default .component }}
    {{- $root := .root }}
    {{- range .reads }}
    checksum/{{ . }}: {{ include (printf "cp.data.%s" .) $root | sha256sum }}
    {{- end }}
{{- end -}}

{{/* `account` and `token` are for those who ask the cluster's API; `user` where an image has one of its own. */}}
{{- define "cp.pod" -}}
{{- $user := .user | default 10001 -}}
{{- /* Before the first installation there is no account of the release. */ -}}
serviceAccountName: {{ eq (.account | default "plain") "none" | ternary "default" (include "cp.name" (dict "root" .root "component" (.account | default "plain"))) }}
automountServiceAccountToken: {{ .token | default false }}
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: {{ $user }}
  runAsGroup: {{ $user }}
  fsGroup: {{ $user }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with .root.Values.images.pullSecrets }}
imagePullSecrets:
  {{- range . }}
  - name: {{ . }}
  {{- end }}
{{- end }}
{{- with .root.Values.placement.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .root.Values.placement.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .root.Values.placement.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{/* Name and digest of an image, by its key in `images`. */}}
{{- define "cp.image" -}}
{{- $image := get .root.Values.images .image -}}
{{- $name := $image.repository -}}
{{- if and $image.own .root.Values.images.registry -}}
{{- $name = printf "%s/%s" (trimSuffix "/" .root.Values.images.registry) $name -}}
{{- end -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $name $image.digest -}}
{{- else if .root.Values.images.requireDigest -}}
{{- fail (printf "images.%s has no digest, and images.requireDigest asks for one. Set images.%s.digest: a release brings them in values-digests.yaml." .image .image) -}}
{{- else -}}
{{- printf "%s:%s" $name (required (printf "images.%s has neither tag nor digest. Set one." .image) $image.tag) -}}
{{- end -}}
{{- end -}}

{{- define "cp.container" -}}
image: {{ include "cp.image" . }}
imagePullPolicy: {{ .root.Values.images.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
resources:
  {{- range $kind := list "requests" "limits" }}
  {{- $given := get $.resources $kind }}
  {{ $kind }}:
    {{- with $given.cpu }}
    cpu: {{ . | quote }}
    {{- end }}
    {{- with $given.memory }}
    memory: {{ . | quote }}
    {{- end }}
  {{- end }}
{{- end -}}

{{/* As many threads of native libraries as the limit of processors; without a limit the process looks itself. */}}
{{- define "cp.threads" -}}
{{- with .resources.limits.cpu }}
- name: OMP_NUM_THREADS
  valueFrom:
    resourceFieldRef:
      resource: limits.cpu
{{- end }}
{{- end -}}

{{/* Folders of a container whose root cannot be written. */}}
{{- define "cp.scratchMounts" -}}
- name: scratch
  mountPath: /tmp
  subPath: tmp
- name: scratch
  mountPath: /var/lib/credit-platform
  subPath: home
{{- include "cp.caMount" . }}
{{- end -}}

{{/* The certificate that a database outside is known by. */}}
{{- define "cp.caMount" -}}
{{- if .Values.database.caSecret }}
- name: database-ca
  mountPath: /etc/credit-platform/database
  readOnly: true
{{- end }}
{{- end -}}

{{- define "cp.scratchVolume" -}}
- name: scratch
  emptyDir: {}
{{- with .Values.database.caSecret }}
- name: database-ca
  secret: {secretName: {{ . }}, items: [{key: ca.crt, path: ca.crt}]}
{{- end }}
{{- end -}}

{{- define "cp.databaseHost" -}}
{{- .root.Values.database.host | default (include "cp.name" (dict "root" .root "component" "postgresql")) -}}
{{- end -}}

{{/* Addresses of the database for those who read them; the password is put in by Kubernetes when a container starts. */}}
{{- define "cp.databaseEnv" -}}
{{- $database := .root.Values.database -}}
{{- $bare := printf "$(DATABASE_USER):$(DATABASE_PASSWORD)@%s:%d/%s?sslmode=%s" (include "cp.databaseHost" .) (int $database.port) $database.name $database.sslMode -}}
{{- if $database.caSecret -}}
{{- $bare = printf "%s&sslrootcert=/etc/credit-platform/database/ca.crt" $bare -}}
{{- end -}}
{{- $rest := $bare -}}
{{- if and (not $database.caSecret) (hasPrefix "verify" $database.sslMode) -}}
{{/* By its file: `system` are the certificates of the OpenSSL within psycopg's wheels, which has none. Go finds the machine's by itself. */}}
{{- $rest = printf "%s&sslrootcert=/etc/ssl/certs/ca-certificates.crt" $bare -}}
{{- end -}}
- name: DATABASE_USER
  valueFrom:
    secretKeyRef: {name: {{ $database.existingSecret }}, key: username}
- name: DATABASE_PASSWORD
  valueFrom:
    secretKeyRef: {name: {{ $database.existingSecret }}, key: password}
{{- if has "platform" .addresses }}
- name: CREDIT_PLATFORM_DATABASE_URL
  value: postgresql+psycopg://{{ $rest }}
{{- end }}
{{- if has "dagster" .addresses }}
- name: CREDIT_PLATFORM_DAGSTER_POSTGRES
  value: postgresql://{{ $rest }}&options=-csearch_path%3Ddagster
{{- end }}
{{- if has "mlflow" .addresses }}
- name: MLFLOW_BACKEND_STORE_URI
  value: postgresql+psycopg://{{ $rest }}&options=-csearch_path%3Dmlflow
{{- end }}
{{- if has "exporter" .addresses }}
- name: DATA_SOURCE_NAME
  value: postgresql://{{ $bare }}
{{- end }}
{{- end -}}

{{- define "cp.storeEnv" -}}
{{- with .root.Values.store.existingSecret }}
- name: AWS_ACCESS_KEY_ID
  valueFrom:
    secretKeyRef: {name: {{ . }}, key: AWS_ACCESS_KEY_ID}
- name: AWS_SECRET_ACCESS_KEY
  valueFrom:
    secretKeyRef: {name: {{ . }}, key: AWS_SECRET_ACCESS_KEY}
{{- end }}
{{- end -}}

{{- define "cp.lakehouseUrl" -}}
{{- .Values.store.lakehouseUrl | default (printf "s3://%s/lakehouse" .Values.objectStore.bucket) -}}
{{- end -}}

{{/* As the settings of the platform work it out: beside the tables. */}}
{{- define "cp.artefactRoot" -}}
{{- .Values.store.artefactUrl | default (regexReplaceAll "/[^/]+$" (include "cp.lakehouseUrl" . | trimSuffix "/") "/artefacts") -}}
{{- end -}}

{{- define "cp.storeEndpoint" -}}
{{- if .Values.store.endpoint -}}
{{- .Values.store.endpoint -}}
{{- else if .Values.objectStore.enabled -}}
http://{{ include "cp.name" (dict "root" . "component" "object-store") }}:8333
{{- end -}}
{{- end -}}

{{/* The plain settings: what follows from values, then what was set. */}}
{{- define "cp.data.settings" -}}
CREDIT_PLATFORM_HOME: /var/lib/credit-platform
CREDIT_PLATFORM_ARTEFACT_CACHE: /var/lib/credit-platform/cache
# The user of a pod has no home of its own, and libraries write into one.
HOME: /tmp
CREDIT_PLATFORM_LAKEHOUSE_URL: {{ include "cp.lakehouseUrl" . }}
{{- with .Values.store.artefactUrl }}
CREDIT_PLATFORM_ARTEFACT_URL: {{ . }}
{{- end }}
{{- with .Values.store.checkpointsUrl }}
CREDIT_PLATFORM_DECISION_CHECKPOINTS: {{ . }}
{{- end }}
AWS_REGION: {{ .Values.store.region }}
{{- with include "cp.storeEndpoint" . }}
AWS_ENDPOINT_URL: {{ . }}
{{- if hasPrefix "http://" . }}
AWS_ALLOW_HTTP: "true"
{{- end }}
{{- end }}
{{- $names := dict -}}
{{- range $name, $served := include "cp.served" . | fromYaml -}}
{{- $_ := set $names $name (include "cp.name" (dict "root" $ "component" (printf "service-%s" $name))) -}}
{{- end }}
{{- if $names }}
CREDIT_PLATFORM_DEPLOYMENT_TARGET: kubernetes
CREDIT_PLATFORM_DEPLOYMENT_NAMES: {{ $names | toJson | quote }}
CREDIT_PLATFORM_DEPLOYMENT_NAMESPACE: {{ .Release.Namespace }}
{{- end }}
PYTHONDONTWRITEBYTECODE: "1"
PYTHONUNBUFFERED: "1"
{{- range $name, $value := .Values.settings }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end -}}

{{/* Portfolios that are served, as a dict in YAML. */}}
{{- define "cp.served" -}}
{{- if .Values.service.enabled -}}
{{- range $name, $served := .Values.service.portfolios }}
{{- /* Entries of a map have no defaults: left out is on. */}}
{{- if ne (toString $served.enabled) "false" }}
{{ $name }}: {{ $served | toJson }}
{{- end }}
{{- end }}
{{- end -}}
{{- end -}}

{{- define "cp.probe" -}}
httpGet:
  path: {{ .path }}
  port: {{ .port }}
{{- with .host }}
  httpHeaders:
    - {name: Host, value: {{ . }}}
{{- end }}
timeoutSeconds: 5
{{- end -}}

{{/* Startup, liveness and readiness of a page that answers at one path. */}}
{{- define "cp.probes" -}}
startupProbe:
  {{- include "cp.probe" . | nindent 2 }}
  periodSeconds: 2
  failureThreshold: 90
livenessProbe:
  {{- include "cp.probe" . | nindent 2 }}
  periodSeconds: 15
  failureThreshold: 4
readinessProbe:
  {{- include "cp.probe" . | nindent 2 }}
  periodSeconds: 5
  failureThreshold: 2
{{- end -}}

{{/* A volume claim of a StatefulSet, named `data`. */}}
{{- define "cp.claim" -}}
- apiVersion: v1
  kind: PersistentVolumeClaim
  metadata:
    name: data
  spec:
    accessModes: [ReadWriteOnce]
    {{- with .storage.storageClass }}
    storageClassName: {{ . }}
    {{- end }}
    resources:
      requests:
        storage: {{ .storage.size }}
{{- end -}}

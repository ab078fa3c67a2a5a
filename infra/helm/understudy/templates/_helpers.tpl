{{- define "understudy.image" -}}
{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{- define "understudy.name" -}}
{{ printf "%s-%s" .root.Release.Name .stage | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "understudy.selector" -}}
app.kubernetes.io/name: understudy
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .stage }}
{{- end }}

{{- define "understudy.labels" -}}
{{ include "understudy.selector" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{- end }}

{{/* Where each stage answers health and metrics: a port of its own, but for the report, which has one port for all. */}}
{{- define "understudy.opsPort" -}}
{{ get (dict "tap" 8788 "replay" 8789 "compare" 8790 "record" 8791 "report" 3400) . }}
{{- end }}

{{/*
understudy.yaml: what the operator wrote, and the addresses the chart's services and probes ask. Without a word about access whoever the
network policy lets in sees numbers and no texts.
*/}}
{{- define "understudy.config" -}}
{{- $addresses := dict
      "tap" (dict "listen" "0.0.0.0:8787" "ops" "0.0.0.0:8788" "spool" (dict "folder" "/var/lib/understudy/spool"))
      "ops" (dict "replay" "0.0.0.0:8789" "compare" "0.0.0.0:8790" "record" "0.0.0.0:8791")
      "report" (dict "listen" "0.0.0.0:3400") -}}
{{- $config := mustMergeOverwrite (deepCopy .Values.config) $addresses -}}
{{- if not $config.report.access }}{{ $_ := set $config.report "access" (dict "anyone" "viewer") }}{{ end -}}
{{- toYaml $config -}}
{{- end }}

{{- define "understudy.pod" -}}
{{- $port := include "understudy.opsPort" .stage | int -}}
metadata:
  labels: {{- include "understudy.labels" . | nindent 4 }}
  annotations:
    understudy/config: {{ include "understudy.config" .root | sha256sum }}
    {{- if ne .stage "report" }}
    prometheus.io/scrape: 'true'
    prometheus.io/port: {{ $port | quote }}
    {{- end }}
    {{- with .root.Values.podAnnotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  serviceAccountName: {{ .root.Release.Name }}
  automountServiceAccountToken: false
  # Replay ends its calls in flight, the tap its streams.
  terminationGracePeriodSeconds: 60
  securityContext:
    runAsNonRoot: true
    runAsUser: 1000
    fsGroup: 1000
    seccompProfile: { type: RuntimeDefault }
  {{- with .root.Values.nodeSelector }}
  nodeSelector: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .root.Values.tolerations }}
  tolerations: {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- if eq .stage "tap" }}
  topologySpreadConstraints:
    - maxSkew: 1
      topologyKey: kubernetes.io/hostname
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels: {{- include "understudy.selector" . | nindent 10 }}
  {{- end }}
  containers:
    - name: {{ .stage }}
      image: {{ include "understudy.image" .root }}
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      args: [{{ .stage }}, --config, /etc/understudy/understudy.yaml]
      {{- with .root.Values.secretName }}
      envFrom: [{ secretRef: { name: {{ . }} } }]
      {{- end }}
      ports:
        {{- if eq .stage "tap" }}
        - { name: http, containerPort: 8787 }
        {{- end }}
        - { name: ops, containerPort: {{ $port }} }
      # The store and the log may be away: that is no reason to start anew, only not to be asked.
      startupProbe: { httpGet: { path: /healthz, port: ops }, periodSeconds: 2, failureThreshold: 60 }
      livenessProbe: { httpGet: { path: /healthz, port: ops }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 }
      readinessProbe: { httpGet: { path: /readyz, port: ops }, periodSeconds: 5, timeoutSeconds: 5 }
      resources: {{- toYaml (index .root.Values .stage).resources | nindent 8 }}
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
      volumeMounts:
        - { name: config, mountPath: /etc/understudy, readOnly: true }
        - { name: tmp, mountPath: /tmp }
        {{- if eq .stage "tap" }}
        - { name: spool, mountPath: /var/lib/understudy }
        {{- end }}
  volumes:
    - { name: config, configMap: { name: {{ .root.Release.Name }} } }
    - { name: tmp, emptyDir: { sizeLimit: 512Mi } }
{{- end }}

{{/* Names are cut at 63 characters, the length of a label; each suffix below is within the rest. */}}
{{- define "spindle.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 40 | trimSuffix "-" -}}
{{- end -}}

{{- define "spindle.fullname" -}}
{{- $name := include "spindle.name" . -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "spindle.operator.name" -}}
{{- printf "%s-operator" (include "spindle.fullname" .) -}}
{{- end -}}

{{- define "spindle.webhook.service" -}}
{{- printf "%s-webhooks" (include "spindle.fullname" .) -}}
{{- end -}}

{{- define "spindle.webhook.secret" -}}
{{- printf "%s-webhook-certificates" (include "spindle.fullname" .) -}}
{{- end -}}

{{- define "spindle.webhook.mutating" -}}
{{- printf "%s-mutating" (include "spindle.fullname" .) -}}
{{- end -}}

{{- define "spindle.webhook.validating" -}}
{{- printf "%s-validating" (include "spindle.fullname" .) -}}
{{- end -}}

{{- define "spindle.serviceAccount.name" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "spindle.operator.name" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- required "serviceAccount.name: say which ServiceAccount to use, or set serviceAccount.create" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "spindle.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/part-of: spindle
{{ include "spindle.selector" . }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- define "spindle.selector" -}}
app.kubernetes.io/name: {{ include "spindle.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "spindle.operator.selector" -}}
{{ include "spindle.selector" . }}
app.kubernetes.io/component: operator
{{- end -}}

{{/* Of a dict with `image` and `root`. */}}
{{- define "spindle.image" -}}
{{- if .image.digest -}}
{{- printf "%s@%s" .image.repository .image.digest -}}
{{- else -}}
{{- printf "%s:%s" .image.repository (default .root.Chart.AppVersion .image.tag) -}}
{{- end -}}
{{- end -}}

{{/* A list of names, or of objects as in a pod. */}}
{{- define "spindle.imagePullSecrets" -}}
{{- $legacy := dig "manager" "imagePullSecrets" list .Values.controllerManager -}}
{{- range concat .Values.imagePullSecrets $legacy }}
- name: {{ kindIs "string" . | ternary . (get (kindIs "string" . | ternary dict .) "name") }}
{{- end }}
{{- end -}}

{{/* "true" or empty. */}}
{{- define "spindle.webhooks" -}}
{{- if and .Values.webhooks.enabled .Values.rbac.clusterRoles -}}true{{- end -}}
{{- end -}}

{{- define "spindle.metrics.secure" -}}
{{- if and .Values.metrics.secure .Values.rbac.clusterRoles -}}true{{- end -}}
{{- end -}}

{{/* Whether an object that the operator makes by itself may be part of this release: not when somebody else's release, or
     nobody's, has it already. Of a dict with root, apiVersion, kind, name. */}}
{{- define "spindle.mayOwn" -}}
{{- $live := lookup .apiVersion .kind .root.Release.Namespace .name -}}
{{- $owner := dig "metadata" "annotations" "meta.helm.sh/release-name" "" ($live | default dict) -}}
{{- if or (not $live) (eq $owner .root.Release.Name) -}}true{{- end -}}
{{- end -}}

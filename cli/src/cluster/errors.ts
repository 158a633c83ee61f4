// Errors of the commands for clusters: what, where, why, and the next command.
import { UserError } from '@spindle/api';

export interface AppPlace {
  readonly namespace: string;
  readonly name: string;
}

const place = ({ namespace, name }: AppPlace): string => `${namespace}/${name}`;

export const noSuchApp = ({ namespace, name }: AppPlace, others: readonly string[]): UserError =>
  new UserError(`Could not find application with name ${name}`, {
    code: 'SPK5040',
    file: place({ namespace, name }),
    remedy:
      others.length === 0
        ? `There are no SpinApps in the namespace ${namespace}: give another one with -n, or look in all with "list -A".`
        : `The namespace ${namespace} has ${others.join(', ')}; "list -A" shows all namespaces.`,
  });

export const noSuchNamespace = (namespace: string): UserError =>
  new UserError(`there is no namespace ${JSON.stringify(namespace)}`, {
    code: 'SPK5040',
    field: '--namespace',
    remedy: `Create it with "kubectl create namespace ${namespace}", or give another one with -n.`,
  });

export const noName = (what: string): UserError =>
  new UserError(`no application name specified to ${what}`, {
    code: 'SPK5001',
    field: 'name',
    remedy: 'Name the app, or go to the folder of its spin.toml.',
  });

/** In the words of upstream's flag library. */
export const missingImage = (): UserError =>
  new UserError('required flag(s) "from" not set', {
    code: 'SPK5001',
    field: '--from',
    remedy: 'Give the OCI reference of the application, for example: --from registry.example.com/team/shop:1.5',
  });

export const forbidden = (message: string, cause: unknown): UserError =>
  new UserError(`the cluster does not permit it: ${message}`, {
    code: 'SPK5041',
    remedy:
      'Ask for a role that allows it ("kubectl auth can-i --list" shows what you may do), or give another --context.',
    cause,
  });

export const unknownUser = (server: string, cause: unknown): UserError =>
  new UserError(`the cluster ${server} does not know you (401)`, {
    code: 'SPK5041',
    remedy: 'Log in again with the tool that wrote the kubeconfig, or give another --context.',
    cause,
  });

/** `next` is a whole sentence. */
export const notReadyInTime = (app: AppPlace, seconds: number, why: string, next: string): UserError =>
  new UserError(`${app.name} is not Ready after ${seconds}s: ${why}`, {
    code: 'SPK5042',
    file: place(app),
    remedy: next,
  });

export const notDoneInTime = (what: string, seconds: number, next: string): UserError =>
  new UserError(`${what} is not done after ${seconds}s`, { code: 'SPK5042', field: '--timeout', remedy: next });

export const cannotBecomeReady = (app: AppPlace, why: string, next: string): UserError =>
  new UserError(`${app.name} cannot become Ready: ${why}`, { code: 'SPK5047', file: place(app), remedy: next });

export const fieldConflict = (app: AppPlace, fields: readonly string[], managers: string, cause: unknown): UserError =>
  new UserError(`somebody else sets ${fields.join(', ')} of ${app.name}: ${managers}`, {
    code: 'SPK5043',
    file: place(app),
    remedy: 'Change it where it is set, or take it over with --force-conflicts. Nothing was changed.',
    cause,
  });

export const refused = (message: string, field: string | undefined, remedy: string, cause: unknown): UserError =>
  new UserError(`the cluster refuses it: ${message}`, {
    code: 'SPK5044',
    ...(field === undefined ? {} : { field }),
    remedy,
    cause,
  });

export const unreachable = (server: string, message: string, cause: unknown): UserError =>
  new UserError(`the cluster ${server} cannot be reached: ${message}`, {
    code: 'SPK5045',
    remedy: 'Check the network and the kubeconfig: "kubectl cluster-info" asks the same server.',
    cause,
  });

export const noDefinitions = (cause: unknown): UserError =>
  new UserError('the cluster knows no SpinApps: its CustomResourceDefinitions are not installed', {
    code: 'SPK5046',
    remedy: 'Install Spindle (docs/guides/deploy.md), then run "check".',
    cause,
  });

export const oldDefinitions = (message: string, cause: unknown): UserError =>
  new UserError(`the SpinApp of this cluster lacks a field: ${message}`, {
    code: 'SPK5046',
    remedy:
      'Its CustomResourceDefinition is of SpinKube or of an older Spindle: "kubectl apply --server-side -f crds". Nothing was changed.',
    cause,
  });

export const autoscaled = (app: AppPlace): UserError =>
  new UserError(`${app.name} is scaled automatically`, {
    code: 'SPK5044',
    file: place(app),
    field: 'spec.enableAutoscaling',
    remedy: `Change its HorizontalPodAutoscaler or ScaledObject: "kubectl get hpa,scaledobject -n ${app.namespace}".`,
  });

export const cannotStream = (what: string, why: string, cause?: unknown): UserError =>
  new UserError(`${what}: ${why}`, {
    code: 'SPK5049',
    remedy: '"status" says how the pods are.',
    cause,
  });

export const nothingToRollBackTo = (app: AppPlace, why: string): UserError =>
  new UserError(`${app.name} cannot be rolled back: ${why}`, {
    code: 'SPK5051',
    file: place(app),
    remedy: 'Deploy the version that you want: "deploy --from IMAGE"; "rollback --list" shows what there was.',
  });

export const notConfirmed = (what: string): UserError =>
  new UserError(`${what}: nobody has confirmed it`, {
    code: 'SPK5052',
    field: '--yes',
    remedy: 'Give --yes. Nothing was changed.',
  });

export const problemsFound = (count: number): UserError =>
  new UserError(count === 1 ? 'one check failed' : `${count} checks failed`, {
    code: 'SPK5050',
    remedy: 'Follow the advice above, then check again.',
  });

export const noSuchVariable = (app: string, variable: string, known: readonly string[]): UserError =>
  new UserError(`${app} has no variable ${JSON.stringify(variable)}`, {
    code: 'SPK5040',
    field: variable,
    remedy: known.length === 0 ? 'It has none.' : `It has ${known.join(', ')}. Nothing was changed.`,
  });

export const cannotTellApart = (component: string, app: string | undefined): UserError =>
  new UserError(`the lines of component ${component} cannot be told from those of others: a pod has one log`, {
    code: 'SPK5049',
    field: '--component',
    remedy: `Leave it out${app === undefined ? '' : `: "logs ${app}"`}, or deploy the component as an app of its own ("deploy --name … --component ${component}").`,
  });

export const noSuchComponent = (component: string, known: readonly string[]): UserError =>
  new UserError(`no app runs the component ${JSON.stringify(component)} alone`, {
    code: 'SPK5040',
    field: '--component',
    remedy: known.length === 0 ? 'No app of the namespace names its components.' : `Apps name ${known.join(', ')}.`,
  });

export const portTaken = (port: number, cause: unknown): UserError =>
  new UserError(`cannot listen on 127.0.0.1:${port}`, {
    code: 'SPK5049',
    field: '--local-port',
    remedy: 'Give another port, or none for a free one.',
    cause,
  });

// Scaffold: the words are upstream's.

export const wrongScaffoldFlag = (flag: string, message: string, cause?: unknown): UserError =>
  new UserError(message, {
    code: 'SPK5001',
    field: flag.replace(/^-\w, /, ''),
    remedy: '"scaffold --help" says what each flag takes. Nothing was written.',
    cause,
  });

export const unreadableRuntimeConfig = (path: string, cause: unknown): UserError =>
  new UserError(`open ${path}: ${missingText(cause)}`, {
    code: 'SPK5002',
    file: path,
    field: '--runtime-config-file',
    remedy: 'Give the path of a file that exists and can be read. Nothing was written.',
    cause,
  });

const SYSTEM_TEXTS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
};

/** In Go's words. */
const missingText = (cause: unknown): string =>
  (cause instanceof Error && 'code' in cause ? SYSTEM_TEXTS[String(cause.code)] : undefined) ??
  (cause instanceof Error ? cause.message : String(cause));

export const interrupted = (): UserError =>
  new UserError('stopped before it was done', {
    code: 'SPK5054',
    remedy: 'What the cluster has been told it goes on with: "status" shows it.',
  });

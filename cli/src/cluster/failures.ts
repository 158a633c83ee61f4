// What the API server's refusals and silences mean to whoever typed the command.
import { UserError } from '@spindle/api';
import { ApiError, TransportError } from '@spindle/kube';
import {
  fieldConflict,
  forbidden,
  noDefinitions,
  noSuchNamespace,
  oldDefinitions,
  refused,
  unknownUser,
  unreachable,
  type AppPlace,
} from './errors.ts';

/** `app` is what was written, for errors that name it. */
export function explained(error: unknown, server: string, app?: AppPlace): unknown {
  if (error instanceof TransportError) {
    return unreachable(server, error.message.replace(/^cannot connect to [^:]+(:\d+)?: /, ''), error);
  }
  return error instanceof ApiError && !(error instanceof UserError) ? ofAnswer(error, server, app) : error;
}

function ofAnswer(error: ApiError, server: string, app: AppPlace | undefined): unknown {
  const { status, message } = error;
  switch (status) {
    case 401:
      return unknownUser(server, error);
    case 403:
      return ofPolicy(error) ?? forbidden(message, error);
    case 404:
      return ofMissing(error);
    case 409:
      return ofConflict(error, app);
    default:
      return ofInvalid(error);
  }
}

/** 403 is also what quotas and admission policies answer; those are no question of roles. */
function ofPolicy(error: ApiError): UserError | undefined {
  const { message } = error;
  if (message.includes('exceeded quota')) {
    return refused(
      message,
      undefined,
      'Raise the quota of the namespace ("kubectl describe quota"), or ask for less.',
      error,
    );
  }
  if (/being terminated/.test(message)) {
    return refused(message, '--namespace', 'Wait until the namespace has gone, or give another one with -n.', error);
  }
  return /admission webhook|ValidatingAdmissionPolicy|violates PodSecurity/.test(message)
    ? refused(message, undefined, 'Change what the policy asks for, or ask whoever set it.', error)
    : undefined;
}

function ofMissing(error: ApiError): UserError {
  const namespace = /namespaces "(?<name>[^"]+)" not found/.exec(error.message)?.groups?.['name'];
  return namespace === undefined ? noDefinitions(error) : noSuchNamespace(namespace);
}

function ofConflict(error: ApiError, app: AppPlace | undefined): UserError {
  const claims = error.causes.filter(({ reason }) => reason === 'FieldManagerConflict');
  if (claims.length === 0 || app === undefined) {
    return refused(error.message, undefined, 'Somebody changed it at the same time: run the command again.', error);
  }
  const managers = [...new Set(claims.map(({ message }) => message.replace(/^conflict with /, '')))];
  return fieldConflict(
    app,
    claims.map(({ field }) => field.replace(/^\./, '')),
    managers.join(', '),
    error,
  );
}

const UNKNOWN_FIELD = /unknown field "(?<field>[^"]+)"|field not declared in schema/;

function ofInvalid(error: ApiError): UserError {
  const { message, causes } = error;
  if (UNKNOWN_FIELD.test(message)) {
    return oldDefinitions(message, error);
  }
  if (/failed calling webhook/.test(message)) {
    return refused(message, undefined, 'The operator that answers the webhook is not there: run "check".', error);
  }
  return refused(message, causes[0]?.field, 'Correct that field.', error);
}

// Every error of this package that a user meets: code, message, place, remedy. No secret may enter a message.
import { UserError } from '@spindle/api';

const MAX_QUOTED = 200; // A hostile registry chooses these texts; more than two lines of a terminal help nobody.

/** A text from outside, fit for a terminal: printable, one line, bounded. */
export function quoted(text: string): string {
  const cut = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
  // JSON escapes C0 controls; DEL and C1 controls move terminals as well.
  return JSON.stringify(cut).replace(/[\u007f-\u009f]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`);
}

export const invalidReference = (text: string, reason: string): UserError => {
  // `user:password@host/name` is a usual slip; the password must not reach a log.
  const shown = text.replace(/^[^/@]*:[^/@]*@/, '***@');
  return new UserError(`${quoted(shown)} is not an OCI reference: ${reason}`, {
    code: 'SPK2001',
    remedy: 'Write it as [registry/]name[:tag][@sha256:digest], for example ghcr.io/me/app:v1.',
  });
};

export const invalidDigest = (text: string, where: string, field?: string): UserError =>
  new UserError(`${quoted(text)} is not a digest of the form sha256:<64 hex digits>`, {
    code: 'SPK2002',
    file: where,
    ...(field === undefined ? {} : { field }),
    remedy: 'Only sha256 digests are supported.',
  });

export const unreachable = (
  server: string,
  where: string,
  reason: string,
  remedy?: string,
  cause?: unknown,
): UserError =>
  new UserError(`cannot reach the registry ${server}: ${reason}`, {
    code: 'SPK2003',
    file: where,
    remedy: remedy ?? 'Check the registry name, the network and the proxy, then try again.',
    cause,
  });

export const notSpinApp = (where: string, reason: string): UserError =>
  new UserError(`the image is not a Spin app: ${reason}`, {
    code: 'SPK2004',
    file: where,
    remedy: 'Push it with "spindle registry push" or "spin registry push".',
  });

export const unauthorized = (server: string, where: string, tried: readonly string[]): UserError =>
  new UserError(`the registry ${server} wants other credentials (${tried.join('; ')})`, {
    code: 'SPK2005',
    file: where,
    remedy: `Log in with "spindle registry login ${server}" as a user who may do this.`,
  });

export const forbidden = (server: string, where: string, tried: readonly string[]): UserError =>
  new UserError(`the registry ${server} does not permit this (${tried.join('; ')})`, {
    code: 'SPK2006',
    file: where,
    remedy: 'Ask for access to this repository, or log in as another user.',
  });

export const notFound = (what: string, where: string): UserError =>
  new UserError(`the registry has no ${what}`, {
    code: 'SPK2007',
    file: where,
    remedy: 'Check the name and the tag; a registry may also answer so when you may not see the repository.',
  });

export const unexpectedAnswer = (server: string, where: string, answer: string, remedy?: string): UserError =>
  new UserError(`the registry ${server} answered ${answer}`, {
    code: 'SPK2008',
    file: where,
    remedy: remedy ?? 'If it persists, look at the log of the registry.',
  });

export const corruptContent = (where: string, digest: string, reason: string): UserError =>
  new UserError(`content does not match its digest: ${reason}`, {
    code: 'SPK2009',
    file: where,
    field: digest,
    remedy: 'The registry or something before it serves wrong content; push the app again or ask its operator.',
  });

export const invalidManifest = (where: string, field: string, reason: string): UserError =>
  new UserError(`the manifest is not valid: ${reason}`, {
    code: 'SPK2010',
    file: where,
    field,
    remedy: 'Push the app again, or name another tag or digest.',
  });

export const noSuitableManifest = (where: string, platforms: readonly string[]): UserError =>
  new UserError(
    `the index has no single manifest for Wasm or for this machine; it has ${platforms.join(', ') || 'none'}`,
    {
      code: 'SPK2011',
      file: where,
      field: 'manifests',
      remedy: 'Name the manifest by its digest.',
    },
  );

export const invalidArchive = (where: string, layer: string, reason: string, cause?: unknown): UserError =>
  new UserError(`the archive layer is not usable: ${reason}`, {
    code: 'SPK2012',
    file: where,
    field: layer,
    remedy: 'Push the app again; do not trust an archive that someone made by hand.',
    cause,
  });

export const missingContent = (where: string, what: string, reason: string): UserError =>
  new UserError(`the image does not hold what the app needs: ${what} ${reason}`, {
    code: 'SPK2013',
    file: where,
    field: what,
    remedy: 'The image is incomplete; push the app again.',
  });

export const fileTrouble = (path: string, doing: string, cause: unknown): UserError => {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error';
  const said: Record<string, string> = {
    EACCES: 'permission denied',
    EDQUOT: 'disk quota exceeded',
    EISDIR: 'it is a directory',
    ENOENT: 'it does not exist',
    ENOSPC: 'no space left on the device',
    ENOTDIR: 'a part of the path is not a directory',
    EPERM: 'operation not permitted',
    EROFS: 'the file system is read-only',
  };
  return new UserError(`cannot ${doing}: ${said[code] ?? code}`, {
    code: 'SPK2014',
    file: path,
    remedy: 'Make the path usable, or name another with --cache-dir or the environment.',
    cause,
  });
};

export const needsComposition = (component: string, names: readonly string[]): UserError =>
  new UserError(`component ${component} has dependencies that would have to be composed first: ${names.join(', ')}`, {
    code: 'SPK2015',
    field: `component.${component}.dependencies`,
    remedy: 'Push with --compose=false: each dependency then becomes a layer of its own.',
  });

export const notWasm = (message: string, path: string): UserError =>
  new UserError(message, {
    code: 'SPK2016',
    file: path,
    remedy: 'Build the component first, and check that `source` names its .wasm file.',
  });

export const changedWhilePushing = (path: string, reason: string): UserError =>
  new UserError(`the file changed while it was being pushed: ${reason}`, {
    code: 'SPK2017',
    file: path,
    remedy: 'Push again when nothing writes to it.',
  });

export const invalidAuthFile = (path: string, reason: string): UserError =>
  new UserError(`the file of registry credentials cannot be read: ${reason}`, {
    code: 'SPK2018',
    file: path,
    remedy: 'Mend or remove the file, then log in again.',
  });

export const loginRefused = (server: string, user: string): UserError =>
  new UserError(`the registry ${server} does not accept the password of user ${quoted(user)}`, {
    code: 'SPK2019',
    file: server,
    remedy: 'Check the user name and the password; many registries want an access token instead of the password.',
  });

export const unsafeTransfer = (server: string, where: string, reason: string): UserError =>
  new UserError(`the registry ${server} ${reason}`, {
    code: 'SPK2020',
    file: where,
    remedy: 'Ask the operator of the registry to mend its configuration; use --insecure only on a network you trust.',
  });

export const unsupportedChallenge = (server: string, where: string, offered: string): UserError =>
  new UserError(`the registry ${server} asks for a way to log in that is not supported: ${quoted(offered)}`, {
    code: 'SPK2021',
    file: where,
    remedy: 'Basic and Bearer authentication are supported.',
  });

export const unpushable = (path: string, reason: string): UserError =>
  new UserError(`the file cannot be pushed: ${reason}`, {
    code: 'SPK2022',
    file: path,
    remedy: 'Take it out of `files`, or name it in `exclude_files`.',
  });

export const invalidCredentials = (reason: string): UserError =>
  new UserError(`these credentials cannot be used: ${reason}`, {
    code: 'SPK2023',
    remedy: 'Give a registry server, a user name without a colon, and a password.',
  });

export const invalidMount = (where: string, what: string, path: string): UserError =>
  new UserError(`invalid file mount ${quoted(path)}: it must be a relative path without "." and ".."`, {
    code: 'SPK2024',
    file: where,
    field: what,
    remedy: 'Push the app again; do not trust an image that someone made by hand.',
  });

// Every error of this package that a user meets: code, message, place, remedy. Texts in quotes that look like Spin's are
// Spin's (spin-contract.md §1.7, §2.3). The manifest and the field are added by `atPlace`.
import { UserError, type ErrorPlace } from '@spindle/api';

const quoted = (text: string): string => JSON.stringify(text);

/** Why the operating system refused, without the call and the path that Node puts around it. */
export function systemReason(error: NodeJS.ErrnoException): string {
  const said: Readonly<Record<string, string>> = {
    EACCES: 'Permission denied',
    EISDIR: 'Is a directory',
    ELOOP: 'Too many levels of symbolic links',
    ENAMETOOLONG: 'File name too long',
    ENOENT: 'No such file or directory',
    ENOSPC: 'No space left on device',
    ENOTDIR: 'Not a directory',
    EPERM: 'Operation not permitted',
    EROFS: 'Read-only file system',
  };
  return said[error.code ?? ''] ?? error.message;
}

// Where the application is.

export const noManifestIn = (directory: string): UserError =>
  new UserError(`Directory ${directory} does not contain a file named 'spin.toml'`, {
    code: 'SPK3001',
    file: directory,
    remedy: 'Name the directory of an application, its manifest, a .wasm file or an OCI reference.',
  });

export const noSuchPath = (path: string): UserError =>
  new UserError(`No such file or directory '${path}'`, {
    code: 'SPK3002',
    file: path,
    remedy: 'Check the spelling; the path is relative to the current directory.',
  });

export const neitherFileNorDirectory = (path: string): UserError =>
  new UserError(`Path ${path} is neither a file nor a directory`, {
    code: 'SPK3003',
    file: path,
    remedy: 'Name the directory of an application, its manifest, a .wasm file or an OCI reference.',
  });

export const manifestNotFound = (searched: string): UserError =>
  new UserError(`"spin.toml" not found in ${searched}`, {
    code: 'SPK3004',
    remedy: 'Go to the directory of an application, or name one with `--from`.',
  });

export const inaccessiblePath = (path: string, cause: NodeJS.ErrnoException): UserError =>
  new UserError(`Error accessing path ${path}: ${systemReason(cause)}`, {
    code: 'SPK3005',
    file: path,
    remedy: 'Check the permissions of the path and of the directories above it.',
    cause,
  });

export const unreadableManifest = (path: string, cause: NodeJS.ErrnoException): UserError =>
  new UserError(`Failed to read the manifest ${quoted(path)}: ${systemReason(cause)}`, {
    code: 'SPK3006',
    file: path,
    remedy: 'Check the path and its permissions.',
    cause,
  });

export const manifestNotText = (path: string, cause: unknown): UserError =>
  new UserError(`The manifest ${quoted(path)} is not UTF-8 text`, {
    code: 'SPK3007',
    file: path,
    remedy: 'Name a spin.toml, the directory of one, a .wasm file or an OCI reference.',
    cause,
  });

export const sourceNotFound = (from: string, path: string): UserError =>
  new UserError(`File or directory '${from}' not found (tried ${path})`, {
    code: 'SPK3008',
    file: path,
    remedy: 'If you meant to load from a registry, use the `--from-registry` option.',
  });

export const neitherPathNorReference = (from: string, path: string, cause: UserError): UserError =>
  new UserError(`File or directory '${from}' not found (tried ${path}), and it cannot be an OCI reference`, {
    code: 'SPK3009',
    file: path,
    remedy: 'Name a manifest, the directory of one, a .wasm file or an OCI reference.',
    cause,
  });

// Sources of components.

export const downloadFailed = (url: string, reason: string, cause?: unknown): UserError =>
  new UserError(`Error fetching source URL ${quoted(url)}: ${reason}`, {
    code: 'SPK3010',
    file: url,
    remedy: 'Check the URL, the network and the proxy, then try again.',
    cause,
  });

export const wrongDigest = (url: string, expected: string, actual: string): UserError =>
  new UserError(`invalid content digest; expected ${expected}, downloaded ${actual} from ${url}`, {
    code: 'SPK3011',
    file: url,
    remedy: 'Check what the URL serves; if the new content is the right one, write its digest into the manifest.',
  });

export const notWasm = (what: string, path: string, reason: string, place: ErrorPlace, remedy?: string): UserError =>
  new UserError(`${what} is not a valid .wasm file: ${quoted(path)}: ${reason}`, {
    code: 'SPK3012',
    ...place,
    remedy: remedy ?? 'Build the component, and check that `source` names its .wasm file.',
  });

export const unreadableSource = (
  what: string,
  path: string,
  place: ErrorPlace,
  cause: NodeJS.ErrnoException,
): UserError =>
  new UserError(`${what} cannot be read from disk at path ${quoted(path)}: ${systemReason(cause)}`, {
    code: 'SPK3013',
    ...place,
    remedy: 'Build the component first, and check that `source` names its .wasm file.',
    cause,
  });

// WebAssembly packages.

export const invalidPackageConfig = (file: string, field: string, reason: string): UserError =>
  new UserError(`The configuration of package registries is wrong at ${field}: ${reason}`, {
    code: 'SPK3020',
    file,
    field,
    remedy: 'Mend the file by hand, or write it anew with `wkg config`.',
  });

export const packageConfigNotToml = (reason: string, place: ErrorPlace): UserError =>
  new UserError(`The configuration of package registries is not TOML: ${reason}`, {
    code: 'SPK3021',
    ...place,
    remedy: 'Mend the file by hand, or write it anew with `wkg config`.',
  });

export const unreadablePackageConfig = (file: string, cause: NodeJS.ErrnoException): UserError =>
  new UserError(`Cannot read the configuration of package registries: ${systemReason(cause)}`, {
    code: 'SPK3022',
    file,
    remedy: 'Check the permissions of the file.',
    cause,
  });

export const noRegistryFor = (packageName: string): UserError =>
  new UserError(`No registry is known for the package ${packageName}`, {
    code: 'SPK3023',
    remedy: 'Set `registry` for the package in the manifest, or a default in ~/.config/wasm-pkg/config.toml.',
  });

export const unsupportedRegistry = (registry: string, packageName: string, protocol: string): UserError =>
  new UserError(`The registry ${registry} of the package ${packageName} speaks the protocol ${protocol}`, {
    code: 'SPK3024',
    remedy: 'Only OCI registries are supported: name one that holds the package with `registry`.',
  });

export const notAPackage = (reference: string): UserError =>
  new UserError(`${reference} is not a WebAssembly package`, {
    code: 'SPK3025',
    file: reference,
    remedy: 'A package is an image of one WebAssembly layer; publish it with `wkg`.',
  });

export const notARequirement = (text: string): UserError =>
  new UserError(`${quoted(text)} is not a semantic version requirement`, {
    code: 'SPK3026',
    remedy: 'Write it as Cargo does, for example "^1.2" or "=1.2.3".',
  });

export const noMatchingVersion = (packageName: string, version: string, repository: string): UserError =>
  new UserError(`No matching version found for ${packageName} ${version}`, {
    code: 'SPK3027',
    file: repository,
    remedy: 'Check the name and the requirement against what is published.',
  });

/** The manifest names a package, not a repository: a failure of the registry must tell both. */
export const packageNotFetched = (what: string, repository: string, cause: UserError): UserError =>
  new UserError(`Cannot fetch the package ${what} from ${repository}: ${cause.message}`, {
    code: 'SPK3028',
    file: repository,
    ...(cause.remedy === undefined ? {} : { remedy: cause.remedy }),
    cause,
  });

// Applications from a registry.

export const unusableImage = (reference: string, field: string, reason: string): UserError =>
  new UserError(`${reference} is not a usable Spin application: ${field}: ${reason}`, {
    code: 'SPK3030',
    file: reference,
    field,
    remedy: 'Push the app again with `spindle registry push` or `spin registry push`.',
  });

// Files of components.

const INCLUDE_A_DIRECTORY =
  'To include a directory, write { source = "…", destination = "…" }, or a pattern that ends in **/*.';
const CHECK_SPELLING = 'Check the spelling; paths are relative to the directory of the manifest.';
const LEAVE_OUT = 'Leave it out with `exclude_files`.';

export const endsInParent = (): UserError =>
  new UserError("A file pattern can't end in a parent directory path (..)", {
    code: 'SPK3040',
    remedy: INCLUDE_A_DIRECTORY,
  });

export const endsInCurrent = (): UserError =>
  new UserError("A file pattern can't end in a current directory path (.)", {
    code: 'SPK3041',
    remedy: INCLUDE_A_DIRECTORY,
  });

export const noFileAndNoPattern = (pattern: string): UserError =>
  new UserError(`${quoted(pattern)} does not exist and doesn't appear to be a glob pattern`, {
    code: 'SPK3042',
    remedy: CHECK_SPELLING,
  });

export const badPattern = (pattern: string, cause: Error): UserError =>
  new UserError(`Failed to resolve glob pattern ${quoted(pattern)}: ${cause.message}`, {
    code: 'SPK3043',
    remedy: 'Put what is meant literally into brackets, as in [*]; ** stands alone between slashes.',
    cause,
  });

export const badExclusion = (pattern: string, place: ErrorPlace, cause: Error): UserError =>
  new UserError(`Invalid exclude_files glob pattern ${quoted(pattern)}: ${cause.message}`, {
    code: 'SPK3044',
    ...place,
    remedy: 'Put what is meant literally into brackets, as in [*]; ** stands alone between slashes.',
    cause,
  });

export const noSuchSource = (source: string): UserError =>
  new UserError(`File or directory ${quoted(source)} does not exist`, { code: 'SPK3045', remedy: CHECK_SPELLING });

export const outsideTheApp = (path: string): UserError =>
  new UserError(
    `${quoted(path)} cannot be mapped because it is outside the application directory. ` +
      'Files must be within the application directory.',
    { code: 'SPK3046', remedy: 'Move the files below the directory of the manifest.' },
  );

export const destinationOutside = (destination: string): UserError =>
  new UserError(`The destination ${quoted(destination)} leads out of the component's files`, {
    code: 'SPK3047',
    remedy: 'Destinations are paths from the root that the component sees, without "..".',
  });

export const noFileName = (destination: string, example: string): UserError =>
  new UserError(`${quoted(destination)} is not a valid destination file name`, {
    code: 'SPK3048',
    remedy: `Say under which name the component finds the file, for example ${quoted(example)}.`,
  });

export const destinationTaken = (destination: string, cause: unknown): UserError =>
  new UserError(
    `${quoted(destination)} is not a valid destination file name: another entry needs a directory or file of that name`,
    { code: 'SPK3049', remedy: 'Give the two entries different destinations.', cause },
  );

/** `shown` is the path in quotes. */
export const symlinkOutside = (shown: string, path: string, target: string): UserError =>
  new UserError(`${shown} is a symlink that leads out of the application directory, to ${quoted(target)}`, {
    code: 'SPK3050',
    file: path,
    remedy: 'Replace the symlink by the file itself, or remove it.',
  });

export const symlinkLoop = (shown: string, target: string): UserError =>
  new UserError(`${shown} leads back to a directory that contains it, ${quoted(target)}`, {
    code: 'SPK3051',
    remedy: 'Remove the symlink, or name the files that are needed.',
  });

export const specialFile = (shown: string): UserError =>
  new UserError(`${shown} is a device, a named pipe or a socket; only files can be given to a component`, {
    code: 'SPK3052',
    remedy: LEAVE_OUT,
  });

export const nameNotText = (shownDirectory: string, nameInBytes: string): UserError =>
  new UserError(`The directory ${shownDirectory} holds a file whose name is not UTF-8: ${nameInBytes}`, {
    code: 'SPK3053',
    remedy: 'Rename it, or leave it out with `exclude_files`.',
  });

export const unreadablePath = (shown: string, cause: NodeJS.ErrnoException): UserError =>
  new UserError(`Cannot read ${shown}: ${systemReason(cause)}`, {
    code: 'SPK3054',
    remedy: 'Check its permissions, or leave it out of `files`.',
    cause,
  });

export const copyFailed = (destination: string, cause: NodeJS.ErrnoException): UserError =>
  new UserError(`Failed to copy to the component's file ${quoted(destination)}: ${cause.message}`, {
    code: 'SPK3055',
    remedy: 'Check the permissions of the file, and the space where temporary files are kept (`--temp` names another).',
    cause,
  });

export const noAssetDirectory = (path: string, cause: NodeJS.ErrnoException): UserError =>
  new UserError(`Cannot make the directory of a component's files: ${systemReason(cause)}`, {
    code: 'SPK3056',
    file: path,
    remedy: 'Make the directory above it writable, or name another with `--temp`.',
    cause,
  });

export const directoryNotEmpty = (path: string): UserError =>
  new UserError(`The directory for a component's files holds other files: ${path}`, {
    code: 'SPK3059',
    file: path,
    remedy: 'Name another directory with `--temp`.',
  });

export const onlyDirectoriesMounted = (source: string): UserError =>
  new UserError(`Only directory mounts are supported with \`--direct-mounts\`; ${quoted(source)} is not a directory.`, {
    code: 'SPK3057',
    remedy: 'Run without --direct-mounts, or mount the directory that holds it.',
  });

export const noExclusionsInMounts = (place: ErrorPlace): UserError =>
  new UserError('Cannot load a component with `exclude_files` using --direct-mounts', {
    code: 'SPK3058',
    ...place,
    remedy: 'Run without --direct-mounts, or remove `exclude_files`.',
  });

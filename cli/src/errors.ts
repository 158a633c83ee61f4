// Every error of the command line itself: code, message, place, remedy.
import { UserError } from '@spindle/api';

/** `expected` completes "must be …". */
export const invalidFlag = (flag: string, expected: string, given: string, remedy?: string): UserError =>
  new UserError(`${flag} must be ${expected}, not ${JSON.stringify(given)}`, {
    code: 'SPK5001',
    field: flag,
    ...(remedy === undefined ? {} : { remedy }),
  });

export const wordWithoutFrom = (word: string): UserError =>
  new UserError(`${JSON.stringify(word)} is no flag`, {
    code: 'SPK5001',
    field: '--from',
    remedy: `To serve it, write: spindle up -f ${word}`,
  });

export const argumentsForNobody = (args: readonly string[]): UserError =>
  new UserError(`nobody takes the arguments after --: ${args.join(' ')}`, {
    code: 'SPK5001',
    field: '--',
    remedy: 'Only an app with a command trigger has arguments. Leave them out, or add [[trigger.command]].',
  });

export const twoSources = (flags: readonly string[]): UserError =>
  new UserError('More than one application source was specified', {
    code: 'SPK5001',
    field: flags.join(', '),
    remedy: 'Keep one of them.',
  });

export const incompleteTls = (missing: '--tls-cert' | '--tls-key'): UserError =>
  new UserError('--tls-cert and --tls-key only work together', {
    code: 'SPK5001',
    field: missing,
    remedy: 'Give both files, or none to serve plain HTTP.',
  });

/** `flag` is a limit on time that the backstop would come before. */
export const contradictoryTimes = (flag: string): UserError =>
  new UserError(`--stall-timeout must be longer than ${flag}`, {
    code: 'SPK5001',
    field: '--stall-timeout',
    remedy: 'Leave it out for twice the longest of the other timeouts, at least a minute.',
  });

export const twoPasswords = (): UserError =>
  new UserError('--password and --password-stdin exclude each other', {
    code: 'SPK5001',
    field: '--password',
    remedy: 'Keep --password-stdin: other users of the machine can see the arguments of a process.',
  });

/** `flag` is where the path came from. */
export const unreadableFile = (path: string, flag: string, cause: unknown): UserError =>
  new UserError(`cannot read ${path}`, {
    code: 'SPK5002',
    file: path,
    field: flag,
    remedy: 'Give the path of a file that exists and can be read.',
    cause,
  });

export const unusableTlsFile = (path: string, flag: string, what: string, cause: unknown): UserError =>
  new UserError(`${path} holds no usable ${what}`, {
    code: 'SPK5003',
    file: path,
    field: flag,
    remedy: 'Give a PEM file; the key must not be encrypted.',
    cause,
  });

export const mismatchedTls = (cert: string, key: string): UserError =>
  new UserError(`the key ${key} does not belong to the certificate ${cert}`, {
    code: 'SPK5003',
    file: key,
    field: '--tls-key',
    remedy: 'The first certificate of the chain must be the one that was made with this key.',
  });

export const unreadableDotenv = (path: string, cause: unknown): UserError =>
  new UserError(`cannot read ${path}`, {
    code: 'SPK5004',
    file: path,
    remedy: 'Make it a file of NAME=value lines that can be read, or remove it.',
    cause,
  });

export const noTerminal = (): UserError =>
  new UserError('user name or password are missing, and there is no terminal to ask for them', {
    code: 'SPK5005',
    remedy: 'Give --username, and the password through --password-stdin.',
  });

export const noAnswer = (): UserError =>
  new UserError('no answer was given', { code: 'SPK5005', remedy: 'Run the command again.' });

// Templates.

export const notATemplate = (folder: string, missing: string, cause: unknown): UserError =>
  new UserError(`${folder} is no template: ${missing} cannot be read`, {
    code: 'SPK5010',
    file: folder,
    remedy: 'A template is a folder with metadata/spin-template.toml, its snippets, and a folder content.',
    cause,
  });

export const templateFailed = (template: string, what: string, cause: unknown): UserError =>
  new UserError(
    `the template ${template} fails in ${what}: ${cause instanceof Error ? cause.message : String(cause)}`,
    {
      code: 'SPK5010',
      field: what,
      remedy: 'Correct the template, or give other values.',
      cause,
    },
  );

export const unsafeTemplatePath = (template: string, path: string): UserError =>
  new UserError(`the template ${template} names the path ${JSON.stringify(path)}, which leaves the folder it is for`, {
    code: 'SPK5010',
    field: path,
    remedy: 'Correct the template: paths are relative, with "/" between names.',
  });

export const nothingToMake = (folder: string): UserError =>
  new UserError('the template has nothing to make', {
    code: 'SPK5010',
    file: folder,
    remedy: 'Put files into its folder content.',
  });

export const exactlyOneSource = (): UserError =>
  new UserError('one of --git, --dir and --tar must say where the templates are', { code: 'SPK5001', field: '--git' });

export const branchWithoutGit = (): UserError =>
  new UserError('--branch is one of a Git repository, and none is given', {
    code: 'SPK5001',
    field: '--branch',
    remedy: 'Name the repository too, or leave the branch out.',
  });

export const downloadFailed = (url: string, reason: string, cause?: unknown): UserError =>
  new UserError(`cannot fetch ${url}: ${reason}`, {
    code: 'SPK5011',
    file: url,
    field: '--tar',
    remedy: 'Check the URL and the network, or fetch the archive yourself and give its folder with --dir.',
    cause,
  });

export const unusableTarball = (url: string, cause: unknown): UserError =>
  new UserError(`cannot unpack ${url}`, {
    code: 'SPK5011',
    file: url,
    field: '--tar',
    remedy: 'Name a .tar.gz of plain files and folders, as a forge makes of a repository.',
    cause,
  });

export const nothingToChooseWith = (sources: readonly string[]): UserError =>
  new UserError('it is not said what to upgrade, and there is no terminal to ask on', {
    code: 'SPK5005',
    field: '--repo',
    remedy: `Give --all, or --repo with one of ${sources.join(', ')}.`,
  });

export const upgradesFailed = (sources: readonly string[]): UserError =>
  new UserError(`the templates of ${sources.join(', ')} were not upgraded`, {
    code: 'SPK5011',
    remedy: 'The errors above say why; what was installed before is still there.',
  });

export const noTemplatesIn = (source: string): UserError =>
  new UserError(`${source} holds no templates`, {
    code: 'SPK5011',
    file: source,
    remedy: 'Templates stand in a folder "templates" of the repository or folder, each in one of its own.',
  });

export const gitMissing = (cause: unknown): UserError =>
  new UserError('the program git is not installed', {
    code: 'SPK5011',
    field: '--git',
    remedy: 'Install git, or fetch the repository yourself and give its folder with --dir.',
    cause,
  });

export const gitFailed = (url: string, said: string): UserError =>
  new UserError(`cannot clone ${url}: ${said}`, {
    code: 'SPK5011',
    file: url,
    field: '--git',
    remedy: 'Correct the URL or the branch; what needs a password must be reachable for git without asking.',
  });

export const templateNotInstalled = (id: string): UserError =>
  new UserError(`no template ${JSON.stringify(id)} is installed`, {
    code: 'SPK5011',
    field: id,
    remedy: '"spindle templates list --verbose" shows which are; those that are built in stay.',
  });

// New applications and components.

export const invalidParameters = (problems: readonly string[], known: readonly string[]): UserError =>
  new UserError(
    `The following provided value(s) are invalid according to the template:\n${problems.map((one) => `- ${one}`).join('\n')}`,
    {
      code: 'SPK5012',
      field: '--value',
      remedy:
        known.length === 0 ? 'The template takes no values.' : `The template has the parameters ${known.join(', ')}.`,
    },
  );

export const noParameterValue = (name: string, hasDefault: boolean): UserError =>
  new UserError(`Parameter '${name}' not provided`, {
    code: 'SPK5012',
    field: name,
    remedy: hasDefault
      ? `Give --accept-defaults or --value ${name}=…; there is no terminal to ask on.`
      : `Give --value ${name}=…; it has no default, and there is no terminal to ask on.`,
  });

export const folderNotEmpty = (folder: string): UserError =>
  new UserError(`Can't generate into ${folder} as it already contains other files`, {
    code: 'SPK5013',
    file: folder,
    remedy: 'Give another folder with --output, or write over files of the same names with --allow-overwrite.',
  });

export const notAFolder = (path: string): UserError =>
  new UserError(`${path} is no folder`, { code: 'SPK5013', file: path, remedy: 'Give another one with --output.' });

export const folderInTheWay = (path: string): UserError =>
  new UserError(`${path} is a folder, where a file should be`, {
    code: 'SPK5013',
    file: path,
    remedy: 'Move it away, or give another folder with --output.',
  });

export const cannotWrite = (folder: string, cause: unknown): UserError =>
  new UserError(`cannot write to ${folder}: ${cause instanceof Error ? cause.message : String(cause)}`, {
    code: 'SPK5013',
    file: folder,
    remedy: 'Check the permissions and the space on the disk; nothing was left there.',
    cause,
  });

export const unknownTemplate = (id: string, use: 'new' | 'add', exists: boolean, known: readonly string[]): UserError =>
  new UserError(
    exists
      ? `Template ${id} doesn't support the '${use === 'new' ? 'new application' : 'add component'}' operation`
      : `there is no template ${JSON.stringify(id)}`,
    {
      code: 'SPK5014',
      field: '--template',
      remedy: `Choose one of ${known.join(', ')}, or install others with "spindle templates install".`,
    },
  );

export const templateMismatch = (word: string): UserError =>
  new UserError(`Cannot supply both positional and named template id: ${JSON.stringify(word)} is one word too many`, {
    code: 'SPK5001',
    field: '--template',
    remedy: 'Write "spindle new NAME -t TEMPLATE".',
  });

export const badName = (name: string, problem: string): UserError =>
  new UserError(`the name ${JSON.stringify(name)} cannot be used: ${problem}`, {
    code: 'SPK5014',
    field: 'name',
    remedy: 'Begin each part of the name with a letter, for example "my-app".',
  });

export const nothingChosen = (what: string, how: string, choices: readonly string[]): UserError =>
  new UserError(`no ${what} was given, and there is no terminal to ask on`, {
    code: 'SPK5014',
    field: what,
    remedy: `Give it ${how}${choices.length === 0 ? '' : `: one of ${choices.join(', ')}`}.`,
  });

export const noManifestToExtend = (manifest: string): UserError =>
  new UserError(`Can't add component to ${manifest}: file does not exist`, {
    code: 'SPK5015',
    file: manifest,
    remedy: 'Go to the folder of an application, or name its spin.toml with --file.',
  });

export const manifestTooOld = (manifest: string): UserError =>
  new UserError(`Can't add component to ${manifest}: it is of version 1`, {
    code: 'SPK5015',
    file: manifest,
    remedy: 'Upgrade it with "spindle doctor".',
  });

// Builds.

export const unknownComponents = (ids: readonly string[], known: readonly string[]): UserError =>
  new UserError(`Unknown component(s) ${ids.join(', ')}`, {
    code: 'SPK5020',
    field: '--component-id',
    remedy: `The application has ${known.join(', ')}.`,
  });

export const absoluteWorkdir = (component: string, manifest: string): UserError =>
  new UserError('The workdir specified in the application file must be relative.', {
    code: 'SPK5020',
    file: manifest,
    field: `component.${component}.build.workdir`,
    remedy: 'Write it relative to the folder of the manifest.',
  });

export const missingWorkdir = (component: string, folder: string, manifest: string): UserError =>
  new UserError(`the working directory ${folder} of component ${component} does not exist`, {
    code: 'SPK5020',
    file: manifest,
    field: `component.${component}.build.workdir`,
    remedy: 'Correct `workdir`, which is relative to the folder of the manifest.',
  });

export const buildFailed = (component: string, command: string, status: string, remedy: string): UserError =>
  new UserError(`Build command for component ${component} failed with ${status}: ${command}`, {
    code: 'SPK5021',
    field: `component.${component}.build.command`,
    remedy,
  });

export const buildStopped = (): UserError =>
  new UserError('the build was stopped', {
    code: 'SPK5021',
    remedy: 'Run it again: what it had begun may be there in part.',
  });

export const notAManifest = (what: string): UserError =>
  new UserError(`${what} is no application with a manifest`, {
    code: 'SPK5022',
    file: what,
    remedy: 'Name a spin.toml or its folder with --from; other sources are for "spindle up".',
  });

// The doctor.

export const toolFailed = (command: string, cause: unknown): UserError =>
  new UserError(`\`${command}\` failed`, {
    code: 'SPK5023',
    field: command,
    remedy: 'Run it yourself to see why.',
    cause,
  });

export const problemsLeft = (count: number): UserError =>
  new UserError(count === 1 ? 'one problem is left' : `${count} problems are left`, {
    code: 'SPK5023',
    remedy: 'Follow the advice above, then run "spindle doctor" again.',
  });

// SpinApps.

const APP_REMEDY = (names: readonly string[]): string => `Choose one with --app: ${names.join(', ')}.`;

export const noSpinApp = (file: string): UserError =>
  new UserError(`${file} holds no SpinApp`, {
    code: 'SPK5030',
    file,
    remedy: 'Name a file with an object of kind SpinApp and apiVersion core.spinkube.dev/v1alpha1.',
  });

export const severalSpinApps = (file: string, names: readonly string[]): UserError =>
  new UserError(`${file} holds ${names.length} SpinApps`, { code: 'SPK5030', file, remedy: APP_REMEDY(names) });

export const unknownSpinApp = (file: string, name: string, names: readonly string[]): UserError =>
  new UserError(`${file} holds no SpinApp ${JSON.stringify(name)}`, {
    code: 'SPK5030',
    file,
    field: '--app',
    remedy: names.length === 0 ? 'It holds none at all.' : APP_REMEDY(names),
  });

export const appWithoutFile = (): UserError =>
  new UserError('--app chooses a SpinApp of a file, and --from names no .yaml or .json file that exists', {
    code: 'SPK5001',
    field: '--app',
    remedy: 'Leave it out, or name the file: spindle up -f app.yaml --app hello.',
  });

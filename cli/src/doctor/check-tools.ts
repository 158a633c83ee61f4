// Whether the programs are there that the build commands call, and what these in turn need.
import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { toolFailed } from '../errors.ts';
import type { Diagnosis, Patient } from './diagnosis.ts';

const run = promisify(execFile);

/** By program: where to get it. */
const TOOLS: Readonly<Record<string, string>> = {
  cargo: 'Install Rust: https://rustup.rs',
  npm: 'Install Node with npm: https://nodejs.org',
  npx: 'Install Node with npm: https://nodejs.org',
  node: 'Install Node: https://nodejs.org',
  python3: 'Install Python 3.10 or newer: https://www.python.org',
  'componentize-py': 'Install it with "pip install componentize-py".',
  tinygo: 'Install TinyGo: https://tinygo.org/getting-started/install',
  go: 'Install Go: https://go.dev/doc/install',
  zig: 'Install Zig: https://ziglang.org/download',
  make: 'Install make with the packages of your system.',
};

/** What esbuild and componentize-js ask for. */
const LEAST_NODE_MAJOR = 20;

/** `commands` are the build commands of all components. */
export async function checkTools(commands: readonly string[], { env }: Pick<Patient, 'env'>): Promise<Diagnosis[]> {
  const called = new Set(commands.flatMap(programsOf));
  const missing = new Set<string>();
  for (const program of called) {
    if (TOOLS[program] !== undefined && !(await isInPath(program, env))) {
      missing.add(program);
    }
  }
  return [
    ...[...missing].map((program) => ({
      description: `The program ${program}, which a build command calls, is not installed`,
      critical: true,
      advice: TOOLS[program] ?? '',
    })),
    ...(called.has('cargo') && !missing.has('cargo') ? await checkRustTargets(commands, env) : []),
    ...(['npm', 'npx', 'node'].some((program) => called.has(program)) ? await checkNode(env) : []),
  ];
}

/** The first word of each simple command; what is quoted or computed is not looked into. */
export const programsOf = (command: string): string[] =>
  command
    .split(/[|&;\n()]+/)
    .map(
      (part) =>
        part
          .trim()
          .split(/\s+/)
          .find((word) => !/^\w+=/.test(word)) ?? '',
    )
    .filter((word) => word !== '');

/** Targets of WebAssembly that commands name, as in `--target wasm32-wasip1` and `--target=…`. */
export const rustTargetsOf = (commands: readonly string[]): string[] => [
  ...new Set(
    commands
      .filter((command) => programsOf(command).includes('cargo'))
      .flatMap((command) => [...command.matchAll(/--target[ =](wasm32-[\w-]+)/g)].map(([, target = '']) => target)),
  ),
];

async function checkRustTargets(commands: readonly string[], env: Patient['env']): Promise<Diagnosis[]> {
  const wanted = rustTargetsOf(commands);
  if (wanted.length === 0 || !(await isInPath('rustup', env))) {
    return [];
  }
  const { stdout } = await run('rustup', ['target', 'list', '--installed'], { env });
  const installed = stdout.split(/\s+/);
  return wanted
    .filter((target) => !installed.includes(target))
    .map((target) => ({
      description: `The Rust target ${target} is not installed`,
      critical: true,
      treatment: {
        summary: `run \`rustup target add ${target}\``,
        apply: async () => {
          await run('rustup', ['target', 'add', target], { env }).catch((error: unknown) => {
            throw toolFailed(`rustup target add ${target}`, error);
          });
        },
      },
    }));
}

/** The one in PATH builds; Spindle itself may run on another. */
async function checkNode(env: Patient['env']): Promise<Diagnosis[]> {
  const found = await run('node', ['--version'], { env }).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
  return found === undefined || Number(/^v(\d+)/.exec(found)?.[1]) >= LEAST_NODE_MAJOR
    ? []
    : [
        {
          description: `Node ${found} in PATH is too old for building JavaScript components`,
          critical: true,
          advice: `Install Node ${LEAST_NODE_MAJOR} or newer: https://nodejs.org`,
        },
      ];
}

async function isInPath(program: string, env: Patient['env']): Promise<boolean> {
  const places = (env['PATH'] ?? '').split(delimiter).filter((place) => place !== '');
  const found = await Promise.all(
    places.map((place) =>
      access(join(place, program), constants.X_OK).then(
        () => true,
        // expected: it is in one of them at most
        () => false,
      ),
    ),
  );
  return found.includes(true);
}

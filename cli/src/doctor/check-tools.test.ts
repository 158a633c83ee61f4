import { expect, test } from 'vitest';
import { checkTools, programsOf, rustTargetsOf } from './check-tools.ts';

test.each([
  ['cargo build --release', ['cargo']],
  ['cd app && npm install; npm run build || exit 1', ['cd', 'npm', 'npm', 'exit']],
  ['RUSTFLAGS=-g CARGO_HOME=/x cargo build', ['cargo']],
  ['test -x a || (python3 -m venv .venv && .venv/bin/pip install x)', ['test', 'python3', '.venv/bin/pip']],
  ['a | b & c\nd', ['a', 'b', 'c', 'd']],
  ['', []],
])('the programs of %j are %j', (command, programs) => {
  expect(programsOf(command)).toEqual(programs);
});

test.each([
  [['cargo build --target wasm32-wasip1 --release'], ['wasm32-wasip1']],
  [['cargo build --target=wasm32-wasip2', 'cd x && cargo build --target wasm32-wasip2'], ['wasm32-wasip2']],
  [['cargo build', 'make --target wasm32-wasip1'], []],
])('the Rust targets of %j are %j', (commands, targets) => {
  expect(rustTargetsOf(commands)).toEqual(targets);
});

test('programs that are not there are told of, each once, with where to get them', async () => {
  const commands = ['npm install', 'npm run build', 'cargo build --target wasm32-wasip2', 'own-tool x'];
  expect(await checkTools(commands, { env: { PATH: '/nowhere' } })).toEqual([
    {
      description: 'The program npm, which a build command calls, is not installed',
      critical: true,
      advice: 'Install Node with npm: https://nodejs.org',
    },
    {
      description: 'The program cargo, which a build command calls, is not installed',
      critical: true,
      advice: 'Install Rust: https://rustup.rs',
    },
  ]);
});

import { describe, expect, it } from 'vitest';
import { INHERITABLE_CONFIGURATION } from '@spindle/api';
import { httpCapability } from '../../host/http/index.ts';
import { capabilities } from '../../host/index.ts';
import { deniedImports, isGranted } from './capabilities.ts';

const IMPORTS = [
  'fermyon:spin/llm@2.0.0',
  'wasi:http/outgoing-handler@0.2.6',
  'wasi:http/outgoing-handler@0.2.0-rc-2023-11-10',
  'wasi:sockets/tcp@0.2.0',
  'spin:postgres/postgres@4.2.0',
  'wasi:cli/environment@0.2.3',
  'wasi:filesystem/preopens@0.2.6',
  'fermyon:spin/key-value',
  'wasi:keyvalue/store@0.2.0-draft2',
  'fermyon:spin/sqlite@2.0.0',
  'wasi:config/store@0.2.0-draft-2024-09-27',
  'wasi:io/streams@0.2.6',
  'wasi:http/types@0.2.6',
  'wasi:filesystem/types@0.2.6',
  'wasi:clocks/monotonic-clock@0.2.6',
  'acme:text/markdown',
];
const HARMLESS = IMPORTS.slice(-5);

const allowed = (inherit: Parameters<typeof deniedImports>[0]): string[] => {
  const isDenied = deniedImports(inherit);
  return IMPORTS.filter((name) => !isDenied(name));
};

describe('of what a dependency imports', () => {
  it('everything that stands for a grant is denied when nothing is inherited, in every version', () => {
    expect(allowed(undefined)).toEqual(HARMLESS);
    expect(allowed({ Some: [] })).toEqual(HARMLESS);
  });

  it('nothing is denied when everything is inherited', () => {
    expect(allowed('All')).toEqual(IMPORTS);
  });

  it.each<[string, readonly string[]]>([
    ['ai_models', ['fermyon:spin/llm@2.0.0']],
    [
      'allowed_outbound_hosts',
      [
        'wasi:http/outgoing-handler@0.2.6',
        'wasi:http/outgoing-handler@0.2.0-rc-2023-11-10',
        'wasi:sockets/tcp@0.2.0',
        'spin:postgres/postgres@4.2.0',
      ],
    ],
    ['environment', ['wasi:cli/environment@0.2.3']],
    ['files', ['wasi:filesystem/preopens@0.2.6']],
    ['key_value_stores', ['fermyon:spin/key-value', 'wasi:keyvalue/store@0.2.0-draft2']],
    ['sqlite_databases', ['fermyon:spin/sqlite@2.0.0']],
    ['variables', ['wasi:config/store@0.2.0-draft-2024-09-27']],
    ['something-unknown', []],
    ['__proto__', []],
  ])('%s allows just what it stands for', (capability, names) => {
    expect(allowed({ Some: [capability] })).toEqual([...names, ...HARMLESS]);
  });

  it('all seven together allow what inheriting everything does', () => {
    expect(allowed({ Some: [...INHERITABLE_CONFIGURATION] })).toEqual(IMPORTS);
  });
});

// An interface of the host that is in neither list is a hole: dependencies would reach it without a grant.
const GIVEN_TO_ALL = [
  /^wasi:io\//,
  /^wasi:clocks\//,
  /^wasi:random\//,
  /^wasi:cli\/(?:exit|types|std(?:in|out|err)|terminal-(?:input|output|stdin|stdout|stderr))@/,
  // Types, and resources that only a granted interface hands out.
  /^wasi:http\/types@/,
  /^wasi:filesystem\/types@/,
  /^wasi:sockets\/(?:network|instance-network)@/,
  /-types(?:@|$)/,
];

it('every interface of the host stands for a grant or is known to be given to all', () => {
  const names = [...capabilities, httpCapability()].flatMap(({ interfaces }) => interfaces);
  expect(names.length).toBeGreaterThan(20);
  expect(names.filter((name) => !isGranted(name) && !GIVEN_TO_ALL.some((pattern) => pattern.test(name)))).toEqual([]);
  expect(names.filter((name) => isGranted(name) && GIVEN_TO_ALL.some((pattern) => pattern.test(name)))).toEqual([]);
});

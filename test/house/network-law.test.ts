// Deny by default holds only where there is one way out: what of the host can open a connection by itself is listed here,
// with the reason, and nothing else can (ARCHITECTURE.md, host/network).
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const HOST = resolve(import.meta.dirname, '../../runtime-node/src/host');

/** Modules that reach the network, each with the names that do not. */
const NETWORK_MODULES: Readonly<Record<string, readonly string[]>> = {
  'node:net': ['isIP', 'isIPv4', 'isIPv6', 'BlockList'],
  'node:tls': ['createSecureContext', 'getCACertificates', 'rootCertificates'],
  'node:http': ['validateHeaderName', 'validateHeaderValue'],
  'node:https': [],
  'node:http2': ['constants'],
  'node:dgram': [],
  'node:dns': [],
  'node:dns/promises': [],
  'node:child_process': [],
  'node:worker_threads': [],
  'node:module': [],
};

/** Packages that open no connections; any other might. */
const HARMLESS = ['@spindle/api', 'ipaddr.js'];

/** Globals that do. */
const GLOBALS = ['fetch', 'WebSocket', 'EventSource'];

/** File, what it uses, why that is no way round the rules. */
const ALLOWED: readonly (readonly [file: string, uses: string, reason: string])[] = [
  ['network/connect.ts', 'node:net connect', 'the way out itself'],
  ['network/connect.ts', 'node:tls connect', 'over a socket that was opened there'],
  ['network/outbound-network.ts', 'node:dns/promises lookup', 'the one resolver, whose answers are checked'],
  ['http/client/http1.ts', 'node:http Agent', 'holds one socket that was opened there and makes none'],
  ['http/client/http1.ts', 'node:http request', 'by that agent'],
  ['http/client/http2.ts', 'node:http2 connect', 'over a socket that was opened there'],
  ['mysql/client/connection.ts', 'mysql2 *', 'over a socket that was opened there'],
  ['mysql/client/parameters.ts', 'mysql2 *', 'for the names of types alone'],
  ['postgres/client/connection.ts', 'pg *', 'over a socket that was opened there'],
  ['redis/client/connection.ts', 'ioredis *', 'over a socket that was opened there'],
  ['mqtt/session.ts', 'mqtt *', 'over a socket that was opened there'],
  ['wasi-sockets/udp-socket.ts', 'node:dgram createSocket', 'asks the rules about each datagram by itself'],
  ['sqlite/embedded/engine-process.ts', 'node:child_process fork', 'SQL in another process, over a channel of Node'],
  ['key-value/cosmos.ts', '@azure/cosmos *', 'the operator names the server'],
  ['key-value/cosmos.ts', '@azure/identity *', 'the operator names the server'],
  ['key-value/dynamo-sdk.ts', '@aws-sdk/client-dynamodb *', 'the operator names the server'],
  ['llm/remote.ts', 'global fetch', 'the operator names the server'],
  ['sqlite/libsql/libsql.ts', 'global fetch', 'the operator names the server'],
  ['variables/providers/azure.ts', '@azure/identity *', 'the operator names the server'],
  ['variables/providers/azure.ts', '@azure/keyvault-secrets *', 'the operator names the server'],
  ['variables/providers/vault.ts', 'global fetch', 'the operator names the server'],
];

function sourceFiles(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) {
      return name === 'testing' ? [] : sourceFiles(path);
    }
    return name.endsWith('.ts') && !name.endsWith('.test.ts') ? [path] : [];
  });
}

const STATIC = /(?:^|\n)(?:import|export)\s+(?!type\b)([^'";]*?)\s*from\s*'([^']+)'|(?:^|\n)import\s+'([^']+)'/g;
const DYNAMIC = /\b(?:import|require)\(\s*(?:'([^']+)'|[^')])/g;

/** What `text` uses of the network, as in ALLOWED. */
function networkUses(text: string): string[] {
  const uses: string[] = [];
  const add = (module: string, names: readonly string[]): void => {
    const harmless = Object.hasOwn(NETWORK_MODULES, module) ? NETWORK_MODULES[module] : undefined;
    if (harmless !== undefined) {
      uses.push(...names.filter((name) => !harmless.includes(name)).map((name) => `${module} ${name}`));
    } else if (!/^(?:\.|node:)/.test(module) && !HARMLESS.includes(module)) {
      uses.push(`${module} *`);
    }
  };
  for (const [, clause = '', module, bare] of text.matchAll(STATIC)) {
    const list = namesOf(clause);
    if (clause === '' || list.length > 0) {
      add(module ?? bare ?? '', clause === '' ? ['*'] : list);
    }
  }
  for (const [whole, module] of text.matchAll(DYNAMIC)) {
    if (module === undefined) {
      uses.push(`computed ${whole}`);
    } else {
      add(module, ['*']);
    }
  }
  const code = withoutTextAndComments(text);
  for (const name of GLOBALS) {
    // Not as a property of something else, nor as the name of one; `typeof fetch` in a type opens nothing.
    if (new RegExp(`(?<![.\\w]|typeof )${name}\\b(?!\\s*[?]?:)`).test(code) || code.includes(`globalThis.${name}`)) {
      uses.push(`global ${name}`);
    }
  }
  return uses;
}

/** The names that are values: `* as x` and a default are everything. */
function namesOf(clause: string): string[] {
  const [, list] = /\{([^}]*)\}/.exec(clause) ?? [];
  const others = clause
    .replace(/\{[^}]*\}/, '')
    .replaceAll(',', '')
    .trim();
  const names = (list ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && !name.startsWith('type '))
    .map((name) => name.split(/\s+as\s+/)[0] ?? name);
  return others === '' ? names : [...names, '*'];
}

/** Templates stay: one that names a function is worth a look, and a search that knew where they end would be a parser. */
const withoutTextAndComments = (text: string): string =>
  text.replaceAll(/'(?:[^'\\\n]|\\.)*'|(?<=^|\s)\/\/[^\n]*|(?<=^|\s)\/\*[\s\S]*?\*\//gm, ' ');

const found = sourceFiles(HOST).flatMap((file) =>
  networkUses(readFileSync(file, 'utf8')).map((use) => `${relative(HOST, file)}: ${use}`),
);
const allowed = ALLOWED.map(([file, use]) => `${file}: ${use}`);

describe('the host', () => {
  it('opens connections nowhere but where the rules are asked', () => {
    expect(found.filter((use) => !allowed.includes(use))).toEqual([]);
  });

  it('needs every exception', () => {
    expect(allowed.filter((use) => !found.includes(use))).toEqual([]);
  });
});

describe('the search', () => {
  it.each([
    ["import { connect } from 'node:net';", ['node:net connect']],
    ["import { isIP, type Socket } from 'node:net';", []],
    ["import type { Socket } from 'node:net';", []],
    ["import { connect as dial } from 'node:tls';", ['node:tls connect']],
    ["import * as http from 'node:http';", ['node:http *']],
    ["import https from 'node:https';", ['node:https *']],
    ["import 'undici';", ['undici *']],
    ["const { request } = await import('node:http');", ['node:http *']],
    ["const mysql = await import('mysql2/promise');", ['mysql2/promise *']],
    ['const any = await import(name);', ['computed import(n']],
    ["const { createSocket } = require('node:dgram');", ['node:dgram *']],
    ['await fetch(url);', ['global fetch']],
    ['const send = fetch;', ['global fetch']],
    ['await globalThis.fetch(url);', ['global fetch']],
    ['new WebSocket(url);', ['global WebSocket']],
    ["// fetch('x')\nconst text = 'fetch';\nstore.fetch();\ntype Send = typeof fetch;", []],
  ])('sees what %j uses', (text, uses) => {
    expect(networkUses(`\n${text}\n`)).toEqual(uses);
  });
});

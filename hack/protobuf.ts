// The messages of the shim as TypeScript, from shim/proto. Both programs are of npm and ask no network.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');

/** Name of the file to its content. */
export function protobufMessages(madeBy: string): Readonly<Record<string, string>> {
  const out = mkdtempSync(join(tmpdir(), 'spindle-protobuf-'));
  const bin = join(ROOT, 'node_modules/.bin');
  const template = {
    version: 'v2',
    plugins: [{ local: join(bin, 'protoc-gen-es'), out, opt: ['target=ts', 'import_extension=ts'] }],
  };
  try {
    execFileSync(join(bin, 'buf'), ['generate', join(ROOT, 'shim/proto'), '--template', JSON.stringify(template)], {
      cwd: ROOT,
      env: { ...process.env, PATH: `${bin}:${process.env['PATH'] ?? ''}` },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    return Object.fromEntries(
      readdirSync(out)
        .toSorted()
        .map((name) => [name, `// Made by "${madeBy}".\n${readFileSync(join(out, name), 'utf8')}`]),
    );
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

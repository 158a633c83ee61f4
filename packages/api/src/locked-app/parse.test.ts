import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { UserError } from '../errors.ts';
import { thrown, userError } from '../test-support/thrown.ts';
import { parseLockedApp } from './parse.ts';
import type { LockedApp } from './types.ts';

const DIGEST = `sha256:${'0a'.repeat(32)}`;
const COMPONENT = { id: 'c', source: { content_type: 'application/wasm', digest: DIGEST } };
const APP = { spin_lock_version: 1, triggers: [], components: [] };

const parse = (app: unknown): LockedApp => parseLockedApp(JSON.stringify(app), 'ghcr.io/x/y:1');
const withComponent = (fields: object): unknown => ({ ...APP, components: [{ ...COMPONENT, ...fields }] });

const FULL: LockedApp = {
  spin_lock_version: 1,
  must_understand: ['host_requirements', 'component_host_requirements'],
  metadata: {
    name: 'app',
    version: '1',
    authors: ['A'],
    triggers: { http: {} },
    trigger: { type: 'http' },
    'something-new': [1, { x: null }],
  },
  host_requirements: { local_service_chaining: 'required' },
  variables: { v: { default: 'd', description: 'what' }, s: { secret: true } },
  triggers: [
    {
      id: 't',
      trigger_type: 'http',
      trigger_config: { component: 'c', route: '/' },
      trigger_dependencies: { middleware: [{ source: COMPONENT.source, export: null, inherit: { Some: ['files'] } }] },
    },
  ],
  components: [
    {
      id: 'c',
      metadata: { description: 'd', allowed_outbound_hosts: ['http://*:*'], build: { command: 'make' } },
      source: { content_type: 'application/wasm', inline: 'AGFzbQ' },
      env: { A: '1' },
      files: [
        { digest: DIGEST, path: 'a/b.txt' },
        { source: 'file:///x', path: '/' },
      ],
      config: { k: '{{ v }}' },
      dependencies: { 'a:b': { source: COMPONENT.source, export: 'e', inherit: 'All' } },
      host_requirements: { middleware: 'required' },
    },
  ],
};

describe('a locked app in JSON', () => {
  it('is read whole', () => {
    expect(parse(FULL)).toEqual(FULL);
  });

  it('may have fields of later versions, which are left out', () => {
    const later = { ...APP, new_field: 1, components: [{ ...COMPONENT, also_new: {} }] };
    expect(parse(later)).toEqual({ ...APP, components: [COMPONENT] });
  });

  it('may call a requirement optional, which is then dropped', () => {
    const app = { ...APP, host_requirements: { time_travel: 'optional', local_service_chaining: true } };
    expect(parse(app).host_requirements).toEqual({ local_service_chaining: true });
  });

  it('may leave out what is null', () => {
    const app = withComponent({ metadata: null, files: null, source: { ...COMPONENT.source, inline: null } });
    expect(parse(app)).toEqual({ ...APP, components: [COMPONENT] });
  });

  it.each([
    [{ ...APP, spin_lock_version: 2 }, 'spin_lock_version', 'invalid version 2 > 1'],
    [{ ...APP, spin_lock_version: '1' }, 'spin_lock_version', 'invalid type: string "1", expected an integer'],
    [{ triggers: [], components: [] }, undefined, 'missing field `spin_lock_version`'],
    [{ ...APP, triggers: undefined }, undefined, 'missing field `triggers`'],
    [
      { ...APP, must_understand: ['magic'] },
      'must_understand[0]',
      'unknown variant `magic`, expected `host_requirements` or `component_host_requirements`',
    ],
    [
      { ...APP, host_requirements: { x: 'required', local_service_chaining: 'required', y: {} } },
      'host_requirements',
      'This version of Spin does not support the following features required by this application: x, y',
    ],
    [
      withComponent({ host_requirements: { z: 'required' } }),
      'components[0].host_requirements',
      'This version of Spin does not support the following features required by this application: z',
    ],
    [
      { ...APP, triggers: [{ id: 't', trigger_type: 'x', trigger_config: [] }] },
      'triggers[0].trigger_config',
      'expected a map',
    ],
    [{ ...APP, variables: { v: 'd' } }, 'variables.v', 'expected a map'],
    [{ ...APP, metadata: { name: 1 } }, 'metadata.name', 'expected a string'],
    [{ ...APP, metadata: { trigger: {} } }, 'metadata.trigger', 'missing field `type`'],
    [{ ...APP, components: [COMPONENT, COMPONENT] }, 'components[1].id', 'duplicate component id "c"'],
    [withComponent({ source: { digest: DIGEST } }), 'components[0].source', 'missing field `content_type`'],
    [
      withComponent({ source: { content_type: 'x' } }),
      'components[0].source',
      'content without `source`, `inline` or `digest`',
    ],
    [
      withComponent({ source: { content_type: 'x', digest: '../../etc/passwd' } }),
      'components[0].source.digest',
      'invalid digest "../../etc/passwd"',
    ],
    [withComponent({ source: { content_type: 'x', inline: 'a*b=' } }), 'components[0].source.inline', 'not base64'],
    [withComponent({ env: { A: 1 } }), 'components[0].env.A', 'expected a string'],
    [withComponent({ metadata: { databases: 'x' } }), 'components[0].metadata.databases', 'expected a sequence'],
    [
      withComponent({ dependencies: { 'a:b': { export: null } } }),
      'components[0].dependencies."a:b"',
      'missing field `source`',
    ],
    [
      withComponent({ dependencies: { p: { source: COMPONENT.source, inherit: 'Most' } } }),
      'components[0].dependencies.p.inherit',
      'expected a map',
    ],
  ])('is refused when it cannot be (%#)', (app, field, message) => {
    const error = userError(() => parse(app));
    expect(error.message).toContain(message);
    expect(error.place).toEqual(field === undefined ? { file: 'ghcr.io/x/y:1' } : { file: 'ghcr.io/x/y:1', field });
  });

  it.each(['..', '../x', 'a/../b', '/etc', 'a//b', 'a/', './a', '', '.', 'a\0b'])('may not mount at %j', (path) => {
    const error = userError(() => parse(withComponent({ files: [{ digest: DIGEST, path }] })));
    expect(error.message).toBe(`invalid file mount ${JSON.stringify(path)}`);
    expect(error.place.field).toBe('components[0].files[0].path');
  });

  it.each(['a', 'a/b', '..a', 'a b/ü', '/'])('may mount at %j', (path) => {
    expect(parse(withComponent({ files: [{ digest: DIGEST, path }] })).components[0]?.files?.[0]?.path).toBe(path);
  });

  it('says where it is not JSON, without showing it', () => {
    const error = userError(() => parseLockedApp('{\n "token": "hunter2",\n oops }', 'spin.lock'));
    expect(error.message).toBe('not valid JSON');
    expect(error.place).toEqual({ file: 'spin.lock', line: 3, column: 2 });
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });

  it('throws nothing but a UserError, whatever stands in it', () => {
    const place = fc.constantFrom(
      ...'spin_lock_version must_understand metadata host_requirements variables triggers components'.split(' '),
    );
    fc.assert(
      fc.property(fc.dictionary(place, fc.jsonValue()), fc.string(), (fields, garbage) => {
        const texts = [
          JSON.stringify({ ...FULL, ...fields }),
          JSON.stringify(FULL).slice(0, -garbage.length - 1),
          garbage,
        ];
        const errors = texts.map((text) => thrown(() => parseLockedApp(text, 'x')));
        expect(errors.filter((error) => error !== undefined && !(error instanceof UserError))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

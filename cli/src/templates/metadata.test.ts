import { UserError } from '@spindle/api';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMetadata } from './metadata.ts';

const HEAD = 'manifest_version = "1"\nid = "tried"\n';
const parse = (text: string): ReturnType<typeof parseMetadata> => parseMetadata(text, 'spin-template.toml');

describe('the metadata of a template', () => {
  it('says what can be made, and what is asked', () => {
    const metadata = parse(`${HEAD}description = "Tried"
tags = ["HTTP", "js"]
trigger_type = "http"
[add_component]
skip_files = ["spin.toml"]
copy_into = "root"
[add_component.snippets]
component = "component.txt"
[add_component.conditions.have-address]
condition = { manifest_entry_exists = "application.trigger.redis" }
skip_parameters = ["address"]
skip_snippets = ["application_trigger"]
[parameters]
second = { type = "string", prompt = "Second" }
first = { type = "string", prompt = "First", default = "/...", pattern = "^/\\\\S*$", allowed_values = ["/...", "/x"] }
[outputs.files]
action = "create_dir"
path = "{{second}}"
at = "manifest"
`);
    expect(metadata).toMatchObject({
      id: 'tried',
      description: 'Tried',
      tags: ['http', 'js'],
      newApplication: { skipFiles: [], intoRoot: false },
      addComponent: {
        skipFiles: ['spin.toml'],
        intoRoot: true,
        snippets: new Map([['component', 'component.txt']]),
        conditions: [
          {
            manifestEntry: 'application.trigger.redis',
            skipParameters: ['address'],
            skipSnippets: ['application_trigger'],
            skipFiles: [],
          },
        ],
      },
      folders: [{ path: '{{second}}', at: 'manifest' }],
    });
    expect(metadata.parameters).toEqual([
      { name: 'second', prompt: 'Second' },
      { name: 'first', prompt: 'First', default: '/...', pattern: /^\/\S*$/u, allowed: ['/...', '/x'] },
    ]);
  });

  it('makes applications unless it says no, and components only when it says so', () => {
    expect(parse(HEAD)).toMatchObject({ newApplication: {} });
    expect(parse(HEAD).addComponent).toBeUndefined();
    const turned = parse(`${HEAD}[new_application]\nsupported = false\n[add_component]\n`);
    expect(turned.newApplication).toBeUndefined();
    expect(turned.addComponent).toBeDefined();
  });

  it.each([
    ['', 'missing field `manifest_version`'],
    ['manifest_version = "2"\nid = "x"', 'invalid template version: "2"'],
    ['manifest_version = "1"', 'missing field `id`'],
    ['manifest_version = "1"\nid = "../x"', 'invalid template id: "../x"'],
    [`${HEAD}weird = 1`, 'unknown field `weird`'],
    [`${HEAD}[parameters]\na = { type = "number", prompt = "A" }`, 'unknown type "number"'],
    [`${HEAD}[parameters]\na = { type = "string" }`, 'missing field `prompt`'],
    [`${HEAD}[parameters]\na = { type = "string", prompt = "A", pattern = "(" }`, 'invalid pattern "("'],
    [`${HEAD}[add_component.snippets]\nodd = "x"`, 'unknown snippet "odd"'],
    [`${HEAD}[add_component]\ncopy_into = "moon"`, 'unknown place "moon"'],
    [`${HEAD}[outputs.x]\naction = "delete"\npath = "y"`, 'unknown action "delete"'],
    [`${HEAD}custom_filters = []`, 'custom filters are not supported'],
    [`${HEAD}[`, 'TOML parse error'],
  ])('refuses %j: %s', (text, message) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({ code: 'SPK5010', message: expect.stringContaining(message) }),
    );
  });

  it('never fails on a text with anything but an error for the user', () => {
    const word = fc.constantFrom(
      'manifest_version',
      'id',
      'parameters',
      'add_component',
      '[',
      ']',
      '=',
      '"1"',
      '{',
      '}',
      '\n',
      'x',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 30 }), (words) => {
        const failure = failureOf(() => parse(words.join(' ')));
        expect(failure === undefined || failure instanceof UserError).toBe(true);
      }),
    );
  });
});

function failureOf(act: () => void): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    // expected: most of what is tried is wrong
    return error;
  }
}

// The interfaces of Spin 1 that need no server, by a guest that imports them all (spin-contract.md §4.2, §4.4).
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from './client.ts';
import { serveGuest, type ServedGuest } from './serve-guest.ts';

let served: ServedGuest;

beforeAll(async () => {
  served = await serveGuest('rspin1', {
    application: '[variables]\nsubject = { default = "world" }',
    component: 'key_value_stores = ["default"]\n[component.rspin1.variables]\ngreeting = "hello {{ subject }}"',
  });
});

afterAll(() => served?.stop());

const answer = async (path: string): Promise<string | undefined> => (await ask(served.port, path)).body;

describe('key-value of Spin 1', () => {
  it('makes every call on the stores it opens', async () => {
    const answers: (string | undefined)[] = [];
    for (const call of ['get?a=default&a=k', 'set?a=default&a=k&a=v', 'get?a=default&a=k', 'exists?a=default&a=k']) {
      answers.push(await answer(`/kv/${call}`));
    }
    answers.push(await answer('/kv/keys?a=default'), await answer('/kv/delete?a=default&a=k'));
    answers.push(await answer('/kv/keys?a=default'), await answer('/kv/keys?a=other'));
    expect(answers).toEqual([
      'error Error::NoSuchKey\n',
      '()\n',
      '"v"\n',
      'true\n',
      '["k"]\n',
      '()\n',
      '[]\n',
      'error Error::AccessDenied\n',
    ]);
  });

  it('ends the guest that uses a closed store', async () => {
    expect((await ask(served.port, '/kv/closed?a=default')).status).toBe(500);
  });
});

describe('config of Spin 1', () => {
  it.each([
    ['greeting', '"hello world"\n'],
    ['none', 'error Error::Provider("no variable for \\"rspin1\\".\\"none\\"")\n'],
    [
      'Bad',
      'error Error::InvalidKey("\\"Bad\\": invalid character \'B\'. Variable names may contain only lower-case letters, numbers, and underscores.")\n',
    ],
  ])('answers for %s', async (name, expected) => {
    expect(await answer(`/config?a=${name}`)).toBe(expected);
  });
});

describe('LLM and Redis of Spin 1', () => {
  it('are denied what the manifest does not allow', async () => {
    expect(await answer('/llm/infer?a=m&a=hi')).toContain("The component does not have access to use 'm'");
    expect(await answer('/redis/get?a=redis://127.0.0.1:6379&a=k')).toContain('name: "error"');
  });
});

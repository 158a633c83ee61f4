import { expect, test } from 'vitest';
import { impatient, send, startFaultRegistry } from '../testing/fault-registry.ts';
import { userError } from '../testing/thrown.ts';
import { listTags } from './tags.ts';

test('tags are read over all pages', async () => {
  const registry = await startFaultRegistry(({ line }, response) =>
    line.endsWith('/list')
      ? send(
          response,
          200,
          { link: '</v2/me/app/tags/list?last=b&n=2>; rel="next"' },
          '{"name":"me/app","tags":["a","b"]}',
        )
      : send(response, 200, {}, '{"name":"me/app","tags":["c"]}'),
  );
  expect(await listTags(`${registry.host}/me/app`, impatient())).toEqual(['a', 'b', 'c']);
});

test('a page may hold more tags than a call may have arguments', async () => {
  const page = JSON.stringify({ tags: Array.from({ length: 200_000 }, () => 'a') });
  const registry = await startFaultRegistry((_, response) => send(response, 200, {}, page));
  expect(await listTags(`${registry.host}/me/app`, impatient())).toHaveLength(200_000);
});

test.each([['{"name":"me/app","tags":null}'], ['{"tags":[]}']])(
  'a repository without tags (%s) has none',
  async (body) => {
    const registry = await startFaultRegistry((_, response) => send(response, 200, {}, body));
    expect(await listTags(`${registry.host}/me/app`, impatient())).toEqual([]);
  },
);

test.each(['', '[]', '{"tags":[1]}', '{"tags":{}}'])(
  'an answer %j that is no list of tags is an error',
  async (body) => {
    const registry = await startFaultRegistry((_, response) => send(response, 200, {}, body));
    expect((await userError(() => listTags(`${registry.host}/me/app`, impatient()))).code).toBe('SPK2008');
  },
);

test('pages without end come to an end', async () => {
  const registry = await startFaultRegistry((_, response) =>
    send(response, 200, { link: '<?again>; rel=next' }, '{"tags":["a"]}'),
  );
  expect((await userError(() => listTags(`${registry.host}/me/app`, impatient()))).message).toContain('pages of tags');
});

test('a repository that does not exist is named', async () => {
  const registry = await startFaultRegistry((_, response) => send(response, 404));
  expect((await userError(() => listTags(`${registry.host}/me/app`, impatient()))).message).toBe(
    'the registry has no repository me/app',
  );
});

import { describe, expect, it } from 'vitest';
import { findHandler } from './handler.ts';

describe('the export that handles requests', () => {
  it.each(['0.2.0', '0.2.3', '0.2.12'])('is the incoming-handler of WASI %s', (version) => {
    const name = `wasi:http/incoming-handler@${version}`;
    expect(findHandler('c', ['exports', name])).toBe(name);
  });

  it.each([
    'wasi:http/handler@0.3.0-rc-2026-03-15',
    'wasi:http/handler@0.3.0',
    'wasi:http/handler@0.3.2',
    'wasi:http/incoming-handler@0.2.0-rc-2023-10-18',
    'wasi:http/incoming-handler@0.2.0-rc-2023-11-10',
    'fermyon:spin/inbound-http',
  ])('may be that of WASI 0.3, or of an older Spin: %s', (name) => {
    expect(findHandler('c', ['exports', name])).toBe(name);
  });

  it('is named when there is none, with what the component exports', () => {
    expect(() => findHandler('c', ['wasi:cli/run@0.2.0'])).toThrow(
      /^Expected component to export one of `wasi:http\/incoming-handler@0\.2\.0-rc-2023-10-18`.*exported none of those.*wasi:cli\/run@0\.2\.0$/,
    );
  });

  it.each([
    ['wasi:cli/run@0.2.12', 'executor = { type = "wagi" }'],
    ['fermyon:spin/inbound-redis', 'with an HTTP handler.'],
  ])('is missed with a remedy that fits what there is: %s', (name, remedy) => {
    expect(() => findHandler('c', [name])).toThrow(
      expect.objectContaining({ code: 'SPK4023', remedy: expect.stringContaining(remedy) }),
    );
  });

  it('must be the only one', () => {
    expect(() => findHandler('c', ['wasi:http/incoming-handler@0.2.0', 'fermyon:spin/inbound-http'])).toThrow(
      "component exports multiple different handlers but it's expected to export only one",
    );
  });
});

// What the runtime itself answers below `/.well-known/spin/` (spin-contract.md §3.2 step 3).
import { WELL_KNOWN_PREFIX, type LockedMetadata } from '@spindle/api';
import type { HeaderList } from '../../host/http/exchange.ts';

export interface FixedAnswer {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Buffer;
}

const JSON_TYPE: HeaderList = [['content-type', 'application/json']];
const NOTHING = Buffer.alloc(0);

/** Answers by path, made once per app. */
export function wellKnownAnswers(metadata: LockedMetadata): (path: string) => FixedAnswer {
  const { name, version, oci_image_digest } = metadata;
  const info = JSON.stringify({ name, version, oci_image_digest }, null, 2);
  const answers = new Map<string, FixedAnswer>([
    [`${WELL_KNOWN_PREFIX}health`, { status: 200, headers: [], body: Buffer.from('OK') }],
    [`${WELL_KNOWN_PREFIX}info`, { status: 200, headers: JSON_TYPE, body: Buffer.from(info) }],
  ]);
  const missing: FixedAnswer = { status: 404, headers: [], body: NOTHING };
  return (path) => answers.get(path) ?? missing;
}

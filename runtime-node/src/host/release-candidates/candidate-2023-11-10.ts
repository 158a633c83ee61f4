// The release candidate of 10 November 2023 (spin-contract.md §3.8): 0.2.0 but for these few functions.
import { Trap, type Result } from '../../component/index.ts';
import { changed, functionOf, gone, renamed, type Candidate } from './adapt.ts';

const NO_LONGER = ' API no longer supported';

const httpTypes: Candidate = (today) => ({
  ...today,
  functions: {
    ...today.functions,
    ...renamed(today.functions, {
      '[method]request-options.connect-timeout-ms': '[method]request-options.connect-timeout',
      '[method]request-options.set-connect-timeout-ms': '[method]request-options.set-connect-timeout',
      '[method]request-options.first-byte-timeout-ms': '[method]request-options.first-byte-timeout',
      '[method]request-options.set-first-byte-timeout-ms': '[method]request-options.set-first-byte-timeout',
      '[method]request-options.between-bytes-timeout-ms': '[method]request-options.between-bytes-timeout',
      '[method]request-options.set-between-bytes-timeout-ms': '[method]request-options.set-between-bytes-timeout',
    }),
    '[method]future-trailers.get': changed(functionOf(today.functions, '[method]future-trailers.get'), {
      result: takenOnce,
    }),
  },
});

/** Of `option<result<trailers>>` the trailers alone: candidates have no way to say that they were taken before. */
export function takenOnce(answer: unknown): unknown {
  const taken = answer as Result<unknown, undefined> | undefined;
  if (taken?.tag === 'err') {
    throw new Trap('trailers have already been retrieved');
  }
  return taken?.val;
}

const withIpv6Only =
  (resource: string): Candidate =>
  (today) => ({
    ...today,
    functions: {
      ...today.functions,
      ...gone([`[method]${resource}.ipv6-only`, `[method]${resource}.set-ipv6-only`], NO_LONGER),
    },
  });

/** What is not named is as today. */
export const CANDIDATE_2023_11_10: Readonly<Record<string, Candidate>> = {
  'wasi:http/types': httpTypes,
  'wasi:sockets/tcp': withIpv6Only('tcp-socket'),
  'wasi:sockets/udp': withIpv6Only('udp-socket'),
};

// The release candidate of 18 October 2023 (spin-contract.md §3.8), all but HTTP: functions with other names or
// parameters, streams with an error of their own, and functions that never became part of 0.2.
import { plain, type HostInterface } from '../../component/index.ts';
import { andThen } from '../attempt.ts';
import type { Guest } from '../guest.ts';
import type { InputStream } from '../io/streams.ts';
import { changed, functionOf, gone, invoke, renamed, type Candidate, type Functions } from './adapt.ts';
import { httpTypes, outgoingHandler } from './http-2023-10-18.ts';

const NO_LONGER = ' API no longer supported';

const poll: Candidate = (today) => ({
  ...today,
  functions: renamed(today.functions, { 'poll-list': 'poll', 'poll-one': '[method]pollable.block' }),
});

/** The source is given away with the call: its handle is no longer the guest's to drop. */
function splicing(today: Functions, name: string): Functions {
  const splice = functionOf(today, name);
  const call = (guest: Guest, to: unknown, source: InputStream, length: bigint): unknown => {
    const done = (moved: unknown): unknown => {
      source[Symbol.dispose]();
      return moved;
    };
    return andThen(invoke(splice, guest, to, source, length), done);
  };
  return { [name]: { ...plain(call), waits: splice.waits } };
}

const streams: Candidate = (today, released) => {
  const error = released('wasi:io/error');
  return {
    ...today,
    functions: {
      ...today.functions,
      ...error.functions,
      ...splicing(today.functions, '[method]output-stream.splice'),
      ...splicing(today.functions, '[method]output-stream.blocking-splice'),
      ...gone(['[method]output-stream.forward'], NO_LONGER),
    },
    resources: { ...today.resources, ...error.resources },
  };
};

const monotonicClock: Candidate = (today) => {
  const at = functionOf(today.functions, 'subscribe-instant');
  const after = functionOf(today.functions, 'subscribe-duration');
  return {
    ...today,
    functions: {
      ...today.functions,
      subscribe: plain((guest: Guest, when: bigint, absolute: boolean) => invoke(absolute ? at : after, guest, when)),
    },
  };
};

const DESCRIPTOR = [
  'access-at',
  'change-file-permissions-at',
  'change-directory-permissions-at',
  'lock-shared',
  'lock-exclusive',
  'try-lock-shared',
  'try-lock-exclusive',
  'unlock',
].map((name) => `[method]descriptor.${name}`);

const files: Candidate = (today) => ({
  ...today,
  functions: {
    ...today.functions,
    ...gone(DESCRIPTOR),
    // The permissions of a new file were the guest's to choose.
    '[method]descriptor.open-at': changed(functionOf(today.functions, '[method]descriptor.open-at'), {
      args: (...given) => given.slice(0, -1),
    }),
  },
});

const nameLookup: Candidate = (today) => ({
  ...today,
  functions: {
    ...today.functions,
    'resolve-addresses': changed(functionOf(today.functions, 'resolve-addresses'), {
      args: (network, name) => [network, name],
    }),
  },
});

const tcp: Candidate = (today) => ({
  ...today,
  functions: {
    ...today.functions,
    ...renamed(today.functions, {
      '[method]tcp-socket.keep-alive': '[method]tcp-socket.keep-alive-enabled',
      '[method]tcp-socket.set-keep-alive': '[method]tcp-socket.set-keep-alive-enabled',
      '[method]tcp-socket.unicast-hop-limit': '[method]tcp-socket.hop-limit',
      '[method]tcp-socket.set-unicast-hop-limit': '[method]tcp-socket.set-hop-limit',
    }),
    ...gone(
      ['ipv6-only', 'set-ipv6-only', 'no-delay', 'set-no-delay'].map((name) => `[method]tcp-socket.${name}`),
      NO_LONGER,
    ),
  },
});

/** Datagrams went through the socket itself; nobody is known who did. */
const UDP = ['start-connect', 'finish-connect', 'receive', 'send', 'ipv6-only', 'set-ipv6-only'];

const udp: Candidate = (today): HostInterface<Guest> => ({
  ...today,
  functions: {
    ...today.functions,
    ...gone(UDP.map((name) => `[method]udp-socket.${name}`)),
  },
});

/** What is not named is as today. */
export const CANDIDATE_2023_10_18: Readonly<Record<string, Candidate>> = {
  'wasi:io/poll': poll,
  'wasi:io/streams': streams,
  'wasi:clocks/monotonic-clock': monotonicClock,
  'wasi:filesystem/types': files,
  'wasi:sockets/ip-name-lookup': nameLookup,
  'wasi:sockets/tcp': tcp,
  'wasi:sockets/udp': udp,
  'wasi:http/types': httpTypes,
  'wasi:http/outgoing-handler': outgoingHandler,
};

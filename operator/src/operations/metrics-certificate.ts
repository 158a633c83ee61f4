// The certificate of the metrics server: given as files, or made for this process. Nobody checks the latter, as with upstream's.
import { hostname } from 'node:os';
import { UserError } from '@spindle/api';
import type { Clock } from '@spindle/kube';
import type { KeyPair } from '../admission/server.ts';
import { findCertFiles, followCertFiles, type ReadObserver } from '../certificates/cert-files.ts';
import type { Flags } from './flags.ts';

/** A third of its life of 90 days. */
const RENEW_MS = 30 * 86_400_000;
/** Node's timers know no longer time. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface MetricsCertificate {
  readonly pair: KeyPair;
  /** Tells of each that takes its place; the answer ends it. */
  follow(onPair: (pair: KeyPair) => void, onError: (error: unknown) => void): () => void;
}

export async function metricsCertificate(
  flags: Flags,
  clock: Clock,
  observe: ReadObserver,
): Promise<MetricsCertificate> {
  const files = {
    folder: flags['metrics-cert-path'],
    cert: flags['metrics-cert-name'],
    key: flags['metrics-cert-key'],
  };
  if (files.folder === '') {
    return { pair: await made(clock), follow: (onPair, onError) => remake(clock, onPair, onError) };
  }
  const pair = await findCertFiles(files, observe);
  if (pair === undefined) {
    throw new UserError('there is no certificate for the metrics', {
      code: 'SPK6002',
      file: files.folder,
      remedy: `Put ${files.cert} and ${files.key} there, or leave --metrics-cert-path out.`,
    });
  }
  return { pair, follow: (onPair, onError) => followCertFiles(files, onPair, onError, observe) };
}

async function made(clock: Clock): Promise<KeyPair> {
  const { issueServing, makeAuthority } = await import('../certificates/issue.ts');
  const now = clock.date();
  return issueServing(await makeAuthority(now), [hostname(), 'localhost'], now);
}

function remake(clock: Clock, onPair: (pair: KeyPair) => void, onError: (error: unknown) => void): () => void {
  let cancel: (() => void) | undefined;
  const again = (): void => {
    cancel = clock.after(Math.min(RENEW_MS, MAX_TIMER_MS), () => {
      made(clock).then(onPair, onError);
      again();
    });
  };
  again();
  return () => cancel?.();
}

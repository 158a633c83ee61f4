// What a controller works on, how its work ends, and what it tells whoever counts (kube-client 12, 13, 24).
import type { ObjectName } from '../client/resource.ts';

/** Everything a piece of work is: which object, never what has happened to it. */
export type QueueKey = ObjectName;

/** In the order of service: an edit that somebody waits for, a child's event, another try, the list at the start. */
export const PRIORITIES = ['live', 'child', 'retry', 'initial'] as const;
export type Priority = (typeof PRIORITIES)[number];

export type Outcome = { readonly kind: 'done' } | { readonly kind: 'after'; readonly ms: number };

/** Nothing more to do until something happens. */
export const done: Outcome = { kind: 'done' };
/** All is well, and time itself will make a difference. */
export const after = (ms: number): Outcome => ({ kind: 'after', ms });

export interface WorkContext {
  /** Aborts when the work takes too long and when the process must end. What is asked of the API server should have it. */
  readonly signal: AbortSignal;
}

/**
 * Brings one object to what it should be. Throws when it cannot; an error with `retry` says when to try again (`no`: not before
 * something happens), any other is tried with a growing delay.
 */
export type Reconcile = (key: QueueKey, context: WorkContext) => Promise<Outcome>;

/** As controller-runtime's label `result`. */
export type WorkResult = 'success' | 'requeue_after' | 'error';

export interface WorkReport {
  readonly result: WorkResult;
  readonly durationMs: number;
  /** It could not be done: not tried again before something happens. */
  readonly isTerminal: boolean;
  /** It hung and was given up. */
  readonly isTimeout: boolean;
  /** Something that is no Error was thrown: a bug. */
  readonly isPanic: boolean;
}

export interface ControllerObserver {
  /** A key was put in, whether it was there already or not. */
  added?(): void;
  /** A key goes in again because its work failed or asked for it. */
  retried?(): void;
  /** A worker takes a key. */
  began?(queuedMs: number): void;
  ended?(report: WorkReport): void;
  failed?(key: QueueKey, error: Error, retryMs: number | undefined): void;
}

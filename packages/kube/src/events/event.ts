// An Event of events.k8s.io/v1, and what there is to say of an object.
import { resource, type KubeObject } from '../client/resource.ts';

/** Of core/v1. */
export interface ObjectReference {
  readonly apiVersion: string;
  readonly kind: string;
  /** Absent for what is in no namespace. */
  readonly namespace?: string;
  readonly name: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
}

export interface Occurrence {
  readonly regarding: ObjectReference;
  readonly type: 'Normal' | 'Warning';
  /** PascalCase, for machines: `DeploymentCreated`. */
  readonly reason: string;
  /** What was done or tried, PascalCase: `CreateDeployment`. */
  readonly action: string;
  /** For people. Never a value of a Secret: everybody who may list events reads it. */
  readonly note: string;
  readonly related?: ObjectReference;
}

export interface EventObject extends KubeObject {
  readonly eventTime: string;
  readonly reportingController: string;
  readonly reportingInstance: string;
  readonly action: string;
  readonly reason: string;
  readonly note: string;
  readonly type: string;
  readonly regarding: ObjectReference;
  readonly related?: ObjectReference;
  /** From the second time on. */
  readonly series?: EventSeries;
}

export interface EventSeries {
  readonly count: number;
  readonly lastObservedTime: string;
}

export const EVENTS = resource<EventObject>({
  group: 'events.k8s.io',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
});

/** The API server refuses longer ones. */
const MAX_NOTE_BYTES = 1024;
const MAX_WORD_CHARACTERS = 128;

export const word = (text: string): string => text.slice(0, MAX_WORD_CHARACTERS);

/** Cut between characters, with a sign that it was. */
export function shortNote(note: string): string {
  const bytes = Buffer.from(note);
  if (bytes.length <= MAX_NOTE_BYTES) {
    return note;
  }
  const mark = '…';
  const kept = bytes.subarray(0, MAX_NOTE_BYTES - Buffer.byteLength(mark)).toString('utf8');
  return kept.replace(/\uFFFD+$/, '') + mark;
}

/** Events of what is in no namespace are in `default`. */
export const namespaceOf = ({ namespace = 'default' }: ObjectReference): string => namespace;

/** `<object>.<16 hex digits>`, as every recorder names them; a name has at most 253 characters. */
export const eventName = ({ name }: ObjectReference, unique: bigint): string =>
  `${name.slice(0, 253 - 17).replace(/[-.]+$/, '')}.${unique.toString(16).padStart(16, '0')}`;

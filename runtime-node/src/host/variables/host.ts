// fermyon:spin/variables@2.0.0, spin:variables/variables@3.0.0 with the same function, and their ancestor,
// fermyon:spin/config: one component's variables, asked anew each time.
import { VariableError, type VariableResolver } from '@spindle/api';
import { waiting, type HostInterface } from '../../component/index.ts';
import { attempt } from '../attempt.ts';
import type { Guest } from '../guest.ts';

interface Failure {
  readonly tag: string;
  readonly val: string;
}

/** Gives what the resolver says, as the `error` variant of one of the two interfaces. */
function getter(resolver: VariableResolver, tagOf: (error: VariableError) => string) {
  const failure = (error: unknown): Failure => {
    if (error instanceof VariableError) {
      return { tag: tagOf(error), val: error.message };
    }
    throw error;
  };
  return waiting((guest: Guest, name: string) => attempt(() => resolver.get(guest.component.id, name), failure));
}

/** The WIT cases are the kinds of VariableError. */
export const variablesV2 = (resolver: VariableResolver): HostInterface<Guest> => ({
  repeatable: true,
  resources: {},
  functions: { get: getter(resolver, ({ kind }) => kind) },
});

/** Version 1 has no case for an unknown variable; Spin says `provider`, and `other` for all that is left (§4.4). */
const V1_TAGS = {
  'invalid-name': 'invalid-key',
  undefined: 'provider',
  provider: 'other',
  other: 'other',
} as const;

export const configV1 = (resolver: VariableResolver): HostInterface<Guest> => ({
  repeatable: true,
  resources: {},
  functions: { 'get-config': getter(resolver, ({ kind }) => V1_TAGS[kind]) },
});

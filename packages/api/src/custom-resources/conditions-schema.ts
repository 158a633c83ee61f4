// Conditions of a status, as metav1.Condition has them.
import { list, object, string, type JsonSchema } from './json-schema.ts';

const time: JsonSchema = { type: 'string', format: 'date-time' };

const CONDITION: JsonSchema = object(
  'One aspect of the state (metav1.Condition).',
  {
    type: {
      ...string('Name of the aspect.'),
      maxLength: 316,
      pattern: String.raw`^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$`,
    },
    status: { ...string('Whether it holds.'), enum: ['True', 'False', 'Unknown'] },
    reason: {
      ...string('Why, in one word for programs.'),
      minLength: 1,
      maxLength: 1024,
      pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$',
    },
    message: { ...string('Why, in words for people.'), maxLength: 32_768 },
    lastTransitionTime: { ...time, description: 'When the status changed last.' },
    observedGeneration: {
      type: 'integer',
      format: 'int64',
      minimum: 0,
      description: 'Generation that the condition speaks of.',
    },
  },
  ['lastTransitionTime', 'message', 'reason', 'status', 'type'],
);

/** Each has its type once, so that several writers can share the list. */
export const conditions = (description: string): JsonSchema => ({
  ...list(description, CONDITION),
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': ['type'],
});

export const OBSERVED_GENERATION: JsonSchema = {
  type: 'integer',
  format: 'int64',
  description: 'Generation of the spec that the status speaks of.',
};

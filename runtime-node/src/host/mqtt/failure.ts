// What goes wrong with MQTT, as the guest is told (spin-contract.md §4.9).

export type MqttFailure =
  | { readonly tag: 'invalid-address' | 'too-many-connections' }
  | { readonly tag: 'connection-failed' | 'other'; readonly val: string };

export class MqttFailed extends Error {
  override readonly name = 'MqttFailed';
  readonly failure: MqttFailure;

  constructor(failure: MqttFailure, cause?: unknown) {
    super('val' in failure ? failure.val : failure.tag, cause === undefined ? undefined : { cause });
    this.failure = failure;
  }
}

export const connectionFailed = (text: string, cause?: unknown): MqttFailed =>
  new MqttFailed({ tag: 'connection-failed', val: text }, cause);

/** What was thrown as a failure; a defect of ours is thrown again. */
export function failureOf(error: unknown): MqttFailure {
  if (error instanceof MqttFailed) {
    return error.failure;
  }
  throw error;
}

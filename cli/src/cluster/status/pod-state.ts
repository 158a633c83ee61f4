// A pod in one word, as `kubectl get pods`.
import type { Pod } from '../resources.ts';

export interface PodState {
  readonly ready: boolean;
  readonly state: string;
  readonly restarts: number;
}

export function podState({ metadata, status }: Pod): PodState {
  const [container] = status?.containerStatuses ?? [];
  const { waiting, terminated } = container?.state ?? {};
  return {
    ready: status?.conditions?.some(({ type, status: holds }) => type === 'Ready' && holds === 'True') === true,
    state:
      metadata.deletionTimestamp === undefined
        ? (waiting?.reason ?? terminated?.reason ?? status?.reason ?? status?.phase ?? 'Unknown')
        : 'Terminating',
    restarts: container?.restartCount ?? 0,
  };
}

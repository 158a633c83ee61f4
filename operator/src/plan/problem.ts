// What keeps an app from running as its spec says: found before anything is written, told by a condition and an event.

export interface Problem {
  /** CamelCase, for programs: the condition's reason. */
  readonly reason:
    | 'SpecInvalid'
    | 'ExecutorNotFound'
    | 'ExecutorInvalid'
    | 'RuntimeConfigInvalid'
    | 'SecretNotFound'
    | 'ConfigMapNotFound'
    | 'DeploymentConflict'
    | 'ServiceConflict'
    | 'SecretConflict'
    /** The API server has refused what the plan says. */
    | 'ObjectRefused'
    | 'QuotaExceeded'
    | 'Forbidden'
    /** Pods cannot be made, or do not start. */
    | 'PodsNotCreated'
    | 'PodsNotStarted'
    | 'PodsUnschedulable'
    | 'RuntimeClassMissing'
    | 'ImagePullFailed'
    | 'VolumeMountFailed'
    | 'ContainerCannotStart'
    | 'CrashLooping';
  /** Path in the SpinApp, as users write it, e.g. `spec.variables[1].name`; of pods, which of them. */
  readonly field: string;
  /** What is wrong, and what to do: two sentences. Never a value out of a Secret. */
  readonly message: string;
  /**
   * `wait`: it can be well without a change of the app, because something that is missing may come.
   * `stalled`: somebody must change something.
   */
  readonly kind: 'wait' | 'stalled';
}

export const problemText = ({ field, message }: Problem): string => `${field}: ${message}`;

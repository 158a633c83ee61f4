// What a reflector tells whoever keeps its objects. Between `init` and `init-done` a whole new state is told: nothing of it
// counts before `init-done`, and another `init` begins it anew (kube-client 1, 3).
import type { Observed } from './event.ts';

export type Change<T> =
  | { readonly kind: 'init' }
  | { readonly kind: 'init-apply'; readonly object: T & Observed }
  /** Deleted while the state was being told. */
  | { readonly kind: 'init-delete'; readonly object: T & Observed }
  | { readonly kind: 'init-done' }
  /** Nothing comes of the state that was being told; the one of before still holds. */
  | { readonly kind: 'init-cancelled' }
  | { readonly kind: 'apply'; readonly object: T & Observed }
  /** With its last state. */
  | { readonly kind: 'delete'; readonly object: T & Observed };

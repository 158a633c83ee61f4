// The one way in which commands write a SpinApp: server-side apply of what is ours already with the change in it. Fields of
// others stay theirs, unless the change is about them and `force` says that it may take them.
import type { SpinAppSpec } from '@spindle/api';
import { ApiError } from '@spindle/kube';
import { explained } from '../failures.ts';
import { SPIN_APPS, type LiveApp } from '../resources.ts';
import { call, FIELD_MANAGER, type Session } from '../session.ts';
import { appliedPart } from './applied-part.ts';

/** `undefined` gives a field up: it goes, unless somebody else has it too. */
export type SpecChange = { readonly [K in keyof SpinAppSpec]?: SpinAppSpec[K] | undefined };

export interface ChangeOptions {
  readonly force: boolean;
  readonly dryRun?: boolean;
}

export type Intent = ReturnType<typeof intentOf>;

/** What is sent; `live` is undefined for a new app. */
export function intentOf(
  name: { readonly namespace: string; readonly name: string },
  live: LiveApp | undefined,
  change: SpecChange,
): { readonly metadata: { readonly namespace: string; readonly name: string }; readonly spec: SpinAppSpec } {
  const { metadata = {}, spec = {} } = live === undefined ? {} : appliedPart(live);
  const { labels, annotations } = metadata as Readonly<Record<string, unknown>>;
  const together = Object.entries({ ...(spec as object), ...change }).filter(([, value]) => value !== undefined);
  return {
    metadata: {
      ...name,
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    // The API server checks it.
    spec: Object.fromEntries(together) as unknown as SpinAppSpec,
  };
}

export async function applyIntent(session: Session, intent: Intent, options: ChangeOptions): Promise<LiveApp> {
  const apply = (force: boolean): Promise<LiveApp> =>
    session.client.apply(SPIN_APPS, intent, { ...call(session), ...options, force });
  try {
    return await apply(options.force).catch((error: unknown) => {
      if (!isOwnConflict(error)) {
        throw error;
      }
      return apply(true);
    });
  } catch (error) {
    throw explained(error, session.access.server.host, intent.metadata);
  }
}

/** With what we have written by other means, such as the scale subresource. */
const isOwnConflict = (error: unknown): boolean =>
  error instanceof ApiError &&
  error.causes.length > 0 &&
  error.causes.every(
    ({ reason, message }) => reason === 'FieldManagerConflict' && message.includes(`"${FIELD_MANAGER}"`),
  );

export function changeApp(
  session: Session,
  live: LiveApp,
  change: SpecChange,
  options: ChangeOptions,
): Promise<LiveApp> {
  const { namespace = session.namespace, name } = live.metadata;
  return applyIntent(session, intentOf({ namespace, name }, live, change), options);
}

/** Tools that put back what is in Git. */
const GITOPS = /flux|kustomize-controller|helm-controller|argocd/i;

/** Who will undo a change of this field, if somebody will. */
export function undoneBy({ metadata }: LiveApp, field: string): string | undefined {
  return metadata.managedFields?.find(({ manager = '', fieldsV1 }) => {
    const spec = (fieldsV1 as Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined)?.['f:spec'];
    return GITOPS.test(manager) && spec?.[`f:${field}`] !== undefined;
  })?.manager;
}

// Who may read the metrics: whoever the cluster itself would let do so (control-plane contract §4.1, --metrics-secure). A
// token is asked about once in a while, not at each scrape.
import { createHash } from 'node:crypto';
import { resource, type Clock, type KubeClient, type KubeObject } from '@spindle/kube';

interface TokenReview extends KubeObject {
  readonly spec: { readonly token: string };
  readonly status?: { readonly authenticated?: boolean; readonly user?: User };
}

interface User {
  readonly username?: string;
  readonly uid?: string;
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

interface AccessReview extends KubeObject {
  readonly spec: object;
  readonly status?: { readonly allowed?: boolean; readonly reason?: string };
}

const TOKEN_REVIEWS = resource<TokenReview>({
  group: 'authentication.k8s.io',
  version: 'v1',
  plural: 'tokenreviews',
  kind: 'TokenReview',
  namespaced: false,
});
const ACCESS_REVIEWS = resource<AccessReview>({
  group: 'authorization.k8s.io',
  version: 'v1',
  plural: 'subjectaccessreviews',
  kind: 'SubjectAccessReview',
  namespaced: false,
});

/** controller-runtime's: a minute for a token, half a minute for a refusal. */
const GOOD_MS = 60_000;
const BAD_MS = 30_000;
/** Scrapers of a cluster are a handful; whoever tries tokens must not fill the memory. */
const MAX_KEPT = 1000;

export type Access =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'denied'; readonly user: string };

export class AccessReviewer {
  readonly #client: Pick<KubeClient, 'create'>;
  readonly #clock: Clock;
  readonly #kept = new Map<string, { readonly access: Access; readonly until: number }>();

  constructor(client: Pick<KubeClient, 'create'>, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
  }

  /** `authorization` is the header of the request. */
  async review(authorization: string | undefined, path: string): Promise<Access> {
    const token = /^bearer +(?<token>\S+) *$/i.exec(authorization ?? '')?.groups?.['token'];
    if (token === undefined) {
      return { kind: 'anonymous' };
    }
    const id = createHash('sha256').update(`${path}\n${token}`).digest('base64');
    const kept = this.#kept.get(id);
    if (kept !== undefined && kept.until > this.#clock.now()) {
      return kept.access;
    }
    const access = await this.#ask(token, path);
    this.#keep(id, access);
    return access;
  }

  async #ask(token: string, path: string): Promise<Access> {
    const { status } = await this.#client.create<TokenReview>(TOKEN_REVIEWS, { metadata: {}, spec: { token } });
    if (status?.authenticated !== true) {
      return { kind: 'unknown' };
    }
    const { username = '', uid, groups, extra } = status.user ?? {};
    const answer = await this.#client.create<AccessReview>(ACCESS_REVIEWS, {
      metadata: {},
      spec: { user: username, uid, groups, extra, nonResourceAttributes: { path, verb: 'get' } },
    });
    return answer.status?.allowed === true ? { kind: 'allowed' } : { kind: 'denied', user: username };
  }

  #keep(id: string, access: Access): void {
    this.#kept.delete(id);
    this.#kept.set(id, { access, until: this.#clock.now() + (access.kind === 'allowed' ? GOOD_MS : BAD_MS) });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MAX_KEPT && oldest !== undefined) {
      this.#kept.delete(oldest);
    }
  }
}

// What the API server itself says that somebody has asked of it: its audit log, one line for each request.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One line when a request is answered; when a watch begins, another. */
const POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules: [{ level: Metadata }]
`;

export interface AuditedRequest {
  readonly user: string;
  readonly verb: string;
  readonly resource: string;
  readonly at: number;
}

export interface Audit {
  /** For kube-apiserver. */
  readonly flags: readonly string[];
  requests(): Promise<AuditedRequest[]>;
  remove(): Promise<void>;
}

interface Line {
  readonly user: { readonly username: string };
  readonly verb: string;
  readonly objectRef?: { readonly resource?: string; readonly subresource?: string };
  readonly requestReceivedTimestamp: string;
}

export async function createAudit(): Promise<Audit> {
  const folder = await mkdtemp(join(tmpdir(), 'audit-'));
  const [policy, log] = [join(folder, 'policy.yaml'), join(folder, 'audit.log')];
  await writeFile(policy, POLICY);
  return {
    flags: [`--audit-policy-file=${policy}`, `--audit-log-path=${log}`, '--audit-log-mode=blocking'],
    async requests() {
      const text = await readFile(log, 'utf8');
      // The last line may be half written.
      const lines = text.slice(0, text.lastIndexOf('\n')).split('\n');
      return lines.map((line) => {
        const { user, verb, objectRef = {}, requestReceivedTimestamp } = JSON.parse(line) as Line;
        const { resource = '', subresource } = objectRef;
        return {
          user: user.username,
          verb,
          resource: subresource === undefined ? resource : `${resource}/${subresource}`,
          at: Date.parse(requestReceivedTimestamp),
        };
      });
    },
    remove: () => rm(folder, { recursive: true }),
  };
}

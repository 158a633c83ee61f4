// --as and --as-group: the API server answers as if somebody else had asked (impersonation).
import type { ClusterAccess, CredentialHeaders } from '@spindle/kube';

export function actingAs(
  access: ClusterAccess,
  user: string | undefined,
  groups: readonly string[] = [],
): ClusterAccess {
  if (user === undefined) {
    return access;
  }
  const own = new WeakMap<CredentialHeaders, CredentialHeaders>();
  return {
    ...access,
    async headers() {
      const headers = await access.headers();
      const together = {
        ...headers,
        'impersonate-user': user,
        ...(groups.length === 0 ? {} : { 'impersonate-group': [...groups] }),
      };
      own.set(together, headers);
      return together;
    },
    // It compares what it has given, not what we have made of it.
    renew: (headers) => access.renew(own.get(headers) ?? headers),
  };
}

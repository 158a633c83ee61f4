// `[llm_compute]` of the runtime configuration (spin-contract.md §5.1). Errors name keys, never the token.
import { UserError } from '@spindle/api';
import { tableOf } from '../network/index.ts';

/** Where models run. Spin's own engine is left out of its builds, and there is none here. */
export type LlmConfig = { readonly type: 'spin' } | RemoteLlm;

export interface RemoteLlm {
  readonly type: 'remote_http';
  readonly url: URL;
  readonly authToken: string;
  readonly apiType: 'default' | 'open_ai';
}

export const LLM_CONFIG_KEY = 'llm_compute';

export function parseLlmConfig(raw: Readonly<Record<string, unknown>>): LlmConfig {
  const section = raw[LLM_CONFIG_KEY];
  const type = (section as { readonly type?: unknown } | undefined)?.type;
  if (section === undefined || type === 'spin') {
    tableOf(section ?? {}, LLM_CONFIG_KEY, ['type']);
    return { type: 'spin' };
  }
  const table = tableOf(section, LLM_CONFIG_KEY, ['type', 'url', 'auth_token', 'api_type']);
  if (type !== 'remote_http') {
    throw invalid('type', type === undefined ? 'is missing' : 'is no type of LLM compute', 'Write "remote_http".');
  }
  const { url, auth_token: authToken, api_type: apiType = 'default' } = table;
  const parsed = typeof url === 'string' ? URL.parse(url) : null;
  if (parsed === null || !['http:', 'https:'].includes(parsed.protocol)) {
    throw invalid('url', 'is not the URL of an HTTP server', 'Write "https://<host>".');
  }
  // It becomes a header.
  if (typeof authToken !== 'string' || !/^[\t\x20-\x7e]*$/.test(authToken)) {
    throw invalid('auth_token', 'is not a token', 'Give it in quotes, in ASCII.');
  }
  if (apiType !== 'default' && apiType !== 'open_ai') {
    throw invalid('api_type', 'is no type of API', 'Write "default" or "open_ai".');
  }
  return { type, url: parsed, authToken, apiType };
}

function invalid(key: string, problem: string, remedy: string): UserError {
  const field = `${LLM_CONFIG_KEY}.${key}`;
  return new UserError(`${field} ${problem}`, { code: 'SPK4001', field, remedy });
}

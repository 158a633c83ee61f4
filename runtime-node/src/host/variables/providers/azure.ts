// Variables out of Azure Key Vault: a secret with the variable's name (spin-contract.md §5.1). Names there have no
// underscores, so each is a hyphen. Asked anew each time. Credentials stand in no message.
import type { TokenCredential } from '@azure/identity';
import type { SecretClient, SecretClientOptions } from '@azure/keyvault-secrets';
import type { VariablesProvider } from '@spindle/api';
import type { AzureCredentials, AzureKeyVaultConfig } from './config.ts';

/** `options` and `credential` are for tests. */
export function createAzureProvider(
  { vaultUrl, credentials }: AzureKeyVaultConfig,
  { options, credential }: { options?: SecretClientOptions; credential?: TokenCredential } = {},
): VariablesProvider {
  let opened: Promise<SecretClient> | undefined;
  const open = async (): Promise<SecretClient> => {
    // Loaded at the first question.
    const { SecretClient } = await import('@azure/keyvault-secrets');
    return new SecretClient(vaultUrl, credential ?? (await credentialOf(credentials)), options);
  };
  return {
    name: 'azure_key_vault',
    mayResolve: () => true,
    async get(key) {
      try {
        return (await (await (opened ??= open())).getSecret(key.replaceAll('_', '-'))).value;
      } catch (cause) {
        if ((cause as { readonly statusCode?: unknown }).statusCode === 404) {
          return undefined;
        }
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`Failed to read variable from Azure Key Vault: ${reason}`, { cause });
      }
    },
  };
}

async function credentialOf(given: AzureCredentials | undefined): Promise<TokenCredential> {
  const { ClientSecretCredential, DefaultAzureCredential } = await import('@azure/identity');
  return given === undefined
    ? new DefaultAzureCredential()
    : new ClientSecretCredential(given.tenantId, given.clientId, given.clientSecret, {
        authorityHost: given.authorityHost,
      });
}

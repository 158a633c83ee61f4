// Who is asked for application variables, in order (spin-contract.md §5.2): the command line, the providers of the runtime
// configuration, and the environment at last.
import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { createEnvProvider, createStaticProvider, UserError, type VariablesProvider } from '@spindle/api';
import { createAzureProvider } from './azure.ts';
import { parseProviders, type EnvConfig, type ProviderConfig } from './config.ts';
import { createVaultProvider } from './vault.ts';

export interface VariableSources {
  /** `--variable`. */
  readonly given: ReadonlyMap<string, string>;
  /** The process environment, `.env` of the working directory already merged below it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Of the runtime configuration, by top-level key. */
  readonly sections: Readonly<Record<string, unknown>>;
}

export async function openProviders({ given, environment, sections }: VariableSources): Promise<VariablesProvider[]> {
  const configured = await Promise.all(parseProviders(sections).map((config) => open(config, environment)));
  return [createStaticProvider(given), ...configured, createEnvProvider(environment)];
}

async function open(config: ProviderConfig, environment: VariableSources['environment']): Promise<VariablesProvider> {
  switch (config.type) {
    case 'vault':
      return createVaultProvider(config);
    case 'azure_key_vault':
      return createAzureProvider(config);
    case 'static':
      return createStaticProvider(config.values);
    case 'env':
      return createEnvProvider(environment, {
        ...(config.prefix === undefined ? {} : { prefix: config.prefix }),
        ...(await dotenv(config)),
      });
  }
}

async function dotenv({ dotenvPath }: EnvConfig): Promise<{ dotenv?: Readonly<Record<string, string | undefined>> }> {
  if (dotenvPath === undefined) {
    return {};
  }
  try {
    // Relative to the working directory, as in Spin.
    return { dotenv: parseEnv(await readFile(dotenvPath, 'utf8')) };
  } catch (cause) {
    throw new UserError(`cannot read ${dotenvPath}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      code: 'SPK4001',
      file: dotenvPath,
      field: 'variables_provider.dotenv_path',
      remedy: 'Give the path of a file from the working directory on.',
      cause,
    });
  }
}

// Brings the bytes of components to this machine, whatever names them: a path, a URL with a digest, a package
// (spin-contract.md §1.3). What several components name is fetched once.
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { ComponentContent } from '@spindle/api';
import { ContentCache } from '@spindle/oci';
import { unreadablePackageConfig } from '../errors.ts';
import { isSystemError } from '../files/directory.ts';
import { EMPTY_PACKAGE_CONFIG, readPackageConfig, type PackageConfig } from '../packages/package-config.ts';
import { fetchPackage } from '../packages/package-source.ts';
import type { LoadOptions } from '../types.ts';
import { fetchHttpSource } from './http-source.ts';

/** Gives the absolute path of a content. A local path is not looked at. */
export type ContentLoader = (content: ComponentContent) => Promise<string>;

export function createContentLoader(appRoot: string, options: LoadOptions): ContentLoader {
  const cache = new ContentCache(options.cacheDir);
  const known = new Map<string, Promise<string>>();
  let packageConfig: Promise<PackageConfig> | undefined;

  async function fetchContent(content: ComponentContent): Promise<string> {
    switch (content.kind) {
      case 'local':
        return resolve(appRoot, content.path);
      case 'http':
        return fetchHttpSource(content, { cache, signal: options.signal, fetch: options.transport?.fetch });
      case 'package': {
        packageConfig ??= readConfigFile(options.packageConfigFile);
        return fetchPackage(content, { ...options, config: await packageConfig });
      }
    }
  }

  return (content) => {
    const key = JSON.stringify(content);
    const path = known.get(key) ?? fetchContent(content);
    known.set(key, path);
    return path;
  };
}

async function readConfigFile(file: string | undefined): Promise<PackageConfig> {
  if (file === undefined) {
    return EMPTY_PACKAGE_CONFIG;
  }
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) {
      return EMPTY_PACKAGE_CONFIG;
    }
    throw isSystemError(error) ? unreadablePackageConfig(file, error) : error;
  }
  return readPackageConfig(text, file);
}

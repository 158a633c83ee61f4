import { expect, test } from 'vitest';
import { standardPaths } from './paths.ts';

test.each([
  [
    'Linux, from the home directory',
    'linux',
    { HOME: '/home/me' },
    ['/home/me/.config/fermyon/registry-auth.json', '/home/me/.docker/config.json', '/home/me/.cache'],
  ],
  [
    'Linux, as XDG and Docker variables say',
    'linux',
    { HOME: '/home/me', XDG_CONFIG_HOME: '/c', XDG_CACHE_HOME: '/k', DOCKER_CONFIG: '/d' },
    ['/c/fermyon/registry-auth.json', '/d/config.json', '/k'],
  ],
  [
    'Linux, where XDG variables are relative or empty and so ignored',
    'linux',
    { HOME: '', XDG_CONFIG_HOME: 'c', XDG_CACHE_HOME: '', DOCKER_CONFIG: '' },
    ['/fallback/.config/fermyon/registry-auth.json', '/fallback/.docker/config.json', '/fallback/.cache'],
  ],
  [
    'macOS',
    'darwin',
    { HOME: '/Users/me', XDG_CONFIG_HOME: '/c' },
    [
      '/Users/me/Library/Application Support/fermyon/registry-auth.json',
      '/Users/me/.docker/config.json',
      '/Users/me/Library/Caches',
    ],
  ],
] as const)('files stand where Spin and Docker look for them: %s', (_, platform, env, expected) => {
  const { authFile, dockerConfig, cacheDir } = standardPaths({ env, homeDir: '/fallback', platform });
  expect([authFile, dockerConfig, cacheDir]).toEqual(expected);
});

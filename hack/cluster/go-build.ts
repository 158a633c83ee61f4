// Builds a program from Go modules. A module whose go.mod replaces others cannot be installed by version, so each gets a
// small module that requires it.
import { execFile } from 'node:child_process';
import { copyFile, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ModuleBuild } from './programs.ts';
import { VERSIONS } from './versions.ts';

const run = promisify(execFile);

/** A build of all of Kubernetes with an empty cache takes about ten minutes on two cores. */
const BUILD_DEADLINE_MS = 45 * 60_000;

export async function buildModule(work: string, build: ModuleBuild, output: string): Promise<void> {
  const { module, version, package: main, tags = '' } = build;
  const goMod = await publishedGoMod(module, version);
  const goVersion = /^go .*$/m.exec(goMod)?.[0] ?? '';
  await writeFile(join(work, 'go.mod'), `module build.test\n${goVersion}\nrequire ${module} v${version}\n`);
  await goBuild(work, main, output, { tags });
}

/** Kubernetes' go.mod replaces its libraries by folders of its repository; as modules they have versions of their own. */
export async function buildKubernetes(work: string, output: string): Promise<void> {
  const goMod = await publishedGoMod('k8s.io/kubernetes', VERSIONS.kubernetes);
  const libraries = [...goMod.matchAll(/^\t(k8s\.io\/[a-z0-9-]+) => \.\/staging/gm)].map(([, library]) => library);
  const libraryVersion = `v0.${VERSIONS.kubernetes.replace(/^1\./, '')}`;
  await writeFile(
    join(work, 'go.mod'),
    [
      'module kube-all.test',
      ...goMod.matchAll(/^go .*$/gm),
      ...(/^godebug [^(]*$|^godebug \([^)]*\)/m.exec(goMod) ?? []),
      `require k8s.io/kubernetes v${VERSIONS.kubernetes}`,
      ...libraries.map((library) => `replace ${library} => ${library} ${libraryVersion}`),
    ].join('\n'),
  );
  await copyFile(join(import.meta.dirname, 'kube-all/main.go'), join(work, 'main.go'));
  const [major, minor] = VERSIONS.kubernetes.split('.');
  const version = 'k8s.io/component-base/version.';
  const linkFlags = [
    `-X ${version}gitVersion=v${VERSIONS.kubernetes}`,
    `-X ${version}gitMajor=${major}`,
    `-X ${version}gitMinor=${minor}`,
  ].join(' ');
  await goBuild(work, '.', output, { linkFlags });
}

async function publishedGoMod(module: string, version: string): Promise<string> {
  const { stdout } = await run('go', ['mod', 'download', '-json', `${module}@v${version}`], { env: goEnvironment() });
  const { GoMod } = JSON.parse(stdout) as { GoMod: string };
  return readFile(GoMod, 'utf8');
}

async function goBuild(
  work: string,
  main: string,
  output: string,
  { linkFlags = '', tags = '' }: { readonly linkFlags?: string; readonly tags?: string },
): Promise<void> {
  const built = join(work, 'built');
  await run('go', ['build', '-trimpath', `-tags=${tags}`, '-ldflags', `-s -w ${linkFlags}`, '-o', built, main], {
    cwd: work,
    env: goEnvironment(),
    timeout: BUILD_DEADLINE_MS,
    maxBuffer: 16 << 20,
  });
  await rename(built, output);
}

const goEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  CGO_ENABLED: '0',
  GOFLAGS: '-mod=mod -buildvcs=false',
});

// Finds a program of Kubernetes for tests: in the folder that KUBEBUILDER_ASSETS names, on PATH, in the cache of this
// checkout, among the release site's downloads, or built from Go modules, in this order. What was downloaded or built stays
// in node_modules/.cache/cluster.
import { execFile } from 'node:child_process';
import { access, chmod, constants, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createWriteStream } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = join(import.meta.dirname, '../../node_modules/.cache/cluster');

/** The minor release that upstream's answers were recorded on; etcd is the one its go.mod names. */
export const KUBERNETES_VERSION = '1.36.3';
const KWOK_VERSION = '0.8.0';

/** How long the release site may take to begin an answer before the build from modules is tried. */
const DOWNLOAD_START_MS = 10_000;
/** A build with an empty cache takes about ten minutes on two cores. */
const BUILD_DEADLINE_MS = 45 * 60_000;

/** One binary built from Go modules has all of these; it acts by the name it is called by. */
const KUBE_ALL = [
  'etcd',
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kube-proxy',
  'kubelet',
  'kubectl',
] as const;

export type ClusterProgram = (typeof KUBE_ALL)[number] | 'kwok';

/** Absolute path of the program. */
export async function findClusterProgram(name: ClusterProgram): Promise<string> {
  for (const folder of [
    process.env['KUBEBUILDER_ASSETS'] ?? '',
    ...(process.env['PATH'] ?? '').split(delimiter),
    CACHE,
  ]) {
    const path = join(folder, name);
    if (folder !== '' && (await isExecutable(path))) {
      return path;
    }
  }
  await mkdir(CACHE, { recursive: true });
  try {
    await download(name);
  } catch (error) {
    // expected: many machines reach the Go module proxy only; the build says what is wrong when that fails too.
    await build(name, error);
  }
  return join(CACHE, name);
}

const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';

/** Where each is published as a file of its own; etcd comes as an archive only and is always built. */
function downloadUrl(name: ClusterProgram): string {
  if (name === 'etcd') {
    throw new Error('etcd is not published as a single file');
  }
  return name === 'kwok'
    ? `https://github.com/kubernetes-sigs/kwok/releases/download/v${KWOK_VERSION}/kwok-linux-${architecture}`
    : `https://dl.k8s.io/v${KUBERNETES_VERSION}/bin/linux/${architecture}/${name}`;
}

async function download(name: ClusterProgram): Promise<void> {
  const begun = new AbortController();
  const timer = setTimeout(() => begun.abort(), DOWNLOAD_START_MS);
  const response = await fetch(downloadUrl(name), { signal: begun.signal });
  clearTimeout(timer);
  if (!response.ok || response.body === null) {
    throw new Error(`${response.url} answered ${response.status}`);
  }
  const work = join(CACHE, `.${name}-${process.pid}`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(work));
  await chmod(work, 0o755);
  await rename(work, join(CACHE, name));
}

async function build(name: ClusterProgram, downloadError: unknown): Promise<void> {
  const work = await mkdtemp(join(CACHE, 'build-'));
  try {
    if (name === 'kwok') {
      await buildModule(work, 'sigs.k8s.io/kwok', KWOK_VERSION, 'sigs.k8s.io/kwok/cmd/kwok', 'kwok');
      return;
    }
    await buildKubernetes(work);
  } catch (cause) {
    throw new Error(
      `cannot get ${name}: put it on PATH or into the folder that KUBEBUILDER_ASSETS names (download: ${String(downloadError)})`,
      { cause },
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Kubernetes' go.mod replaces its libraries by folders of its repository; as modules they have versions of their own. */
async function buildKubernetes(work: string): Promise<void> {
  const goMod = await publishedGoMod('k8s.io/kubernetes', KUBERNETES_VERSION);
  const libraries = [...goMod.matchAll(/^\t(k8s\.io\/[a-z0-9-]+) => \.\/staging/gm)].map(([, library]) => library);
  const libraryVersion = `v0.${KUBERNETES_VERSION.replace(/^1\./, '')}`;
  await writeFile(
    join(work, 'go.mod'),
    [
      'module kube-all.test',
      ...goMod.matchAll(/^go .*$/gm),
      ...(/^godebug [^(]*$|^godebug \([^)]*\)/m.exec(goMod) ?? []),
      `require k8s.io/kubernetes v${KUBERNETES_VERSION}`,
      ...libraries.map((library) => `replace ${library} => ${library} ${libraryVersion}`),
    ].join('\n'),
  );
  await run('cp', [join(import.meta.dirname, 'kube-all/main.go'), join(work, 'main.go')]);
  const [major, minor] = KUBERNETES_VERSION.split('.');
  const version = 'k8s.io/component-base/version.';
  const flags = [
    `-X ${version}gitVersion=v${KUBERNETES_VERSION}`,
    `-X ${version}gitMajor=${major}`,
    `-X ${version}gitMinor=${minor}`,
  ];
  await goBuild(work, '.', 'kube-all', flags.join(' '));
  for (const name of KUBE_ALL) {
    await rm(join(CACHE, name), { force: true });
    await symlink('kube-all', join(CACHE, name));
  }
}

async function buildModule(work: string, module: string, version: string, main: string, name: string): Promise<void> {
  const goMod = await publishedGoMod(module, version);
  const goVersion = /^go .*$/m.exec(goMod)?.[0] ?? '';
  await writeFile(join(work, 'go.mod'), `module build.test\n${goVersion}\nrequire ${module} v${version}\n`);
  await goBuild(work, main, name, '');
}

async function publishedGoMod(module: string, version: string): Promise<string> {
  const { stdout } = await run('go', ['mod', 'download', '-json', `${module}@v${version}`], { env: goEnvironment() });
  const { GoMod } = JSON.parse(stdout) as { GoMod: string };
  return (await run('cat', [GoMod], { maxBuffer: 16 << 20 })).stdout;
}

async function goBuild(work: string, main: string, name: string, linkFlags: string): Promise<void> {
  const output = join(work, 'built');
  await run('go', ['build', '-trimpath', '-ldflags', `-s -w ${linkFlags}`, '-o', output, main], {
    cwd: work,
    env: goEnvironment(),
    timeout: BUILD_DEADLINE_MS,
    maxBuffer: 16 << 20,
  });
  await rename(output, join(CACHE, name));
}

const goEnvironment = (): NodeJS.ProcessEnv => ({
  ...process.env,
  CGO_ENABLED: '0',
  GOFLAGS: '-mod=mod -buildvcs=false',
});

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    // expected: the next place is tried.
    return false;
  }
}

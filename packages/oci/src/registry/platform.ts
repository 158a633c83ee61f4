// Which manifest of an index to take: the only one, else the one for Wasm, else the one for this machine. Pure.
import { noSuitableManifest, quoted } from '../errors.ts';
import type { ImageIndex, IndexEntry, Platform } from './manifest.ts';

/** BuildKit lists its provenance records beside the images, under a platform that no machine has. */
const isAttestation = ({ platform, annotations }: IndexEntry): boolean =>
  platform?.os === 'unknown' || annotations?.['vnd.docker.reference.type'] !== undefined;

/** `wasip1` is what Spin writes into its configurations, `wasi` what older tools did. */
const isWasm = ({ platform }: IndexEntry): boolean =>
  platform?.architecture.toLowerCase() === 'wasm' || /^wasip?[0-9]*$/i.test(platform?.os ?? '');

export function chooseManifest(index: ImageIndex, machine: Platform, where: string): IndexEntry {
  const images = index.manifests.filter((entry) => !isAttestation(entry));
  const forMachine = ({ platform }: IndexEntry): boolean =>
    platform?.os === machine.os && platform.architecture === machine.architecture;
  for (const candidates of [images, images.filter(isWasm), images.filter(forMachine)]) {
    const [only, ...others] = candidates;
    if (only !== undefined && others.length === 0) {
      return only;
    }
  }
  const platforms = images.map(({ platform }) =>
    quoted(platform === undefined ? 'no platform' : `${platform.os}/${platform.architecture}`),
  );
  throw noSuitableManifest(where, platforms);
}

/** Node's names for this machine in the words of OCI (Go's GOOS and GOARCH). */
export function machinePlatform(platform: string, arch: string): Platform {
  const architectures: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386' };
  return { os: platform === 'win32' ? 'windows' : platform, architecture: architectures[arch] ?? arch };
}

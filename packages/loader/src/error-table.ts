// What docs/reference/errors.md says of this package's error codes. One code may have several messages; the messages
// themselves stand where they are thrown.
import type { ErrorTable } from '@spindle/api';

export const LOADER_ERRORS = {
  SPK3001: {
    meaning: 'The folder has no `spin.toml`.',
    remedy: 'Name the folder of an app, its manifest, a .wasm file or an OCI reference.',
  },
  SPK3002: {
    meaning: 'There is no file or folder at the path.',
    remedy: 'Check the spelling; the path is relative to the current folder.',
  },
  SPK3003: {
    meaning: 'The path is a device, a pipe or a socket.',
    remedy: 'Name the folder of an app, its manifest, a .wasm file or an OCI reference.',
  },
  SPK3004: {
    meaning: 'No `spin.toml` stands in the current folder or above it.',
    remedy: 'Go to the folder of an app, or name one with `--from`.',
  },
  SPK3005: {
    meaning: 'The path of the app cannot be looked at.',
    remedy: 'Check its permissions and those of the folders above it.',
  },
  SPK3006: {
    meaning: 'The manifest cannot be read.',
    remedy: 'Check the path and its permissions.',
  },
  SPK3007: {
    meaning: 'The manifest is not text in UTF-8.',
    remedy: 'Name a `spin.toml`, the folder of one, a .wasm file or an OCI reference.',
  },
  SPK3008: {
    meaning: '`--from` names nothing on this machine, and does not look like an image either.',
    remedy: 'Check the path; for an image of Docker Hub give `--from-registry`.',
  },
  SPK3009: {
    meaning: '`--from` names nothing on this machine, and cannot be an OCI reference.',
    remedy: 'Name a manifest, the folder of one, a .wasm file or an OCI reference.',
  },
  SPK3010: {
    meaning: 'The source of a component could not be fetched from its URL.',
    remedy: 'Check the URL, the network and the proxy, then try again.',
  },
  SPK3011: {
    meaning: 'What a URL serves does not have the digest that the manifest asks for.',
    remedy: 'Check what the URL serves; if the new content is right, write its digest into the manifest.',
  },
  SPK3012: {
    meaning: 'The source of a component is not WebAssembly.',
    remedy: 'Build the component, and check that `source` names its .wasm file.',
  },
  SPK3013: {
    meaning: 'The source of a component cannot be read.',
    remedy: 'Build the component first, and check `source` and its permissions.',
  },
  SPK3020: {
    meaning: 'A setting of the package registries, `~/.config/wasm-pkg/config.toml`, is wrong.',
    remedy: 'Mend the file, or write it anew with `wkg config`.',
  },
  SPK3021: {
    meaning: 'The configuration of package registries is not TOML.',
    remedy: 'Mend the file, or write it anew with `wkg config`.',
  },
  SPK3022: {
    meaning: 'The configuration of package registries cannot be read.',
    remedy: 'Check the permissions of the file.',
  },
  SPK3023: {
    meaning: 'No registry is known for a WebAssembly package.',
    remedy: 'Set `registry` for the package in the manifest, or a default in the configuration of package registries.',
  },
  SPK3024: {
    meaning: 'The registry of a package speaks another protocol than OCI.',
    remedy: 'Name an OCI registry that holds the package with `registry`.',
  },
  SPK3025: {
    meaning: 'The image is not a WebAssembly package.',
    remedy: 'Publish the package with `wkg`.',
  },
  SPK3026: {
    meaning: 'The version of a package is not a semantic version requirement.',
    remedy: 'Write it as Cargo does, for example `^1.2` or `=1.2.3`.',
  },
  SPK3027: {
    meaning: 'No published version of a package matches.',
    remedy: 'Check the name and the requirement against what is published.',
  },
  SPK3028: {
    meaning: 'A package could not be fetched; the cause says why.',
    remedy: 'Do what the cause asks for.',
  },
  SPK3030: {
    meaning: 'An app from a registry cannot be used: its content does not fit together.',
    remedy: 'Push the app again.',
  },
  SPK3040: {
    meaning: 'A file pattern ends in `..`.',
    remedy: 'To include a folder, write `{ source = "…", destination = "…" }`, or a pattern that ends in `**/*`.',
  },
  SPK3041: {
    meaning: 'A file pattern ends in `.`.',
    remedy: 'To include a folder, write `{ source = "…", destination = "…" }`, or a pattern that ends in `**/*`.',
  },
  SPK3042: {
    meaning: 'An entry of `files` is neither a file nor a pattern.',
    remedy: 'Check the spelling; paths are relative to the folder of the manifest.',
  },
  SPK3043: {
    meaning: 'A file pattern cannot be read.',
    remedy: 'Put what is meant literally into brackets, as in `[*]`; `**` stands alone between slashes.',
  },
  SPK3044: {
    meaning: 'A pattern of `exclude_files` cannot be read.',
    remedy: 'Put what is meant literally into brackets, as in `[*]`; `**` stands alone between slashes.',
  },
  SPK3045: {
    meaning: 'The `source` of a `files` entry does not exist.',
    remedy: 'Check the spelling; paths are relative to the folder of the manifest.',
  },
  SPK3046: {
    meaning: 'A file to include lies outside of the folder of the app.',
    remedy: 'Move it below the folder of the manifest.',
  },
  SPK3047: {
    meaning: 'The `destination` of a `files` entry leads out of what the component sees.',
    remedy: 'Give a path from the root, without `..`.',
  },
  SPK3048: {
    meaning: 'The `destination` of a single file has no file name.',
    remedy: 'Say under which name the component finds the file.',
  },
  SPK3049: {
    meaning: 'Two entries of `files` want one name, as a file and as a folder.',
    remedy: 'Give them different destinations.',
  },
  SPK3050: {
    meaning: 'A symlink among the files leads out of the folder of the app.',
    remedy: 'Replace it by the file itself, or remove it.',
  },
  SPK3051: {
    meaning: 'A symlink among the files leads back to a folder that contains it.',
    remedy: 'Remove it, or name the files that are needed.',
  },
  SPK3052: {
    meaning: 'A device, a pipe or a socket lies among the files.',
    remedy: 'Leave it out with `exclude_files`.',
  },
  SPK3053: {
    meaning: 'The name of a file is not UTF-8.',
    remedy: 'Rename it, or leave it out with `exclude_files`.',
  },
  SPK3054: {
    meaning: 'A file or folder to include cannot be read.',
    remedy: 'Check its permissions, or leave it out of `files`.',
  },
  SPK3055: {
    meaning: 'A file could not be copied for a component.',
    remedy: 'Check its permissions and the free space; `--temp` names another place for copies.',
  },
  SPK3056: {
    meaning: 'The folder for the copies of files cannot be made.',
    remedy: 'Make the folder above it writable, or name another with `--temp`.',
  },
  SPK3057: {
    meaning: '`--direct-mounts` can only mount folders.',
    remedy: 'Run without it, or mount the folder that holds the file.',
  },
  SPK3058: {
    meaning: '`--direct-mounts` and `exclude_files` exclude each other.',
    remedy: 'Run without the flag, or remove `exclude_files`.',
  },
  SPK3059: {
    meaning: 'The folder for the copies of files holds something else.',
    remedy: 'Name another folder with `--temp`.',
  },
} as const satisfies ErrorTable;

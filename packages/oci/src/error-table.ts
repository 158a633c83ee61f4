// What docs/reference/errors.md says of this package's error codes. One code may have several messages; the messages
// themselves stand where they are thrown.
import type { ErrorTable } from '@spindle/api';

export const OCI_ERRORS = {
  SPK2001: {
    meaning: 'A text that should name an image is not an OCI reference.',
    remedy: 'Write `[registry/]name[:tag][@sha256:digest]`, for example `ghcr.io/me/app:v1`.',
  },
  SPK2002: {
    meaning: 'A digest is not of the form `sha256:` and 64 hex digits.',
    remedy: 'Use a sha256 digest; others are not supported.',
  },
  SPK2003: {
    meaning: 'The registry cannot be reached: its name, the network, TLS or a proxy is in the way.',
    remedy: 'Check the name, the network and the proxy. For a registry of plain HTTP give `--insecure`.',
  },
  SPK2004: {
    meaning: 'The image exists, but it is not a Spin app.',
    remedy: 'Push the app with `spindle registry push` or `spin registry push`.',
  },
  SPK2005: {
    meaning: 'The registry wants credentials, and has got none or others than it takes.',
    remedy: 'Log in with `spindle registry login <server>`.',
  },
  SPK2006: {
    meaning: 'The registry knows you, and does not permit this.',
    remedy: 'Ask for access to the repository, or log in as another user.',
  },
  SPK2007: {
    meaning: 'The registry has no image, manifest or layer of this name.',
    remedy: 'Check name, tag and digest; a registry may also answer so when you may not see the repository.',
  },
  SPK2008: {
    meaning: 'The registry answered something that the protocol does not allow, or with an error of its own.',
    remedy: 'Try again later; if it persists, look at the log of the registry.',
  },
  SPK2009: {
    meaning: 'Content does not match the digest under which it was asked for.',
    remedy: 'Do not run it. Push the app again, or ask the operator of the registry or proxy.',
  },
  SPK2010: {
    meaning: 'The manifest of the image is not valid.',
    remedy: 'Push the app again, or name another tag or digest.',
  },
  SPK2011: {
    meaning: 'The image is an index of several manifests, none or too many of which suit this machine.',
    remedy: 'Name the manifest by its digest.',
  },
  SPK2012: {
    meaning: 'An archive layer is damaged, or holds what could lead out of its folder or fill a disk.',
    remedy: 'Push the app again; do not trust an archive that someone made by hand.',
  },
  SPK2013: {
    meaning: 'The image lacks content that its app needs.',
    remedy: 'Push the app again.',
  },
  SPK2014: {
    meaning: 'A file or folder of the cache, or one that is pushed, cannot be read or written.',
    remedy: 'Make the path usable, or name another cache with `--cache-dir`.',
  },
  SPK2015: {
    meaning: 'A push should compose a component with HTTP middleware, which needs WASI 0.3 and is not done yet.',
    remedy: 'Push with `--compose=false`: each dependency becomes a layer of its own.',
  },
  SPK2016: {
    meaning: 'What a component names as its source is not WebAssembly.',
    remedy: 'Build the component first, and check `source`.',
  },
  SPK2017: {
    meaning: 'A file changed while it was being pushed.',
    remedy: 'Push again when nothing writes to it.',
  },
  SPK2018: {
    meaning: 'The file of registry credentials is damaged or cannot be read.',
    remedy: 'Mend or remove the file, then log in again.',
  },
  SPK2019: {
    meaning: 'The registry does not accept the user name and the password of a login.',
    remedy: 'Check both; many registries want an access token in place of the password.',
  },
  SPK2020: {
    meaning: 'The registry would have credentials or content sent where it is not safe.',
    remedy: 'Ask its operator to mend its configuration; use `--insecure` only on a network you trust.',
  },
  SPK2021: {
    meaning: 'The registry asks for a way to log in that is not supported.',
    remedy: 'Use a registry with Basic or Bearer authentication.',
  },
  SPK2022: {
    meaning: 'A file of the app cannot be stored in an image.',
    remedy: 'Take it out of `files`, or name it in `exclude_files`.',
  },
  SPK2023: {
    meaning: 'The credentials of a login cannot be used as they are.',
    remedy: 'Give a server, a user name without a colon, and a password.',
  },
  SPK2024: {
    meaning: 'An image mounts a file at a path that leads out of the component.',
    remedy: 'Push the app again; do not trust an image that someone made by hand.',
  },
} as const satisfies ErrorTable;

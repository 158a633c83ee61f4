// What the node's configuration says of the OCI runtime: containerd hands it to Create, as TOML for runtimes that it does not
// know (control-plane.md §7.5), or as the options of runc's shim. Pure.
import { fromBinary } from '@bufbuild/protobuf';
import type { Any } from '@bufbuild/protobuf/wkt';
import { parse } from 'smol-toml';
import { OptionsSchema } from '../generated/options_pb.ts';
import { OptionsSchema as RuncOptionsSchema } from '../generated/runc_options_pb.ts';
import { RpcError } from '../ttrpc/index.ts';

export interface ShimOptions {
  readonly systemdCgroup: boolean;
  /** Path or name of the OCI runtime. */
  readonly binaryName: string | undefined;
  readonly root: string | undefined;
}

const NONE: ShimOptions = { systemdCgroup: false, binaryName: undefined, root: undefined };

const nonEmpty = (text: unknown): string | undefined => (typeof text === 'string' && text !== '' ? text : undefined);

export function readOptions(options: Any | undefined): ShimOptions {
  // Both spellings are in use: with and without a host before the name.
  const type = options?.typeUrl.slice(options.typeUrl.lastIndexOf('/') + 1) ?? '';
  if (options === undefined || type === '') {
    return NONE;
  }
  try {
    switch (type) {
      case 'runtimeoptions.v1.Options':
        return fromToml(Buffer.from(fromBinary(OptionsSchema, options.value).configBody).toString('utf8'));
      case 'containerd.runc.v1.Options': {
        const { binaryName, root, systemdCgroup } = fromBinary(RuncOptionsSchema, options.value);
        return { systemdCgroup, binaryName: nonEmpty(binaryName), root: nonEmpty(root) };
      }
      default:
        throw new RpcError('invalidArgument', `Invalid options type ${options.typeUrl}`);
    }
  } catch (cause) {
    if (cause instanceof RpcError) {
      throw cause;
    }
    throw new RpcError(
      'invalidArgument',
      `invalid shim options: ${String(cause instanceof Error ? cause.message : cause)}`,
      {
        cause,
      },
    );
  }
}

function fromToml(text: string): ShimOptions {
  const table = parse(text);
  const systemd = table['SystemdCgroup'] ?? table['systemd_cgroup'] ?? false;
  if (typeof systemd !== 'boolean') {
    throw new RpcError('invalidArgument', `invalid shim options: SystemdCgroup is ${typeof systemd}, not a boolean`);
  }
  return { systemdCgroup: systemd, binaryName: nonEmpty(table['BinaryName']), root: nonEmpty(table['Root']) };
}

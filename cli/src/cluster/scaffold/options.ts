// The flags of `scaffold`: upstream's, and --name. Numbers and lists are read as upstream reads them (control-plane contract §5.1),
// so they come here as texts.
import type { Command } from 'commander';
import type { Console } from '../../console.ts';
import { repeatable } from '../../pairs.ts';
import type { ScaffoldFlags } from './flags.ts';

/** `called` is what the user types. */
export function addScaffoldCommand(program: Command, console: Console, called: string): void {
  program
    .command('scaffold')
    .description('Print a SpinApp for an image, with an autoscaler if asked. Needs no cluster.')
    .option('-f, --from <image>', 'OCI reference of the application')
    .option('-o, --out <file>', 'write it to this file, which only you can read')
    .option('--name <name>', 'name of the app (default: the last part of the reference)')
    .option('-r, --replicas <n>', 'number of pods; the least with an autoscaler', '2')
    .option('--max-replicas <n>', 'most pods, with an autoscaler', '3')
    .option('--executor <name>', 'SpinAppExecutor that runs it', 'containerd-shim-spin')
    .option('--autoscaler <kind>', 'hpa or keda', '')
    .option('--autoscaler-target-cpu-utilization <percent>', 'what the autoscaler aims at', '60')
    .option('--autoscaler-target-memory-utilization <percent>', 'what the autoscaler aims at', '60')
    .option('--cpu-limit <quantity>', 'most CPU of a pod, e.g. 100m', '')
    .option('--cpu-request <quantity>', 'least CPU of a pod', '')
    .option('--memory-limit <quantity>', 'most memory of a pod, e.g. 128Mi', '')
    .option('--memory-request <quantity>', 'least memory of a pod', '')
    .option('--azure-identity', 'label the pods for Azure Workload Identity')
    .option('--service-account-name <name>', 'service account of the pods', '')
    .option('-c, --runtime-config-file <file>', 'runtime configuration; becomes a Secret', '')
    .option('-s, --image-pull-secret <names>', 'Secret with a login of the registry (repeatable)', repeatable)
    .option('-v, --variable <name=value>', 'variable of the application (repeatable)', repeatable)
    .option('--component <ids>', 'run only this component (repeatable)', repeatable)
    .addHelpText('after', `\nExample:\n  ${called} scaffold --from ghcr.io/me/hello:v1 | kubectl apply -f -`)
    .action(async (flags: ScaffoldFlags) => (await import('./scaffold.ts')).scaffold(flags, console));
}

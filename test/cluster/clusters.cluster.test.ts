// A second cluster on the same machine, and what is left of one whose starter was killed.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { expect, inject, it } from 'vitest';
import { addressesOf } from '../../hack/cluster/addresses.ts';
import { kubectl } from '../../hack/cluster/kubectl.ts';
import { startMachine } from '../../hack/cluster/machine.ts';
import { kernelSettings } from './testing/kernel-settings.ts';
import { theCluster } from './testing/suite.ts';

const UP = join(import.meta.dirname, '../../hack/cluster/up.ts');

it('leaves the kernel of this machine as it was, whatever a kubelet wants of its own', () => {
  expect(kernelSettings()).toEqual(inject('kernelSettings'));
});

it('stands beside another, and is gone when its starter is killed', async () => {
  const starter = spawn(process.execPath, [UP], { stdio: ['ignore', 'pipe', 'inherit'] });
  let kubeconfig = '';
  for await (const line of createInterface({ input: starter.stdout })) {
    kubeconfig = /KUBECONFIG=(\S+)/.exec(line)?.[1] ?? '';
    if (kubeconfig !== '') {
      break;
    }
  }
  const nodes = 'jsonpath={.items[*].status.addresses[?(@.type=="InternalIP")].address}';
  const address = await kubectl(kubeconfig, ['get', 'nodes', '-o', nodes]);
  const number = Number(address.split('.')[2]);
  expect(number).not.toBe(theCluster().machine.number);
  const { link } = addressesOf(number);
  const folder = join(kubeconfig, '..');
  expect(processesOf(folder).length).toBeGreaterThan(7);

  starter.kill('SIGKILL');
  await expect.poll(() => processesOf(folder)).toEqual([]);
  await expect.poll(() => existsSync(`/sys/class/net/${link}`)).toBe(false);

  // What only the disk keeps, the next one of this number takes away.
  const next = await startMachine(number, addressesOf(number));
  expect(existsSync(join(folder, 'kubeconfig'))).toBe(false);
  await next.stop();
  expect(existsSync(folder)).toBe(false);
  expect(readdirSync('/sys/fs/cgroup').filter((name) => existsSync(join('/sys/fs/cgroup', name, next.cgroup)))).toEqual(
    [],
  );
});

/** Those that run in the namespaces which the folder's programs are in, by what they have open. */
function processesOf(folder: string): string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) &&
        readdirSync(`/proc/${pid}/fd`).some((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith(`${folder}/`))
      );
    } catch {
      // expected: it has ended meanwhile.
      return false;
    }
  });
}

// Deletes the custom resources of Spindle with their definitions, before the operator goes. Executors are held by a finalizer
// that would never go without it; nothing else could then delete them, nor their definition.
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const token = readFileSync('/var/run/secrets/kubernetes.io/serviceaccount/token', 'utf8');
const server = `https://${process.env.KUBERNETES_SERVICE_HOST}:${process.env.KUBERNETES_SERVICE_PORT}`;
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const GROUP = '/apis/core.spinkube.dev/v1alpha1';

const authorization = `Bearer ${token}`;
const isPatch = { 'content-type': 'application/merge-patch+json' };

async function ask(method, path, patch) {
  const given = patch === undefined ? {} : { body: JSON.stringify(patch) };
  const headers = { authorization, ...(patch === undefined ? {} : isPatch) };
  const response = await fetch(server + path, { method, headers, ...given });
  if (!response.ok && response.status !== 404) {
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  }
  return response.ok ? response.json() : undefined;
}

for (const name of ['spinapps', 'spinappexecutors']) {
  const definition = `${DEFINITIONS}/${name}.core.spinkube.dev`;
  await ask('DELETE', definition);
  while (await ask('GET', definition)) {
    const held = (await ask('GET', `${GROUP}/${name}`))?.items ?? [];
    for (const { metadata } of held.filter(({ metadata: { deletionTimestamp } }) => deletionTimestamp)) {
      const path = `${GROUP}/namespaces/${metadata.namespace}/${name}/${metadata.name}`;
      const finalizers = (metadata.finalizers ?? []).filter((one) => one !== 'core.spinkube.dev/finalizer');
      await ask('PATCH', path, { metadata: { finalizers } });
    }
    await sleep(500);
  }
  console.log(`${name}.core.spinkube.dev is deleted`);
}

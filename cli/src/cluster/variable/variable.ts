// `variable list|set|unset`: the variables of an app. Pods read them at their start, so a change is a rollout.
import type { SpinVar } from '@spindle/api';
import type { Console } from '../../console.ts';
import { invalidFlag } from '../../errors.ts';
import { parsePairs } from '../../pairs.ts';
import { changeApp, undoneBy } from '../app/change.ts';
import { getApp } from '../app/find.ts';
import { waitUntilReady } from '../deploy/wait.ts';
import { noSuchVariable } from '../errors.ts';
import type { ClusterFlags } from '../options.ts';
import { printValue } from '../output/print.ts';
import { counted } from '../output/counted.ts';
import { createProgress } from '../output/progress.ts';
import { table } from '../output/table.ts';
import { inCluster } from '../session.ts';

const TIMEOUT_MS = 120_000;

export interface VariableFlags extends ClusterFlags {
  readonly fromSecret?: string[];
  readonly fromConfigMap?: string[];
  readonly wait: boolean;
}

export async function listVariables(name: string, flags: ClusterFlags, console: Console): Promise<void> {
  await inCluster(flags, console, async (session) => {
    const { variables = [] } = (await getApp(session, name)).spec;
    if (flags.output === 'json' || flags.output === 'yaml') {
      await printValue(variables, flags.output, console);
    } else if (flags.output === 'name') {
      variables.forEach((variable) => console.out(variable.name));
    } else {
      table([['NAME', 'VALUE'], ...variables.map((variable) => [variable.name, sourceText(variable)])]).forEach(
        (line) => console.out(line),
      );
    }
  });
}

function sourceText({ value, valueFrom }: SpinVar): string {
  if (valueFrom?.secretKeyRef !== undefined) {
    return `<Secret ${valueFrom.secretKeyRef.name}, key ${valueFrom.secretKeyRef.key}>`;
  }
  if (valueFrom?.configMapKeyRef !== undefined) {
    return `<ConfigMap ${valueFrom.configMapKeyRef.name}, key ${valueFrom.configMapKeyRef.key}>`;
  }
  return valueFrom === undefined ? (value ?? '') : `<${Object.keys(valueFrom).join(', ')}>`;
}

export async function setVariables(
  name: string,
  pairs: readonly string[],
  flags: VariableFlags,
  console: Console,
): Promise<void> {
  const given: SpinVar[] = [
    ...[...parsePairs('variable', pairs)].map(([variable, value]) => ({ name: variable, value })),
    ...references('--from-secret', flags.fromSecret).map(([variable, of]) => ({
      name: variable,
      valueFrom: { secretKeyRef: of },
    })),
    ...references('--from-config-map', flags.fromConfigMap).map(([variable, of]) => ({
      name: variable,
      valueFrom: { configMapKeyRef: of },
    })),
  ];
  if (given.length === 0) {
    throw invalidFlag('variable', "in the form 'name=value'", '');
  }
  await change(name, flags, console, (before) => [
    ...before.filter((old) => !given.some((one) => one.name === old.name)),
    ...given,
  ]);
}

/** `name=object/key` */
function references(flag: string, texts: readonly string[] | undefined): [string, { name: string; key: string }][] {
  return [...parsePairs(flag, texts)].map(([variable, reference]) => {
    const slash = reference.indexOf('/');
    if (slash < 1 || slash === reference.length - 1) {
      throw invalidFlag(flag, "in the form 'variable=name/key'", `${variable}=${reference}`);
    }
    return [variable, { name: reference.slice(0, slash), key: reference.slice(slash + 1) }];
  });
}

export async function unsetVariables(
  name: string,
  variables: readonly string[],
  flags: VariableFlags,
  console: Console,
): Promise<void> {
  await change(name, flags, console, (before) => {
    const missing = variables.find((variable) => !before.some((old) => old.name === variable));
    if (missing !== undefined) {
      throw noSuchVariable(
        name,
        missing,
        before.map((old) => old.name),
      );
    }
    return before.filter((old) => !variables.includes(old.name));
  });
}

async function change(
  name: string,
  flags: VariableFlags,
  console: Console,
  edit: (before: readonly SpinVar[]) => readonly SpinVar[],
): Promise<void> {
  await inCluster(flags, console, async (session) => {
    const live = await getApp(session, name);
    const progress = createProgress(name, flags, console);
    const app = await changeApp(session, live, { variables: edit(live.spec.variables ?? []) }, { force: true });
    progress.say(
      'applied',
      `generation ${app.metadata.generation ?? 0}, ${counted(app.spec.variables?.length ?? 0, 'variable')}`,
    );
    const undoing = undoneBy(live, 'variables');
    if (undoing !== undefined) {
      console.err(`${undoing} sets spec.variables too, and will put its own back: change them there.`);
    }
    if (flags.wait) {
      await waitUntilReady(session, name, { timeoutMs: flags.timeout ?? TIMEOUT_MS, progress });
    }
  });
}

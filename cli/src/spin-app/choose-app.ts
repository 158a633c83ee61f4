// Which SpinApp of a file runs.
import type { ObjectSet, SpinApp, Written } from '@spindle/api';
import { noSpinApp, severalSpinApps, unknownSpinApp } from '../errors.ts';

/** `name` is that of `--app`: a name, or `namespace/name` where two have the same. */
export function chooseApp({ apps }: ObjectSet, name: string | undefined, file: string): Written<SpinApp> {
  const matching = name === undefined ? apps : apps.filter((app) => app.name === name || fullName(app) === name);
  const [first, second] = matching;
  if (first !== undefined && second === undefined) {
    return first;
  }
  if (first !== undefined) {
    throw severalSpinApps(file, namesOf(matching));
  }
  throw name === undefined ? noSpinApp(file) : unknownSpinApp(file, name, namesOf(apps));
}

const fullName = ({ namespace, name }: Written<SpinApp>): string => `${namespace}/${name}`;

/** As `--app` takes them. */
function namesOf(apps: readonly Written<SpinApp>[]): string[] {
  const isUnique = new Set(apps.map(({ name }) => name)).size === apps.length;
  return apps.map((app) => (isUnique ? app.name : fullName(app)));
}

// What can be wrong with a manifest, and what can be done about it (spin-contract.md §5.5). The texts are Spin's.
import { copyFile } from 'node:fs/promises';
import { parseManifest, readToml, UserError, type DocumentTable } from '@spindle/api';
import { TRIGGER_TYPES } from '@spindle/runtime';
import { shadowedRoutes } from '../shadowed-routes.ts';
import type { Diagnosis, Patient } from './diagnosis.ts';
import { addHttpTrigger, addRoute, setManifestVersion } from './manifest-text.ts';
import { version2Text } from './version2-text.ts';

/** Nothing but the first finding where the rest cannot be judged with it. */
export function checkManifest(patient: Patient): Diagnosis[] {
  let root: DocumentTable;
  try {
    root = readToml(patient.text, patient.file, 'SPK1001').table();
  } catch (error) {
    return [unreadable(error)];
  }
  const version = checkVersion(root, patient);
  const triggers = version.some(({ critical }) => critical) ? [] : checkVersion1Triggers(root, patient);
  if ([...version, ...triggers].some(({ critical }) => critical)) {
    return [...version, ...triggers];
  }
  try {
    const { manifest, warnings } = parseManifest(patient.text, patient.file);
    return [
      ...version,
      ...(manifest.writtenVersion === 1 && version.length === 0 ? [upgradeable(patient)] : []),
      ...warnings.map((description) => ({ description, critical: false })),
      ...shadowedRoutes(manifest).map((description) => ({
        description,
        critical: false,
        advice: 'Give one of them another route.',
      })),
      ...manifest.triggers
        .filter(({ type }) => !TRIGGER_TYPES.some((served) => served === type))
        .map(({ id, type }) => ({
          description: `Trigger ${id} is of type ${type}, which "spindle up" does not serve`,
          critical: false,
          advice: 'Serve the application with a runtime that has this trigger.',
        })),
    ];
  } catch (error) {
    return [...version, unreadable(error)];
  }
}

function unreadable(error: unknown): Diagnosis {
  if (!(error instanceof UserError)) {
    throw error;
  }
  const { message, remedy, place } = error;
  const line = place.line === undefined || message.includes('TOML parse error') ? '' : ` (line ${place.line})`;
  return {
    description: `The manifest is not valid${line}: ${message}`,
    critical: true,
    ...(remedy === undefined ? {} : { advice: remedy }),
  };
}

function checkVersion(root: DocumentTable, { text, rewrite }: Patient): Diagnosis[] {
  const value = root.get('spin_manifest_version')?.value;
  const to = (version: '2' | '"1"') => (): Promise<void> => rewrite(setManifestVersion(text, version));
  if (value === undefined) {
    return root.get('spin_version') === undefined
      ? [
          {
            description: "Manifest missing 'spin_manifest_version' key",
            critical: true,
            treatment: { summary: 'add spin_manifest_version to the manifest', apply: to('2') },
          },
        ]
      : [
          {
            description: "Manifest using old 'spin_version' key",
            critical: false,
            treatment: { summary: "replace 'spin_version' with 'spin_manifest_version'", apply: to('"1"') },
          },
        ];
  }
  if (value === '1' || value === 2n) {
    return [];
  }
  const right = value === 1n ? '"1"' : '2';
  return [
    {
      description: `Manifest 'spin_manifest_version' must be "1" or 2, not ${typeof value === 'string' ? JSON.stringify(value) : String(value)}`,
      critical: true,
      treatment: { summary: `set the manifest version to ${right}`, apply: to(right) },
    },
  ];
}

function checkVersion1Triggers(root: DocumentTable, { text, rewrite }: Patient): Diagnosis[] {
  if ((root.get('spin_manifest_version') ?? root.get('spin_version'))?.value !== '1') {
    return [];
  }
  const trigger = root.get('trigger');
  if (trigger === undefined) {
    return [
      {
        description: 'missing top-level trigger config',
        critical: true,
        treatment: { summary: 'add a default HTTP trigger config', apply: () => rewrite(addHttpTrigger(text)) },
      },
    ];
  }
  if (!trigger.isTable() || trigger.table().get('type')?.value !== 'http') {
    return [];
  }
  const components = root.get('component');
  const list = Array.isArray(components?.value) ? components.list() : [];
  return list.flatMap((component) => {
    const table = component.table();
    const own = table.get('trigger');
    if (own !== undefined && (!own.isTable() || own.table().get('route') !== undefined)) {
      return [];
    }
    const canMend = list.length === 1 && own === undefined;
    return [
      {
        description: `HTTP component ${JSON.stringify(table.get('id')?.value ?? '<missing ID>')} missing trigger.route`,
        critical: true,
        ...(canMend
          ? { treatment: { summary: "set its route to '/...'", apply: () => rewrite(addRoute(text)) } }
          : { advice: 'Give it a route: `trigger = { route = "/path" }`.' }),
      },
    ];
  });
}

function upgradeable({ file, text, rewrite }: Patient): Diagnosis {
  return {
    description: 'Version 1 manifest can be upgraded to version 2',
    critical: false,
    treatment: {
      summary: `upgrade the manifest to version 2, and keep the old one as ${backupOf(file)}`,
      apply: async () => {
        const upgraded = version2Text(parseManifest(text, file).manifest);
        // What cannot be read back must not replace what can.
        parseManifest(upgraded, file);
        await copyFile(file, backupOf(file));
        await rewrite(upgraded);
      },
    },
  };
}

const backupOf = (file: string): string => `${file}.v1_backup`;

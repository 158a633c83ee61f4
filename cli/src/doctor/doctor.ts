// `spindle doctor`: tells what is wrong with an application, and mends what it can after asking. After each treatment it
// looks again, since one finding may have hidden others.
import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseManifest, UserError, type AppManifest } from '@spindle/api';
import { buildApp } from '../build/build-app.ts';
import { findManifest } from '../build/build.ts';
import type { Console } from '../console.ts';
import { errorText } from '../error-text.ts';
import { problemsLeft } from '../errors.ts';
import { stopSignal, type StopSignal } from '../up/stop-signal.ts';
import { checkManifest } from './check-manifest.ts';
import { checkSources } from './check-sources.ts';
import { checkTools } from './check-tools.ts';
import type { Diagnosis, Patient } from './diagnosis.ts';

export interface DoctorFlags {
  from?: string;
  /** Alias of from. */
  file?: string;
  yes?: boolean;
}

export async function doctor(flags: DoctorFlags, console: Console): Promise<void> {
  const file = await findManifest(flags.from ?? flags.file, console);
  console.out(`Checking ${file}...`);
  const stop = stopSignal(process);
  try {
    const left = (await checkUp(file, flags, stop, console)).filter(({ critical }) => critical);
    if (left.length > 0) {
      throw problemsLeft(left.length);
    }
  } finally {
    stop.release();
  }
}

/** What is left untreated. */
async function checkUp(file: string, flags: DoctorFlags, stop: StopSignal, console: Console): Promise<Diagnosis[]> {
  const told = new Map<string, Diagnosis>();
  for (;;) {
    const diagnoses = await diagnose(await readPatient(file, console), stop, console);
    const next = diagnoses.find(({ description }) => !told.has(description));
    if (next === undefined) {
      if (told.size === 0) {
        console.out('No problems found.');
      }
      return diagnoses;
    }
    stop.signal.throwIfAborted();
    told.set(next.description, next);
    await treat(next, flags, console);
  }
}

async function readPatient(file: string, { env }: Console): Promise<Patient> {
  return {
    file,
    text: await readFile(file, 'utf8'),
    env,
    rewrite: async (text) => {
      const draft = join(dirname(file), `.spindle-${randomUUID()}`);
      try {
        await writeFile(draft, text);
        await rename(draft, file);
      } finally {
        await rm(draft, { force: true });
      }
    },
  };
}

/** Tools before sources: without them a build would fail. */
async function diagnose(patient: Patient, { signal }: StopSignal, console: Console): Promise<Diagnosis[]> {
  const found = checkManifest(patient);
  const manifest = readable(patient);
  if (manifest === undefined) {
    return found;
  }
  const commands = [...manifest.components.values()].flatMap(({ build }) => build?.command ?? []);
  return [
    ...found,
    ...(await checkTools(commands, patient)),
    ...(await checkSources(manifest, patient, async (component) => {
      await buildApp({ file: patient.file, components: [component] }, { console, signal });
    })),
  ];
}

function readable({ text, file }: Patient): AppManifest | undefined {
  try {
    return parseManifest(text, file).manifest;
  } catch (error) {
    // expected: it is among the findings
    if (error instanceof UserError) {
      return undefined;
    }
    throw error;
  }
}

async function treat(diagnosis: Diagnosis, { yes }: DoctorFlags, console: Console): Promise<void> {
  const { description, critical, advice, treatment } = diagnosis;
  console.out(`\n${critical ? 'Problem' : 'Note'}: ${description}`);
  if (advice !== undefined) {
    console.out(`  ${advice}`);
  }
  if (treatment === undefined) {
    return;
  }
  if (!yes && !console.canAsk) {
    console.out(`  The doctor can ${treatment.summary}: run "spindle doctor --yes".`);
    return;
  }
  if (!yes && !/^y(es)?$/i.test((await console.ask(`  Shall the doctor ${treatment.summary}? [y/N] `)).trim())) {
    return;
  }
  try {
    await treatment.apply();
    console.out(`  Treatment applied: ${treatment.summary}`);
  } catch (error) {
    // expected: the others may be treated all the same
    console.err(errorText(error));
  }
}

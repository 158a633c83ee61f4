// The values that a template asks for: given ones are checked, the others are asked for or left at their defaults.
import { readToml } from '@spindle/api';
import { invalidParameters, noParameterValue } from '../errors.ts';
import type { TemplateParameter } from '../templates/metadata.ts';

/** Why a value does not fit; undefined when it does. */
export function valueProblem({ pattern, allowed }: TemplateParameter, value: string): string | undefined {
  if (allowed !== undefined && !allowed.includes(value)) {
    return `must be one of ${allowed.join(', ')}, not ${JSON.stringify(value)}`;
  }
  return pattern === undefined || pattern.test(value)
    ? undefined
    : `must match the pattern ${pattern.source}, which ${JSON.stringify(value)} does not`;
}

/** All mistakes at once: who sets several values should not learn of them one by one. */
export function checkValues(values: ReadonlyMap<string, string>, parameters: readonly TemplateParameter[]): void {
  const problems = [...values].flatMap(([name, value]) => {
    const parameter = parameters.find((one) => one.name === name);
    const problem =
      parameter === undefined
        ? `the template has no parameter named '${name}'`
        : prefixed(name, valueProblem(parameter, value));
    return problem === undefined ? [] : [problem];
  });
  if (problems.length > 0) {
    throw invalidParameters(
      problems,
      parameters.map(({ name }) => name),
    );
  }
}

const prefixed = (name: string, problem: string | undefined): string | undefined => problem && `${name} ${problem}`;

export interface Asking {
  readonly acceptDefaults: boolean;
  /** Undefined where nobody can answer. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
  readonly tell: (line: string) => void;
}

/** A value for each parameter. */
export async function collectValues(
  parameters: readonly TemplateParameter[],
  given: ReadonlyMap<string, string>,
  asking: Asking,
): Promise<Record<string, string>> {
  const values: Record<string, string> = {};
  for (const parameter of parameters) {
    values[parameter.name] = given.get(parameter.name) ?? (await missingValue(parameter, asking));
  }
  return values;
}

async function missingValue(parameter: TemplateParameter, { acceptDefaults, ask, tell }: Asking): Promise<string> {
  const fallback = parameter.default;
  if (acceptDefaults && fallback !== undefined) {
    return fallback;
  }
  if (ask === undefined) {
    throw noParameterValue(parameter.name, fallback !== undefined);
  }
  const choice = parameter.allowed === undefined ? '' : ` (${parameter.allowed.join(', ')})`;
  const hint = fallback === undefined ? '' : ` [${fallback}]`;
  for (;;) {
    const answer = await ask(`${parameter.prompt}${choice}${hint}: `);
    const value = answer === '' ? (fallback ?? '') : answer;
    const problem = valueProblem(parameter, value);
    if (problem === undefined) {
      return value;
    }
    tell(`The value ${problem}`);
  }
}

/** `--values-file`: a flat table of strings. */
export const valuesFromFile = (text: string, file: string): ReadonlyMap<string, string> =>
  readToml(text, file, 'SPK5012').stringMap();

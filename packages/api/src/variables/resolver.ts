// Answers what a component asks for: its template, filled with application variables from the providers and, failing
// those, from defaults (spin-contract.md §1.10). Nothing is cached: a provider's answer may change at run time.
import { UserError } from '../errors.ts';
import { variableNameProblem } from '../identifiers.ts';
import type { LockedApp, LockedVariable } from '../locked-app/types.ts';
import { invalidTemplate, VariableError } from './error.ts';
import { parseTemplate, type Template, templateVariables } from './template.ts';
import type { VariableResolver, VariablesProvider } from './types.ts';

export interface VariableResolverOptions {
  readonly locked: Pick<LockedApp, 'components' | 'variables'>;
  /** In the order in which they are asked. */
  readonly providers: readonly VariablesProvider[];
}

/** Throws a UserError for a name or template in the app that cannot work. */
export function createVariableResolver({ locked, providers }: VariableResolverOptions): VariableResolver {
  const variables = new Map(Object.entries(locked.variables ?? {}));
  for (const name of variables.keys()) {
    checkName(name, `variables.${name}`);
  }
  const components = new Map(
    locked.components.map(({ id, config }) => [id, componentTemplates(id, config ?? {}, variables)]),
  );
  const fill = createFiller(variables, providers);
  return {
    get(componentId, key) {
      const problem = variableNameProblem(key);
      if (problem !== undefined) {
        throw new VariableError('invalid-name', `${JSON.stringify(key)}: ${problem}`);
      }
      return fill(findTemplate(components, componentId, key));
    },
    async getAll(componentId) {
      const values = new Map<string, string>();
      for (const [key, template] of components.get(componentId) ?? []) {
        values.set(key, await fill(template));
      }
      return values;
    },
    resolveTemplate: (text) => fill(knownTemplate(text, variables)),
  };
}

/** To be called before the app starts: a required variable that nobody can answer for stops it. */
export function checkRequiredVariables({ locked, providers }: VariableResolverOptions): void {
  const missing = Object.entries(locked.variables ?? {}).flatMap(([name, variable]) =>
    variable.default === undefined && !providers.some((provider) => provider.mayResolve(name)) ? [name] : [],
  );
  const [first] = missing;
  if (first === undefined) {
    return;
  }
  const names = missing.map((name) => JSON.stringify(name)).join(', ');
  throw new UserError(`no provider resolved required variable(s): [${names}]`, {
    code: 'SPK1005',
    field: `variables.${first}`,
    remedy: `Give it a value with --variable ${first}=… or the environment variable SPIN_VARIABLE_${first.toUpperCase()}, or a default in the manifest.`,
  });
}

type Variables = ReadonlyMap<string, LockedVariable>;

function checkName(name: string, field: string): void {
  const problem = variableNameProblem(name);
  if (problem !== undefined) {
    throw new UserError(`invalid variable name: ${JSON.stringify(name)}: ${problem}`, {
      code: 'SPK1004',
      field,
      remedy: 'Variable names are lower_snake_case.',
    });
  }
}

function componentTemplates(
  componentId: string,
  config: Readonly<Record<string, string>>,
  variables: Variables,
): ReadonlyMap<string, Template> {
  return new Map(
    Object.entries(config).map(([key, text]) => {
      const field = `component.${componentId}.variables.${key}`;
      checkName(key, field);
      try {
        return [key, knownTemplate(text, variables)];
      } catch (error) {
        throw error instanceof VariableError
          ? new UserError(error.message, { code: 'SPK1004', field, remedy: TEMPLATE_REMEDY })
          : error;
      }
    }),
  );
}

export const TEMPLATE_REMEDY = 'A template may only use, as {{ name }}, variables of the table [variables].';

/** The template, when every variable in it is one of the application's; else throws a VariableError. */
export function knownTemplate(text: string, variables: ReadonlyMap<string, unknown>): Template {
  const template = parseTemplate(text);
  const unknown = templateVariables(template).find((name) => !variables.has(name));
  if (unknown !== undefined) {
    throw invalidTemplate(`unknown variable ${JSON.stringify(unknown)}`);
  }
  return template;
}

function findTemplate(
  components: ReadonlyMap<string, ReadonlyMap<string, Template>>,
  componentId: string,
  key: string,
): Template {
  const templates = components.get(componentId);
  if (templates === undefined) {
    throw new VariableError('undefined', `no variable for component ${JSON.stringify(componentId)}`);
  }
  const template = templates.get(key);
  if (template === undefined) {
    throw new VariableError('undefined', `no variable for ${JSON.stringify(componentId)}.${JSON.stringify(key)}`);
  }
  return template;
}

type Text = string | Promise<string>;

/** Plain values as long as no provider needs to wait: a guest that asks is then not suspended. */
function createFiller(variables: Variables, providers: readonly VariablesProvider[]): (template: Template) => Text {
  const fallback = (name: string): string => {
    const value = variables.get(name)?.default;
    if (value === undefined) {
      throw new VariableError('provider', `no provider resolved required variable ${JSON.stringify(name)}`);
    }
    return value;
  };
  const askFrom = (index: number, name: string): Text => {
    for (const [offset, provider] of providers.slice(index).entries()) {
      const answer = ask(provider, name);
      if (typeof answer === 'string') {
        return answer;
      }
      if (answer !== undefined) {
        return answer.then((value) => value ?? askFrom(index + offset + 1, name));
      }
    }
    return fallback(name);
  };
  const fillFrom = (template: Template, start: number, filled: string): Text => {
    let text = filled;
    for (const [offset, part] of template.slice(start).entries()) {
      const value = part.kind === 'literal' ? part.text : askFrom(0, part.name);
      if (typeof value !== 'string') {
        const before = text;
        return value.then((late) => fillFrom(template, start + offset + 1, before + late));
      }
      text += value;
    }
    return text;
  };
  return (template) => fillFrom(template, 0, '');
}

function ask(provider: VariablesProvider, name: string): string | undefined | Promise<string | undefined> {
  try {
    const answer = provider.get(name);
    return answer instanceof Promise ? answer.catch(failProvider) : answer;
  } catch (error) {
    return failProvider(error);
  }
}

function failProvider(error: unknown): never {
  throw new VariableError('provider', error instanceof Error ? error.message : String(error), error);
}

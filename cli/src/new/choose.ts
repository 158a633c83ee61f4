// Which template, and under which name: from the words of the command line, or by asking.
import type { Console } from '../console.ts';
import { badName, nothingChosen, templateMismatch, unknownTemplate } from '../errors.ts';
import { hasTags } from '../templates/list.ts';
import { table } from '../templates/table.ts';
import { variantOf, type Template, type TemplateUse } from '../templates/template.ts';
import { nameProblem } from './name.ts';

export interface Words {
  readonly name?: string;
  readonly template?: string;
}

/**
 * `new NAME -t TEMPLATE` is what Spin 2 and later take, `new TEMPLATE NAME` what Spin 1 took. A single word that is a
 * template's id is the template, since there is no other.
 */
export function readWords(
  first: string | undefined,
  second: string | undefined,
  flag: string | undefined,
  isTemplate: (id: string) => boolean,
): Words {
  if (flag !== undefined) {
    if (second !== undefined) {
      throw templateMismatch(second);
    }
    return { template: flag, ...(first === undefined ? {} : { name: first }) };
  }
  if (first === undefined) {
    return {};
  }
  if (second !== undefined) {
    return { template: first, name: second };
  }
  return isTemplate(first) ? { template: first } : { name: first };
}

type Asker = Pick<Console, 'ask' | 'err' | 'canAsk'>;

export async function chooseTemplate(
  words: Words,
  use: TemplateUse,
  tags: readonly string[],
  templates: readonly Template[],
  console: Asker,
): Promise<Template> {
  const usable = templates.filter((template) => variantOf(template, use) !== undefined && hasTags(template, tags));
  const ids = usable.map(({ id }) => id);
  if (words.template !== undefined) {
    const found = templates.find(({ id }) => id === words.template);
    if (found === undefined || variantOf(found, use) === undefined) {
      throw unknownTemplate(words.template, use, found !== undefined, ids);
    }
    return found;
  }
  const [only] = usable;
  if (only !== undefined && usable.length === 1 && tags.length > 0) {
    return only;
  }
  if (!console.canAsk) {
    throw nothingChosen('template', '-t', ids);
  }
  table(usable.map(({ id, description }) => [id, description])).forEach(console.err);
  for (;;) {
    const answer = await console.ask('Template: ');
    const found = usable.find(({ id }) => id === answer);
    if (found !== undefined) {
      return found;
    }
    console.err(`There is no template ${JSON.stringify(answer)}`);
  }
}

export async function chooseName(words: Words, use: TemplateUse, console: Asker): Promise<string> {
  const noun = use === 'new' ? 'application' : 'component';
  if (words.name !== undefined) {
    const problem = nameProblem(words.name);
    if (problem !== undefined) {
      throw badName(words.name, problem);
    }
    return words.name;
  }
  if (!console.canAsk) {
    throw nothingChosen('name', 'as an argument', []);
  }
  for (;;) {
    const name = (await console.ask(`Name of the new ${noun}: `)).trim();
    const problem = nameProblem(name);
    if (problem === undefined) {
      return name;
    }
    console.err(problem);
  }
}

// Label and field selectors, as the API server reads them from a query.
import { badRequest } from './answers.ts';
import { objectAt, valueAt, type JsonObject } from './json.ts';

export type Selects = (object: JsonObject) => boolean;

export function readSelectors(labels: string | null, fields: string | null): Selects {
  const all = [...labelRequirements(labels ?? ''), ...fieldRequirements(fields ?? '')];
  return (object) => all.every((selects) => selects(object));
}

/** Commas within brackets part no requirements. */
const requirements = (text: string): readonly string[] =>
  text
    .split(/,(?![^(]*\))/)
    .map((requirement) => requirement.trim())
    .filter((requirement) => requirement !== '');

const labelRequirements = (text: string): readonly Selects[] =>
  requirements(text).map((requirement) => {
    const selects = labelRequirement(requirement);
    return (object) => selects(objectAt(valueAt(object, ['metadata', 'labels'])));
  });

function labelRequirement(text: string): (labels: JsonObject) => boolean {
  const among = /^(\S+)\s+(in|notin)\s+\(([^)]*)\)$/.exec(text);
  if (among !== null) {
    const [, key = '', operator, list = ''] = among;
    const values = list.split(',').map((value) => value.trim());
    const isIn = (labels: JsonObject): boolean => values.includes(String(labels[key] ?? '')) && key in labels;
    return operator === 'in' ? isIn : (labels) => !isIn(labels);
  }
  const compared = /^([^=!\s]+)\s*(==|=|!=)\s*(\S*)$/.exec(text);
  if (compared !== null) {
    const [, key = '', operator, value] = compared;
    return operator === '!=' ? (labels) => labels[key] !== value : (labels) => labels[key] === value;
  }
  const existence = /^(!?)([^=!\s(),]+)$/.exec(text);
  if (existence === null) {
    throw badRequest(`unable to parse requirement: ${text}`);
  }
  const [, not, key = ''] = existence;
  return (labels) => key in labels === (not === '');
}

const fieldRequirements = (text: string): readonly Selects[] =>
  requirements(text).map((requirement) => {
    const [, path = '', operator, value] = /^([^=!]+)(==|=|!=)(.*)$/.exec(requirement) ?? [];
    if (operator === undefined) {
      throw badRequest(`invalid selector: '${requirement}'; can't understand '${requirement}'`);
    }
    return (object) => {
      const isEqual = String(valueAt(object, path.split('.')) ?? '') === value;
      return operator === '!=' ? !isEqual : isEqual;
    };
  });

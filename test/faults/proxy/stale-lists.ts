// The first answer to each list of some resources, to be given again as from a server that is behind: pages as they were, and
// the initial events of a streaming list up to the bookmark that ends them.

const INITIAL_EVENTS_END = '"k8s.io/initial-events-end":"true"';

export class StaleLists {
  readonly #resources: ReadonlySet<string>;
  readonly #answers = new Map<string, string>();

  constructor(resources: readonly string[]) {
    this.#resources = new Set(resources);
  }

  /** What the same list was answered with before. */
  answer(url: string): string | undefined {
    return this.#answers.get(listOf(url));
  }

  note(resource: string, url: string, content: string): void {
    if (this.#resources.has(resource)) {
      this.#answers.set(listOf(url), content);
    }
  }

  /** Takes the lines of a streaming list that is told now; undefined when nobody will ask for them. */
  recorder(resource: string, url: string): ((line: string) => void) | undefined {
    if (!this.#resources.has(resource)) {
      return undefined;
    }
    const lines: string[] = [];
    let isWhole = false;
    return (line) => {
      if (isWhole) {
        return;
      }
      lines.push(`${line}\n`);
      isWhole = line.includes(INITIAL_EVENTS_END);
      if (isWhole) {
        this.note(resource, url, lines.join(''));
      }
    };
  }
}

/** The client draws the time it wants to wait by lot. */
function listOf(url: string): string {
  const { pathname, searchParams } = new URL(url, 'https://api');
  searchParams.delete('timeoutSeconds');
  searchParams.sort();
  return `${pathname}?${searchParams}`;
}

// Tells the operator which destinations were denied and how to allow them: once for each, since a guest may try in a
// loop, and up to a bound, since it may also make up names.

/** Longer than any real host with its scheme and port; what a guest makes up must not fill the log. */
const MAX_SHOWN = 300;

/** A manifest with more hosts than this would be allowed by a wildcard. */
const MAX_REPORTED = 100;

export class Denials {
  readonly #warn: (message: string) => void;
  readonly #reported = new Set<string>();

  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  /** `destination` is the entry that would have allowed it. */
  report(componentId: string, destination: string): void {
    const pattern = destination.length > MAX_SHOWN ? `${destination.slice(0, MAX_SHOWN)}…` : destination;
    this.#tell(`${componentId} ${pattern}`, explanation(componentId, pattern));
  }

  /** The manifest allows it and the runtime configuration does not. */
  reportBlocked(componentId: string, address: string): void {
    this.#tell(
      `${componentId} ${address}`,
      `Component '${componentId}' tried to use '${address}', which 'block_networks' in [outbound_networking] of the runtime configuration blocks.`,
    );
  }

  #tell(key: string, message: string): void {
    if (this.#reported.has(key) || this.#reported.size >= MAX_REPORTED) {
      return;
    }
    this.#reported.add(key);
    const last = this.#reported.size === MAX_REPORTED ? ' Further denials are not reported.' : '';
    this.#warn(`${message}${last}`);
  }
}

function explanation(componentId: string, pattern: string): string {
  const what = pattern.endsWith('://self')
    ? `Component '${componentId}' tried to make an HTTP request to its own app but it does not have permission.`
    : `Component '${componentId}' tried to make an outbound network connection to disallowed destination '${pattern}'.`;
  const entry = JSON.stringify(pattern);
  return `${what} To allow it, add 'allowed_outbound_hosts = [${entry}]' to [component.${componentId}] in the manifest.`;
}

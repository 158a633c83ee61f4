// Small changes to the text of a manifest that leave the rest of it as it is. Pure.

const VERSION_LINE = /^([ \t]*)(?:spin_manifest_version|spin_version)([ \t]*=[ \t]*)("[^"\n]*"|'[^'\n]*'|[^\s#]+)/m;

/** `value` as TOML. A line for it is put at the top where there is none. */
export function setManifestVersion(text: string, value: '2' | '"1"'): string {
  return VERSION_LINE.test(text)
    ? text.replace(
        VERSION_LINE,
        (_line, indent: string, equals: string) => `${indent}spin_manifest_version${equals}${value}`,
      )
    : `spin_manifest_version = ${value}\n${text}`;
}

/** Version 1: below the line with the version, since it must come before every table. */
export const addHttpTrigger = (text: string): string =>
  text.replace(VERSION_LINE, (line) => `${line}\ntrigger = { type = "http" }`);

/** Version 1, with a single component: what stands at the end belongs to it. */
export const addRoute = (text: string): string => `${text.trimEnd()}\n[component.trigger]\nroute = "/..."\n`;

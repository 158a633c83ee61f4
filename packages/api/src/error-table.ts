// What docs/reference/errors.md says of this package's error codes. One code may have several messages; the messages
// themselves stand where they are thrown.
import type { ErrorTable } from './errors.ts';

export const API_ERRORS = {
  SPK1001: {
    meaning: 'The manifest, `spin.toml`, is not valid: its TOML, a field, or how its parts refer to each other.',
    remedy: 'Correct the line and the field that the error names.',
  },
  SPK1002: {
    meaning:
      'A locked app, the form in which an app is stored in a registry, is damaged or asks for what this version does not know.',
    remedy: 'Push the app again, or run it with a newer version.',
  },
  SPK1003: {
    meaning: '`--profile` names a build profile that no component of the app has.',
    remedy: 'Choose one of the profiles that the error lists, or leave the flag out.',
  },
  SPK1004: {
    meaning: 'The name of a variable, or a template that a component makes from variables, is wrong.',
    remedy: 'Names are lower_snake_case; a template uses, as `{{ name }}`, variables of the table `[variables]`.',
  },
  SPK1005: {
    meaning: 'A variable that the app requires has no value.',
    remedy:
      'Give it one with `--variable name=…`, the environment variable `SPIN_VARIABLE_NAME`, or a default in the manifest.',
  },
  SPK1006: {
    meaning: '`--variable` is not written in one of its forms.',
    remedy: 'Write `--variable key=value`, `key=@file`, `@file.json` or `@file.toml`.',
  },
  SPK1007: {
    meaning: 'An entry of `allowed_outbound_hosts` is not an allowed host.',
    remedy: 'Write `<scheme>://<host>[:<port>]`, for example `https://api.example.com`.',
  },
  SPK1008: {
    meaning:
      'An entry of `allowed_outbound_hosts` is a template, and what its variables make of it is not known or is no allowed host.',
    remedy: 'Give the variables in it a value so that `<scheme>://<host>[:<port>]` comes out.',
  },
  SPK1009: {
    meaning: 'The configuration of a trigger cannot be served: a field or a route of it is wrong.',
    remedy: 'Correct the field; a route is a path such as `/hello`, `/users/:id` or `/files/...`.',
  },
  SPK1010: {
    meaning: 'A file of variables cannot be read as a flat map of strings.',
    remedy: 'Correct its JSON or TOML; put every value in quotes.',
  },
  SPK1011: {
    meaning: 'A component was selected that the application does not have.',
    remedy: 'Give `--component-id` one of the ids that the message names.',
  },
  SPK1012: {
    meaning: 'A selected component may call one that was not selected.',
    remedy: 'Select both, or take the entry out of `allowed_outbound_hosts`.',
  },
} as const satisfies ErrorTable;

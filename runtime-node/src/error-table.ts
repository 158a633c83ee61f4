// What docs/reference/errors.md says of this package's error codes. One code may have several messages; the messages
// themselves stand where they are thrown.
import type { ErrorTable } from '@spindle/api';

export const RUNTIME_ERRORS = {
  SPK4001: {
    meaning: 'The file of `--runtime-config-file` is not valid: its TOML, an unknown key, or a value.',
    remedy: 'Correct the key that the error names.',
  },
  SPK4002: {
    meaning: 'A component uses a key-value store that the runtime configuration does not have.',
    remedy: 'Add `[key_value_store.<label>]` to it, or use the label `default`.',
  },
  SPK4003: {
    meaning: 'The file of a key-value store cannot be opened.',
    remedy:
      'It must be a SQLite file that can be written; restore it from a copy, or move it away to begin with an empty store.',
  },
  SPK4004: {
    meaning: 'A value of `--key-value` could not be stored.',
    remedy: 'Check that the default store can be written.',
  },
  SPK4005: {
    meaning: 'A folder cannot be mounted into a component.',
    remedy: 'Mount a folder that exists and that the process may read.',
  },
  SPK4006: {
    meaning: 'The folder for log files cannot be made or written to.',
    remedy: 'Give `--log-dir` a folder that can be written, or `""` for no log files.',
  },
  SPK4010: {
    meaning: 'The file is not a component, or one that uses features which this version does not read.',
    remedy: 'Build the component with current tools; the error says at which byte reading ended.',
  },
  SPK4011: {
    meaning: 'A core module inside of the component is not valid, or needs features that Node does not have.',
    remedy: 'Build the component for the WebAssembly features of Node 26, or fetch it again: it may be damaged.',
  },
  SPK4012: {
    meaning: 'The component can be read but not linked: its types contradict each other.',
    remedy: 'Build the component again with current tools.',
  },
  SPK4013: {
    meaning: 'The component imports interfaces that this runtime does not provide.',
    remedy: 'Build it without them, or for the versions that the error lists.',
  },
  SPK4014: {
    meaning: 'A trigger puts other components round its own that cannot go there.',
    remedy: 'Only an HTTP trigger with a component can have `dependencies.middleware`.',
  },
  SPK4015: {
    meaning: 'The content of a locked app has not been fetched.',
    remedy: 'Load the app before running it; from the command line this does not happen.',
  },
  SPK4016: {
    meaning: 'Prepared components cannot be kept.',
    remedy: 'Give a `--cache-dir` that can be written, or run with `--disable-cache`.',
  },
  SPK4017: {
    meaning: 'The component uses a feature of WebAssembly that Spindle does not run.',
    remedy: 'Build it without the feature that the message names.',
  },
  SPK4018: {
    meaning: 'The component has a larger memory from the start than an instance may have.',
    remedy: 'Raise `--max-instance-memory`, or build the component with a smaller memory.',
  },
  SPK4019: {
    meaning: 'The component fails while it is instantiated, before it could take any request.',
    remedy: 'Mend its start function; the message says how it ended.',
  },
  SPK4020: {
    meaning: 'A trigger names a component that the app does not have.',
    remedy: "Name one of the app's components.",
  },
  SPK4021: {
    meaning: 'The app has no triggers, so nothing would ever run.',
    remedy: 'Add a `[[trigger.http]]` to the manifest.',
  },
  SPK4022: {
    meaning: 'The app has a trigger of a type that is not served.',
    remedy: 'Spindle has triggers of the types http, redis, mqtt, cron, sqs and command.',
  },
  SPK4023: {
    meaning: 'The component has no HTTP handler, or more than one.',
    remedy: 'Build it with exactly one.',
  },
  SPK4025: {
    meaning: 'The source is a core module that cannot be made into a component.',
    remedy: 'Build it with a current SDK, or as a component; the message says what is in the way.',
  },
  SPK4026: {
    meaning: 'The source is a core module, and the tools that make components of such are not installed.',
    remedy: 'Install `@bytecodealliance/jco-transpile` beside Spindle, or build a component.',
  },
  SPK4027: {
    meaning: 'The component of a command trigger, or of one with the WAGI executor, is no command.',
    remedy: 'Build it as a command, with a main function; or remove `executor` if it handles HTTP.',
  },
  SPK4030: {
    meaning: 'The port to listen on is taken.',
    remedy: 'Give another with `--listen`, or let `--find-free-port` search.',
  },
  SPK4031: {
    meaning: 'The address cannot be listened on.',
    remedy: 'Give an address of this machine and a port that you may use.',
  },
  SPK4032: {
    meaning: 'New connections are closed unanswered, because there are as many as may be.',
    remedy: 'Raise --max-connections, run more instances, or find out who opens them.',
  },
  SPK4040: {
    meaning: 'A request was answered with 500: a header of it is not UTF-8, and guests only take text.',
    remedy: 'Mend the client that sends it.',
  },
  SPK4041: {
    meaning: 'A request was answered with 500: the guest returned without a response.',
    remedy: 'Set a response in every branch of the handler.',
  },
  SPK4042: {
    meaning: 'A request was answered with 500: what the command of a WAGI trigger wrote to stdout is no CGI response.',
    remedy: 'Write `content-type`, `status` or `location`, an empty line, and then the body.',
  },
  SPK4050: {
    meaning: 'A request was answered with 500, or 504 where time ran out: the component reached a limit.',
    remedy: 'Raise the limit with the flag that the message names, if it names one, or mend the component.',
  },
  SPK4051: {
    meaning: 'The mode of putting instances back that was asked for does not exist, or does not work here.',
    remedy: 'Unset `SPINDLE_RESET_MODE`, so that the best mode that works is taken.',
  },
  SPK4060: {
    meaning: 'A dependency matches none of the imports of its component.',
    remedy: 'Name one of its imports, which the error lists, or remove the dependency.',
  },
  SPK4061: {
    meaning: 'Two dependencies of a component satisfy the same import.',
    remedy: 'Remove one of them, or name an interface in each so that no import matches two.',
  },
  SPK4062: {
    meaning: 'A dependency does not export what it should satisfy an import with.',
    remedy: 'Name one of its exports, which the error lists, with `export`, or use another component.',
  },
  SPK4063: {
    meaning: 'A request was answered with 500: a dependency called what it does not inherit from its component.',
    remedy: "Name what it needs in the dependency's `inherit_configuration`.",
  },
  SPK4070: {
    meaning: 'A component and its dependencies cannot be made into one component.',
    remedy: 'Give each import one dependency that exports it, built against the same WIT packages.',
  },
  SPK4071: {
    meaning: 'What a dependency exports is of another type than the component imports.',
    remedy: 'Build both against the same version of the interface; the message says what differs.',
  },
  SPK4080: {
    meaning: 'A component uses a SQLite database that the runtime configuration does not have.',
    remedy: 'Add `[sqlite_database.<label>]` to it, or use the label `default`.',
  },
  SPK4081: {
    meaning: 'The folder of a SQLite database cannot be made.',
    remedy: 'Give a path in a folder that can be made and written to.',
  },
  SPK4082: {
    meaning: 'A file of `--sqlite` is for a database that does not exist.',
    remedy: 'Add `[sqlite_database.<label>]` to the runtime configuration, or leave the label out for `default`.',
  },
  SPK4083: {
    meaning: 'A statement of `--sqlite` failed.',
    remedy: 'Correct it, and see what the database already has: statements before it may have been run.',
  },
  SPK4090: {
    meaning: 'The component has no handler for messages of its trigger, or more than one.',
    remedy: 'Build it with exactly one, by the interface that the message names.',
  },
  SPK4091: {
    meaning: 'What a trigger needs to reach its broker is missing or wrong.',
    remedy: 'Correct the field that the error names; templates in it are filled in by then.',
  },
  SPK4092: {
    meaning: 'The expression of a cron trigger is none.',
    remedy: 'Write six fields, or seven with a year: seconds, minutes, hours, day, month, day of the week.',
  },
  SPK4190: {
    meaning: 'The environment asks for telemetry by a protocol that is not spoken.',
    remedy: 'Set `OTEL_EXPORTER_OTLP_PROTOCOL`, or that of the signal, to `http/protobuf` or `grpc`.',
  },
} as const satisfies ErrorTable;

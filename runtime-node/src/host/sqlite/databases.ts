// The SQLite databases of one app: which labels there are, where each is kept, and who may open which.
import { mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '@spindle/api';
import type { AppContext } from '../capability.ts';
import type { ComponentContext } from '../guest.ts';
import type { SqlDatabase } from './backend.ts';
import type { DatabaseConfig, SqliteConfig } from './config.ts';
import { EmbeddedDatabase } from './embedded/embedded.ts';
import { Engine } from './embedded/engine.ts';
import { QuickReader } from './embedded/quick-reader.ts';
import { LibsqlDatabase } from './libsql/libsql.ts';

const DEFAULT_LABEL = 'default';
const DEFAULT_FILE = 'sqlite_db.db';

const labelsOf = (component: ComponentContext): readonly string[] => component.metadata.databases ?? [];

export class SqliteDatabases {
  readonly #config: SqliteConfig;
  readonly #stateDir: string | undefined;
  readonly #engine = new Engine();
  readonly #byLabel = new Map<string, SqlDatabase>();

  constructor(config: SqliteConfig, { stateDir }: Pick<AppContext, 'stateDir'>) {
    this.#config = config;
    this.#stateDir = stateDir;
  }

  /** Opens what the components name; an app that names no database leaves no file. */
  async openFor(components: readonly ComponentContext[]): Promise<void> {
    const missing: string[] = [];
    for (const component of components) {
      for (const label of labelsOf(component)) {
        if (this.#open(label) === undefined) {
          missing.push(`- Component ${component.id} uses database '${label}'`);
        }
      }
    }
    if (missing.length > 0) {
      throw new UserError(`One or more components use SQLite databases which are not defined.\n${missing.join('\n')}`, {
        code: 'SPK4080',
        field: 'sqlite_databases',
        remedy:
          'Add [sqlite_database.<label>] to the runtime configuration (--runtime-config-file), or use the label "default".',
      });
    }
  }

  /** By label, for statements that are run before the app starts. */
  named(label: string): SqlDatabase | undefined {
    return this.#open(label);
  }

  /** Undefined when the component may not open this label. */
  allowed(component: ComponentContext, label: string): SqlDatabase | undefined {
    return labelsOf(component).includes(label) ? this.#byLabel.get(label) : undefined;
  }

  async close(): Promise<void> {
    for (const database of this.#byLabel.values()) {
      await database.close();
    }
    this.#byLabel.clear();
    this.#engine.close();
  }

  #open(label: string): SqlDatabase | undefined {
    const known = this.#byLabel.get(label);
    const config = this.#config.get(label) ?? this.#defaultFor(label);
    if (known !== undefined || config === undefined) {
      return known;
    }
    const database = this.#make(config, label);
    this.#byLabel.set(label, database);
    return database;
  }

  #make(config: DatabaseConfig, label: string): SqlDatabase {
    if (config.type === 'libsql') {
      return new LibsqlDatabase(config);
    }
    const path = config.path === undefined ? undefined : resolve(config.path);
    const location = { path, attachFiles: config.allowAttachFile };
    if (path === undefined) {
      return new EmbeddedDatabase(this.#engine, location);
    }
    makeFolderOf(path, label);
    return new EmbeddedDatabase(this.#engine, location, new QuickReader(path));
  }

  #defaultFor(label: string): DatabaseConfig | undefined {
    if (label !== DEFAULT_LABEL) {
      return undefined;
    }
    const path = this.#stateDir === undefined ? undefined : join(this.#stateDir, DEFAULT_FILE);
    return { type: 'spin', path, allowAttachFile: false };
  }
}

function makeFolderOf(path: string, label: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
  } catch (cause) {
    throw new UserError(`failed to create sqlite database directory '${dirname(path)}'`, {
      code: 'SPK4081',
      file: path,
      field: `sqlite_database.${label}`,
      remedy: 'Give a path in a folder that can be made and written to.',
      cause,
    });
  }
}

// A reflector and a store against a model of the API server: whatever happens, in whatever order, the store ends in the
// server's state, and its handlers have been told each object's life once.
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { KubeObject } from '../client/resource.ts';
import { Store, type StoreEvent } from '../store/store.ts';
import { TransportError } from '../transport/errors.ts';
import { apiErrorOf } from '../transport/status.ts';
import { BadLine, type Observed, type WatchEvent } from './event.ts';
import { newReflector, reflect, type ReflectorEffect, type ReflectorInput, type ReflectorState } from './reflect.ts';

type Entry = { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: Observed };

/** Objects by name, all that has happened since the last compaction, and a version that counts. */
class ModelServer {
  readonly objects = new Map<string, Observed>();
  log: Entry[] = [];
  compacted = 0;
  version = 0;
  #uids = 0;

  write(name: string): void {
    this.version += 1;
    const uid = this.objects.get(name)?.metadata.uid ?? `uid-${(this.#uids += 1)}`;
    const object = { metadata: { name, uid, resourceVersion: String(this.version) } };
    this.log.push({ type: this.objects.has(name) ? 'MODIFIED' : 'ADDED', object });
    this.objects.set(name, object);
  }

  delete(name: string): void {
    const object = this.objects.get(name);
    if (object !== undefined) {
      this.version += 1;
      this.objects.delete(name);
      const metadata = { ...object.metadata, resourceVersion: String(this.version) };
      this.log.push({ type: 'DELETED', object: { metadata } });
    }
  }

  compact(): void {
    this.log = [];
    this.compacted = this.version += 1;
  }

  after(version: number): Entry | undefined {
    return this.log.find(({ object }) => Number(object.metadata.resourceVersion) > version);
  }
}

/** What is asked now, as a cursor into the server's state. */
type Request =
  | { kind: 'list'; turn: number; items: Observed[]; version: number }
  | { kind: 'watch'; turn: number; initial: Observed[] | undefined; version: number };

const PAGE = 2;

class World {
  readonly server = new ModelServer();
  readonly store = new Store<KubeObject>({ freeze: true });
  readonly events: StoreEvent<KubeObject>[] = [];
  readonly #tell = this.store.source();
  #state: ReflectorState = newReflector;
  #request: Request | undefined;
  #timerMs: number | undefined;
  #timerTurn = 0;
  #now = 0;

  constructor() {
    this.store.listen((event) => this.events.push(event));
    this.#feed({ kind: 'start' });
  }

  get isCaughtUp(): boolean {
    const request = this.#request;
    return (
      this.#state.phase === 'watching' &&
      request?.kind === 'watch' &&
      request.initial === undefined &&
      request.version >= this.server.compacted &&
      this.server.after(request.version) === undefined
    );
  }

  /** The server answers with the next of what it has to say. */
  deliver(): void {
    const request = this.#request;
    if (request === undefined) {
      this.tick();
      return;
    }
    if (request.kind === 'list') {
      this.#deliverPage(request);
    } else {
      this.#deliverEvent(request);
    }
  }

  bookmark(): void {
    const request = this.#request;
    if (
      request?.kind === 'watch' &&
      request.initial === undefined &&
      this.server.after(request.version) === undefined
    ) {
      if (request.version >= this.server.compacted) {
        request.version = this.server.version;
        this.#event(request, {
          type: 'BOOKMARK',
          resourceVersion: String(this.server.version),
          endsInitialEvents: false,
        });
      }
    }
  }

  end(): void {
    const request = this.#request;
    if (request?.kind === 'watch') {
      this.#feed({ kind: 'ended', turn: request.turn });
    }
  }

  /** Something happens, and its event gets lost on the way while the watch stays. */
  lose(): void {
    const request = this.#request;
    const entry =
      request?.kind === 'watch' && request.initial === undefined ? this.server.after(request.version) : undefined;
    if (request !== undefined && entry !== undefined) {
      request.version = Number(entry.object.metadata.resourceVersion);
    }
  }

  /** After it a watch that is opened begins with the whole state. */
  passAnHour(): void {
    this.#now += 3_600_000;
  }

  fail(error: Error): void {
    if (this.#request !== undefined) {
      this.#feed({ kind: 'failed', turn: this.#request.turn, error });
    }
  }

  tick(): void {
    if (this.#timerMs !== undefined) {
      this.#now += this.#timerMs;
      this.#feed({ kind: 'time', turn: this.#timerTurn });
    }
  }

  #deliverPage(request: Extract<Request, { kind: 'list' }>): void {
    if (request.version < this.server.compacted) {
      this.fail(apiErrorOf({ code: 410 }, 410));
      return;
    }
    const items = request.items.splice(0, PAGE);
    this.#feed({
      kind: 'page',
      turn: request.turn,
      items,
      resourceVersion: String(request.version),
      continue: request.items.length > 0 ? 'more' : undefined,
    });
  }

  #deliverEvent(request: Extract<Request, { kind: 'watch' }>): void {
    const next = request.initial?.shift();
    if (next !== undefined) {
      this.#event(request, { type: 'ADDED', object: next });
      return;
    }
    if (request.initial !== undefined) {
      request.initial = undefined;
      this.#event(request, { type: 'BOOKMARK', resourceVersion: String(request.version), endsInitialEvents: true });
      return;
    }
    if (request.version < this.server.compacted) {
      this.#event(request, { type: 'ERROR', error: apiErrorOf({ code: 410 }, 410) });
      return;
    }
    const entry = this.server.after(request.version);
    if (entry !== undefined) {
      request.version = Number(entry.object.metadata.resourceVersion);
      this.#event(request, entry);
    }
  }

  #event(request: Request, event: WatchEvent<Observed>): void {
    this.#feed({ kind: 'event', turn: request.turn, event });
  }

  #feed(input: ReflectorInput<Observed>): void {
    const [state, effects] = reflect(this.#state, input, { now: this.#now, chance: 0 });
    this.#state = state;
    for (const effect of effects) {
      this.#run(effect);
    }
  }

  #run(effect: ReflectorEffect<Observed>): void {
    switch (effect.kind) {
      case 'tell':
        this.#tell(effect.change);
        break;
      case 'abandon':
        this.#request = undefined;
        this.#timerMs = undefined;
        break;
      case 'timer':
        [this.#timerMs, this.#timerTurn] = [effect.ms, effect.turn];
        break;
      case 'list':
        if (effect.continue === undefined) {
          this.#request = {
            kind: 'list',
            turn: effect.turn,
            items: [...this.server.objects.values()],
            version: this.server.version,
          };
        }
        break;
      case 'watch':
        this.#request = {
          kind: 'watch',
          turn: effect.turn,
          initial: effect.resourceVersion === undefined ? [...this.server.objects.values()] : undefined,
          version: effect.resourceVersion === undefined ? this.server.version : Number(effect.resourceVersion),
        };
        break;
      case 'report':
        break;
    }
  }
}

type Command = (world: World) => void;

const name = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const command: fc.Arbitrary<readonly [text: string, run: Command]> = fc.oneof(
  { weight: 6, arbitrary: name.map((at) => [`write ${at}`, (world: World) => world.server.write(at)] as const) },
  { weight: 3, arbitrary: name.map((at) => [`delete ${at}`, (world: World) => world.server.delete(at)] as const) },
  { weight: 12, arbitrary: fc.constant(['deliver', (world: World) => world.deliver()] as const) },
  { weight: 1, arbitrary: fc.constant(['bookmark', (world: World) => world.bookmark()] as const) },
  { weight: 1, arbitrary: fc.constant(['compact', (world: World) => world.server.compact()] as const) },
  { weight: 2, arbitrary: fc.constant(['end', (world: World) => world.end()] as const) },
  { weight: 1, arbitrary: fc.constant(['time', (world: World) => world.tick()] as const) },
  { weight: 1, arbitrary: fc.constant(['an hour', (world: World) => world.passAnHour()] as const) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom<readonly [string, Error]>(
        ['reset', new TransportError('reset', 'broken')],
        ['no connection', new TransportError('connect', 'refused')],
        ['bad line', new BadLine('no JSON', Buffer.from('<'))],
        ...[400, 403, 410, 429, 500, 503].map((status) => [`${status}`, apiErrorOf({ code: status }, status)] as const),
      )
      .map(([text, error]) => [text, (world: World) => world.fail(error)] as const),
  },
);

const loss: readonly [text: string, run: Command] = ['lose', (world) => world.lose()];

/** More steps than any way back to the server's state has. */
const QUIESCE_STEPS = 100;

function livesOf(events: readonly StoreEvent<KubeObject>[]): ReadonlyMap<string, string> {
  const lives = new Map<string, string>();
  for (const { kind, object } of events) {
    lives.set(object.metadata.uid, (lives.get(object.metadata.uid) ?? '') + kind[0]);
  }
  return lives;
}

function quiesced(world: World): World {
  for (let step = 0; step < QUIESCE_STEPS && !world.isCaughtUp; step += 1) {
    world.deliver();
  }
  return world;
}

const byName = (objects: Iterable<Observed>): readonly Observed['metadata'][] =>
  [...objects].map(({ metadata }) => metadata).toSorted((one, other) => (one.name < other.name ? -1 : 1));

/** Every life that was told began once and, when it is over, ended once. */
function brokenLives({ store, events }: World): readonly string[] {
  const alive = new Set(store.list().map(({ metadata }) => metadata.uid));
  return [...livesOf(events)].flatMap(([uid, life]) =>
    (alive.has(uid) ? /^ac*$/ : /^ac*d$/).test(life) ? [] : [`${uid} ${life}`],
  );
}

it('3. ends in the state of the server, and tells each addition and each deletion once, whatever happens', () => {
  fc.assert(
    fc.property(fc.array(command, { maxLength: 120 }), (commands) => {
      const world = new World();
      for (const [, run] of commands) {
        run(world);
      }
      expect(quiesced(world).isCaughtUp).toBe(true);
      expect(byName(world.store.list())).toEqual(byName(world.server.objects.values()));
      expect(brokenLives(world)).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});

it('2. ends in the state of the server an hour later, whatever events were lost from watches that stayed whole', () => {
  // A server that knows no streaming lists is not asked again.
  const streaming = command.filter(([text]) => text !== '400');
  const lossy = fc.oneof({ weight: 1, arbitrary: fc.constant(loss) }, { weight: 4, arbitrary: streaming });
  fc.assert(
    fc.property(fc.array(lossy, { maxLength: 120 }), (commands) => {
      const world = new World();
      for (const [, run] of commands) {
        run(world);
      }
      quiesced(world).passAnHour();
      world.bookmark();
      world.end();
      expect(quiesced(world).isCaughtUp).toBe(true);
      expect(byName(world.store.list())).toEqual(byName(world.server.objects.values()));
      expect(brokenLives(world)).toEqual([]);
    }),
    { numRuns: 2_000 },
  );
});

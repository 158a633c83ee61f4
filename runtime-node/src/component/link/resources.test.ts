// Resources across the whole linker: host objects in guests, guest resources outside, and between component instances.
import { describe, expect, it } from 'vitest';
import { GuestResource } from '../abi/guest-resource.ts';
import { Trap } from '../host-interface.ts';
import { instantiateWat, linkWat } from './testing/wat.ts';

/** Exports the host's functions and the drop of its resource under names of its own, with handles as u32. */
const HOLDER = `(component
  (import "test:host/files@1.0.0" (instance $x
    (export "file" (type $file (sub resource)))
    (export "open" (func (param "n" u32) (result (own $file))))
    (export "close" (func (param "file" (own $file))))
    (export "read" (func (param "file" (borrow $file)) (result u32)))
    (export "merge" (func (param "a" (own $file)) (param "b" (borrow $file))))
    (export "merge-later" (func (param "a" (borrow $file)) (param "b" (own $file))))))
  (alias export $x "file" (type $file))
  (core func $open (canon lower (func $x "open")))
  (core func $close (canon lower (func $x "close")))
  (core func $read (canon lower (func $x "read")))
  (core func $merge (canon lower (func $x "merge")))
  (core func $merge-later (canon lower (func $x "merge-later")))
  (core func $drop (canon resource.drop $file))
  (core module $m
    (import "host" "open" (func $open (param i32) (result i32)))
    (import "host" "close" (func $close (param i32)))
    (import "host" "read" (func $read (param i32) (result i32)))
    (import "host" "merge" (func $merge (param i32 i32)))
    (import "host" "merge-later" (func $merge-later (param i32 i32)))
    (import "host" "drop" (func $drop (param i32)))
    (export "open" (func $open)) (export "close" (func $close)) (export "read" (func $read))
    (export "merge" (func $merge)) (export "merge-later" (func $merge-later)) (export "drop" (func $drop))
    (func (export "borrowed") (param i32) (result i32) (call $read (local.get 0)))
    (func (export "borrowed-and-dropped") (param i32) (result i32)
      (call $read (local.get 0))
      (call $drop (local.get 0))))
  (core instance $i (instantiate $m (with "host" (instance
    (export "open" (func $open)) (export "close" (func $close)) (export "read" (func $read))
    (export "merge" (func $merge)) (export "merge-later" (func $merge-later)) (export "drop" (func $drop))))))
  (func (export "open") (param "n" u32) (result u32) (canon lift (core func $i "open")))
  (func (export "close") (param "handle" u32) (canon lift (core func $i "close")))
  (func (export "read") (param "handle" u32) (result u32) (canon lift (core func $i "read")))
  (func (export "merge") (param "a" u32) (param "b" u32) (canon lift (core func $i "merge")))
  (func (export "merge-later") (param "a" u32) (param "b" u32) (canon lift (core func $i "merge-later")))
  (func (export "drop") (param "handle" u32) (canon lift (core func $i "drop")))
  (func (export "borrowed") (param "file" (borrow $file)) (result u32) (canon lift (core func $i "borrowed")))
  (func (export "borrowed-and-dropped") (param "file" (borrow $file)) (result u32)
    (canon lift (core func $i "borrowed-and-dropped"))))`;

/** A host of files that writes down what happens to them. */
function files() {
  const log: string[] = [];
  class File implements Disposable {
    readonly n: number;
    constructor(n: number) {
      this.n = n;
    }
    [Symbol.dispose](): void {
      log.push(`disposed ${this.n}`);
      if (this.n === 13) {
        throw new Error('file 13 cannot be disposed');
      }
    }
  }
  const functions = {
    open: (n: number) => new File(n),
    close: (file: File) => void log.push(`closed ${file.n}`),
    read: (file: File) => file.n,
    merge: (a: File, b: File) => void log.push(`merged ${a.n} ${b.n}`),
    'merge-later': (a: File, b: File) => void log.push(`merged ${a.n} ${b.n}`),
  };
  return { log, File, hosts: { 'test:host/files@1.0.0': { functions, resources: { file: File } } } };
}

describe('a host object in a guest', () => {
  it('has a handle that the host gets the object back for', async () => {
    const { log, hosts } = files();
    const instance = await instantiateWat(HOLDER, hosts);
    expect([instance.call('', 'open', [10]), instance.call('', 'open', [20])]).toEqual([1, 2]);
    expect(instance.call('', 'read', [2])).toBe(20);
    expect(log).toEqual([]);
  });

  it('is disposed when the guest drops its own handle, and its number is used again', async () => {
    const { log, hosts } = files();
    const instance = await instantiateWat(HOLDER, hosts);
    instance.call('', 'open', [10]);
    instance.call('', 'drop', [1]);
    expect(log).toEqual(['disposed 10']);
    expect(instance.call('', 'open', [20])).toBe(1);
  });

  it('is the business of the host once the guest has passed it on', async () => {
    const { log, hosts } = files();
    const instance = await instantiateWat(HOLDER, hosts);
    instance.call('', 'open', [10]);
    instance.call('', 'close', [1]);
    instance.dispose();
    expect(log).toEqual(['closed 10']);
  });

  it.each([
    ['read', [7], 'unknown handle index 7'],
    ['drop', [0], 'unknown handle index 0'],
    ['merge-later', [1, 1], 'handle index 1 cannot be dropped or passed on while it is borrowed'],
    ['merge', [1, 1], 'unknown handle index 1'],
  ])('traps in %s%j', async (name, args, message) => {
    const { hosts } = files();
    const instance = await instantiateWat(HOLDER, hosts);
    instance.call('', 'open', [10]);
    expect(() => instance.call('', name, args)).toThrow(new Trap(message));
  });

  it('is no longer lent when the call it was lent to has ended', async () => {
    const { log, hosts } = files();
    const instance = await instantiateWat(HOLDER, hosts);
    instance.call('', 'open', [10]);
    instance.call('', 'read', [1]);
    instance.call('', 'open', [20]);
    instance.call('', 'merge', [1, 2]);
    instance.call('', 'drop', [2]);
    expect(log).toEqual(['merged 10 20', 'disposed 20']);
  });

  it('is disposed with the instance, newest first, and one that fails does not keep the others', async () => {
    const { log, hosts } = files();
    const instance = await instantiateWat(HOLDER, hosts);
    for (const n of [10, 11, 12]) {
      instance.call('', 'open', [n]);
    }
    instance.call('', 'drop', [1]);
    // Takes the number of the first, and is the newest nevertheless.
    instance.call('', 'open', [13]);
    expect(() => instance.dispose()).toThrow('file 13 cannot be disposed');
    expect(log).toEqual(['disposed 10', 'disposed 13', 'disposed 12', 'disposed 11']);
    instance.dispose();
    expect(log).toHaveLength(4);
    expect(() => instance.call('', 'open', [1])).toThrow('the instance was disposed');
  });

  it.each([
    ['broken', new Error('the file cannot be disposed'), true],
    ['still in use', new Trap('something of the file is alive'), false],
  ])('may refuse to be disposed because it is %s: only a trap is of no interest then', async (_why, error, heard) => {
    const { log, File, hosts } = files();
    class Refusing extends File {
      override [Symbol.dispose](): void {
        log.push('refused');
        throw error;
      }
    }
    const functions = { ...hosts['test:host/files@1.0.0'].functions, open: (n: number) => new Refusing(n) };
    const instance = await instantiateWat(HOLDER, {
      'test:host/files@1.0.0': { functions, resources: { file: File } },
    });
    instance.call('', 'open', [10]);
    let thrown: unknown;
    try {
      instance.dispose();
    } catch (caught) {
      // expected: compared below.
      thrown = caught;
    }
    expect(thrown).toBe(heard ? error : undefined);
    expect(log).toEqual(['refused']);
  });

  it('is disposed when it was on its way to the host and another argument is wrong', async () => {
    const { log, hosts } = files();
    const instance = await instantiateWat(HOLDER, hosts);
    instance.call('', 'open', [10]);
    expect(() => instance.call('', 'merge', [1, 7])).toThrow('unknown handle index 7');
    instance.dispose();
    expect(log).toEqual(['disposed 10']);
  });

  it.each(['plain', 'suspending'] as const)(
    'is disposed when its handle cannot be given to the guest (%s)',
    async (mode) => {
      const { log, File } = files();
      const text = `(component
      (import "test:host/files@1.0.0" (instance $x
        (export "file" (type $file (sub resource)))
        (export "open" (func (result (result (tuple (own $file) (own $file))))))))
      (core module $libc (memory (export "memory") 1))
      (core instance $libc (instantiate $libc))
      (core func $open (canon lower (func $x "open") (memory (core memory $libc "memory"))))
      (core module $m
        (import "host" "open" (func $open (param i32)))
        (func (export "run") (call $open (i32.const 0x7ffffff0))))
      (core instance $i (instantiate $m (with "host" (instance (export "open" (func $open))))))
      (func (export "run") (canon lift (core func $i "run"))))`;
      const open = () => ({ tag: 'ok', val: [new File(1), new File(2)] });
      const functions = mode === 'plain' ? { functions: { open } } : { waiting: { open: async () => open() } };
      const instance = await instantiateWat(
        text,
        { 'test:host/files@1.0.0': { ...functions, resources: { file: File } } },
        mode,
      );
      const call = async () => instance.call('', 'run', []);
      await expect(call()).rejects.toThrow('result pointer/length out of bounds of memory');
      instance.dispose();
      expect(log).toEqual(['disposed 2', 'disposed 1']);
    },
  );

  it('is disposed when the instance has ended before the host could answer with it', async () => {
    const { log, File, hosts } = files();
    const opened = Promise.withResolvers<InstanceType<typeof File>>();
    const { open: _open, ...others } = hosts['test:host/files@1.0.0'].functions;
    const instance = await instantiateWat(
      HOLDER,
      {
        'test:host/files@1.0.0': {
          functions: others,
          waiting: { open: () => opened.promise },
          resources: { file: File },
        },
      },
      'suspending',
    );
    const result = instance.call('', 'open', [10]);
    await Promise.resolve();
    instance.abort(new Error('the client has gone'));
    await expect(result).rejects.toThrow('the client has gone');
    instance.dispose();
    opened.resolve(new File(10));
    await opened.promise;
    expect(log).toEqual(['disposed 10']);
  });

  it('is disposed once when another component instance cannot take it', async () => {
    const { log, File } = files();
    const text = `(component
      (import "test:host/files@1.0.0" (instance $x
        (export "file" (type $file (sub resource)))
        (export "open" (func (param "n" u32) (result (own $file))))))
      (alias export $x "file" (type $file))
      (component $taker
        (import "file" (type $file (sub resource)))
        (core module $m
          (memory (export "memory") 1)
          (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable)
          (func (export "take") (param i32 i32 i32)))
        (core instance $i (instantiate $m))
        (func (export "take") (param "file" (own $file)) (param "name" string)
          (canon lift (core func $i "take") (memory (core memory $i "memory")) (realloc (core func $i "realloc")))))
      (instance $t (instantiate $taker (with "file" (type $file))))
      (core module $libc (memory (export "memory") 1))
      (core instance $libc (instantiate $libc))
      (core func $open (canon lower (func $x "open")))
      (core func $take (canon lower (func $t "take") (memory (core memory $libc "memory"))))
      (core module $m
        (import "host" "open" (func $open (param i32) (result i32)))
        (import "host" "take" (func $take (param i32 i32 i32)))
        (func (export "run") (call $take (call $open (i32.const 10)) (i32.const 0) (i32.const 5))))
      (core instance $i (instantiate $m (with "host" (instance (export "open" (func $open)) (export "take" (func $take))))))
      (func (export "run") (canon lift (core func $i "run"))))`;
    const instance = await instantiateWat(text, {
      'test:host/files@1.0.0': { functions: { open: (n: number) => new File(n) }, resources: { file: File } },
    });
    expect(() => instance.call('', 'run', [])).toThrow('unreachable');
    instance.dispose();
    expect(log).toEqual(['disposed 10']);
  });

  it('is disposed when the instantiation fails after it was made', async () => {
    const { log, File } = files();
    const text = `(component
      (import "test:host/files@1.0.0" (instance $x
        (export "file" (type $file (sub resource)))
        (export "open" (func (param "n" u32) (result (own $file))))))
      (core func $open (canon lower (func $x "open")))
      (core module $m
        (import "host" "open" (func $open (param i32) (result i32)))
        (func $begin (drop (call $open (i32.const 5))) unreachable)
        (start $begin))
      (core instance (instantiate $m (with "host" (instance (export "open" (func $open)))))))`;
    const hosts = {
      'test:host/files@1.0.0': { functions: { open: (n: number) => new File(n) }, resources: { file: File } },
    };
    await expect(instantiateWat(text, hosts)).rejects.toThrow('unreachable');
    expect(log).toEqual(['disposed 5']);
  });

  it('of another class ends the call', async () => {
    const { hosts } = files();
    const functions = { ...hosts['test:host/files@1.0.0'].functions, open: () => new Map() };
    const instance = await instantiateWat(HOLDER, {
      'test:host/files@1.0.0': { ...hosts['test:host/files@1.0.0'], functions },
    });
    expect(() => instance.call('', 'open', [1])).toThrow(
      'test:host/files@1.0.0#open: expected a test:host/files@1.0.0/file as an instance of File, got an object of class Map',
    );
  });

  it('keeps its class across two versions of an interface that the host answers with the same class', async () => {
    const { File } = files();
    const text = `(component
      (import "test:host/files@1.0.0" (instance $a
        (export "file" (type $file (sub resource))) (export "open" (func (param "n" u32) (result (own $file))))))
      (import "test:host/files@1.1.0" (instance $b
        (export "file" (type $file (sub resource))) (export "read" (func (param "file" (borrow $file)) (result u32)))))
      (core func $open (canon lower (func $a "open")))
      (core func $read (canon lower (func $b "read")))
      (core module $m
        (import "host" "open" (func $open (param i32) (result i32)))
        (import "host" "read" (func $read (param i32) (result i32)))
        (func (export "run") (result i32) (call $read (call $open (i32.const 42)))))
      (core instance $i (instantiate $m (with "host" (instance (export "open" (func $open)) (export "read" (func $read))))))
      (func (export "run") (result u32) (canon lift (core func $i "run"))))`;
    const host = {
      functions: { open: (n: number) => new File(n), read: (file: InstanceType<typeof File>) => file.n },
      resources: { file: File },
    };
    const instance = await instantiateWat(text, { 'test:host/files@1.0.0': host });
    expect(instance.call('', 'run', [])).toBe(42);
  });
});

describe('a host object that is lent to a guest', () => {
  it('must be dropped before the call returns', async () => {
    const { File, hosts } = files();
    const instance = await instantiateWat(HOLDER, hosts);
    expect(() => instance.call('', 'borrowed', [new File(3)])).toThrow(
      'borrow handles still remain at the end of the call',
    );
  });

  it('is not disposed by that', async () => {
    const { log, File, hosts } = files();
    const instance = await instantiateWat(HOLDER, hosts);
    expect(instance.call('', 'borrowed-and-dropped', [new File(3)])).toBe(3);
    instance.dispose();
    expect(log).toEqual([]);
  });
});

/** Defines a counter; `alive` counts births less deaths, `last` is what the destructor was last given. */
const COUNTERS = `(component
  (core module $life
    (global $alive (mut i32) (i32.const 0))
    (global $last (mut i32) (i32.const 0))
    (func (export "born") (global.set $alive (i32.add (global.get $alive) (i32.const 1))))
    (func (export "died") (param i32)
      (global.set $last (local.get 0))
      (global.set $alive (i32.sub (global.get $alive) (i32.const 1))))
    (func (export "alive") (result i32) (global.get $alive))
    (func (export "last") (result i32) (global.get $last)))
  (core instance $life (instantiate $life))
  (type $counter (resource (rep i32) (dtor (core func $life "died"))))
  (core func $new (canon resource.new $counter))
  (core func $rep (canon resource.rep $counter))
  (core func $drop (canon resource.drop $counter))
  (core module $m
    (import "life" "born" (func $born))
    (import "canon" "new" (func $new (param i32) (result i32)))
    (import "canon" "rep" (func $rep (param i32) (result i32)))
    (import "canon" "drop" (func $drop (param i32)))
    (func (export "make") (param i32) (result i32) (call $born) (call $new (local.get 0)))
    (func (export "get") (param $self i32) (result i32) (local.get $self))
    (func (export "take") (param $handle i32) (result i32) (call $rep (local.get $handle)) (call $drop (local.get $handle)))
    (func (export "keep") (param $handle i32) (result i32) (local.get $handle)))
  (core instance $i (instantiate $m
    (with "life" (instance $life))
    (with "canon" (instance (export "new" (func $new)) (export "rep" (func $rep)) (export "drop" (func $drop))))))
  (export $exported "counter" (type $counter))
  (func (export "[constructor]counter") (param "start" u32) (result (own $exported)) (canon lift (core func $i "make")))
  (func (export "[method]counter.get") (param "self" (borrow $exported)) (result u32) (canon lift (core func $i "get")))
  (func (export "take") (param "counter" (own $exported)) (result u32) (canon lift (core func $i "take")))
  (func (export "keep") (param "counter" (own $exported)) (result u32) (canon lift (core func $i "keep")))
  (func (export "alive") (result u32) (canon lift (core func $life "alive")))
  (func (export "last") (result u32) (canon lift (core func $life "last"))))`;

describe.each(['plain', 'suspending'] as const)('a guest resource outside its guest (%s)', (mode) => {
  const start = async () => {
    const instance = await instantiateWat(COUNTERS, {}, mode);
    return {
      make: async (n: number) => (await instance.call('', '[constructor]counter', [n])) as GuestResource,
      call: async (name: string, ...args: unknown[]) => instance.call('', name, args),
      instance,
    };
  };

  it('is opaque, and its methods get the representation', async () => {
    const { make, call } = await start();
    const counter = await make(77);
    expect(counter).toBeInstanceOf(GuestResource);
    await expect(call('[method]counter.get', counter)).resolves.toBe(77);
    await expect(call('[method]counter.get', counter)).resolves.toBe(77);
  });

  it('can be given back, once', async () => {
    const { make, call } = await start();
    const counter = await make(77);
    await expect(call('take', counter)).resolves.toBe(77);
    await expect(call('alive')).resolves.toBe(0);
    await expect(call('take', counter)).rejects.toThrow(/already given away or dropped/);
  });

  it('runs the destructor with its representation when it is disposed', async () => {
    const { make, call } = await start();
    const [a, b] = [await make(5), await make(6)];
    a[Symbol.dispose]();
    a[Symbol.dispose]();
    await expect(call('alive')).resolves.toBe(1);
    await expect(call('last')).resolves.toBe(5);
    await expect(call('[method]counter.get', b)).resolves.toBe(6);
  });

  it('is not destroyed in an instance that is dead or has been disposed', async () => {
    const { make, instance } = await start();
    const counter = await make(5);
    instance.dispose();
    expect(() => counter[Symbol.dispose]()).not.toThrow();
  });

  it('does not belong to another instance of the same component', async () => {
    const [first, second] = [await start(), await start()];
    const counter = await first.make(5);
    await expect(second.call('[method]counter.get', counter)).rejects.toThrow(/of this instance is expected/);
  });
});

describe('a guest resource whose destructor waits', () => {
  const text = `(component
    (import "test:host/x" (instance $x (export "farewell" (func (param "n" u32)))))
    (component $owner
      (import "farewell" (func $farewell (param "n" u32)))
      (core func $farewell (canon lower (func $farewell)))
      (core module $end
        (import "host" "farewell" (func $farewell (param i32)))
        (func (export "end") (param i32) (call $farewell (local.get 0))))
      (core instance $end (instantiate $end (with "host" (instance (export "farewell" (func $farewell))))))
      (type $thing (resource (rep i32) (dtor (core func $end "end"))))
      (core func $new (canon resource.new $thing))
      (core module $m (import "canon" "new" (func $new (param i32) (result i32))) (export "make" (func $new)))
      (core instance $i (instantiate $m (with "canon" (instance (export "new" (func $new))))))
      (export $exported "thing" (type $thing))
      (func (export "make") (param "n" u32) (result (own $exported)) (canon lift (core func $i "make"))))
    (alias export $x "farewell" (func $farewell))
    (instance $owner (instantiate $owner (with "farewell" (func $farewell))))
    (alias export $owner "thing" (type $thing))
    (core func $make (canon lower (func $owner "make")))
    (core func $drop (canon resource.drop $thing))
    (core module $m
      (import "owner" "make" (func $make (param i32) (result i32)))
      (import "owner" "drop" (func $drop (param i32)))
      (func (export "run") (param i32) (result i32)
        (call $drop (call $make (local.get 0)))
        (i32.add (local.get 0) (i32.const 1))))
    (core instance $i (instantiate $m (with "owner" (instance (export "make" (func $make)) (export "drop" (func $drop))))))
    (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run"))))`;

  it('suspends who drops it', async () => {
    const said: number[] = [];
    const farewell = async (n: number) => {
      await Promise.resolve();
      said.push(n);
    };
    const linked = await linkWat(text, { 'test:host/x': { waiting: { farewell } } });
    const instance = linked.instantiate({}, 'suspending');
    await expect(instance.call('', 'run', [41])).resolves.toBe(42);
    await expect(instance.call('', 'run', [42])).resolves.toBe(43);
    expect(said).toEqual([41, 42]);
  });

  it('ends the call with what the destructor fails with', async () => {
    const hosts = { 'test:host/x': { waiting: { farewell: () => Promise.reject(new Error('no goodbye')) } } };
    const instance = await instantiateWat(text, hosts, 'suspending');
    await expect(instance.call('', 'run', [1])).rejects.toThrow('no goodbye');
  });
});

describe('a component instance that is waiting for its own call', () => {
  it('cannot be entered again through another', async () => {
    // The root lifts `back`, gives it to a nested component, and calls the nested function that calls it.
    const text = `(component
      (core module $r (func (export "back")))
      (core instance $r (instantiate $r))
      (func $back (canon lift (core func $r "back")))
      (component $nested
        (import "back" (func $back))
        (core func $back (canon lower (func $back)))
        (core module $m (import "host" "back" (func $back)) (func (export "forth") (call $back)))
        (core instance $i (instantiate $m (with "host" (instance (export "back" (func $back))))))
        (func (export "forth") (canon lift (core func $i "forth"))))
      (instance $n (instantiate $nested (with "back" (func $back))))
      (core func $forth (canon lower (func $n "forth")))
      (core module $m (import "nested" "forth" (func $forth)) (func (export "run") (call $forth)))
      (core instance $i (instantiate $m (with "nested" (instance (export "forth" (func $forth))))))
      (func (export "run") (canon lift (core func $i "run"))))`;
    const instance = await instantiateWat(text);
    expect(() => instance.call('', 'run', [])).toThrow('cannot enter component instance');
  });
});

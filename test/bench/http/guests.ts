// The guests under load and the request that each gets.

export interface BenchGuest {
  readonly name: string;
  /** Of test/guests/fixtures. */
  readonly fixture: string;
  readonly path: string;
  /** Bytes of the request's body; a POST then. */
  readonly body?: number;
}

/** What streaming and hashing move: 1 MB, as the table says. */
const MEGABYTE = 1_000_000;

export const GUESTS: readonly BenchGuest[] = [
  { name: 'Rust hello', fixture: 'rhello', path: '/' },
  { name: 'spin-sdk hello', fixture: 'shello', path: '/' },
  { name: 'JS hello', fixture: 'jshello', path: '/' },
  { name: 'Python hello', fixture: 'pyhello', path: '/' },
  { name: 'Rust compute', fixture: 'rcompute', path: '/' },
  { name: 'Rust 1 MB stream', fixture: 'rchunks', path: '/?count=64&size=16384' },
  { name: 'Rust 1 MB hashed', fixture: 'rhash', path: '/', body: MEGABYTE },
];

export const guestNamed = (fixture: string): BenchGuest => {
  const guest = GUESTS.find((one) => one.fixture === fixture);
  if (guest === undefined) {
    throw new Error(
      `there is no guest "${fixture}" to load; there are: ${GUESTS.map((one) => one.fixture).join(', ')}`,
    );
  }
  return guest;
};

/** The byte that bodies are made of. */
export const FILLER = 'x';

// Values of spin:postgres as its WIT has them in version 4, of which the earlier versions have a part.

export type Bound<T> = readonly [T, 'inclusive' | 'exclusive'] | undefined;
export type Range<T> = readonly [lower: Bound<T>, upper: Bound<T>];

export interface Interval {
  readonly micros: bigint;
  readonly days: number;
  readonly months: number;
}

export type Day = readonly [year: number, month: number, day: number];
export type Time = readonly [hour: number, minute: number, second: number, nanosecond: number];

/** What a parameter may be, and a value of a row too. */
export type PgValue =
  | { readonly tag: 'boolean'; readonly val: boolean }
  | { readonly tag: 'int8' | 'int16' | 'int32' | 'floating32' | 'floating64'; readonly val: number }
  | { readonly tag: 'int64' | 'timestamp'; readonly val: bigint }
  | { readonly tag: 'str' | 'uuid' | 'decimal'; readonly val: string }
  | { readonly tag: 'binary' | 'jsonb'; readonly val: Uint8Array }
  | { readonly tag: 'date'; readonly val: Day }
  | { readonly tag: 'time'; readonly val: Time }
  | { readonly tag: 'datetime'; readonly val: readonly [...Day, ...Time] }
  | { readonly tag: 'range-int32'; readonly val: Range<number> }
  | { readonly tag: 'range-int64'; readonly val: Range<bigint> }
  | { readonly tag: 'range-decimal'; readonly val: Range<string> }
  | { readonly tag: 'array-int32'; readonly val: readonly (number | undefined)[] }
  | { readonly tag: 'array-int64'; readonly val: readonly (bigint | undefined)[] }
  | { readonly tag: 'array-decimal' | 'array-str'; readonly val: readonly (string | undefined)[] }
  | { readonly tag: 'interval'; readonly val: Interval }
  | { readonly tag: 'db-null'; readonly val?: undefined };

export type DbValue = PgValue | { readonly tag: 'unsupported'; readonly val: Uint8Array };

export type DataType =
  | { readonly tag: Exclude<PgValue['tag'], 'db-null'>; readonly val?: undefined }
  | { readonly tag: 'other'; readonly val: string };

export interface Column {
  readonly name: string;
  readonly dataType: DataType;
}

export interface RowSet {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly DbValue[])[];
}

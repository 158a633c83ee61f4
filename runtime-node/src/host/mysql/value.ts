// Values of the MySQL interfaces as their WIT (rdbms-types of Spin) has them.

export type MySqlValue =
  | { readonly tag: 'boolean'; readonly val: boolean }
  | {
      readonly tag: 'int8' | 'int16' | 'int32' | 'uint8' | 'uint16' | 'uint32' | 'floating32' | 'floating64';
      readonly val: number;
    }
  | { readonly tag: 'int64' | 'uint64'; readonly val: bigint }
  | { readonly tag: 'str'; readonly val: string }
  | { readonly tag: 'binary'; readonly val: Uint8Array }
  | { readonly tag: 'db-null'; readonly val?: undefined };

export type DataType = Exclude<MySqlValue['tag'], 'db-null'> | 'other';

export interface RowSet {
  readonly columns: readonly { readonly name: string; readonly dataType: DataType }[];
  readonly rows: readonly (readonly MySqlValue[])[];
}

// Kubernetes quantities (`128Mi`, `0.5`, `1e3`) as numbers of bytes: apimachinery's resource.Quantity, as far as a limit
// on memory needs it.
import type { Quantity } from './types.ts';

/** The pattern that the CRD has for them. */
const QUANTITY =
  /^(?<sign>[+-])?(?:(?<whole>\d+)(?:\.(?<fraction>\d*))?|\.(?<only>\d+))(?:(?<binary>[KMGTPE])i|(?<decimal>[numkMGTPE])|[eE](?<exponent>[+-]?\d+))?$/;

/** Powers of 1024 and of ten. */
const BINARY = ['K', 'M', 'G', 'T', 'P', 'E'];
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

/** No quantity has more digits or zeros than this one; what is larger is cut to it by Kubernetes too. */
const MOST = 2n ** 63n - 1n;
const MOST_EXPONENT = 40;

/** A whole number, rounded away from zero and at most 2^63 - 1; undefined when it is no quantity. */
export function quantityValue(quantity: Quantity): bigint | undefined {
  const groups = QUANTITY.exec(String(quantity))?.groups;
  if (groups === undefined) {
    return undefined;
  }
  const { sign, whole = '', fraction = '', only = '', binary, decimal, exponent } = groups;
  const digits = BigInt(`${whole}${fraction}${only}`);
  let numerator = digits * (binary === undefined ? 1n : 1024n ** BigInt(BINARY.indexOf(binary) + 1));
  const shift = decimal === undefined ? Number(exponent ?? 0) : (DECIMAL[decimal] ?? 0);
  const places = shift - (fraction.length + only.length);
  if (numerator !== 0n && Math.abs(places) > MOST_EXPONENT + digits.toString().length) {
    numerator = places > 0 ? MOST : 1n;
  } else if (places >= 0) {
    numerator *= 10n ** BigInt(numerator === 0n ? 0 : places);
  } else {
    const divisor = 10n ** BigInt(-places);
    numerator = (numerator + divisor - 1n) / divisor;
  }
  const value = numerator > MOST ? MOST : numerator;
  return sign === '-' ? -value : value;
}

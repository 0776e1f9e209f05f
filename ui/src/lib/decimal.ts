/**
 * Exact arithmetic on decimal numbers as text. A value from the API is never turned into a binary float to be
 * shown: `0.1` stays `0.1`, and thirty digits stay thirty digits.
 */
export interface Decimal {
  /** The number is `digits / 10 ** places`. */
  readonly digits: bigint;
  readonly places: number;
}

const FORM = /^([+-]?)(\d*)\.?(\d*)(?:[eE]([+-]?\d+))?$/;

/** Return the number a text writes, such as `-12.50` or `1.5e-7`; null when it writes none. */
export function parseDecimal(text: string): Decimal | null {
  const match = FORM.exec(text.trim());
  if (!match) return null;
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match;
  if (whole + fraction === '') return null;
  const digits = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n);
  const places = fraction.length - Number(exponent);
  return places >= 0 ? { digits, places } : { digits: digits * 10n ** BigInt(-places), places: 0 };
}

export function multiply(value: Decimal, factor: number): Decimal {
  return { digits: value.digits * BigInt(factor), places: value.places };
}

export function subtract(left: Decimal, right: Decimal): Decimal {
  const places = Math.max(left.places, right.places);
  return { digits: digitsAt(left, places) - digitsAt(right, places), places };
}

/** Return a number below, at or above 0, as `Array.sort` wants it. */
export function compare(left: Decimal, right: Decimal): number {
  const { digits } = subtract(left, right);
  return digits < 0n ? -1 : digits > 0n ? 1 : 0;
}

/** Return the quotient to a number of places, half away from zero; null where the divisor is 0. */
export function divide(left: Decimal, right: Decimal, places: number): Decimal | null {
  if (right.digits === 0n) return null;
  const shared = Math.max(left.places, right.places);
  const numerator = digitsAt(left, shared) * 10n ** BigInt(places);
  return { digits: divideHalfAway(numerator, digitsAt(right, shared)), places };
}

/** Return the value with exactly this many places, rounded half away from zero. */
export function round(value: Decimal, places: number): Decimal {
  if (value.places <= places) return { digits: digitsAt(value, places), places };
  return { digits: divideHalfAway(value.digits, 10n ** BigInt(value.places - places)), places };
}

/** Return the value without the zeros at its end. */
export function trim(value: Decimal): Decimal {
  let { digits, places } = value;
  while (places > 0 && digits % 10n === 0n) {
    digits /= 10n;
    places -= 1;
  }
  return { digits, places };
}

/** Write all digits, with thousands separated by commas. */
export function write(value: Decimal, { grouped = true }: { grouped?: boolean } = {}): string {
  const sign = value.digits < 0n ? '\u2212' : '';
  const text = absolute(value.digits)
    .toString()
    .padStart(value.places + 1, '0');
  const whole = text.slice(0, text.length - value.places);
  const fraction = text.slice(text.length - value.places);
  const shown = grouped ? whole.replace(/\B(?=(\d{3})+$)/g, ',') : whole;
  return `${grouped ? sign : sign && '-'}${shown}${fraction && `.${fraction}`}`;
}

/** The nearest binary number: for a position on a chart, never for a text. */
export function approximate(value: Decimal): number {
  return Number(write(value, { grouped: false }));
}

function digitsAt(value: Decimal, places: number): bigint {
  return value.digits * 10n ** BigInt(places - value.places);
}

function divideHalfAway(numerator: bigint, divisor: bigint): bigint {
  const size = (2n * absolute(numerator) + absolute(divisor)) / (2n * absolute(divisor));
  return numerator < 0n !== divisor < 0n ? -size : size;
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

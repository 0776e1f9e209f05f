import type { Cell, Display, KpiColumn } from '@/api/types';
import { approximate, multiply, parseDecimal, round, trim, write, type Decimal } from './decimal';

const FACTORS: Record<Display['scale'], number> = { one: 1, percent: 100, ppm: 1_000_000, per_200k: 200_000 };
const SCALE_NAMES: Record<Display['scale'], string> = {
  one: '',
  percent: '%',
  ppm: 'ppm',
  per_200k: 'per 200,000',
};
const BARE_UNITS = new Set(['', '1']);

/** How one KPI's values are shown: its scale, its places and its unit. */
export interface Format {
  readonly display: Display;
  readonly unit: string;
}

export function formatOf(column: KpiColumn): Format {
  return { display: column.display, unit: column.unit };
}

/** Return a value times its display scale, exactly; null for a null or for what is no number. */
export function scaled(value: Cell, { display }: Format): Decimal | null {
  const decimal = asDecimal(value);
  return decimal && multiply(decimal, FACTORS[display.scale]);
}

/** Return a value as it is shown, such as `78.45%` or `12.64 min`, rounded to the display's places. */
export function show(value: Cell, format: Format): string {
  const decimal = scaled(value, format);
  return decimal ? withUnit(write(round(decimal, format.display.decimals)), format) : showPlain(value);
}

/** Return a value with every digit the API gave, in its display scale. */
export function showExact(value: Cell, format: Format): string {
  const decimal = scaled(value, format);
  return decimal ? withUnit(write(trim(decimal)), format) : showPlain(value);
}

/** Return a number without its unit, for a column or an axis that names the unit once. */
export function showNumber(value: Cell, format: Format, { exact = false } = {}): string {
  const decimal = scaled(value, format);
  if (!decimal) return showPlain(value);
  return write(exact ? trim(decimal) : round(decimal, format.display.decimals));
}

/** The unit as it stands beside a number: as people call it, else as the formula gives it; empty for a bare number. */
export function unitLabel({ display, unit }: Format): string {
  const own = display.unit || (BARE_UNITS.has(unit) ? '' : unit.replaceAll('_', ' '));
  return [SCALE_NAMES[display.scale], own].filter(Boolean).join(' ');
}

/** The position of a value on a chart's axis. */
export function position(value: Cell, format: Format): number | null {
  const decimal = scaled(value, format);
  return decimal && approximate(decimal);
}

function withUnit(number: string, format: Format): string {
  const label = unitLabel(format);
  return label.startsWith('%') || label === '' ? number + label : `${number} ${label}`;
}

function asDecimal(value: Cell): Decimal | null {
  return typeof value === 'number' || typeof value === 'string' ? parseDecimal(String(value)) : null;
}

/** Return a dimension's value, or what is no number, as text. */
export function showPlain(value: Cell): string {
  if (value === null) return '\u2014';
  return value === true ? 'yes' : value === false ? 'no' : String(value);
}

import type { Cell, Direction } from '@/api/types';
import { approximate, divide, multiply, round, subtract, write, type Decimal } from './decimal';
import { scaled, show, type Format } from './display';

export interface Movement {
  readonly way: 'up' | 'down' | 'unchanged';
  readonly verdict: 'better' | 'worse' | 'neutral';
  /** How far it moved, without a sign: `4.2%`, `1.3 points` or `1.0 min`. */
  readonly size: string;
}

/**
 * Return how a value moved against an earlier one, or null where either is missing.
 *
 * Shares move in percentage points. Where the earlier value is 0 or below, a relative change would mislead, so the
 * difference itself is given.
 */
export function movement(now: Cell, before: Cell, format: Format, direction: Direction): Movement | null {
  const [to, from] = [scaled(now, format), scaled(before, format)];
  if (!to || !from) return null;
  const difference = subtract(to, from);
  const sign = difference.digits === 0n ? 0 : difference.digits > 0n ? 1 : -1;
  return {
    way: sign > 0 ? 'up' : sign < 0 ? 'down' : 'unchanged',
    verdict:
      sign === 0 || direction === 'target'
        ? 'neutral'
        : sign > 0 === (direction === 'higher')
          ? 'better'
          : 'worse',
    size: sizeOf(absolute(difference), from, format),
  };
}

function sizeOf(difference: Decimal, from: Decimal, format: Format): string {
  if (format.display.scale === 'percent') {
    return `${write(round(difference, Math.max(format.display.decimals, 1)))} points`;
  }
  const relative = from.digits > 0n ? divide(difference, from, 6) : null;
  if (!relative || approximate(relative) > 10) {
    return show(write(difference, { grouped: false }), {
      ...format,
      display: { ...format.display, scale: 'one' },
    });
  }
  return `${write(round(multiply(relative, 100), 1))}%`;
}

function absolute(value: Decimal): Decimal {
  return value.digits < 0n ? { ...value, digits: -value.digits } : value;
}

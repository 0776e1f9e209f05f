import { describe, expect, test } from 'vitest';
import {
  compare,
  divide,
  multiply,
  parseDecimal,
  round,
  subtract,
  trim,
  write,
  type Decimal,
} from './decimal';

function decimal(text: string): Decimal {
  const value = parseDecimal(text);
  if (!value) throw new Error(`${text} is no decimal`);
  return value;
}

describe('decimals as text', () => {
  test.each([
    ['0', '0'],
    ['-0.50', '\u22120.50'],
    ['1234567.890', '1,234,567.890'],
    ['1.5e-7', '0.00000015'],
    ['2E+3', '2,000'],
    ['.5', '0.5'],
  ])('%s is written %s', (text, written) => {
    expect(write(decimal(text))).toBe(written);
  });

  test.each(['', '.', 'NaN', '1,5', '0x10', 'Infinity'])('%j is no decimal', (text) => {
    expect(parseDecimal(text)).toBeNull();
  });

  test('more digits than a binary number holds are all kept', () => {
    expect(write(multiply(decimal('0.123456789012345678901234567890'), 100))).toBe(
      '12.345678901234567890123456789000',
    );
  });

  test('a half rounds away from zero, on either side of it', () => {
    expect([write(round(decimal('2.345'), 2)), write(round(decimal('-2.345'), 2))]).toEqual([
      '2.35',
      '\u22122.35',
    ]);
    expect(write(round(decimal('0.0049'), 2))).toBe('0.00');
    expect(write(round(decimal('7'), 2))).toBe('7.00');
  });

  test('differences and quotients are exact', () => {
    expect(write(subtract(decimal('0.3'), decimal('0.1')))).toBe('0.2');
    expect(write(divide(decimal('1'), decimal('3'), 4) ?? decimal('0'))).toBe('0.3333');
    expect(divide(decimal('1'), decimal('0.00'), 4)).toBeNull();
  });

  test('equal values of different length are equal, and zeros at the end can go', () => {
    expect(compare(decimal('1.50'), decimal('1.5'))).toBe(0);
    expect(write(trim(decimal('1.500')))).toBe('1.5');
    expect(['10', '9.5', '-3'].sort((a, b) => compare(decimal(a), decimal(b)))).toEqual(['-3', '9.5', '10']);
  });
});

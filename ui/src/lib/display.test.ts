import { describe, expect, test } from 'vitest';
import { position, show, showExact, showNumber, unitLabel, type Format } from './display';

const percent: Format = { display: { scale: 'percent', decimals: 2, unit: '' }, unit: '' };
const minutes: Format = { display: { scale: 'one', decimals: 1, unit: '' }, unit: 'min' };

describe('values as they are shown', () => {
  test('a ratio is shown in percent, exactly, to its places', () => {
    expect(show('0.784512345678901234567', percent)).toBe('78.45%');
    expect(showExact('0.784512345678901234567', percent)).toBe('78.4512345678901234567%');
  });

  test('a unit follows its number, and a count has none', () => {
    expect(show('12.6390', minutes)).toBe('12.6 min');
    expect(show(336776, { display: { scale: 'one', decimals: 0, unit: '' }, unit: '1' })).toBe('336,776');
  });

  test('a unit has the name that people call it by, where the definition gives one', () => {
    const fleet: Format = { display: { scale: 'one', decimals: 0, unit: 'aircraft' }, unit: 'tail_number' };
    expect(show(3102, fleet)).toBe('3,102 aircraft');
  });

  test('parts per million and injuries per 200,000 hours keep their names', () => {
    expect(show('0.0000031', { display: { scale: 'ppm', decimals: 1, unit: '' }, unit: '' })).toBe('3.1 ppm');
    expect(show('0.00001', { display: { scale: 'per_200k', decimals: 1, unit: '' }, unit: '' })).toBe(
      '2.0 per 200,000',
    );
  });

  test('a column that names its unit once has bare numbers', () => {
    expect([showNumber('0.5', percent), unitLabel(percent), unitLabel(minutes)]).toEqual([
      '50.00',
      '%',
      'min',
    ]);
  });

  test('a null is a dash and has no position', () => {
    expect([show(null, percent), position(null, percent)]).toEqual(['\u2014', null]);
  });
});

import { describe, expect, test } from 'vitest';
import { compareCells } from './cells';
import { movement } from './change';
import type { Format } from './display';

const count: Format = { display: { scale: 'one', decimals: 0, unit: '' }, unit: '' };
const share: Format = { display: { scale: 'percent', decimals: 1, unit: '' }, unit: '' };
const minutes: Format = { display: { scale: 'one', decimals: 1, unit: '' }, unit: 'min' };

describe('how a value moved', () => {
  test('a count moves in percent, and the direction decides whether that is better', () => {
    expect(movement(110, 100, count, 'higher')).toEqual({ way: 'up', verdict: 'better', size: '10.0%' });
    expect(movement(90, 100, count, 'lower')).toEqual({ way: 'down', verdict: 'better', size: '10.0%' });
    expect(movement(100, 100, count, 'higher')).toEqual({
      way: 'unchanged',
      verdict: 'neutral',
      size: '0.0%',
    });
  });

  test('a share moves in percentage points', () => {
    expect(movement('0.755', '0.78', share, 'higher')).toEqual({
      way: 'down',
      verdict: 'worse',
      size: '2.5 points',
    });
  });

  test('against zero or less the difference itself is given', () => {
    expect(movement('1.5', '-2', minutes, 'lower')).toEqual({ way: 'up', verdict: 'worse', size: '3.5 min' });
    expect(movement(3, 0, count, 'target')).toEqual({ way: 'up', verdict: 'neutral', size: '3' });
  });

  test('a missing value has no movement', () => {
    expect(movement(null, 1, count, 'higher')).toBeNull();
  });
});

test('cells sort by size even where a binary number could not tell them apart', () => {
  expect(['9007199254740993', '9007199254740992', '10'].sort(compareCells)).toEqual([
    '10',
    '9007199254740992',
    '9007199254740993',
  ]);
});

import { describe, expect, test } from 'vitest';
import type { KpiResult } from '@/api/types';
import { coverageOf, presetRange, rangeBefore } from './coverage';
import { addMonths, dateIn, localTime, showPeriod, showRange } from './dates';

const year2013 = { from: '2013-01-01', to: '2014-01-01' };

describe('local dates', () => {
  test('a month has its true length', () => {
    expect([addMonths('2013-01-31', 1), addMonths('2013-12-01', 1), addMonths('2013-01-01', -1)]).toEqual([
      '2013-02-28',
      '2014-01-01',
      '2012-12-01',
    ]);
  });

  test('an instant has the date its zone gives it', () => {
    expect(dateIn('America/New_York', '2013-01-01T04:59:00Z')).toBe('2012-12-31');
    expect(localTime('Asia/Kolkata', '2013-01-01T18:30:00Z')).toBe('2013-01-02T00:00:00');
  });

  test('periods and ranges are named as people name them', () => {
    expect(showPeriod('2013-04-01T00:00:00-04:00', '', 'quarter')).toBe('Q2 2013');
    expect(showPeriod('2013-04-01T00:00:00-04:00', '', 'month')).toBe('Apr 2013');
    expect(showPeriod('2013-04-01T13:00:00-04:00', '', 'hour')).toBe('1 Apr 2013, 13:00');
    expect(showRange(year2013)).toBe('2013');
    expect(showRange({ from: '2013-12-01', to: '2014-01-01' })).toBe('December 2013');
    expect(showRange({ from: '2013-10-01', to: '2014-01-01' })).toBe('Oct \u2013 Dec 2013');
    expect(showRange({ from: '2013-01-05', to: '2013-01-07' })).toBe('5 Jan 2013 \u2013 6 Jan 2013');
  });
});

describe('ranges inside the loaded data', () => {
  test('the last month, quarter and year end with the last whole month loaded', () => {
    const span = { from: '2012-05-10', to: '2014-01-15' };
    expect(presetRange('month', span)).toEqual({ from: '2013-12-01', to: '2014-01-01' });
    expect(presetRange('quarter', span)).toEqual({ from: '2013-10-01', to: '2014-01-01' });
    expect(presetRange('year', span)).toEqual({ from: '2013-01-01', to: '2014-01-01' });
    expect(presetRange('whole', span)).toEqual(span);
  });

  test('the range before is offered only where it is loaded', () => {
    expect(rangeBefore({ from: '2013-12-01', to: '2014-01-01' }, year2013)).toEqual({
      from: '2013-11-01',
      to: '2013-12-01',
    });
    expect(rangeBefore(year2013, year2013)).toBeNull();
  });

  test('the coverage is what all object models share, in local days of the zone', () => {
    const result = {
      time_zone: 'America/New_York',
      coverage: {
        flight: { covered_from: '2013-01-01T05:00:00Z', covered_until: '2014-01-01T05:00:00Z' },
        weather: { covered_from: '2013-01-01T06:00:00Z', covered_until: '2013-12-30T23:30:00Z' },
      },
    } as unknown as KpiResult;
    expect(coverageOf(result)).toEqual({
      from: '2013-01-01',
      to: '2013-12-31',
      timeZone: 'America/New_York',
    });
    expect(coverageOf({ ...result, coverage: {} })).toBeNull();
  });
});

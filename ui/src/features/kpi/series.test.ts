import { describe, expect, test } from 'vitest';
import type { KpiResult } from '@/api/types';
import { result } from '@/testing/fixtures';
import { csvOf } from './csv';
import { seriesOf } from './series';

function split(members: (string | null)[], values: (string | null)[], starts: string[]): KpiResult {
  return {
    ...result,
    period: { start: starts, end: starts, complete: starts.map(() => true), grain: [], range: [] },
    dimensions: [{ name: 'flight.origin', label: 'Origin', type: 'text', values: members, rest: [] }],
    kpis: result.kpis.map((each) => ({ ...each, values, reasons: {}, rows: {} })),
    row_count: values.length,
  };
}

const [january = '', february = ''] = result.period.start;

describe('series of a result', () => {
  test('an undivided KPI is one series over its periods', () => {
    const set = seriesOf(result, null);
    expect(set?.periods.map((period) => [period.label, period.complete])).toEqual([
      ['Jan 2013', true],
      ['Feb 2013', true],
      ['Mar 2013', false],
    ]);
    expect(set?.series).toEqual([{ label: '', values: ['10.036665240012', '9.8', null] }]);
  });

  test('members missing in a period are gaps, and the largest over the range come first', () => {
    const periods = split(['EWR', 'JFK', 'JFK'], ['1', '2', '3'], [january, january, february]);
    const ranking = split(['EWR', 'JFK', null], ['9.5', '10', null], [january, january, january]);
    expect(seriesOf(periods, ranking)?.series).toEqual([
      { label: 'JFK', values: ['2', '3'] },
      { label: 'EWR', values: ['1', null] },
    ]);
  });
});

test('an empty period shows what the rule of the KPI puts there', () => {
  const [column] = result.kpis;
  if (!column) throw new Error('the fixture has a KPI');
  const ruled: KpiResult = { ...result, kpis: [{ ...column, shown: { 2: '0' } }] };
  expect(seriesOf(ruled, null)?.series).toEqual([{ label: '', values: ['10.036665240012', '9.8', '0'] }]);
});

test('a CSV has the exact values, the reasons of missing ones, and no formulas', () => {
  const lines = csvOf(split(['=1+1', 'a "b", c'], ['0.123456789012345678', null], [january, january])).split(
    '\r\n',
  );
  expect(lines[0]).toBe('period_start,period_end,complete,flight.origin,FL_DELAY,FL_DELAY_null_reason');
  expect(lines[1]).toBe(`${january},${january},true,'=1+1,0.123456789012345678,`);
  expect(lines[2]).toBe(`${january},${january},true,"a ""b"", c",,`);
});

import { describe, expect, test } from 'vitest';
import type { Dimension } from '@/api/types';
import { controlsOf, presetOf, readSearch } from './controls';
import { askedFilters, operatorsFor, readFilter, writeFilter } from './filters';
import { questionsOf } from './questions';

const loaded = { from: '2013-01-01', to: '2014-01-01', timeZone: 'America/New_York' };
const dimension = (name: string, type: Dimension['type']): Dimension => ({
  name,
  label: name,
  type,
  object_model: 'flight',
  description: '',
});
const dimensions = [dimension('flight.carrier', 'text'), dimension('flight.distance', 'integer')];

describe('the address of a KPI page', () => {
  test('what makes no sense is left out', () => {
    expect(
      readSearch({
        grain: 'fortnight',
        from: '2013-02-01',
        to: '2013-01-01',
        zone: 'Mars/Base',
        by: '',
        chart: 'pie',
      }),
    ).toEqual({});
  });

  test('one value and several are both lists', () => {
    expect(readSearch({ by: 'flight.carrier', filter: ['a~in~x', 'nonsense'] })).toEqual({
      by: ['flight.carrier'],
      filter: ['a~in~x'],
    });
  });

  test('without a range the data decides, and an hourly grain takes its last month', () => {
    expect(controlsOf({}, 'month', loaded).range).toEqual({ from: '2013-01-01', to: '2014-01-01' });
    expect(controlsOf({ grain: 'hour' }, 'month', loaded).range).toEqual({
      from: '2013-12-01',
      to: '2014-01-01',
    });
  });

  test('a range is named by its preset', () => {
    expect(presetOf({ from: '2013-10-01', to: '2014-01-01' }, loaded)).toBe('quarter');
    expect(presetOf({ from: '2013-01-01', to: '2014-01-01' }, loaded)).toBe('whole');
    expect(presetOf({ from: '2013-05-05', to: '2013-05-06' }, loaded)).toBeNull();
  });
});

describe('filters', () => {
  test.each([
    { attribute: 'flight.carrier', operator: 'in' as const, values: ['UA', 'a~b', 'x/y & z'] },
    { attribute: 'flight.distance', operator: '>=' as const, values: ['500'] },
    { attribute: 'flight.carrier', operator: 'is null' as const, values: [] },
  ])('$operator goes through an address and back', (filter) => {
    expect(readFilter(writeFilter(filter))).toEqual(filter);
  });

  test.each(['', 'a', 'a~nope~1', 'a~ge~1~2', 'a~in', 'a~missing~1', '%E0~in~x'])(
    '%j is no filter',
    (text) => {
      expect(readFilter(text)).toBeNull();
    },
  );

  test('values are asked for in the type of their attribute', () => {
    const asked = askedFilters(
      [
        { attribute: 'flight.distance', operator: '>=', values: ['500'] },
        { attribute: 'flight.carrier', operator: 'in', values: ['9'] },
      ],
      dimensions,
    );
    expect(asked.map((filter) => filter.values)).toEqual([[500], ['9']]);
  });

  test('texts are not offered an order', () => {
    expect(operatorsFor('text')).not.toContain('>=');
    expect(operatorsFor('integer')).toContain('>=');
  });
});

test('the whole range is asked as one value, without a grain', () => {
  const controls = controlsOf(
    { grain: 'whole', by: ['flight.carrier'], zone: 'Asia/Kolkata' },
    'month',
    loaded,
  );
  const { split, whole } = questionsOf('FL_DELAY', controls, dimensions);
  expect(split).toEqual({ ...whole, dimensions: ['flight.carrier'] });
  expect(split.grain).toBeUndefined();
  expect(split.time_zone).toBe('Asia/Kolkata');
});

import type { Grain } from '@/api/types';

export const GRAINS = ['hour', 'day', 'week', 'month', 'quarter', 'year'] as const satisfies readonly Grain[];

export const GRAIN_LABELS: Record<Grain, string> = {
  second: 'Second',
  minute: 'Minute',
  hour: 'Hour',
  day: 'Day',
  week: 'Week',
  month: 'Month',
  quarter: 'Quarter',
  year: 'Year',
  fiscal_quarter: 'Fiscal quarter',
  fiscal_year: 'Fiscal year',
};

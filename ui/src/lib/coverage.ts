import type { KpiResult } from '@/api/types';
import { addDays, addMonths, dateIn, localTime, startOfMonth, startOfQuarter, type DateRange } from './dates';

/** What span of time had been loaded, in local dates of the result's zone, half-open. */
export interface LoadedSpan extends DateRange {
  readonly timeZone: string;
}

/**
 * Return the span that all object models behind a result cover; where they share none, the span any covers.
 * Null when nothing has been loaded.
 */
export function coverageOf(result: KpiResult): LoadedSpan | null {
  const spans = Object.values(result.coverage);
  const [first] = spans;
  if (!first) return null;
  const froms = spans.map((span) => Date.parse(span.covered_from));
  const untils = spans.map((span) => Date.parse(span.covered_until));
  const shared = Math.max(...froms) < Math.min(...untils);
  const from = new Date(shared ? Math.max(...froms) : Math.min(...froms)).toISOString();
  const until = new Date(shared ? Math.min(...untils) : Math.max(...untils)).toISOString();
  const zone = result.time_zone;
  const lastDay = dateIn(zone, until);
  const to = localTime(zone, until).endsWith('T00:00:00') ? lastDay : addDays(lastDay, 1);
  return { from: dateIn(zone, from), to, timeZone: zone };
}

export const PRESETS = ['month', 'quarter', 'year', 'whole'] as const;
export type Preset = (typeof PRESETS)[number];

export const PRESET_LABELS: Record<Preset, string> = {
  month: 'Last month',
  quarter: 'Last quarter',
  year: 'Last 12 months',
  whole: 'All data',
};

/** Return the latest range of this length that lies wholly in the loaded data, or all of it where none does. */
export function presetRange(preset: Preset, span: DateRange): DateRange {
  const whole = { from: span.from, to: span.to };
  const endOfMonths = startOfMonth(span.to);
  const endOfQuarters = startOfQuarter(span.to);
  const range = {
    month: { from: addMonths(endOfMonths, -1), to: endOfMonths },
    quarter: { from: addMonths(endOfQuarters, -3), to: endOfQuarters },
    year: { from: addMonths(endOfMonths, -12), to: endOfMonths },
    whole,
  }[preset];
  return range.from < span.from ? whole : range;
}

/** Return the range of the same length just before, or null where it is not wholly loaded. */
export function rangeBefore(range: DateRange, span: DateRange): DateRange | null {
  const months = monthsIn(range);
  const from =
    months === null
      ? addDays(range.from, -Math.round((Date.parse(range.to) - Date.parse(range.from)) / 86_400_000))
      : addMonths(range.from, -months);
  return from < span.from ? null : { from, to: range.from };
}

/** Return how many whole calendar months a range is, or null where it is not. */
export function monthsIn({ from, to }: DateRange): number | null {
  if (!from.endsWith('-01') || !to.endsWith('-01')) return null;
  const index = (date: string) => Number(date.slice(0, 4)) * 12 + Number(date.slice(5, 7));
  return index(to) - index(from);
}

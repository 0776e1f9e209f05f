import type { Grain } from '@/api/types';
import { presetRange, PRESETS, type LoadedSpan, type Preset } from '@/lib/coverage';
import { isDate, type DateRange } from '@/lib/dates';
import { GRAINS } from '@/lib/grains';
import { isZone } from '@/lib/zones';
import { readFilter, writeFilter, type Filter } from './filters';

export type Cut = (typeof GRAINS)[number] | 'whole';
export type ChartKind = 'line' | 'bar';

/** What stands in the address of a KPI page: every control, so that a link shows what its sender saw. */
export interface KpiSearch {
  readonly grain?: Cut;
  readonly from?: string;
  readonly to?: string;
  readonly by?: readonly string[];
  readonly filter?: readonly string[];
  readonly zone?: string;
  readonly chart?: ChartKind;
}

/** The controls as the page works with them, with defaults in place of what the address leaves out. */
export interface Controls {
  readonly cut: Cut;
  readonly range: DateRange;
  readonly by: readonly string[];
  readonly filters: readonly Filter[];
  /** null takes the client's zone. */
  readonly zone: string | null;
  readonly chart: ChartKind;
}

/** Return the part of an address that makes sense; what does not is left out, and a default serves. */
export function readSearch(raw: Record<string, unknown>): KpiSearch {
  const grain = [...GRAINS, 'whole' as const].find((each) => each === raw['grain']);
  const [from, to, zone] = [raw['from'], raw['to'], raw['zone']];
  const by = texts(raw['by']);
  const filter = texts(raw['filter']).filter((text) => readFilter(text) !== null);
  return {
    ...(grain && { grain }),
    ...(isDate(from) && isDate(to) && from < to && { from, to }),
    ...(by.length > 0 && { by }),
    ...(filter.length > 0 && { filter }),
    ...(typeof zone === 'string' && isZone(zone) && { zone }),
    ...((raw['chart'] === 'bar' || raw['chart'] === 'line') && { chart: raw['chart'] }),
  };
}

function texts(raw: unknown): readonly string[] {
  const list: readonly unknown[] = Array.isArray(raw) ? raw : [raw];
  return list.filter((each): each is string => typeof each === 'string' && each !== '');
}

export function controlsOf(search: KpiSearch, defaultGrain: Grain, loaded: LoadedSpan): Controls {
  const cut = search.grain ?? shownGrain(defaultGrain);
  return {
    cut,
    range: search.from && search.to ? { from: search.from, to: search.to } : defaultRange(cut, loaded),
    by: search.by ?? [],
    filters: (search.filter ?? []).map(readFilter).filter((filter) => filter !== null),
    zone: search.zone ?? null,
    chart: search.chart ?? (cut === 'whole' ? 'bar' : 'line'),
  };
}

/** Return the grain of the page nearest to one of the engine's. */
function shownGrain(grain: Grain): Cut {
  switch (grain) {
    case 'second':
    case 'minute':
      return 'hour';
    case 'fiscal_quarter':
      return 'quarter';
    case 'fiscal_year':
      return 'year';
    default:
      return grain;
  }
}

/** Return the latest stretch of the data that shows well at a grain. */
function defaultRange(cut: Cut, loaded: LoadedSpan): DateRange {
  if (cut === 'hour') return presetRange('month', loaded);
  if (cut === 'day') return presetRange('year', loaded);
  return { from: loaded.from, to: loaded.to };
}

export function searchWithFilters(filters: readonly Filter[]): Pick<KpiSearch, 'filter'> {
  return { filter: filters.map(writeFilter) };
}

/** Return which preset a range is, or null for one of its own. */
export function presetOf(range: DateRange, loaded: LoadedSpan): Preset | null {
  const same = (preset: Preset) => {
    const { from, to } = presetRange(preset, loaded);
    return from === range.from && to === range.to;
  };
  return same('whole') ? 'whole' : (PRESETS.find(same) ?? null);
}

import type { Cell, KpiColumn, KpiResult } from '@/api/types';
import { compareCells, shownCell } from '@/lib/cells';
import { showPeriod, showPeriodShort } from '@/lib/dates';
import { showPlain } from '@/lib/display';

export interface PeriodLabel {
  readonly label: string;
  /** For an axis, where room is short. */
  readonly short: string;
  readonly complete: boolean;
}

export interface Series {
  /** The members it stands for, such as `JFK · Delta`; empty where the KPI is not split. */
  readonly label: string;
  /** A value for each period; null where there is none. */
  readonly values: readonly Cell[];
}

/** A result turned on its side: periods along, one line for each member. */
export interface SeriesSet {
  readonly column: KpiColumn;
  readonly periods: readonly PeriodLabel[];
  readonly series: readonly Series[];
}

/** Return the series of a result's first KPI, those of the ranking's first members first. */
export function seriesOf(result: KpiResult, ranking: KpiResult | null): SeriesSet | null {
  const column = result.kpis[0];
  if (!column) return null;
  const places = new Map<string, number>();
  const periods: PeriodLabel[] = [];
  const lines = new Map<string, Cell[]>();
  for (let row = 0; row < result.row_count; row += 1) {
    const start = result.period.start[row] ?? '';
    let place = places.get(start);
    if (place === undefined) {
      place = periods.length;
      places.set(start, place);
      periods.push({
        label: periodLabel(result, row),
        short: showPeriodShort(start, result.period.end[row] ?? '', result.grain),
        complete: result.period.complete[row] ?? true,
      });
    }
    const label = memberLabel(result, row);
    let values = lines.get(label);
    if (!values) {
      values = [];
      lines.set(label, values);
    }
    values[place] = shownCell(column, row);
  }
  const order = ranking ? ranks(ranking) : new Map<string, number>();
  const rank = (label: string) => order.get(label) ?? Number.MAX_SAFE_INTEGER;
  const series = [...lines]
    .sort(([a], [b]) => rank(a) - rank(b))
    .map(([label, values]) => ({ label, values: periods.map((_, place) => values[place] ?? null) }));
  return { column, periods, series };
}

export function periodLabel(result: KpiResult, row: number): string {
  return showPeriod(result.period.start[row] ?? '', result.period.end[row] ?? '', result.grain);
}

export function memberLabel(result: KpiResult, row: number): string {
  return result.dimensions.map((dimension) => showPlain(dimension.values[row] ?? null)).join(' \u00b7 ');
}

function ranks(ranking: KpiResult): ReadonlyMap<string, number> {
  const known = ranking.kpis[0]?.values ?? [];
  const value = (row: number): Cell => known[row] ?? null;
  const rows = Array.from({ length: ranking.row_count }, (_, row) => row);
  const ordered = [
    ...rows.filter((row) => value(row) !== null).sort((a, b) => compareCells(value(b), value(a))),
    ...rows.filter((row) => value(row) === null),
  ];
  return new Map(ordered.map((row, rank) => [memberLabel(ranking, row), rank]));
}

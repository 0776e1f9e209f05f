import {
  createSortedRowModel,
  createColumnHelper,
  createPaginatedRowModel,
  rowPaginationFeature,
  rowSortingFeature,
  tableFeatures,
} from '@tanstack/react-table';
import type { Cell, KpiResult } from '@/api/types';
import { compareCells, shownCell } from '@/lib/cells';
import { unitLabel, formatOf } from '@/lib/display';
import { reasonOf } from '@/lib/reasons';
import { periodLabel } from './series';

/** One row of the table: a row of the result, by its number. */
export interface ValueRow {
  readonly row: number;
  readonly period: string;
  readonly complete: boolean;
  readonly start: string;
  readonly members: readonly Cell[];
  readonly value: Cell;
  /** Why the value is missing. */
  readonly reason: string;
  /** Data rows behind the value, for each term of the formula. */
  readonly counts: readonly (readonly [term: string, rows: number])[];
}

export const features = tableFeatures({
  rowSortingFeature,
  rowPaginationFeature,
  sortedRowModel: createSortedRowModel(),
  paginatedRowModel: createPaginatedRowModel(),
});

const helper = createColumnHelper<typeof features, ValueRow>();

export function valueRows(result: KpiResult): ValueRow[] {
  const column = result.kpis[0];
  return Array.from({ length: result.row_count }, (_, row) => ({
    row,
    period: periodLabel(result, row),
    complete: result.period.complete[row] ?? true,
    start: result.period.start[row] ?? '',
    members: result.dimensions.map((dimension) => dimension.values[row] ?? null),
    value: shownCell(column, row),
    reason: reasonOf(column, row)?.detail ?? 'There is no value.',
    counts: Object.entries(column?.rows ?? {}).map(([term, rows]) => [term, rows[row] ?? 0] as const),
  }));
}

/** A null is `undefined` to the table, which keeps those last whichever way it sorts. */
const sortable = (cell: Cell | undefined): NonNullable<Cell> | undefined => cell ?? undefined;

export function valueColumns(result: KpiResult) {
  const column = result.kpis[0];
  const unit = column ? unitLabel(formatOf(column)) : '';
  const byCell = (id: string) => (a: { original: ValueRow }, b: { original: ValueRow }) =>
    compareCells(cellOf(a.original, id), cellOf(b.original, id));
  return helper.columns([
    helper.accessor('start', { id: 'period', header: 'Period', sortFn: byCell('period') }),
    ...result.dimensions.map((dimension, index) =>
      helper.accessor((row) => sortable(row.members[index]), {
        id: dimension.name,
        header: dimension.label,
        sortFn: (a, b) => compareCells(a.original.members[index] ?? null, b.original.members[index] ?? null),
        sortUndefined: 'last',
      }),
    ),
    helper.accessor((row) => sortable(row.value), {
      id: 'value',
      header: unit ? `Value (${unit})` : 'Value',
      sortFn: byCell('value'),
      sortUndefined: 'last',
    }),
    helper.accessor((row) => row.counts.reduce((most, [, rows]) => Math.max(most, rows), 0), {
      id: 'rows',
      header: 'Data rows',
      sortFn: byCell('rows'),
    }),
  ]);
}

function cellOf(row: ValueRow, id: string): Cell {
  if (id === 'period') return row.start;
  if (id === 'value') return row.value;
  return row.counts.reduce((most, [, rows]) => Math.max(most, rows), 0);
}

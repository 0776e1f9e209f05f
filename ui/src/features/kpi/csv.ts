import type { Cell, KpiResult } from '@/api/types';
import { reasonOf } from '@/lib/reasons';

/** Write a result as CSV, every value exactly as the API gave it (shares as ratios, times in ISO 8601). */
export function csvOf(result: KpiResult): string {
  const head = [
    'period_start',
    'period_end',
    'complete',
    ...result.dimensions.map((dimension) => dimension.name),
    ...result.kpis.flatMap((kpi) => [kpi.code, `${kpi.code}_null_reason`]),
  ];
  const rows = Array.from({ length: result.row_count }, (_, row) => [
    result.period.start[row] ?? null,
    result.period.end[row] ?? null,
    result.period.complete[row] ?? null,
    ...result.dimensions.map((dimension) => inert(dimension.values[row] ?? null)),
    ...result.kpis.flatMap((kpi) => [kpi.values[row] ?? null, reasonOf(kpi, row)?.code ?? null]),
  ]);
  return [head, ...rows].map((cells) => cells.map(field).join(',')).join('\r\n') + '\r\n';
}

/** Return a text that no spreadsheet takes for a formula. */
function inert(cell: Cell): Cell {
  return typeof cell === 'string' && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
}

function field(cell: Cell): string {
  const text = cell === null ? '' : String(cell);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

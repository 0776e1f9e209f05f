import type { Cell, KpiColumn } from '@/api/types';
import { compare, parseDecimal } from './decimal';

/** Order two cells of one column: numbers by size, exactly, and texts as people read them. */
export function compareCells(left: Cell, right: Cell): number {
  const [a, b] = [left, right].map((cell) => (cell === null ? null : parseDecimal(String(cell))));
  return a && b ? compare(a, b) : String(left).localeCompare(String(right), 'en', { numeric: true });
}

/** Return what is shown in a row: the value, or what the KPI's rule for empty periods puts in its place. */
export function shownCell(column: KpiColumn | undefined, row: number): Cell {
  const shown = column?.shown?.[row];
  return shown === undefined ? (column?.values[row] ?? null) : shown;
}

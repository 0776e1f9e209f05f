import type { KpiColumn, NullExplanation } from '@/api/types';

/** Return why the value in a row is null; undefined where it is none. */
export function reasonOf(column: KpiColumn | undefined, row: number): NullExplanation | undefined {
  return column?.reasons?.[row];
}

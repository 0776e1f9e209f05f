import { question } from '@/api/question';
import type { Dimension, KpiQuery } from '@/api/types';
import type { Controls } from './controls';
import { askedFilters } from './filters';

/** The questions a KPI page asks, all from its controls. */
export interface Questions {
  /** The range as one value. */
  readonly whole: KpiQuery;
  /** Period by period, not split. */
  readonly course: KpiQuery;
  /** Period by period, split by the chosen dimensions: the chart and the table. */
  readonly split: KpiQuery;
  /** The range as one value for each member: which members are the largest. */
  readonly ranking: KpiQuery;
}

export function questionsOf(code: string, controls: Controls, dimensions: readonly Dimension[]): Questions {
  const { cut, range, by, filters, zone } = controls;
  const whole = question({
    kpis: [code],
    range: { from: range.from, to: range.to },
    filters: askedFilters(filters, dimensions),
    time_zone: zone,
  });
  const course = cut === 'whole' ? whole : { ...whole, grain: cut };
  const split = { ...course, dimensions: [...by] };
  const ranking = { ...whole, dimensions: [...by], order: [{ by: code, descending: true }] };
  return { whole, course, split, ranking };
}

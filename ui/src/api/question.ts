import type { KpiQuery } from './types';

/** More cells than this are not drawn or listed; the page says so and how to ask for fewer. */
export const MOST_ROWS = 10_000;

type Asked = Pick<KpiQuery, 'kpis'> & { readonly range: NonNullable<KpiQuery['range']> } & Partial<KpiQuery>;

/** Return a whole question: what is not said is neither cut nor filtered, and in the client's zone. */
export function question(asked: Asked): KpiQuery {
  return {
    ranges: [],
    grains: [],
    dimensions: [],
    totals: false,
    subtotals: [],
    comparisons: [],
    filters: [],
    where: '',
    segments: [],
    parameters: {},
    value_filters: [],
    cells: 'existing',
    order: [],
    limit: MOST_ROWS,
    offset: 0,
    ...asked,
  };
}

import { queryOptions } from '@tanstack/react-query';
import { answer, type Api } from '@/api/client';
import type { KpiDefinition } from '@/api/types';

/** What a KPI's formula is: its unit, its type, and the object models, attributes and KPIs it reads. */
export function readFormula({ http }: Api, { code, formula, filter, parameters }: KpiDefinition) {
  const body = { code, formula, filter, parameters };
  return queryOptions({
    queryKey: ['formula', body],
    queryFn: ({ signal }) => answer(http.POST('/api/v1/calculate/validate', { body, signal })),
  });
}

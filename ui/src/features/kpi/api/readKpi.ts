import { queryOptions } from '@tanstack/react-query';
import { answer, type Api } from '@/api/client';

/** A KPI's definition, in the version that is in force. */
export function readKpi({ http }: Api, code: string) {
  return queryOptions({
    queryKey: ['metadata', 'kpi', code],
    queryFn: ({ signal }) =>
      answer(http.GET('/api/v1/metadata/kpis/{code}', { params: { path: { code } }, signal })),
  });
}

import { queryOptions } from '@tanstack/react-query';
import { answer, type Api } from '@/api/client';
import { question } from '@/api/question';
import type { KpiResult } from '@/api/types';
import { coverageOf, type LoadedSpan } from '@/lib/coverage';

/**
 * The span of time a KPI's data covers, in local dates of a zone; null when nothing has been loaded.
 *
 * Every result names its coverage, whatever range was asked, so a one-day question is enough.
 */
export function readCoverage({ http }: Api, kpi: string, timeZone: string | null) {
  return queryOptions({
    queryKey: ['coverage', kpi, timeZone],
    queryFn: async ({ signal }): Promise<LoadedSpan | null> => {
      const result: KpiResult = await answer(
        http.POST('/api/v1/calculate', {
          body: question({
            kpis: [kpi],
            range: { from: '2000-01-01', to: '2000-01-02' },
            time_zone: timeZone,
          }),
          signal,
        }),
      );
      return coverageOf(result);
    },
  });
}

import { queryOptions } from '@tanstack/react-query';
import { answer, type Api } from '@/api/client';
import { question } from '@/api/question';
import type { TreeModule } from '@/api/types';
import { coverageOf, type LoadedSpan } from '@/lib/coverage';

const MOST_AT_ONCE = 100;

/** Which modules have data, by the coverage of the first KPI of each; a module without is not in the map. */
export function readCoverages({ http }: Api, modules: readonly TreeModule[]) {
  const firsts = modules.slice(0, MOST_AT_ONCE).flatMap((module) => {
    const [kpi] = module.kpis;
    return kpi ? [{ module: module.code, kpi: kpi.code }] : [];
  });
  return queryOptions({
    queryKey: ['coverage', 'modules', firsts],
    queryFn: async ({ signal }): Promise<ReadonlyMap<string, LoadedSpan>> => {
      const queries = firsts.map(({ kpi }) =>
        question({ kpis: [kpi], range: { from: '2000-01-01', to: '2000-01-02' } }),
      );
      const { items } = await answer(http.POST('/api/v1/calculate/batch', { body: { queries }, signal }));
      const spans = firsts.flatMap(({ module }, index): [string, LoadedSpan][] => {
        const result = items[index]?.result;
        const span = result ? coverageOf(result) : null;
        return span ? [[module, span]] : [];
      });
      return new Map(spans);
    },
    enabled: firsts.length > 0,
  });
}

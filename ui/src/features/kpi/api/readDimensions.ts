import { queryOptions } from '@tanstack/react-query';
import { answer, type Api } from '@/api/client';

/** What a KPI can be cut and filtered by. */
export function readDimensions({ http }: Api, kpi: string) {
  return queryOptions({
    queryKey: ['dimensions', kpi],
    queryFn: async ({ signal }) => {
      const { dimensions } = await answer(
        http.GET('/api/v1/calculate/dimensions', { params: { query: { kpi: [kpi] } }, signal }),
      );
      return dimensions;
    },
  });
}

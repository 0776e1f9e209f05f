import { queryOptions } from '@tanstack/react-query';
import { answer, type Api } from '@/api/client';
import type { KpiQuery } from '@/api/types';

/** How a question is answered: the steps, the SQL, its parameters, and the state of the database it sees. */
export function explain({ http }: Api, query: KpiQuery) {
  return queryOptions({
    queryKey: ['explain', query],
    queryFn: ({ signal }) => answer(http.POST('/api/v1/calculate/explain', { body: query, signal })),
  });
}

import { queryOptions } from '@tanstack/react-query';
import { answer, type Api } from '@/api/client';
import type { KpiQuery } from '@/api/types';

/** The answer to one question; the question itself is the key. */
export function calculate({ http }: Api, query: KpiQuery) {
  return queryOptions({
    queryKey: ['calculate', query],
    queryFn: ({ signal }) => answer(http.POST('/api/v1/calculate', { body: query, signal })),
  });
}

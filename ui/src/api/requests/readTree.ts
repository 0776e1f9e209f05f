import { queryOptions } from '@tanstack/react-query';
import { answer, type Api } from '@/api/client';

/** The catalog as a tree: value chains, their modules, their KPIs. */
export function readTree({ http }: Api) {
  return queryOptions({
    queryKey: ['metadata', 'tree'],
    queryFn: ({ signal }) => answer(http.GET('/api/v1/metadata/tree', { signal })),
  });
}

import { queryOptions } from '@tanstack/react-query';
import { answer, type Api } from '@/api/client';

const ASK_EVERY_MS = 2_000;

/** The sample data of the product, with how far its loading is. */
export function readSamples({ http }: Api) {
  return queryOptions({
    queryKey: ['config', 'samples'],
    queryFn: ({ signal }) => answer(http.GET('/api/v1/config/demo/samples', { signal })),
    refetchInterval: ASK_EVERY_MS,
    staleTime: 0,
  });
}

import { queryOptions } from '@tanstack/react-query';
import type { Api } from '@/api/client';
import { problemOf } from '@/api/problem';
import type { SystemReport } from '@/api/types';

const ASK_EVERY_MS = 15_000;
const ASK_AGAIN_WHEN_DOWN_MS = 3_000;

/** How all services are. An unhealthy system answers too, with a report. */
export function readHealth({ http }: Api) {
  return queryOptions({
    queryKey: ['health'],
    queryFn: async ({ signal }): Promise<SystemReport> => {
      const { data, error, response } = await http.GET('/api/v1/health', { signal });
      const report: unknown = data ?? error;
      if (!isReport(report)) throw problemOf(response, error);
      return report;
    },
    retry: false,
    staleTime: 0,
    networkMode: 'always',
    refetchInterval: ({ state }) => (state.error ? ASK_AGAIN_WHEN_DOWN_MS : ASK_EVERY_MS),
  });
}

function isReport(body: unknown): body is SystemReport {
  return typeof body === 'object' && body !== null && 'services' in body && 'status' in body;
}

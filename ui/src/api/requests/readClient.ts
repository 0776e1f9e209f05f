import { queryOptions } from '@tanstack/react-query';
import { answer, type Api } from '@/api/client';

/** A client's name, time zone, week and currency. */
export function readClient({ http }: Api, clientId: string) {
  return queryOptions({
    queryKey: ['config', 'client', clientId],
    queryFn: ({ signal }) =>
      answer(
        http.GET('/api/v1/config/clients/{client_id}', { params: { path: { client_id: clientId } }, signal }),
      ),
  });
}

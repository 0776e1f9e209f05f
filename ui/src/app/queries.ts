import { QueryClient } from '@tanstack/react-query';
import { asProblem } from '@/api/problem';

const FRESH_MS = 30_000;
const MOST_RETRIES = 2;

/** Answers are fresh for half a minute; what may pass is asked again twice, what was a wrong question is not. */
export function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: FRESH_MS,
        retry: (failures, error) => failures < MOST_RETRIES && asProblem(error).passing,
        refetchOnWindowFocus: true,
      },
    },
  });
}

import { queryOptions } from '@tanstack/react-query';
import { answer, type Api } from '@/api/client';
import { question } from '@/api/question';
import type { DateRange } from '@/lib/dates';
import type { Cell } from '@/api/types';

/** More members than this are found by typing them. */
export const MOST_MEMBERS = 1000;

/** The values a dimension takes in a range, in their order; missing ones left out. */
export function readMembers({ http }: Api, kpi: string, dimension: string, range: DateRange) {
  return queryOptions({
    queryKey: ['members', kpi, dimension, range.from, range.to],
    queryFn: async ({ signal }): Promise<readonly NonNullable<Cell>[]> => {
      const body = question({
        kpis: [kpi],
        range: { from: range.from, to: range.to },
        dimensions: [dimension],
        order: [{ by: dimension, descending: false }],
        limit: MOST_MEMBERS,
      });
      const result = await answer(http.POST('/api/v1/calculate', { body, signal }));
      return (result.dimensions[0]?.values ?? []).filter((value) => value !== null);
    },
  });
}

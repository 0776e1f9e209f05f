import { queryOptions } from '@tanstack/react-query';
import { answer, type Api } from '@/api/client';
import { problemOfItem } from '@/api/problem';
import { question } from '@/api/question';
import type { Cell, Grain, KpiColumn } from '@/api/types';
import { rangeBefore } from '@/lib/coverage';
import { daysBetween, type DateRange } from '@/lib/dates';

export interface CardData {
  readonly column: KpiColumn;
  /** The value over the range. */
  readonly value: Cell;
  /** The value over the range just before, where that is loaded. */
  readonly before: { readonly value: Cell; readonly range: DateRange } | null;
  readonly grain: Grain;
  readonly trend: KpiColumn;
}

/** One KPI over a range: its value, that of the range before, and its course. One request, three questions. */
export function readCard({ http }: Api, kpi: string, range: DateRange, loaded: DateRange) {
  const earlier = rangeBefore(range, loaded);
  const grain = trendGrain(range);
  const ask = ({ from, to }: DateRange, cut: Grain | null) =>
    question({ kpis: [kpi], range: { from, to }, grain: cut });
  const queries = [ask(range, null), ask(range, grain), ...(earlier ? [ask(earlier, null)] : [])];

  return queryOptions({
    queryKey: ['calculate', 'card', queries],
    queryFn: async ({ signal }): Promise<CardData> => {
      const batch = await answer(http.POST('/api/v1/calculate/batch', { body: { queries }, signal }));
      const [whole, trend, before] = batch.items.map((item) => {
        const column = item.result?.kpis[0];
        if (!column) throw problemOfItem(item.problem);
        return column;
      });
      if (!whole || !trend) throw problemOfItem(null);
      return {
        column: whole,
        value: whole.values[0] ?? null,
        before: earlier && before ? { value: before.values[0] ?? null, range: earlier } : null,
        grain,
        trend,
      };
    },
  });
}

/** Return the grain that gives a range between a dozen and some sixty points. */
export function trendGrain({ from, to }: DateRange): Grain {
  const days = daysBetween(from, to);
  if (days <= 62) return 'day';
  if (days <= 200) return 'week';
  return days <= 1900 ? 'month' : 'quarter';
}

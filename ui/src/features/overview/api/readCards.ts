import { queryOptions } from '@tanstack/react-query';
import { answer, type Api } from '@/api/client';
import { problemOfItem, type Problem } from '@/api/problem';
import { question } from '@/api/question';
import type { BatchItem, Cell, Grain, KpiColumn, KpiQuery } from '@/api/types';
import { rangeBefore } from '@/lib/coverage';
import { daysBetween, type DateRange } from '@/lib/dates';

export interface CardData {
  readonly column: KpiColumn;
  /** The value over the range. */
  readonly value: Cell;
  /** The value over the range just before, where that is loaded. */
  readonly before: { readonly value: Cell; readonly range: DateRange } | null;
  readonly grain: Grain;
  readonly trend: readonly Cell[];
}

/** What a card shows: its numbers, or why there are none. */
export type CardAnswer = { readonly data: CardData } | { readonly problem: Problem };

/**
 * Some KPIs over a range: their values, those of the range before, and their course.
 *
 * They are asked together, so that the engine reads the data once for all. Where one of them cannot be answered, each
 * is asked for itself, so that the others do not suffer.
 */
export function readCards({ http }: Api, kpis: readonly string[], range: DateRange, loaded: DateRange) {
  const earlier = rangeBefore(range, loaded);
  const grain = trendGrain(range);
  const asked = (codes: readonly string[]): KpiQuery[] => {
    const ask = ({ from, to }: DateRange, cut: Grain | null) =>
      question({ kpis: [...codes], range: { from, to }, grain: cut });
    return [ask(range, null), ask(range, grain), ...(earlier ? [ask(earlier, null)] : [])];
  };

  return queryOptions({
    queryKey: ['calculate', 'cards', asked(kpis)],
    queryFn: async ({ signal }): Promise<ReadonlyMap<string, CardAnswer>> => {
      const batch = async (queries: KpiQuery[]) =>
        (await answer(http.POST('/api/v1/calculate/batch', { body: { queries }, signal }))).items;
      const card = (code: string, items: readonly BatchItem[]) => cardOf(code, items, { grain, earlier });

      const together = await batch(asked(kpis));
      if (together.every((item) => item.result))
        return new Map(kpis.map((code) => [code, card(code, together)]));
      const each = await Promise.all(kpis.map((code) => batch(asked([code]))));
      return new Map(kpis.map((code, index) => [code, card(code, each[index] ?? [])]));
    },
  });
}

function cardOf(
  code: string,
  items: readonly BatchItem[],
  { grain, earlier }: { grain: Grain; earlier: DateRange | null },
): CardAnswer {
  const columns = items.map((item) => item.result?.kpis.find((column) => column.code === code));
  const [whole, trend, before] = columns;
  const wrong = items.find((item) => !item.result);
  if (wrong || !whole || !trend) return { problem: problemOfItem(wrong?.problem) };
  return {
    data: {
      column: whole,
      value: whole.values[0] ?? null,
      before: earlier && before ? { value: before.values[0] ?? null, range: earlier } : null,
      grain,
      trend: trend.values,
    },
  };
}

/** Return the grain that gives a range between a dozen and some sixty points. */
export function trendGrain({ from, to }: DateRange): Grain {
  const days = daysBetween(from, to);
  if (days <= 62) return 'day';
  if (days <= 200) return 'week';
  return days <= 1900 ? 'month' : 'quarter';
}

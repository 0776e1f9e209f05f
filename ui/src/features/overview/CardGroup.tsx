import { useQuery } from '@tanstack/react-query';
import { useApi } from '@/api/ApiContext';
import type { TreeKpi } from '@/api/types';
import type { DateRange } from '@/lib/dates';
import { useInView } from '@/lib/useInView';
import { readCards } from './api/readCards';
import { KpiCard } from './KpiCard';

/** The cards of some KPIs, asked for in one request when they come near the screen. */
export function CardGroup({
  kpis,
  range,
  loaded,
}: {
  kpis: readonly TreeKpi[];
  range: DateRange;
  loaded: DateRange;
}) {
  const codes = kpis.map((kpi) => kpi.code);
  const [ref, inView] = useInView<HTMLLIElement>();
  const { data, error, isFetching, isPlaceholderData, refetch } = useQuery({
    ...readCards(useApi(), codes, range, loaded),
    enabled: inView,
    placeholderData: (earlier) => earlier,
  });
  const failure = error && !data ? { problem: error } : undefined;
  return kpis.map((kpi, index) => (
    <KpiCard
      key={kpi.code}
      ref={index === 0 ? ref : undefined}
      kpi={kpi}
      range={range}
      answer={data?.get(kpi.code) ?? failure}
      stale={isPlaceholderData}
      fetching={isFetching}
      onRetry={() => void refetch()}
    />
  ));
}

import { useQuery } from '@tanstack/react-query';
import { useMemo, type ReactNode } from 'react';
import { useApi } from '@/api/ApiContext';
import { calculate } from '@/api/requests/calculate';
import type { Client, Dimension, KpiVersion } from '@/api/types';
import type { LoadedSpan } from '@/lib/coverage';
import { ChartCard } from './ChartCard';
import { ControlBar } from './ControlBar';
import { controlsOf, type KpiSearch } from './controls';
import { ExplainCard } from './ExplainCard';
import { Headline } from './Headline';
import { questionsOf } from './questions';
import { ValuesCard } from './ValuesCard';
import styles from './KpiAnswers.module.css';

/** What the controls ask, and the answers: the headline, the chart, the table, the explanation. */
export function KpiAnswers({
  kpi,
  search,
  client,
  loaded,
  dimensions,
  onSearch,
  children,
}: {
  kpi: KpiVersion;
  search: KpiSearch;
  client: Client | undefined;
  loaded: LoadedSpan;
  dimensions: readonly Dimension[];
  onSearch: (change: KpiSearch) => void;
  /** What stands between the values and how they were computed. */
  children: ReactNode;
}) {
  const api = useApi();
  const { code, default_grain: defaultGrain, name } = kpi.definition;
  const controls = useMemo(() => controlsOf(search, defaultGrain, loaded), [search, defaultGrain, loaded]);
  const questions = useMemo(() => questionsOf(code, controls, dimensions), [code, controls, dimensions]);
  const keep = { placeholderData: <Data,>(earlier: Data | undefined) => earlier };

  const whole = useQuery({ ...calculate(api, questions.whole), ...keep });
  const course = useQuery({ ...calculate(api, questions.course), ...keep });
  const split = useQuery({ ...calculate(api, questions.split), ...keep });
  const isSplit = controls.by.length > 0;
  const ranking = useQuery({ ...calculate(api, questions.ranking), enabled: isSplit });
  const failed = [split, whole, course, ...(isSplit ? [ranking] : [])].find(
    (query) => query.error && query.data === undefined,
  );
  const shown = failed ? undefined : split.data;

  return (
    <>
      <section
        className={styles['panel']}
        aria-label="Value and controls"
        data-stale={split.isPlaceholderData}
      >
        <Headline
          whole={failed ? undefined : whole.data}
          course={failed ? undefined : course.data}
          range={controls.range}
          loaded={loaded}
          failed={failed !== undefined}
        />
        <ControlBar
          kpi={code}
          controls={controls}
          dimensions={dimensions}
          client={client}
          loaded={loaded}
          onChange={onSearch}
        />
      </section>
      <ChartCard
        result={shown}
        ranking={isSplit ? (ranking.data ?? null) : null}
        error={failed?.error}
        onRetry={() => void failed?.refetch()}
        fetching={split.isFetching}
        kind={controls.chart}
        onKind={(chart) => onSearch({ chart })}
      />
      {!failed && <ValuesCard result={shown} name={name} />}
      {children}
      <ExplainCard query={questions.split} />
    </>
  );
}

import { useQuery } from '@tanstack/react-query';
import { useApi } from '@/api/ApiContext';
import { readCoverage } from '@/api/requests/readCoverage';
import type { Client, KpiVersion } from '@/api/types';
import { CopyButton } from '@/components/CopyButton';
import { EmptyState } from '@/components/EmptyState';
import { ProblemPanel } from '@/components/ProblemPanel';
import { Loading, Skeleton } from '@/components/Skeleton';
import type { LoadedSpan } from '@/lib/coverage';
import { readDimensions } from './api/readDimensions';
import { readKpi } from './api/readKpi';
import type { KpiSearch } from './controls';
import { FormulaCard } from './FormulaCard';
import { KpiAnswers } from './KpiAnswers';
import styles from './KpiPage.module.css';

const DIRECTIONS = { higher: 'higher is better', lower: 'lower is better', target: 'on target is best' };

/** One KPI: its value, its course, its numbers, its definition, and how they came about. */
export function KpiPage({
  code,
  search,
  client,
  moduleName,
  onSearch,
}: {
  code: string;
  search: KpiSearch;
  client: Client | undefined;
  moduleName: string | undefined;
  onSearch: (change: KpiSearch) => void;
}) {
  const api = useApi();
  const kpi = useQuery(readKpi(api, code));
  const coverage = useQuery({
    ...readCoverage(api, code, search.zone ?? null),
    placeholderData: (earlier: LoadedSpan | null | undefined) => earlier,
  });
  const dimensions = useQuery(readDimensions(api, code));

  if (kpi.error && !kpi.data) return <ProblemPanel error={kpi.error} onRetry={() => void kpi.refetch()} />;
  if (!kpi.data) return <LoadingPage />;

  const failed = [coverage, dimensions].find((query) => query.error && query.data === undefined);
  const formula = <FormulaCard kpi={kpi.data} />;
  return (
    <div className={styles['page']}>
      <title>{`${kpi.data.definition.name} \u00b7 Analytics Engine`}</title>
      <Head kpi={kpi.data} moduleName={moduleName} />
      {failed ? (
        <>
          <ProblemPanel error={failed.error} onRetry={() => void failed.refetch()} />
          {formula}
        </>
      ) : coverage.data === null ? (
        <>
          <EmptyState title="No data has been loaded yet">
            The object models this KPI reads hold no rows for this client. The formula below names them.
          </EmptyState>
          {formula}
        </>
      ) : coverage.data && dimensions.data ? (
        <KpiAnswers
          kpi={kpi.data}
          search={search}
          client={client}
          loaded={coverage.data}
          dimensions={dimensions.data}
          onSearch={onSearch}
        >
          {formula}
        </KpiAnswers>
      ) : (
        <LoadingPage />
      )}
    </div>
  );
}

function Head({ kpi, moduleName }: { kpi: KpiVersion; moduleName: string | undefined }) {
  const { definition } = kpi;
  return (
    <header className={styles['head']}>
      <p className={styles['trail']}>
        {moduleName ?? definition.module} <span aria-hidden="true">/</span> <code>{definition.code}</code>
      </p>
      <div className={styles['title']}>
        <h1>{definition.name}</h1>
        <span className={styles['badge']} data-status={definition.status}>
          {definition.status}
        </span>
        <span className={styles['badge']}>{DIRECTIONS[definition.direction]}</span>
        <span className={styles['share']}>
          <CopyButton text={window.location.href} label="Copy link" />
        </span>
      </div>
      <p className={styles['description']}>{definition.description}</p>
    </header>
  );
}

function LoadingPage() {
  return (
    <Loading label="Loading the KPI">
      <div className={styles['page']}>
        <Skeleton width="40%" height="2.2rem" />
        <Skeleton height="7rem" />
        <Skeleton height="22rem" />
      </div>
    </Loading>
  );
}

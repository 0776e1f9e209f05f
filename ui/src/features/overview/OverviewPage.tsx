import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '@/api/ApiContext';
import type { Tree, TreeModule } from '@/api/types';
import { Button } from '@/components/Button';
import { EmptyState } from '@/components/EmptyState';
import { ProblemPanel } from '@/components/ProblemPanel';
import { Segmented } from '@/components/Segmented';
import { Loading, Skeleton } from '@/components/Skeleton';
import { readCoverage } from '@/api/requests/readCoverage';
import { readTree } from '@/api/requests/readTree';
import { PRESET_LABELS, PRESETS, presetRange, type LoadedSpan, type Preset } from '@/lib/coverage';
import { showRange } from '@/lib/dates';
import { CardGroup } from './CardGroup';
import { NoDataYet } from './NoDataYet';
import styles from './OverviewPage.module.css';

const SHOWN_PER_MODULE = 4;
const OPTIONS = PRESETS.map((value) => ({ value, label: PRESET_LABELS[value] }));

/** The client's KPIs at a glance, over the latest data there is (which need not be today's). */
export function OverviewPage({
  clientId,
  clientName,
  preset,
  onPreset,
}: {
  clientId: string;
  clientName: string;
  preset: Preset;
  onPreset: (preset: Preset) => void;
}) {
  const api = useApi();
  const tree = useQuery(readTree(api));
  const first = tree.data ? modulesOf(tree.data)[0]?.kpis[0] : undefined;
  const coverage = useQuery({
    ...readCoverage(api, first?.code ?? '', null),
    enabled: first !== undefined,
  });
  const failed = [tree, coverage].find((query) => query.error && query.data === undefined);
  const loaded = coverage.data;

  return (
    <>
      <header className={styles['head']}>
        <div>
          <h1>{clientName}</h1>
          <p className={styles['range']}>
            {loaded ? `${showRange(presetRange(preset, loaded))}, in ${loaded.timeZone}` : '\u00a0'}
          </p>
        </div>
        {loaded && <Segmented label="Range" options={OPTIONS} value={preset} onChange={onPreset} />}
      </header>
      {failed ? (
        <ProblemPanel error={failed.error} onRetry={() => void failed.refetch()} />
      ) : tree.data && !first ? (
        <EmptyState title="There are no KPIs yet">
          This client&rsquo;s catalog is empty. Load definitions into it and they appear here.
        </EmptyState>
      ) : loaded === null ? (
        <NoDataYet clientId={clientId} />
      ) : tree.data && loaded ? (
        modulesOf(tree.data).map((module) => (
          <ModuleSection key={module.code} module={module} preset={preset} loaded={loaded} />
        ))
      ) : (
        <LoadingCards />
      )}
    </>
  );
}

function ModuleSection({
  module,
  preset,
  loaded,
}: {
  module: TreeModule;
  preset: Preset;
  loaded: LoadedSpan;
}) {
  const [all, setAll] = useState(false);
  const range = presetRange(preset, loaded);
  const first = module.kpis.slice(0, SHOWN_PER_MODULE);
  const others = module.kpis.slice(SHOWN_PER_MODULE);
  return (
    <section className={styles['module']} aria-label={module.name}>
      <header className={styles['moduleHead']}>
        <h2>{module.name}</h2>
        <p>{module.description}</p>
        {others.length > 0 && (
          <Button look="ghost" onClick={() => setAll(!all)} aria-expanded={all}>
            {all ? 'Show fewer' : `${others.length} more`}
          </Button>
        )}
      </header>
      <ul className={styles['cards']}>
        <CardGroup kpis={first} range={range} loaded={loaded} />
        {all && <CardGroup kpis={others} range={range} loaded={loaded} />}
      </ul>
    </section>
  );
}

function LoadingCards() {
  return (
    <Loading label="Loading the overview">
      <div className={styles['cards']}>
        {Array.from({ length: 8 }, (_, index) => (
          <Skeleton key={index} height="10.2rem" />
        ))}
      </div>
    </Loading>
  );
}

/** Return each module that has KPIs once, in the order of the tree. */
function modulesOf(tree: Tree): readonly TreeModule[] {
  const modules = tree.value_chains
    .flatMap((chain) => chain.modules)
    .filter((module) => module.kpis.length > 0);
  return [...new Map(modules.map((module) => [module.code, module])).values()];
}

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '@/api/ApiContext';
import type { Tree, TreeModule } from '@/api/types';
import { Button } from '@/components/Button';
import { EmptyState } from '@/components/EmptyState';
import { ProblemPanel } from '@/components/ProblemPanel';
import { Segmented } from '@/components/Segmented';
import { Loading, Skeleton } from '@/components/Skeleton';
import { readTree } from '@/api/requests/readTree';
import { PRESET_LABELS, PRESETS, presetRange, type LoadedSpan, type Preset } from '@/lib/coverage';
import { showRange } from '@/lib/dates';
import { readCoverages } from './api/readCoverages';
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
  const modules = tree.data ? modulesOf(tree.data) : [];
  const coverage = useQuery(readCoverages(api, modules));
  const failed = [tree, coverage].find((query) => query.error && query.data === undefined);
  const withData = modules.filter((module) => coverage.data?.has(module.code));
  const [first] = withData;
  const loaded = first && coverage.data?.get(first.code);

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
      ) : tree.data && modules.length === 0 ? (
        <EmptyState title="There are no KPIs yet">
          This client&rsquo;s catalog is empty. Load definitions into it and they appear here.
        </EmptyState>
      ) : coverage.data?.size === 0 ? (
        <NoDataYet clientId={clientId} />
      ) : loaded ? (
        <>
          {withData.map((module) => (
            <ModuleSection key={module.code} module={module} preset={preset} loaded={loaded} />
          ))}
          <WithoutData modules={modules.filter((module) => !withData.includes(module))} />
        </>
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

/** The modules that are defined and have nothing to show yet. */
function WithoutData({ modules }: { modules: readonly TreeModule[] }) {
  if (modules.length === 0) return null;
  return (
    <p className={styles['without']}>No data yet for {modules.map((module) => module.name).join(', ')}.</p>
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

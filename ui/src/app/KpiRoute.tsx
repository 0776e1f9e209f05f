import { useQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { useApi } from '@/api/ApiContext';
import { readTree } from '@/api/requests/readTree';
import type { Tree } from '@/api/types';
import type { KpiSearch } from '@/features/kpi/controls';
import { KpiPage } from '@/features/kpi/KpiPage';
import { useClient } from './useClient';

const route = getRouteApi('/kpis/$code');

export function KpiRoute() {
  const { code } = route.useParams();
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const client = useClient();
  const tree = useQuery(readTree(useApi()));
  const change = (changed: KpiSearch) =>
    void navigate({ search: (before) => ({ ...before, ...changed }), replace: true, resetScroll: false });
  return (
    <KpiPage
      key={code}
      code={code}
      search={search}
      client={client}
      moduleName={tree.data && moduleOf(tree.data, code)}
      onSearch={change}
    />
  );
}

function moduleOf(tree: Tree, code: string): string | undefined {
  const modules = tree.value_chains.flatMap((chain) => chain.modules);
  return modules.find((module) => module.kpis.some((kpi) => kpi.code === code))?.name;
}

import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { PRESETS, type Preset } from '@/lib/coverage';
import { readSearch } from '@/features/kpi/controls';
import { KpiRoute } from './KpiRoute';
import { OverviewRoute } from './OverviewRoute';
import { NotFound, PageError } from './PageError';
import { parseSearch, stringifySearch } from './search';
import { Shell } from './Shell';

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: PageError });

const overview = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: OverviewRoute,
  validateSearch: (raw: Record<string, unknown>): { range?: Preset } => {
    const range = PRESETS.find((preset) => preset === raw['range']);
    return range ? { range } : {};
  },
});

const kpi = createRoute({
  getParentRoute: () => root,
  path: '/kpis/$code',
  component: KpiRoute,
  validateSearch: readSearch,
});

export function createAppRouter() {
  return createRouter({
    routeTree: root.addChildren([overview, kpi]),
    parseSearch,
    stringifySearch,
    scrollRestoration: true,
    defaultErrorComponent: PageError,
  });
}

export type AppRouter = ReturnType<typeof createAppRouter>;

declare module '@tanstack/react-router' {
  interface Register {
    router: AppRouter;
  }
}

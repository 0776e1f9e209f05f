import { getRouteApi } from '@tanstack/react-router';
import { OverviewPage } from '@/features/overview/OverviewPage';
import { useClient, useUser } from './useClient';

const route = getRouteApi('/');

export function OverviewRoute() {
  const { range = 'month' } = route.useSearch();
  const navigate = route.useNavigate();
  const user = useUser();
  const client = useClient();
  return (
    <>
      <title>{`${client?.name ?? 'Overview'} \u00b7 Analytics Engine`}</title>
      <OverviewPage
        clientId={user.client_id}
        clientName={client?.name ?? user.client_id}
        preset={range}
        onPreset={(preset) => void navigate({ search: { range: preset }, replace: true, resetScroll: false })}
      />
    </>
  );
}

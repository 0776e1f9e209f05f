import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useParams, useRouterState } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useApi } from '@/api/ApiContext';
import { readTree } from '@/api/requests/readTree';
import { Button } from '@/components/Button';
import { Icon } from '@/components/Icon';
import { ProblemPanel } from '@/components/ProblemPanel';
import { Loading, Skeleton } from '@/components/Skeleton';
import { KpiTree } from '@/features/catalog/KpiTree';
import { Connection, DisconnectedBanner } from '@/features/health/Connection';
import { UserMenu } from '@/features/session/UserMenu';
import { ThemeSwitch } from '@/features/theme/ThemeSwitch';
import styles from './Shell.module.css';
import { useClient, useUser } from './useClient';

/** What is around every page: the KPI tree on the left, the bar on top. On narrow screens the tree is a drawer. */
export function Shell() {
  const [drawer, setDrawer] = useState(false);
  const path = useRouterState({ select: (state) => state.location.pathname });
  const [openedOn, setOpenedOn] = useState(path);
  const user = useUser();
  const client = useClient();

  // a chosen KPI closes the drawer it was chosen in
  if (openedOn !== path) {
    setOpenedOn(path);
    setDrawer(false);
  }

  useEffect(() => {
    if (!drawer) return undefined;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') setDrawer(false);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [drawer]);

  return (
    <div className={styles['shell']} data-drawer={drawer}>
      <a href="#content" className={styles['skip']}>
        Skip to the content
      </a>
      <nav className={styles['side']} aria-label="Catalog">
        <Link to="/" className={styles['brand']}>
          <img src="/favicon.svg" alt="" width={26} height={26} />
          Analytics Engine
        </Link>
        <Link to="/" className={styles['home']} activeOptions={{ exact: true, includeSearch: false }}>
          <Icon name="home" /> Overview
        </Link>
        <Catalog />
      </nav>
      {drawer && (
        <button type="button" className={styles['scrim']} onClick={() => setDrawer(false)}>
          <span className="visually-hidden">Close the catalog</span>
        </button>
      )}
      <div className={styles['main']}>
        <header className={styles['bar']}>
          <span className={styles['drawerButton']}>
            <Button
              look="ghost"
              icon="menu"
              iconOnly
              aria-expanded={drawer}
              onClick={() => setDrawer(!drawer)}
            >
              Catalog
            </Button>
          </span>
          <p className={styles['client']}>
            <strong>{client?.name ?? user.client_id}</strong>
            {client && <span>{client.time_zone}</span>}
          </p>
          <Connection />
          <ThemeSwitch />
          <UserMenu user={user} />
        </header>
        <DisconnectedBanner />
        <main id="content" className={styles['content']} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
    </div>
  );
}

function Catalog() {
  const { data, error, refetch } = useQuery(readTree(useApi()));
  const { code = null } = useParams({ strict: false });
  if (data) return <KpiTree tree={data} current={code} />;
  if (error) {
    return (
      <div className={styles['wait']}>
        <ProblemPanel error={error} onRetry={() => void refetch()} compact />
      </div>
    );
  }
  return (
    <div className={styles['wait']}>
      <Loading label="Loading the catalog">
        {Array.from({ length: 9 }, (_, index) => (
          <p key={index}>
            <Skeleton width={`${90 - (index % 3) * 14}%`} height="1.2rem" />
          </p>
        ))}
      </Loading>
    </div>
  );
}

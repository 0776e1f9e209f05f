import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link } from '@tanstack/react-router';
import { useApi } from '@/api/ApiContext';
import type { KpiVersion } from '@/api/types';
import { Card } from '@/components/Card';
import { CopyButton } from '@/components/CopyButton';
import { ProblemPanel } from '@/components/ProblemPanel';
import { Skeleton } from '@/components/Skeleton';
import { showDate } from '@/lib/dates';
import { readFormula } from './api/readFormula';
import styles from './FormulaCard.module.css';

/** How the KPI is defined, and what it reads. */
export function FormulaCard({ kpi }: { kpi: KpiVersion }) {
  const { definition, version } = kpi;
  const formula = useQuery(readFormula(useApi(), definition));
  const facts = formula.data;
  const wait = formula.isPending ? <Skeleton width="6rem" /> : null;
  return (
    <Card title="Formula" actions={<CopyButton text={definition.formula} label="Copy" />}>
      <pre className={styles['formula']}>
        <code>{facts?.valid ? facts.formula : definition.formula}</code>
      </pre>
      {definition.filter && (
        <p className={styles['filter']}>
          Always where <code>{definition.filter}</code>
        </p>
      )}
      {formula.error && <ProblemPanel error={formula.error} onRetry={() => void formula.refetch()} compact />}
      <dl className={styles['facts']}>
        <Fact name="Unit">{facts ? facts.unit || 'a bare number' : wait}</Fact>
        <Fact name="Object models">{facts ? <Codes codes={facts.object_models} /> : wait}</Fact>
        <Fact name="Attributes">{facts ? <Codes codes={facts.attributes} /> : wait}</Fact>
        {facts && facts.kpis.length > 0 && (
          <Fact name="Other KPIs">
            {facts.kpis.map((code) => (
              <Link key={code} to="/kpis/$code" params={{ code }}>
                <code>{code}</code>
              </Link>
            ))}
          </Fact>
        )}
        <Fact name="Version">
          {version}, {showDate(kpi.created_at)}
        </Fact>
        {definition.owner && <Fact name="Owner">{definition.owner}</Fact>}
        {definition.standard && <Fact name="Standard">{definition.standard}</Fact>}
        {definition.tags.length > 0 && <Fact name="Tags">{definition.tags.join(', ')}</Fact>}
      </dl>
    </Card>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Codes({ codes }: { codes: readonly string[] }) {
  return codes.length === 0 ? 'none' : codes.map((code) => <code key={code}>{code}</code>);
}

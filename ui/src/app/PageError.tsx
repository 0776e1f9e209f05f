import { Link } from '@tanstack/react-router';
import { EmptyState } from '@/components/EmptyState';
import { ProblemPanel } from '@/components/ProblemPanel';

export function PageError({ error, reset }: { error: unknown; reset: () => void }) {
  return <ProblemPanel error={error} onRetry={reset} />;
}

export function NotFound() {
  return (
    <EmptyState icon="search" title="There is no page at this address">
      <Link to="/">Go to the overview</Link>, or choose a KPI on the left.
    </EmptyState>
  );
}

import { asProblem } from '@/api/problem';
import { classes } from '@/lib/classes';
import { Button } from './Button';
import { Icon } from './Icon';
import styles from './ProblemPanel.module.css';

/** What went wrong, why, what to do, and the id to report it by. */
export function ProblemPanel({
  error,
  title,
  onRetry,
  compact = false,
}: {
  error: unknown;
  /** In place of the problem's own title, where the place calls for another. */
  title?: string | undefined;
  onRetry?: () => void;
  compact?: boolean;
}) {
  const problem = asProblem(error);
  return (
    <div role="alert" className={classes(styles['panel'], compact && styles['compact'])}>
      <span className={styles['icon']}>
        <Icon name="alert" size={compact ? 16 : 20} />
      </span>
      <div className={styles['text']}>
        <p className={styles['title']}>{title ?? problem.title}</p>
        {problem.detail && <p>{problem.detail}</p>}
        {problem.remedy && <p className={styles['remedy']}>{problem.remedy}</p>}
        <div className={styles['foot']}>
          {onRetry && (
            <Button icon="refresh" onClick={onRetry}>
              Try again
            </Button>
          )}
          {problem.requestId && (
            <span className={styles['id']}>
              Request <code>{problem.requestId}</code>
            </span>
          )}
        </div>
      </div>
    </div>
  );
}

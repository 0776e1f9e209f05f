import type { Movement } from '@/lib/change';
import styles from './Change.module.css';

const ARROWS = { up: '\u25b2', down: '\u25bc', unchanged: '\u25a0' };

/** How a value moved against an earlier period, coloured by which way is better. */
export function Change({ movement, than }: { movement: Movement | null; than: string }) {
  if (!movement) return <span className={styles['than']}>no value to compare with in {than}</span>;
  return (
    <span>
      <span className={styles['change']} data-verdict={movement.verdict}>
        <span aria-hidden="true">{ARROWS[movement.way]}</span>{' '}
        <span className="visually-hidden">
          {movement.way}
          {movement.verdict !== 'neutral' && `, ${movement.verdict}`}:{' '}
        </span>
        {movement.size}
      </span>{' '}
      <span className={styles['than']}>vs {than}</span>
    </span>
  );
}

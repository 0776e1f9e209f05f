import type { Cell } from '@/api/types';
import { showExact, showNumber, unitLabel, type Format } from '@/lib/display';
import styles from './Figure.module.css';

/** A number that stands large, with its unit small beside it; pointing at it shows every digit. */
export function Figure({ value, format }: { value: Cell; format: Format }) {
  const unit = value === null ? '' : unitLabel(format);
  return (
    <data className={styles['figure']} value={String(value ?? '')} title={showExact(value, format)}>
      {showNumber(value, format)}
      {unit && (
        <>
          {!unit.startsWith('%') && ' '}
          <span className={unit.startsWith('%') ? undefined : styles['unit']}>{unit}</span>
        </>
      )}
    </data>
  );
}

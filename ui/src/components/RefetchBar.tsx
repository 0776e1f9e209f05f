import styles from './RefetchBar.module.css';

/** A thin moving bar over values that are shown while newer ones are being asked for. */
export function RefetchBar({ active }: { active: boolean }) {
  return (
    <div className={styles['bar']} data-active={active} role="status">
      {active && <span className="visually-hidden">Updating</span>}
    </div>
  );
}

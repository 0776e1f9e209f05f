import type { Drawn } from './chartOption';
import styles from './Legend.module.css';

/** The names and colours of the drawn series; pressing one takes it off the chart and puts it back. */
export function Legend({
  series,
  off,
  onOff,
}: {
  series: readonly Drawn[];
  off: ReadonlySet<string>;
  onOff: (off: ReadonlySet<string>) => void;
}) {
  const toggle = (label: string) => {
    const next = new Set(off);
    if (!next.delete(label)) next.add(label);
    onOff(next);
  };
  return (
    <ul className={styles['legend']} aria-label="Series">
      {series.map(({ label, colour }) => (
        <li key={label}>
          <button
            type="button"
            className={styles['entry']}
            aria-pressed={!off.has(label)}
            onClick={() => toggle(label)}
          >
            <span className={styles['mark']} style={{ background: colour }} aria-hidden="true" />
            {label}
          </button>
        </li>
      ))}
    </ul>
  );
}

import { useId, useState } from 'react';
import styles from './NullValue.module.css';

/** A missing value: a dash that says why it is missing on hover and on focus. */
export function NullValue({ reason }: { reason: string }) {
  const [place, setPlace] = useState<{ left: number; top: number } | null>(null);
  const id = useId();
  const show = (element: HTMLElement) => {
    const { left, right, top } = element.getBoundingClientRect();
    setPlace({ left: (left + right) / 2, top });
  };
  return (
    <>
      <button
        type="button"
        className={styles['dash']}
        aria-label="No value"
        aria-describedby={id}
        onMouseEnter={(event) => show(event.currentTarget)}
        onFocus={(event) => show(event.currentTarget)}
        onMouseLeave={() => setPlace(null)}
        onBlur={() => setPlace(null)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') setPlace(null);
        }}
      >
        {'\u2014'}
      </button>
      <span
        id={id}
        role="tooltip"
        className={place ? styles['tip'] : 'visually-hidden'}
        style={place ? { left: place.left, top: place.top } : undefined}
      >
        {reason}
      </span>
    </>
  );
}

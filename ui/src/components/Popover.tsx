import { useEffect, useId, useRef, useState, type ReactNode } from 'react';
import { Button } from './Button';
import type { IconName } from './Icon';
import styles from './Popover.module.css';

/** A button that opens a small panel under it; Escape, a click elsewhere or leaving it by Tab closes it. */
export function Popover({
  label,
  icon,
  look = 'plain',
  align = 'start',
  children,
}: {
  label: ReactNode;
  icon?: IconName;
  look?: 'plain' | 'ghost';
  align?: 'start' | 'end';
  children: (close: () => void) => ReactNode;
}) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const panelId = useId();

  useEffect(() => {
    const place = root.current;
    const button = opener.current;
    if (!open || !place) return undefined;
    const panel = place.lastElementChild;
    const keepInSight = new ResizeObserver(() => panel?.scrollIntoView({ block: 'nearest' }));
    if (panel) keepInSight.observe(panel);
    const closeOutside = (event: PointerEvent | FocusEvent) => {
      const target = event instanceof FocusEvent ? event.relatedTarget : event.target;
      if (target instanceof Node && !place.contains(target)) setOpen(false);
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') setOpen(false);
    };
    document.addEventListener('pointerdown', closeOutside);
    place.addEventListener('focusout', closeOutside);
    document.addEventListener('keydown', onKey);
    return () => {
      keepInSight.disconnect();
      document.removeEventListener('pointerdown', closeOutside);
      place.removeEventListener('focusout', closeOutside);
      document.removeEventListener('keydown', onKey);
      // the panel takes the focus with it; it goes back to where it came from
      if (document.activeElement === document.body || place.contains(document.activeElement)) button?.focus();
    };
  }, [open]);

  return (
    <div ref={root} className={styles['root']}>
      <Button
        ref={opener}
        look={look}
        {...(icon && { icon })}
        aria-expanded={open}
        aria-controls={open ? panelId : undefined}
        onClick={() => setOpen(!open)}
      >
        {label}
      </Button>
      {open && (
        <div id={panelId} className={styles['panel']} data-align={align}>
          {children(() => setOpen(false))}
        </div>
      )}
    </div>
  );
}

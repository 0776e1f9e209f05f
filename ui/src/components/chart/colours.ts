import { useSyncExternalStore } from 'react';

const NAMES = ['--text', '--text-muted', '--line', '--surface', '--surface-raised'] as const;
const SERIES = 8;

/** The design tokens a canvas needs, which cannot read CSS by itself. */
export interface ChartColours {
  readonly text: string;
  readonly muted: string;
  readonly line: string;
  readonly surface: string;
  readonly raised: string;
  readonly series: readonly string[];
  readonly font: string;
}

let known: { readonly theme: string; readonly colours: ChartColours } | null = null;

/** Return the colours of the theme in force; a change of theme draws anew. */
export function useChartColours(): ChartColours {
  return useSyncExternalStore(subscribe, read);
}

function subscribe(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] });
  return () => observer.disconnect();
}

function read(): ChartColours {
  const theme = document.documentElement.dataset['theme'] ?? '';
  if (known?.theme === theme) return known.colours;
  const style = getComputedStyle(document.documentElement);
  const token = (name: string) => style.getPropertyValue(name).trim();
  const [text = '', muted = '', line = '', surface = '', raised = ''] = NAMES.map(token);
  const series = Array.from({ length: SERIES }, (_, index) => token(`--series-${index + 1}`));
  const font = token('--font-sans');
  known = { theme, colours: { text, muted, line, surface, raised, series, font } };
  return known.colours;
}

import { useEffect, useSyncExternalStore } from 'react';
import { Button } from '@/components/Button';
import type { IconName } from '@/components/Icon';
import { chosenTheme, chooseTheme, followSystem, subscribeToTheme, THEMES, type Theme } from './theme';

const LOOKS: Record<Theme, { icon: IconName; label: string }> = {
  system: { icon: 'system', label: 'Theme: as the system' },
  light: { icon: 'sun', label: 'Theme: light' },
  dark: { icon: 'moon', label: 'Theme: dark' },
};

/** One button that goes through system, light and dark. */
export function ThemeSwitch() {
  const theme = useSyncExternalStore(subscribeToTheme, chosenTheme);
  useEffect(followSystem, []);
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system';
  const { icon, label } = LOOKS[theme];
  return (
    <Button look="ghost" icon={icon} iconOnly title={label} onClick={() => chooseTheme(next)}>
      {label}
    </Button>
  );
}

import type { ComponentProps } from 'react';
import { classes } from '@/lib/classes';
import { Icon, type IconName } from './Icon';
import styles from './Button.module.css';

interface Props extends ComponentProps<'button'> {
  look?: 'primary' | 'plain' | 'ghost';
  icon?: IconName;
  /** Show only the icon; the children become the accessible name. */
  iconOnly?: boolean;
}

export function Button({ look = 'plain', icon, iconOnly = false, className, children, ...rest }: Props) {
  return (
    <button
      type="button"
      className={classes(styles['button'], styles[look], iconOnly && styles['iconOnly'], className)}
      {...rest}
    >
      {icon && <Icon name={icon} />}
      {iconOnly ? <span className="visually-hidden">{children}</span> : children}
    </button>
  );
}

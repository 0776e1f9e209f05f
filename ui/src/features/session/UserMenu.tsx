import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '@/api/ApiContext';
import { asProblem } from '@/api/problem';
import type { User } from '@/api/types';
import { Button } from '@/components/Button';
import { Popover } from '@/components/Popover';
import styles from './UserMenu.module.css';

/** Who is signed in, in which role, and the way out. */
export function UserMenu({ user }: { user: User }) {
  const { session } = useApi();
  const queries = useQueryClient();
  const [failure, setFailure] = useState('');

  const signOut = async () => {
    try {
      await session.signOut();
    } catch (error) {
      setFailure(asProblem(error).detail);
    } finally {
      queries.clear();
    }
  };

  return (
    <Popover
      look="ghost"
      icon="user"
      align="end"
      label={<span className={styles['name']}>{user.name || user.email}</span>}
    >
      {() => (
        <div className={styles['menu']}>
          <p className={styles['who']}>{user.name}</p>
          <p className={styles['detail']}>{user.email}</p>
          <p className={styles['detail']}>
            Role <strong>{user.role}</strong>
          </p>
          {failure && <p role="alert">{failure}</p>}
          <Button onClick={signOut}>Sign out</Button>
        </div>
      )}
    </Popover>
  );
}

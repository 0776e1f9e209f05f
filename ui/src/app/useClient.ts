import { useQuery } from '@tanstack/react-query';
import { useApi, useSession } from '@/api/ApiContext';
import { readClient } from '@/api/requests/readClient';
import type { Client, User } from '@/api/types';

/** Who is signed in; only pages behind the sign-in ask. */
export function useUser(): User {
  const session = useSession();
  if (session.phase !== 'signed-in') throw new Error('useUser is for pages behind the sign-in.');
  return session.user;
}

/** The client worked for; undefined until it is known. */
export function useClient(): Client | undefined {
  return useQuery(readClient(useApi(), useUser().client_id)).data;
}

import { useState, type KeyboardEvent } from 'react';
import { useForm } from 'react-hook-form';
import { useApi } from '@/api/ApiContext';
import { asProblem } from '@/api/problem';
import { Button } from '@/components/Button';
import { Field } from '@/components/Field';
import { ProblemPanel } from '@/components/ProblemPanel';
import styles from './SignInPage.module.css';

const UNAUTHENTICATED = 401;

interface Credentials {
  email: string;
  password: string;
}

/** Signing in; the page that was asked for opens by itself once there is a session. */
export function SignInPage({ expired }: { expired: boolean }) {
  const { session } = useApi();
  const { register, handleSubmit, formState, setFocus, resetField } = useForm<Credentials>({
    defaultValues: { email: '', password: '' },
  });
  const [failure, setFailure] = useState<unknown>(null);
  const [shown, setShown] = useState(false);
  const [capsLock, setCapsLock] = useState(false);
  const { errors, isSubmitting } = formState;

  const signIn = handleSubmit(async ({ email, password }) => {
    setFailure(null);
    try {
      await session.signIn(email.trim(), password);
    } catch (error) {
      setFailure(error);
      resetField('password');
      setFocus('password');
    }
  });

  const watchCapsLock = (event: KeyboardEvent) => setCapsLock(event.getModifierState('CapsLock'));

  return (
    <main className={styles['page']}>
      <div className={styles['panel']}>
        <header className={styles['brand']}>
          <img src="/favicon.svg" alt="" width={40} height={40} />
          <div>
            <p className={styles['product']}>Analytics Engine</p>
            <h1>Sign in</h1>
          </div>
        </header>
        {expired && !failure && (
          <p className={styles['notice']} role="status">
            Your session has ended. Sign in again to go on where you were.
          </p>
        )}
        {failure !== null && (
          <ProblemPanel
            error={failure}
            title={asProblem(failure).status === UNAUTHENTICATED ? 'Signing in failed' : undefined}
            compact
          />
        )}
        <form onSubmit={signIn} noValidate className={styles['form']}>
          <Field label="Email" error={errors.email?.message}>
            {(attributes) => (
              <input
                {...attributes}
                type="email"
                autoComplete="username"
                inputMode="email"
                spellCheck={false}
                // eslint-disable-next-line jsx-a11y/no-autofocus -- the page has one purpose and this is its start
                autoFocus
                {...register('email', {
                  required: 'Enter your email address.',
                  pattern: {
                    value: /^\s*\S+@\S+\s*$/,
                    message: 'An email address looks like name@example.com.',
                  },
                })}
              />
            )}
          </Field>
          <Field
            label="Password"
            error={errors.password?.message}
            hint={capsLock ? 'Caps Lock is on.' : undefined}
          >
            {(attributes) => (
              <div className={styles['password']}>
                <input
                  {...attributes}
                  type={shown ? 'text' : 'password'}
                  autoComplete="current-password"
                  onKeyUp={watchCapsLock}
                  onKeyDown={watchCapsLock}
                  {...register('password', { required: 'Enter your password.' })}
                />
                <Button
                  look="ghost"
                  icon="eye"
                  iconOnly
                  aria-pressed={shown}
                  onClick={() => setShown(!shown)}
                  className={styles['reveal']}
                >
                  Show the password
                </Button>
              </div>
            )}
          </Field>
          <Button type="submit" look="primary" disabled={isSubmitting} aria-busy={isSubmitting}>
            {isSubmitting ? 'Signing in\u2026' : 'Sign in'}
          </Button>
        </form>
        <p className={styles['help']}>
          The first start of Analytics Engine prints the administrator&rsquo;s email and password. After that,
          an administrator makes accounts.
        </p>
      </div>
    </main>
  );
}

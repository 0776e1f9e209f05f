import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { afterEach, vi } from 'vitest';

// generous: a busy machine is slow, and what never comes still fails
configure({ asyncUtilTimeout: 10_000 });
// happy-dom lays nothing out, so nothing would ever come into view
vi.stubGlobal('IntersectionObserver', undefined);

afterEach(cleanup);

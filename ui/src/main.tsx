import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createApi } from '@/api/client';
import { App } from '@/app/App';
import { createQueries } from '@/app/queries';
import './styles/tokens.css';
import './styles/base.css';

const root = document.getElementById('root');
if (!root) throw new Error('index.html has no #root.');

createRoot(root).render(
  <StrictMode>
    <App api={createApi()} queries={createQueries()} />
  </StrictMode>,
);

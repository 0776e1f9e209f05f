import { Link, useNavigate } from '@tanstack/react-router';
import { useMemo, useRef, useState, type KeyboardEvent } from 'react';
import type { Tree } from '@/api/types';
import { EmptyState } from '@/components/EmptyState';
import { Icon } from '@/components/Icon';
import { treeMove } from './keyboard';
import { branches, search, treeNodes, visible, type TreeNode } from './model';
import styles from './KpiTree.module.css';

/** The catalog as a tree: value chain, module, KPI. Works by pointer, by keyboard and by search. */
export function KpiTree({ tree, current }: { tree: Tree; current: string | null }) {
  const [text, setText] = useState('');
  const [toggled, setToggled] = useState<ReadonlyMap<string, boolean>>(new Map());
  const [focused, setFocused] = useState<string | null>(null);
  const list = useRef<HTMLDivElement>(null);
  const navigate = useNavigate();

  const all = useMemo(() => treeNodes(tree), [tree]);
  const found = useMemo(() => search(all, text), [all, text]);
  const open = useMemo(
    () => openBranches(found, { searching: text.trim() !== '', current, toggled }),
    [found, text, current, toggled],
  );
  const inSight = visible(found, open);
  const currentPath = inSight.find((node) => node.kpi !== null && node.kpi.code === current)?.path;
  const tabStop = inSight.find((node) => node.path === focused)?.path ?? currentPath ?? inSight[0]?.path;

  const toggle = (path: string, to: boolean) => setToggled(new Map(toggled).set(path, to));

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !tabStop) return;
    const node = inSight.find((each) => each.path === tabStop);
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      if (node?.kpi) void navigate({ to: '/kpis/$code', params: { code: node.kpi.code } });
      else toggle(tabStop, !open.has(tabStop));
      return;
    }
    const move = treeMove(event.key, tabStop, inSight, open);
    if (!move) return;
    event.preventDefault();
    if (move.act === 'focus') {
      setFocused(move.path);
      list.current?.querySelector<HTMLElement>(`[data-path="${move.path}"]`)?.focus();
    } else {
      toggle(move.path, move.act === 'open');
    }
  };

  const item = (node: TreeNode, index: number, siblings: readonly TreeNode[]) => (
    <div
      key={node.path}
      role="treeitem"
      data-path={node.path}
      data-level={node.level}
      aria-level={node.level}
      aria-posinset={index + 1}
      aria-setsize={siblings.length}
      aria-expanded={node.kpi ? undefined : open.has(node.path)}
      aria-selected={node.path === currentPath}
      aria-label={node.kpi ? node.name : `${node.name}, ${node.count} KPIs`}
      tabIndex={node.path === tabStop ? 0 : -1}
      onFocus={(event) => {
        event.stopPropagation();
        setFocused(node.path);
      }}
      className={styles['item']}
    >
      {node.kpi ? (
        <Link
          to="/kpis/$code"
          params={{ code: node.kpi.code }}
          tabIndex={-1}
          className={styles['row']}
          title={node.kpi.code}
        >
          <span className={styles['name']}>{node.name}</span>
          {node.kpi.status !== 'certified' && <span className={styles['status']}>{node.kpi.status}</span>}
        </Link>
      ) : (
        // eslint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions -- the tree has the keys
        <div
          className={styles['row']}
          title={node.description}
          onClick={() => toggle(node.path, !open.has(node.path))}
        >
          <span className={styles['chevron']}>
            <Icon name="chevron" size={12} />
          </span>
          <span className={styles['name']}>{node.name}</span>
          <span className={styles['count']}>{node.count}</span>
        </div>
      )}
      {open.has(node.path) && node.children.length > 0 && <div role="group">{node.children.map(item)}</div>}
    </div>
  );

  return (
    <div className={styles['catalog']}>
      <label className={styles['search']}>
        <span className="visually-hidden">Search KPIs</span>
        <Icon name="search" size={14} />
        <input
          type="search"
          placeholder="Search KPIs"
          value={text}
          onChange={(event) => setText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'ArrowDown')
              list.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
          }}
        />
      </label>
      <p className="visually-hidden" role="status">
        {text.trim() && `${countOf(found)} KPIs found`}
      </p>
      {found.length > 0 ? (
        // eslint-disable-next-line jsx-a11y/interactive-supports-focus -- the focus is on its items, as the pattern has it
        <div ref={list} role="tree" aria-label="KPIs" className={styles['tree']} onKeyDown={onKeyDown}>
          {found.map(item)}
        </div>
      ) : text.trim() ? (
        <EmptyState icon="search" title="No KPI has these words">
          Search by a part of the name or of the code, such as <code>delay</code>.
        </EmptyState>
      ) : (
        <EmptyState icon="chart" title="The catalog is empty">
          KPIs appear here when a catalog has been loaded.
        </EmptyState>
      )}
    </div>
  );
}

function openBranches(
  nodes: readonly TreeNode[],
  {
    searching,
    current,
    toggled,
  }: { searching: boolean; current: string | null; toggled: ReadonlyMap<string, boolean> },
): ReadonlySet<string> {
  if (searching) return new Set(branches(nodes));
  const byDefault = [...nodes.map((node) => node.path), ...(current ? branches(nodes, current) : [])];
  const open = new Set(byDefault);
  for (const [path, isOpen] of toggled) {
    if (isOpen) open.add(path);
    else open.delete(path);
  }
  return open;
}

function countOf(nodes: readonly TreeNode[]): number {
  return new Set(
    visible(nodes, new Set(branches(nodes))).flatMap((node) => (node.kpi ? [node.kpi.code] : [])),
  ).size;
}

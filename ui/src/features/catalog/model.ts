import type { Tree, TreeKpi } from '@/api/types';

/** One line of the tree as it stands on the screen. `path` is unique: a module may hang in several value chains. */
export interface TreeNode {
  readonly path: string;
  readonly level: 1 | 2 | 3;
  readonly name: string;
  readonly description: string;
  /** KPIs below a branch. */
  readonly count: number;
  readonly children: readonly TreeNode[];
  readonly kpi: TreeKpi | null;
}

export function treeNodes(tree: Tree): readonly TreeNode[] {
  return tree.value_chains.map((chain) => {
    const modules = chain.modules.map((module): TreeNode => {
      const path = `${chain.code}/${module.code}`;
      const children = module.kpis.map((kpi) => leaf(path, kpi));
      return { ...branch(module), path, level: 2, count: children.length, children, kpi: null };
    });
    const count = new Set(chain.modules.flatMap((module) => module.kpis.map((kpi) => kpi.code))).size;
    return { ...branch(chain), path: chain.code, level: 1, count, children: modules, kpi: null };
  });
}

function branch({ name, description }: { name: string; description?: string }) {
  return { name, description: description ?? '' };
}

function leaf(parent: string, kpi: TreeKpi): TreeNode {
  return {
    path: `${parent}/${kpi.code}`,
    level: 3,
    name: kpi.name,
    description: '',
    count: 1,
    children: [],
    kpi,
  };
}

/** Return the part of the tree that holds every word of a search, in a name or a code; all of it for no words. */
export function search(nodes: readonly TreeNode[], text: string): readonly TreeNode[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return words.length === 0 ? nodes : nodes.flatMap((node) => matching(node, words, ''));
}

function matching(node: TreeNode, words: readonly string[], above: string): readonly TreeNode[] {
  const here = `${above} ${node.name} ${node.kpi?.code ?? ''}`.toLowerCase();
  const found = words.every((word) => here.includes(word));
  if (node.kpi) return found ? [node] : [];
  const children = node.children.flatMap((child) => matching(child, words, here));
  return children.length === 0 ? [] : [{ ...node, children, count: codes(children).size }];
}

function codes(nodes: readonly TreeNode[]): Set<string> {
  return new Set(nodes.flatMap((node) => (node.kpi ? [node.kpi.code] : [...codes(node.children)])));
}

/** Return the nodes that are in sight, from top to bottom. */
export function visible(nodes: readonly TreeNode[], open: ReadonlySet<string>): readonly TreeNode[] {
  return nodes.flatMap((node) => [node, ...(open.has(node.path) ? visible(node.children, open) : [])]);
}

/** Return every branch, or only those on the way to a KPI. */
export function branches(nodes: readonly TreeNode[], towards?: string): readonly string[] {
  return nodes
    .filter((node) => !node.kpi && (towards === undefined || leadsTo(node, towards)))
    .flatMap((node) => [node.path, ...branches(node.children, towards)]);
}

function leadsTo(node: TreeNode, code: string): boolean {
  return node.kpi?.code === code || node.children.some((child) => leadsTo(child, code));
}

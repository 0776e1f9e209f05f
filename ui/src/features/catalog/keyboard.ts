import type { TreeNode } from './model';

export type TreeMove =
  | { readonly act: 'focus'; readonly path: string }
  | { readonly act: 'open' | 'close'; readonly path: string }
  | null;

/** Return what a key does in a tree, after the WAI-ARIA tree pattern; null where it does nothing. */
export function treeMove(
  key: string,
  at: string,
  inSight: readonly TreeNode[],
  open: ReadonlySet<string>,
): TreeMove {
  const index = inSight.findIndex((node) => node.path === at);
  const node = inSight[index];
  if (!node) return null;
  const focus = (target: TreeNode | undefined): TreeMove =>
    target ? { act: 'focus', path: target.path } : null;
  switch (key) {
    case 'ArrowDown':
      return focus(inSight[index + 1]);
    case 'ArrowUp':
      return focus(inSight[index - 1]);
    case 'Home':
      return focus(inSight[0]);
    case 'End':
      return focus(inSight.at(-1));
    case 'ArrowRight':
      if (node.kpi) return null;
      return open.has(at) ? focus(node.children[0]) : { act: 'open', path: at };
    case 'ArrowLeft':
      if (open.has(at) && !node.kpi) return { act: 'close', path: at };
      return focus(inSight.find((each) => at.startsWith(`${each.path}/`) && each.level === node.level - 1));
    default:
      return key.length === 1 && key !== ' ' ? focus(startingWith(key, index, inSight)) : null;
  }
}

function startingWith(letter: string, index: number, inSight: readonly TreeNode[]): TreeNode | undefined {
  const order = [...inSight.slice(index + 1), ...inSight.slice(0, index)];
  return order.find((node) => node.name.toLowerCase().startsWith(letter.toLowerCase()));
}

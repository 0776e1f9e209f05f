import { describe, expect, test } from 'vitest';
import { tree } from '@/testing/fixtures';
import { treeMove } from './keyboard';
import { branches, search, treeNodes, visible } from './model';

const nodes = treeNodes(tree);
const names = (found: ReturnType<typeof search>) =>
  visible(found, new Set(branches(found))).map((node) => node.name);

describe('the KPI tree', () => {
  test('a module of two value chains stands in both, and a chain counts each KPI once', () => {
    expect(nodes.map((node) => [node.name, node.count])).toEqual([
      ['Flight operations', 3],
      ['Network', 1],
    ]);
  });

  test('a search keeps what has every word, in a name above it or in its code', () => {
    expect(names(search(nodes, 'delay'))).toEqual([
      'Flight operations',
      'Punctuality',
      'Mean departure delay',
    ]);
    expect(names(search(nodes, 'network age'))).toEqual(['Network', 'Fleet', 'Aircraft age']);
    expect(names(search(nodes, 'fl_on'))).toEqual(['Flight operations', 'Punctuality', 'On-time rate']);
    expect(search(nodes, 'zebra')).toEqual([]);
  });

  test('keys move as the tree pattern says', () => {
    const open = new Set(['FLIGHT_OPERATIONS']);
    const inSight = visible(nodes, open);
    const move = (key: string, at: string) => treeMove(key, at, inSight, open);
    expect(move('ArrowDown', 'FLIGHT_OPERATIONS')).toEqual({
      act: 'focus',
      path: 'FLIGHT_OPERATIONS/PUNCTUALITY',
    });
    expect(move('ArrowRight', 'FLIGHT_OPERATIONS/FLEET')).toEqual({
      act: 'open',
      path: 'FLIGHT_OPERATIONS/FLEET',
    });
    expect(move('ArrowRight', 'FLIGHT_OPERATIONS')).toEqual({
      act: 'focus',
      path: 'FLIGHT_OPERATIONS/PUNCTUALITY',
    });
    expect(move('ArrowLeft', 'FLIGHT_OPERATIONS')).toEqual({ act: 'close', path: 'FLIGHT_OPERATIONS' });
    expect(move('ArrowLeft', 'FLIGHT_OPERATIONS/FLEET')).toEqual({ act: 'focus', path: 'FLIGHT_OPERATIONS' });
    expect(move('End', 'FLIGHT_OPERATIONS')).toEqual({ act: 'focus', path: 'NETWORK' });
    expect(move('n', 'FLIGHT_OPERATIONS')).toEqual({ act: 'focus', path: 'NETWORK' });
    expect(move('ArrowUp', 'FLIGHT_OPERATIONS')).toBeNull();
  });
});

import { pathId } from '../../lib/routing';

describe('a path id', () => {
  it('joins regions, and brackets links that are not named after their two regions', () => {
    expect(pathId(['tokyo', 'oregon', 'virginia'], ['cable-2', 'link-virginia-oregon'])).toBe(
      'tokyo>oregon[cable-2]>virginia',
    );
    expect(pathId(['a', 'b'], ['link-a-b'])).toBe('a>b');
    expect(pathId(['a', 'b'], ['link-a-b-2'])).toBe('a>b[link-a-b-2]');
    expect(pathId(['a'], [])).toBe('a');
  });
});

import { analyseFailures, reportFailures, type FailureInput } from '../../lib/failure';
import { freezeTopology } from '../../lib/graph';
import { both, network, partitioned, ring, single } from '../support/routing-fixtures';
import { decided } from './decided';

/** a to c over b, backup over d; a to b direct, backup around. */
function planOf(mbps = 400, backups = true): FailureInput {
  return {
    topology: freezeTopology(ring),
    routes: [
      {
        from: 'a',
        to: 'c',
        classes: ['critical', 'realtime'],
        primary: { hops: ['link-a-b', 'link-b-c'] },
        backups: backups ? [{ hops: ['link-a-d', 'link-c-d'] }] : [],
      },
      {
        from: 'a',
        to: 'd',
        classes: ['bulk'],
        primary: { hops: ['link-a-d'] },
        backups: [{ hops: ['link-a-b', 'link-b-c', 'link-c-d'] }],
      },
    ],
    demands: [
      { id: 'pay', from: 'a', to: 'c', class: 'critical', mbps },
      { id: 'copy', from: 'a', to: 'd', class: 'bulk', mbps: 500 },
    ],
  };
}

const surviveLink = { kind: 'survive', of: 'link' } as const;

describe('objectives that failures decide', () => {
  it('survive any link holds, and names the fullest link', () => {
    expect(decided(surviveLink, analyseFailures(planOf()))).toEqual({
      verdict: 'holds',
      evidence:
        "everything is carried under each of 4 link failures; the fullest link then is 'link-a-d' from a to d " +
        "at 90 %, when link 'link-a-b' fails",
    });
  });

  it('survive any link is broken by the link that has no backup, and names it', () => {
    expect(decided(surviveLink, analyseFailures(planOf(400, false)))).toEqual({
      verdict: 'broken',
      evidence:
        "when link 'link-a-b' fails, a to c (critical, realtime) has no planned path left; " +
        '1 other failure breaks it',
    });
  });

  it('survive is broken when the traffic does not fit, for the class that has to give way alone', () => {
    const results = analyseFailures(planOf(700));
    expect(decided(surviveLink, results)).toEqual({
      verdict: 'broken',
      evidence:
        "when link 'link-a-b' fails, a to d (bulk) does not fit: 'link-a-d' from a to d at 120 %; " +
        '2 other failures break it',
    });
    expect(decided(surviveLink, results, { classes: ['critical'] }).verdict).toBe('holds');
    expect(decided(surviveLink, results, { from: ['c'] }).verdict).toBe('holds');
  });

  it('survive any region leaves out who begins or ends there', () => {
    const results = analyseFailures(planOf());
    expect(decided({ kind: 'survive', of: 'region' }, results).verdict).toBe('holds');
    const cut = { ...planOf(), routes: planOf().routes.map((r) => ({ ...r, backups: [] })) };
    expect(decided({ kind: 'survive', of: 'region' }, analyseFailures(cut)).evidence).toBe(
      "when region 'b' fails, a to c (critical, realtime) has no planned path left",
    );
  });

  it('a region with one gateway does not survive it, with two it does on half the capacity', () => {
    const tunnels = (gateways: number) =>
      ring.arcs.flatMap(({ from, to, link }, i) =>
        i % 2 === 1
          ? []
          : Array.from({ length: gateways }, (_, k) => ({
              link,
              ends: [`${from}/${k + 1}`, `${to}/${k + 1}`] as const,
            })),
      );
    const statement = { kind: 'survive', of: 'gateway' } as const;
    expect(decided(statement, analyseFailures(planOf())).verdict).toBe('undecided');
    expect(decided(statement, analyseFailures(planOf(), { tunnels: tunnels(1) })).evidence).toBe(
      "when gateway 'a/1' fails, a to c (critical, realtime) and 1 other have no planned path left; 2 other failures break it",
    );
    const two = analyseFailures(planOf(), { tunnels: tunnels(2) });
    expect(decided(statement, two)).toEqual({
      verdict: 'holds',
      evidence:
        "everything is carried under each of 8 gateway failures; the fullest link then is 'link-a-d' from a to d " +
        "at 100 %, when gateway 'a/1' fails",
    });
  });

  it('survive any shared-risk group holds where there is none, and is broken by the one that cuts both paths', () => {
    const statement = { kind: 'survive', of: 'srlg' } as const;
    expect(decided(statement, analyseFailures(planOf())).evidence).toBe(
      'the network has no shared-risk group that could fail',
    );
    const river = network([
      both('a', 'b', { srlgs: ['river'] }),
      both('b', 'c'),
      both('c', 'd', { srlgs: ['river'] }),
      both('a', 'd'),
    ]);
    expect(
      decided(statement, analyseFailures({ ...planOf(), topology: freezeTopology(river) })).evidence,
    ).toBe("when shared-risk group 'river' fails, a to c (critical, realtime) is cut off");
  });

  it('a pair without a route breaks survive before anything fails', () => {
    const topology = freezeTopology(partitioned);
    const results = analyseFailures({
      topology,
      routes: [{ from: 'a', to: 'd', classes: ['bulk'], primary: null, backups: [] }],
      demands: [],
    });
    expect(decided(surviveLink, results).evidence).toBe('a to d (bulk) has no route, even without a failure');
  });

  it('utilisation and headroom hold as the network is, and break under failures if asked', () => {
    const results = analyseFailures(planOf());
    const most = { kind: 'max-utilisation', ratio: 0.8 } as const;
    expect(decided(most, results)).toEqual({
      verdict: 'holds',
      evidence: "the fullest link, without a failure, is 'link-a-d' from a to d at 50 %; 80 % are allowed",
    });
    expect(decided(most, results, { under: ['link'] })).toEqual({
      verdict: 'broken',
      evidence:
        "the fullest link, when link 'link-a-b' fails, is 'link-a-d' from a to d at 90 %; 80 % are allowed",
    });
    expect(decided({ kind: 'headroom', ratio: 0.5 }, results).verdict).toBe('holds');
    expect(decided({ kind: 'headroom', ratio: 0.51 }, results)).toEqual({
      verdict: 'broken',
      evidence:
        "the fullest link, without a failure, is 'link-a-d' from a to d at 50 %; 51 % are to stay free",
    });
    expect(decided(most, results, { under: ['links'] }).evidence).toBe(
      'failures of kind links were not evaluated',
    );
    expect(decided({ kind: 'min-backups', count: 1 }, results).verdict).toBe('undecided');
  });

  it('a network of one region without links survives everything', () => {
    const results = analyseFailures({ topology: freezeTopology(single), routes: [], demands: [] });
    expect(decided(surviveLink, results).verdict).toBe('holds');
    expect(decided({ kind: 'headroom', ratio: 0.2 }, results).evidence).toBe('the network has no links');
  });
});

describe('the report of failures', () => {
  it('names what is stranded and the path that would remain', () => {
    const report = reportFailures(analyseFailures(planOf(400, false)), { worst: 1 });
    expect(report.noFailure.fullest).toEqual({ link: 'link-a-d', from: 'a', to: 'd', utilisationRatio: 0.5 });
    expect(
      report.failures.map((f) => `${f.kind} ${f.id} ${f.routesStranded} ${f.routesCut} ${f.lostMbps}`),
    ).toEqual([
      'link link-a-b 1 0 400',
      'link link-a-d 0 0 0',
      'link link-b-c 1 0 400',
      'link link-c-d 0 0 0',
      'region a 0 0 0',
      'region b 1 0 400',
      'region c 0 0 0',
      'region d 0 0 0',
    ]);
    expect(report.worst).toMatchObject([
      {
        kind: 'link',
        id: 'link-a-b',
        changes: [
          {
            from: 'a',
            to: 'c',
            demands: ['pay'],
            fate: 'stranded',
            wouldBe: 'a>d>c',
            beforeMs: 20,
            afterMs: null,
          },
        ],
        links: [{ link: 'link-b-c', from: 'b', to: 'c', beforeMbps: 400, afterMbps: 0 }],
      },
    ]);
    expect(JSON.parse(JSON.stringify(report))).toEqual(report);
  });

  it('re-weighs a split over the paths that live, and leaves it for the backup when none does', () => {
    const plan = planOf();
    const parallel = network([
      ...['x', 'y', 'z'].map((link) => both('a', 'b', { link })),
      both('a', 'c'),
      both('c', 'b'),
    ]);
    const results = analyseFailures(
      {
        ...plan,
        topology: freezeTopology(parallel),
        routes: [
          {
            from: 'a',
            to: 'b',
            classes: ['bulk'],
            primary: { hops: ['x'] },
            backups: [{ hops: ['link-a-c', 'link-c-b'] }],
          },
        ],
        demands: [
          {
            id: 'd',
            from: 'a',
            to: 'b',
            class: 'bulk',
            mbps: 100,
            splits: [
              { hops: ['x'], share: 8 },
              { hops: ['y'], share: 6 },
              { hops: ['z'], share: 2 },
            ],
          },
        ],
      },
      {},
    );
    const { worst } = reportFailures(results, { worst: 100 });
    const after = (id: string) =>
      worst.find((w) => w.kind === 'link' && w.id === id)!.changes.find((c) => c.mbps > 0)!.after;
    expect(after('x')).toEqual([
      { path: 'a>b[y]', mbps: 75 },
      { path: 'a>b[z]', mbps: 25 },
    ]);
    expect(after('y').map((p) => p.mbps)).toEqual([80, 20]);
  });
});

import { startClockWatch } from '../../../lib/agent/run/clock-watch';
import type { AgentInput } from '../../../lib/agent/decide';
import { gatewayA } from '../diamond';
import { drivenAgent } from '../driven-agent';

describe('a wall clock', () => {
  /** An agent, and a clock of which `offset` says how far ahead of the monotonic one it is. */
  function watched() {
    const agent = drivenAgent(gatewayA(), { utcOffsetMs: 1_000_000 });
    const told: AgentInput[] = [];
    const world = { nowMs: 0, offset: 1_000_000 };
    let next: (() => void) | undefined;
    const end = startClockWatch(
      {
        get state() {
          return agent.state();
        },
        input(input) {
          told.push(input);
          agent.send(input);
        },
      },
      {
        nowMs: () => world.nowMs,
        utcMs: () => world.nowMs + world.offset,
        after(_ms, what) {
          next = what;
          return () => (next = undefined);
        },
      },
    );
    const second = () => {
      world.nowMs += 1_000;
      next?.();
    };
    return { agent, told, world, second, end, waits: () => next !== undefined };
  }

  it('that stands or is tuned is left alone, until the tuning has made a quarter of a second', () => {
    const { agent, told, world, second } = watched();
    for (let i = 0; i < 100; i++) {
      world.offset += 2;
      second();
    }
    expect(told.length).toBeLessThanOrEqual(1);
    for (let i = 0; i < 100; i++) {
      world.offset += 2;
      second();
    }
    expect(told.map(({ kind }) => kind)).toEqual(['tick']);
    expect(Math.abs(agent.state().utcOffsetMs - world.offset)).toBeLessThan(250);
  });

  it.each([16 * 3_600_000, -90_000])('that is set by %d ms is followed within a second, and told', (step) => {
    const { agent, told, world, second, end, waits } = watched();
    second();
    world.offset += step;
    second();
    second();
    expect(told.map(({ kind }) => kind)).toEqual(['tick', 'tell']);
    expect(agent.state().utcOffsetMs).toBe(world.offset);
    const event = agent.events[agent.events.length - 1];
    const seconds = Math.abs(step) / 1000;
    expect(event).toMatchObject({
      kind: 'clock',
      cause: `the wall clock was set ${step > 0 ? 'forward' : 'back'} by ${seconds} s`,
    });
    expect(Date.parse(event.to) - Date.parse(event.from)).toBe(step);
    end();
    expect(waits()).toBe(false);
  });
});

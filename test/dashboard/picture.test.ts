import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { after, type Message, nothingYet, type Picture } from '../../src/dashboard/picture.ts';
import { leavingMs } from '../../src/dashboard/tiles.ts';
import {
  aFleetTold,
  anEngineTold,
  aPresentTold,
  aStatusTold,
  aVpnTold,
  begin,
  engineNews,
  failedVpnTold,
  iso,
  turnNews,
  vpnNews,
} from '../support/picture.ts';

const [one, two, three] = [anEngineTold('1'), anEngineTold('2'), anEngineTold('3')];
const calm = aStatusTold([aVpnTold('a', { engines: [one] }), aVpnTold('b', { engines: [two, three] })]);
const failed = aStatusTold([aVpnTold('a', { engines: [one] }), failedVpnTold('b')]);
const lostOnB = [two, three].map((engine) => ({ engine, vpn: 'b' }));

const told = (...messages: readonly Message[]): Picture =>
  messages.reduce((picture, message) => after(picture, message, begin), nothingYet);
const present = (status = calm): Message => ({
  kind: 'PRESENT',
  present: aPresentTold(status),
  withRows: true,
});
const state = (status = calm): Message => ({ kind: 'STATUS', status });
const shown = (picture: Picture, vpn: string) =>
  (picture.tiles[vpn] ?? []).map(({ kind, engine }) => `${engine.name} ${kind}`);

describe('the tiles', () => {
  test('are the engines of each VPN, by port', () => {
    const picture = told(present(aStatusTold([aVpnTold('a', { engines: [three, one] })])));
    assert.deepEqual(shown(picture, 'a'), ['acestream-1 LIVE', 'acestream-3 LIVE']);
  });

  test('stay the same ones as long as they look the same, however often they are told', () => {
    const before = told(present());
    const again = aVpnTold('a', { engines: [{ ...one }] });
    const ill = { ...two, health: 'UNHEALTHY' } as const;
    const later = after(before, state(aStatusTold([again, aVpnTold('b', { engines: [ill, three] })])), begin);
    assert.equal(later.tiles.a?.[0], before.tiles.a?.[0]);
    assert.notEqual(later.tiles.b?.[0], before.tiles.b?.[0]);
    assert.equal(later.tiles.b?.[1], before.tiles.b?.[1]);
  });

  test('of an engine that goes are seen to go, and then are gone', () => {
    const left = aStatusTold([aVpnTold('a'), aVpnTold('b', { engines: [two, three] })]);
    const going = told(present(), state(left));
    assert.deepEqual(shown(going, 'a'), ['acestream-1 LEAVING']);
    assert.equal(after(going, { kind: 'BEAT' }, begin + leavingMs - 1), going);
    assert.deepEqual(shown(after(going, { kind: 'BEAT' }, begin + leavingMs), 'a'), []);
    assert.deepEqual(shown(after(going, state(calm), begin), 'a'), ['acestream-1 LIVE'], 'it came back');
  });

  for (const [order, messages] of [
    ['the state comes first', [state(failed), { kind: 'EVENT', event: turnNews(1, 'ENTERED', lostOnB) }]],
    ['the event comes first', [{ kind: 'EVENT', event: turnNews(1, 'ENTERED', lostOnB) }, state(failed)]],
  ] as const)
    test(`of what a failure has cost stay as lost, where ${order}`, () => {
      const picture = told(present(), ...messages);
      assert.deepEqual(shown(picture, 'b'), ['acestream-2 LOST', 'acestream-3 LOST']);
      assert.deepEqual(shown(picture, 'a'), ['acestream-1 LIVE']);
    });

  test('are lost no longer when the VPN is READY again', () => {
    const picture = told(
      present(),
      { kind: 'EVENT', event: turnNews(1, 'ENTERED', lostOnB) },
      state(failed),
      state(aStatusTold([aVpnTold('a', { engines: [one] }), aVpnTold('b')])),
    );
    assert.deepEqual(shown(picture, 'b'), []);
    assert.deepEqual(picture.lost.b, []);
  });

  test('of an emergency that is told of late are not lost on a VPN that is READY again by now', () => {
    const ready = aVpnTold('b');
    const past = { kind: 'EVENT', event: turnNews(1, 'ENTERED', lostOnB) } as const;
    const late = told(present(aStatusTold([aVpnTold('a', { engines: [one] }), ready])), past);
    assert.deepEqual(shown(late, 'b'), []);
    let picture = after(late, { kind: 'EVENT', event: vpnNews(2, ready) }, begin);
    picture = after(picture, state(failed), begin);
    assert.deepEqual(shown(picture, 'b'), [], 'its next failure has not cost them');
  });

  test('of the last episode are lost for who opens the page in the midst of it', () => {
    const nodes = [
      turnNews(1, 'ENTERED', [{ engine: anEngineTold('9'), vpn: 'b' }], 'an-earlier-one'),
      turnNews(2, 'EXITED', [], 'an-earlier-one'),
      turnNews(3, 'ENTERED', lostOnB),
    ];
    const picture = told({
      kind: 'PRESENT',
      present: aPresentTold(failed, { turns: { nodes } }),
      withRows: true,
    });
    assert.deepEqual(shown(picture, 'b'), ['acestream-2 LOST', 'acestream-3 LOST']);
  });

  test('without a VPN are those that the numbers come with', () => {
    const picture = told(present(aStatusTold([])), { kind: 'NUMBERS', fleet: aFleetTold(), loose: [one] });
    assert.deepEqual(shown(picture, ''), ['acestream-1 LIVE']);
    assert.deepEqual(shown(after(picture, state(aStatusTold([])), begin), ''), ['acestream-1 LIVE']);
  });
});

describe('the feed', () => {
  const nodes = [engineNews(1, 'STARTED'), engineNews(2, 'HEALTHY')];
  const asked = (withRows: boolean): Message => ({
    kind: 'PRESENT',
    present: aPresentTold(calm, { events: { nodes, pageInfo: { endCursor: nodes[1]?.id ?? null } } }),
    withRows,
  });
  const messages = ({ rows }: Picture) => rows.map(({ message }) => message);

  test('begins with what is known of the past, and goes on with what happens', () => {
    const picture = told(asked(true), { kind: 'EVENT', event: engineNews(3, 'REMOVED') });
    assert.deepEqual(messages(picture), ['an engine: REMOVED', 'an engine: HEALTHY', 'an engine: STARTED']);
  });

  test('is not begun again by who only lost the line', () => {
    assert.equal(told(asked(true), asked(false)).rows.length, 2);
  });

  test('has a gap where events were missed', () => {
    const picture = told(asked(true), { kind: 'MISSED' });
    assert.match(picture.rows[0]?.message ?? '', /^Some events were missed/);
    assert.equal(picture.rows.length, 3);
  });
});

describe('the link', () => {
  test('was lost when it was lost first, however often it is tried', () => {
    const lost = after(told(present()), { kind: 'SOCKET', standing: false }, begin + 1_000);
    const still = after(lost, { kind: 'TROUBLE', why: 'nobody answers' }, begin + 9_000);
    assert.deepEqual(still.link, { kind: 'LOST', since: begin + 1_000, why: 'nobody answers' });
    assert.deepEqual(after(still, { kind: 'SOCKET', standing: true }, begin).link, { kind: 'LIVE' });
  });

  test('that wants another key shows nothing of what there was', () => {
    const picture = told(present(), { kind: 'LOCKED', wrong: true });
    assert.deepEqual(picture, { ...nothingYet, link: { kind: 'LOCKED', wrong: true } });
  });
});

describe('the time', () => {
  test("is the service's: the page knows by how much its own clock is off", () => {
    const late = after(nothingYet, present(aStatusTold([aVpnTold('a'), failedVpnTold('b')], 9_000)), begin);
    assert.equal(late.skew, 9_000);
    assert.equal(after(late, state(), begin).skew, 9_000, 'an answer that tells no time changes nothing');
    const event: Message = { kind: 'EVENT', event: engineNews(1, 'STARTED') };
    assert.equal(after(late, event, begin + 60_000).skew, 9_000);
  });

  const halfway = aVpnTold('b', {
    state: 'STABILIZING',
    stabilizingUntil: iso(120_000),
    stabilizationRemainingSeconds: 60,
  });

  test('that a stabilization takes is the longest that was seen to remain of it', () => {
    const status = state(aStatusTold([aVpnTold('a'), halfway]));
    assert.equal(told(present(), status).stabilizations.b?.wholeMs, 60_000);
    const event: Message = { kind: 'EVENT', event: vpnNews(20_000, halfway) };
    assert.equal(told(present(), status, event).stabilizations.b?.wholeMs, 100_000);
    assert.equal(told(present(), event, status).stabilizations.b?.wholeMs, 100_000);
    const next = { ...halfway, stabilizingUntil: iso(500_000), stabilizationRemainingSeconds: 10 };
    const again = state(aStatusTold([aVpnTold('a'), next]));
    assert.equal(told(present(), event, again).stabilizations.b?.wholeMs, 10_000, 'each has its own');
  });
});

describe('what is said', () => {
  test('waits for the next beat, and is said once', () => {
    const picture = told(present(), { kind: 'EVENT', event: engineNews(1, 'STARTED') });
    assert.equal(picture.said, '');
    const said = after(picture, { kind: 'BEAT' }, begin);
    assert.deepEqual([said.said, said.unsaid], ['1 engine runs now', []]);
    assert.equal(after(said, { kind: 'BEAT' }, begin), said);
  });

  test('good news go by themselves, other answers when somebody has read them', () => {
    const good = { id: 1, tone: 'good', text: 'done', details: [], until: begin + 10 } as const;
    const bad = { id: 2, tone: 'bad', text: 'no', details: [], until: null } as const;
    const picture = told(present(), { kind: 'NOTICE', notice: good }, { kind: 'NOTICE', notice: bad });
    const later = after(picture, { kind: 'BEAT' }, begin + 10);
    assert.deepEqual(later.notices, [bad]);
    assert.deepEqual(after(later, { kind: 'DISMISS', id: 2 }, begin).notices, []);
  });
});
